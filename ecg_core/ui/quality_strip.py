"""The quality of each lead over time: a strip a lead, and the same in words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from typing import Protocol

_MOST_SPANS, _MOST_LISTED = 400, 100
#: What each fault is drawn with: a letter, and a pattern that is told without colour.
_LETTERS = {
    "missing": "–", "flat": "F", "lead off": "O", "saturated": "X", "mains": "H", "muscle noise": "M",
    "baseline wander": "W",
}  # fmt: skip
_LINES = "currentColor 0 1px, transparent 1px"
_PATTERNS = {
    "mains": f"repeating-linear-gradient(90deg, {_LINES} 3px)",
    "muscle noise": f"repeating-linear-gradient(45deg, {_LINES} 4px)",
    "baseline wander": f"repeating-linear-gradient(0deg, {_LINES} 4px)",
}
STRIP_STYLE = """<style>
.quality .strip { position: relative; height: 18px; overflow: hidden;
  border: 1px solid color-mix(in srgb, currentColor 30%, transparent); }
.quality .row { display: grid; grid-template-columns: 4.5rem 1fr; align-items: center; margin: 2px 0;
  overflow: hidden; }
.quality .row > span { white-space: nowrap; overflow: hidden; text-overflow: ellipsis; padding-right: .5rem; }
.quality .span { position: absolute; top: 0; bottom: 0; min-width: 2px; font-size: 11px; line-height: 17px;
  text-align: center; overflow: hidden; box-sizing: border-box;
  border: 1px solid color-mix(in srgb, currentColor 60%, transparent); }
.quality .span b { background: Canvas; color: CanvasText; padding: 0 2px; font-weight: 600; }
.quality p { font-size: .9rem; margin: .3rem 0; }
</style>"""


class Span(Protocol):
    """A `QualitySpan`."""

    @property
    def kind(self) -> str: ...
    @property
    def start_s(self) -> float: ...
    @property
    def stop_s(self) -> float: ...
    @property
    def amount(self) -> float: ...
    @property
    def unit(self) -> str: ...
    @property
    def blocks(self) -> tuple[str, ...]: ...


class Quality(Protocol):
    """A `LeadQuality`."""

    @property
    def lead(self) -> str: ...
    @property
    def spans(self) -> Sequence[Span]: ...
    @property
    def reason(self) -> str: ...


def quality_strips(quality: Sequence[Quality], duration_s: float) -> str:
    """HTML: the faults of each lead in place, their letters explained, and the list of them."""
    if not quality or not duration_s:
        return ""
    faulty = [one for one in quality if one.spans]
    silent = [one for one in quality if one.reason]
    parts = ["".join(_row(one, duration_s) for one in faulty)]
    kinds = dict.fromkeys(span.kind for one in faulty for span in one.spans)
    if kinds:
        said = ", ".join(f"{_LETTERS.get(kind, '?')} {kind}" for kind in kinds)
        parts.append(f"<p>From the beginning to the end, {_seconds(duration_s)}: {escape(said)}.</p>")
    whole = [one.lead for one in quality if not one.spans and not one.reason]
    if whole:
        parts.append(f"<p>No fault of the signal found: {escape(', '.join(whole))}.</p>")
    parts += [f"<p>{escape(one.lead)}: not told, {escape(one.reason)}.</p>" for one in silent]
    return f'<div class="quality">{"".join(parts)}{_listed(faulty)}</div>'


def _row(one: Quality, duration_s: float) -> str:
    words = "; ".join(_words(span) for span in one.spans[:20])
    bars = "".join(_bar(span, duration_s) for span in _drawn(one.spans))
    return (
        f'<div class="row"><span>{escape(one.lead)}</span>'
        f'<div class="strip" role="img" aria-label="Quality of {escape(f"{one.lead}: {words}", quote=True)}">'
        f"{bars}</div></div>"
    )


def _drawn(spans: Sequence[Span]) -> Iterable[Span]:
    """The longest where there are too many."""
    if len(spans) <= _MOST_SPANS:
        return spans
    return sorted(spans, key=lambda span: span.start_s - span.stop_s)[:_MOST_SPANS]


def _bar(span: Span, duration_s: float) -> str:
    left, width = 100 * span.start_s / duration_s, 100 * (span.stop_s - span.start_s) / duration_s
    pattern = _PATTERNS.get(
        span.kind, "linear-gradient(color-mix(in srgb, currentColor 25%, transparent) 0 0)"
    )
    letter = f"<b>{_LETTERS.get(span.kind, '?')}</b>" if width > 2.5 else ""
    return (
        f'<div class="span" title="{escape(_words(span), quote=True)}" '
        f'style="left:{left:.3f}%;width:{width:.3f}%;background-image:{pattern}">{letter}</div>'
    )


def _words(span: Span) -> str:
    amount = ""
    if span.amount and span.kind not in ("flat", "lead off"):
        amount = f" {span.amount:.0%}" if span.unit == "1" else f" {span.amount:.3g} {span.unit}"
    return f"{span.kind}{amount} from {span.start_s:.1f} to {span.stop_s:.1f} s"


def _seconds(duration_s: float) -> str:
    return f"{duration_s:.4g} s" if duration_s < 600 else f"{duration_s / 60:.4g} min"


def _listed(faulty: Sequence[Quality]) -> str:
    rows = [(one.lead, span) for one in faulty for span in one.spans]
    if not rows:
        return ""
    body = "".join(
        f'<tr><th scope="row">{escape(lead)}</th><td>{escape(_words(span))}</td>'
        f"<td>{escape(_blocked(span.blocks))}</td></tr>"
        for lead, span in rows[:_MOST_LISTED]
    )
    more = f"<p>The first {_MOST_LISTED} of {len(rows):,}.</p>" if len(rows) > _MOST_LISTED else ""
    return (
        "<details><summary>The spells, and what they keep from being measured</summary>"
        '<div class="leads" tabindex="0" role="region" aria-label="Spells of poor quality"><table><thead><tr>'
        '<th scope="col">Lead</th><th scope="col">Spell</th><th scope="col">Not measured there</th></tr>'
        "</thead>"
        f"<tbody>{body}</tbody></table></div>{more}</details>"
    )


def _blocked(blocks: Sequence[str]) -> str:
    if "*" in blocks:
        return "anything, beats too"
    return ", ".join(name.replace("_", " ") for name in blocks) or "nothing is kept from it"
