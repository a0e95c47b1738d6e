"""How a table was read, in words for the preview."""

from __future__ import annotations

from collections.abc import Sequence

from ecg_core.readers.layout import Layout
from ecg_core.readers.time_column import TimeColumns

_DELIMITERS = {
    ",": "comma",
    ";": "semicolon",
    "\t": "tab",
    "|": "bar",
    " ": "spaces",
    ":": "colon",
    "": "none",
}
_UNITS = {
    "s": "seconds",
    "ms": "milliseconds",
    "us": "microseconds",
    "ns": "nanoseconds",
    "clock": "clock time",
    None: "unknown unit",
}


def understood(layout: Layout, names: Sequence[str], time: TimeColumns, step: str) -> dict[str, str]:
    """Label and text of everything that was decided."""
    return {
        "delimiter": _DELIMITERS.get(layout.dialect.delimiter, "none") if layout.width > 1 else "none",
        "decimal sign": "comma" if layout.dialect.decimal == "," else "point",
        "layout": "one sample a row" if layout.long_form else "one column a lead",
        "header": "none" if layout.header_row is None else f"row {layout.header_row + 1}",
        "first row": f"row {layout.first_row + 1}",
        "time column": _time(names, time, step),
        "sample numbers": ", ".join(_title(names, i) for i in time.counters) or "none",
    }


def _time(names: Sequence[str], time: TimeColumns, step: str) -> str:
    if time.time is None:
        return "none"
    parts = [_title(names, time.time), _UNITS.get(time.unit or "", "unknown unit"), step]
    return ", ".join(part for part in parts if part)


def _title(names: Sequence[str], column: int) -> str:
    return names[column] or f"column {column + 1}"
