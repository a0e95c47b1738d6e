"""What happens under the reader's hand on a chart: calipers, a zoom that survives, keys, clicks.

The scripts of `companion_js` lie over the Plotly chart and tell Python what the reader did. Each event has a
number; Python says which it has had, so that none is lost or taken twice, however fast they come.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import streamlit as st

from ecg_core.ui.companion_events import read_events

_HERE = Path(__file__).parent
_SCRIPTS = ("places", "drawing", "zoom", "events", "keys", "companion")
_JS = "\n".join((_HERE / "companion_js" / f"{name}.js").read_text("utf-8") for name in _SCRIPTS)
_CSS = (_HERE / "companion.css").read_text("utf-8")
_HTML = '<span class="ecg-companion"></span>'

TOOLS = ("read", "caliper")
_LONGEST_BEAT_MS = 10_000.0

_companion = st.components.v2.component("ecg_companion", html=_HTML, css=_CSS, js=_JS, isolate_styles=False)


def companion(
    *,
    chart_key: str,
    facts: Mapping[str, Any],
    calipers: Sequence[Mapping[str, Any]] = (),
    tool: str = "read",
    view_key: str,
    shortcuts: Sequence[Mapping[str, str]] = (),
    highlight: Mapping[str, Any] | None = None,
    label: str = "ECG",
    on_event: Callable[[str, dict[str, Any]], None],
) -> None:
    """Stand beside a chart; to be called after it, on every run.

    Parameters
    ----------
    chart_key : str
        The ``key`` of the ``st.plotly_chart``.
    facts : mapping
        From `ecg_core.figures.sheet_facts` for the same figure. ``is_band``: a trace is no row of samples;
        calipers on it are thin, with their name, and measure time only.
    calipers : sequence of mapping
        ``id, lead, start_sample, stop_sample, name, marches`` and ``label``, from `caliper_label`.
    tool : str
        "read": the pointer zooms, a click is told as a place. "caliper": it draws calipers.
    view_key : str
        What is shown: the zoom is kept while this stays the same.
    shortcuts : sequence of mapping
        ``key`` as the browser names it, ``action``. Only one chart of a page should have them.
    highlight : mapping, optional
        A line at ``sample`` of ``lead``; or at ``x`` (seconds) of all leads.
    label : str
        Name of the chart for those who do not see it.
    on_event : callable
        ``on_event(name, fields)``, in a callback before the page runs again, in the order of what was done:

        - ``caliper`` ``{lead, start_sample, stop_sample}``: drawn, ends in the order of time;
        - ``moved`` ``{id, start_sample, stop_sample}``, ``deleted`` ``{id}``, ``marched`` ``{id, marches}``;
        - ``place`` ``{lead, sample}``: clicked;
        - ``action`` ``{action, times}``: a shortcut, pressed so many times.

        Leads, actions and ids are among those given here, numbers are whole and not negative; that a sample
        lies within the lead is not asked here.
    """
    key, had_key = f"companion-{chart_key}", f"companion-{chart_key}-had"
    known = {
        "leads": frozenset(lane["lead"] for lane in facts["lanes"]),
        "ids": frozenset(str(caliper["id"]) for caliper in calipers),
        "actions": frozenset(shortcut["action"] for shortcut in shortcuts),
    }
    data = {
        "chart_key": chart_key,
        "facts": facts,
        "calipers": [dict(caliper) | {"id": str(caliper["id"])} for caliper in calipers],
        "tool": tool if tool in TOOLS else "read",
        "view_key": view_key,
        "shortcuts": [{"key": one["key"], "action": one["action"]} for one in shortcuts],
        "highlight": highlight,
        "label": label,
        "had": st.session_state.get(had_key),
    }
    _companion(key=key, data=data, on_events_change=partial(_answer, key, had_key, known, on_event))


def _answer(
    key: str,
    had_key: str,
    known: Mapping[str, Collection[str]],
    on_event: Callable[[str, dict[str, Any]], None],
) -> None:
    """Hand on what is new. An event is noted before it is answered: one that fails is not tried for ever."""
    run, events = read_events(st.session_state[key].get("events"), **known)
    had = st.session_state.get(had_key)
    last = had["n"] if had and had["run"] == run else 0
    for number, name, fields in events:
        if number > last:
            last = number
            st.session_state[had_key] = {"run": run, "n": last}
            if name:
                on_event(name, fields)


def caliper_label(
    *,
    samples: int,
    interval_ms: float | None,
    rate_bpm: float | None,
    difference_mv: float | None,
    difference: float | None,
    unit: str | None,
) -> str:
    """What a caliper measures, in the words that the browser uses while it is drawn.

    What is unknown is left out: milliseconds and beats a minute without a sampling rate (then samples are
    counted), millivolts without a unit (then counts), a difference where a sample is missing. What is longer
    than 10 s is no beat: it is said in minutes, without a rate.
    """
    if interval_ms is None:
        parts = [f"{samples} sample{'' if samples == 1 else 's'}"]
    else:
        parts = [interval_text(interval_ms)]
        is_beat = rate_bpm is not None and interval_ms < _LONGEST_BEAT_MS
        parts += [f"{rate_bpm:.0f} bpm"] if is_beat else []
    if difference_mv is not None:
        parts.append(f"Δ {_signed(difference_mv, 2)} mV")
    elif difference is not None:
        digits = 0 if abs(difference) >= 100 or float(difference).is_integer() else 2
        parts.append(f"Δ {_signed(difference, digits)} {unit or 'counts'}")
    return " · ".join(parts)


def interval_text(interval_ms: float) -> str:
    """``812 ms``, ``12.3 s``, ``12 min 31.2 s`` or ``1 h 2 min 3.0 s``."""
    if interval_ms < _LONGEST_BEAT_MS:
        return f"{interval_ms:.{1 if interval_ms < 100 else 0}f} ms"
    tenths = math.floor(interval_ms / 100 + 0.5)
    hours, minutes, seconds = tenths // 36_000, tenths // 600 % 60, f"{tenths % 600 / 10:.1f} s"
    if hours:
        return f"{hours} h {minutes} min {seconds}"
    return f"{minutes} min {seconds}" if minutes else seconds


def _signed(value: float, digits: int) -> str:
    return f"{'−' if value < 0 else '+'}{abs(value):.{digits}f}"
