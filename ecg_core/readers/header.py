"""Names and units of columns."""

from __future__ import annotations

import re

from ecg_core.domain import voltage_unit

_BRACKETS = re.compile(r"(.*?)\s*(?:\(\s*([^()]{1,20}?)\s*\)|\[\s*([^\[\]]{1,20}?)\s*\])\s*", re.DOTALL)
_SLASH = re.compile(r"(.*?\S)\s*/\s*(\S{1,12})")
_SUFFIX = re.compile(r"((?:elapsed[ _]?)?time(?:stamp)?|t)[ _-]+(\w+)", re.IGNORECASE)

_LONGEST_CELL = 200

#: Spellings of units of time and of what stands for one.
TIME_UNIT_WORDS = {
    "s": "s", "sec": "s", "secs": "s", "second": "s", "seconds": "s", "sekunden": "s",
    "ms": "ms", "msec": "ms", "msecs": "ms", "millisecond": "ms", "milliseconds": "ms", "millis": "ms",
    "us": "us", "µs": "us", "μs": "us", "usec": "us", "microsecond": "us", "microseconds": "us",
    "ns": "ns", "nsec": "ns", "nanosecond": "ns", "nanoseconds": "ns",
    "hh:mm:ss.mmm": "clock", "hh:mm:ss": "clock", "mm:ss.mmm": "clock", "mm:ss": "clock", "clock": "clock",
    "sample": "sample", "samples": "sample",
}  # fmt: skip

#: Units, in lower case, that say only that the numbers are a converter's own.
COUNT_UNITS = frozenset(("counts", "count", "lsb", "raw", "adu", "nu", "nd", "a.u.", "a.u", "au", "na"))
_OTHER_UNITS = COUNT_UNITS | frozenset((
    "mmhg", "cmh2o", "kpa", "bpm", "/min", "1/min", "%", "°c", "degc", "g", "mg", "ohm", "kohm", "l/s", "ml",
    "hz", "m/s^2", "ma", "ua",
))  # fmt: skip


def name_and_unit(cell: str) -> tuple[str, str | None]:
    """``II (mV)``, ``V1 [uV]`` and ``V1 / mV`` taken apart; the unit as written where it is no voltage.

    Text in round brackets that is no known unit stays part of the name.
    """
    if len(cell) > _LONGEST_CELL:
        return cell.strip(), None
    found = _BRACKETS.fullmatch(cell)
    if found:
        unit = (found.group(2) or found.group(3)).strip()
        if is_unit(unit) or (found.group(3) and " " not in unit):
            return found.group(1).strip(), standard_unit(unit)
    found = _SLASH.fullmatch(cell) or _SUFFIX.fullmatch(cell)
    if found and (voltage_unit(found.group(2)) or found.group(2).lower() in TIME_UNIT_WORDS):
        return found.group(1).strip(), standard_unit(found.group(2))
    return cell.strip(), None


def is_unit(text: str) -> bool:
    """Whether the text is a unit that is known: of voltage, of time, or of another channel."""
    text = text.strip()
    return bool(voltage_unit(text)) or text.lower() in TIME_UNIT_WORDS or text.lower() in _OTHER_UNITS


def standard_unit(text: str) -> str | None:
    """Voltages in their standard spelling, other units as written, None for no text."""
    text = text.strip()
    return voltage_unit(text) or text or None
