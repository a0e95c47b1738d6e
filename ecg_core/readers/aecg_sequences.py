"""The signals of an HL7 annotated ECG: sequences of digits in sets that share a time.

ANSI/HL7 V3 ECG, R1-2004: ``value = origin + scale × digit`` (SLIST_PQ), and a sequence of times with the
``head`` and ``increment`` of its set (GLIST).
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from xml.etree.ElementTree import Element

import numpy as np
from numpy.typing import NDArray

from ecg_core.domain import MILLIVOLTS_PER_UNIT, Lead, voltage_unit
from ecg_core.errors import UnreadableFileError
from ecg_core.readers.channels import lead_names
from ecg_core.readers.excerpt import excerpt
from ecg_core.readers.late_leads import apart, from_a_common_start
from ecg_core.readers.lead_names import MOST_LEADS
from ecg_core.readers.plain_text import plain
from ecg_core.readers.vendor import make_lead, zone_of

_SECONDS = {"s": 1.0, "ms": 1e-3, "us": 1e-6, "µs": 1e-6, "μs": 1e-6, "min": 60.0}
_WORDS_AT_ONCE = 1_000_000
_SPACE = re.compile(r"\s")
_LEAD = "_ECG_LEAD_"
_TIME = re.compile(r"(\d{4})(\d\d)(\d\d)(\d\d)?(\d\d)?(\d\d)?(?:\.(\d{1,6})\d*)?([+-]\d{4})?")


@dataclass(frozen=True)
class _Times:
    """Of one set: its rate in Hz, and when it begins, in seconds from any moment; None is unknown."""

    rate: float | None = None
    start_s: float | None = None


def read_series(series: Element) -> tuple[tuple[Lead, ...], tuple[str, ...]]:
    """All leads of all sets of sequences of one series, and remarks.

    Raises
    ------
    UnreadableFileError
        Naming the lead and its digit.
    """
    found = [
        (sequence, times)
        for sequence_set in series.findall("component/sequenceSet")
        for times in [_times(sequence_set)]
        for sequence in sequence_set.findall("component/sequence")
        if not _code(sequence).upper().startswith("TIME_")
    ]
    if len(found) > MOST_LEADS:
        raise UnreadableFileError(f"There are {len(found):,} leads; at most {MOST_LEADS:,} are read")
    filled = [(sequence, times) for sequence, times in found if _has_digits(sequence)]
    if not filled:
        raise UnreadableFileError("The HL7 aECG has no lead with digits in its first rhythm series")
    originals = [_code(sequence) for sequence, _ in filled]
    names = lead_names([_lead_part(original) for original in originals])
    leads = tuple(
        _lead(name, original, sequence, times.rate)
        for name, original, (sequence, times) in zip(names, originals, filled, strict=True)
    )
    empty = [_code(sequence) for sequence, _ in found if not _has_digits(sequence)]
    leads, remarks = _together(leads, [times.start_s for _, times in filled])
    return leads, (*_about_empty(empty), *remarks)


def _has_digits(sequence: Element) -> bool:
    text = sequence.findtext("value/digits")
    return bool(text and not text.isspace())


def _about_empty(codes: list[str]) -> Iterator[str]:
    if codes:
        yield f"Sequences without digits were left out: {', '.join(map(plain, codes[:12]))}."


def _together(
    leads: tuple[Lead, ...], starts: list[float | None]
) -> tuple[tuple[Lead, ...], tuple[str, ...]]:
    known = [start for start in starts if start is not None]
    if len(known) < len(starts):
        return leads, ()
    together = from_a_common_start(leads, known)
    return (leads, (apart(known),)) if together is None else (together, ())


def _code(node: Element) -> str:
    code = node.find("code")
    return "" if code is None else plain(code.get("code"))


def _lead_part(code: str) -> str:
    """``II`` of ``MDC_ECG_LEAD_II``, whichever maker's code it is."""
    part = code[code.upper().find(_LEAD) + len(_LEAD) :] if _LEAD in code.upper() else ""
    return {"AVRNEG": "-aVR"}.get(part.upper(), part) or code


def _times(sequence_set: Element) -> _Times:
    for sequence in sequence_set.findall("component/sequence"):
        code = _code(sequence).upper()
        if code.startswith("TIME_"):
            return _Times(_rate(sequence), _start(sequence, absolute="ABSOLUTE" in code))
    return _Times()


def _rate(sequence: Element) -> float | None:
    """In Hz; None where the file states no increment that can be one."""
    step = _quantity(sequence, "increment", _SECONDS)
    if step is None or step <= 0:
        return None
    rate = 1.0 / step
    whole = round(rate)
    return float(whole) if abs(rate - whole) <= 1e-9 * rate else rate


def _start(sequence: Element, *, absolute: bool) -> float | None:
    if not absolute:
        return _quantity(sequence, "head", _SECONDS)
    head = sequence.find("value/head")
    found = _TIME.fullmatch("" if head is None else (head.get("value") or "").strip())
    if not found:
        return None
    year, month, day, hour, minute, second = (int(part or 0) for part in found.groups()[:6])
    microsecond, zone = int((found[7] or "").ljust(6, "0")), zone_of(found[8] or "+0000")
    try:
        moment = datetime(year, month, day, hour, minute, second, microsecond, zone or UTC)
    except ValueError:
        return None
    return (moment - datetime(2000, 1, 1, tzinfo=UTC)) / timedelta(seconds=1)


def _quantity(sequence: Element, what: str, units: dict[str, float]) -> float | None:
    node = sequence.find(f"value/{what}")
    value = None if node is None else _number(node.get("value"))
    unit = "" if node is None else (node.get("unit") or "").strip()
    return value * units[unit] if value is not None and unit in units else None


def _lead(name: str, original: str, sequence: Element, rate: float | None) -> Lead:
    scale, scale_unit = _scaling(sequence, "scale")
    origin, origin_unit = _scaling(sequence, "origin")
    offset = origin or 0.0
    of_origin, of_scale = (MILLIVOLTS_PER_UNIT.get(unit or "") for unit in (origin_unit, scale_unit))
    if of_origin and of_scale and of_origin != of_scale:
        offset *= of_origin / of_scale
    return make_lead(
        name,
        original,
        _digits(sequence, name),
        rate=rate,
        unit=scale_unit if scale is not None else None,
        resolution=1.0 if scale is None else scale,
        offset=offset,
    )


def _scaling(sequence: Element, what: str) -> tuple[float | None, str | None]:
    node = sequence.find(f"value/{what}")
    if node is None:
        return None, None
    unit = plain(node.get("unit"))
    return _number(node.get("value")), voltage_unit(unit) or unit or None


def _digits(sequence: Element, name: str) -> NDArray[np.generic]:
    text = sequence.findtext("value/digits") or ""
    for dtype in (np.int64, np.float64):
        try:
            return np.concatenate([np.array(words, dtype) for words in _words(text)])
        except (ValueError, OverflowError):
            continue
    index, word = next(found for found in enumerate(text.split(), 1) if _number(found[1]) is None)
    raise UnreadableFileError(
        f"Lead {excerpt(name)}: digit {index:,} is {excerpt(word)}, which is not a number"
    )


def _words(text: str) -> Iterator[list[str]]:
    """The words of a text, a few at a time: all at once would take ten times its memory."""
    at = 0
    while at < len(text):
        end = _SPACE.search(text, at + _WORDS_AT_ONCE)
        stop = end.start() if end else len(text)
        yield text[at:stop].split()
        at = stop


def _number(text: str | None) -> float | None:
    try:
        number = float(text or "")
    except ValueError:
        return None
    return number if math.isfinite(number) else None
