"""The lines above a table: comments and keys with values, as devices write them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from ecg_core.domain import voltage_unit
from ecg_core.readers import known_keys
from ecg_core.readers.cells import unquoted
from ecg_core.readers.channels import standard_lead_name
from ecg_core.readers.options import sampling_rate_problem

COMMENT_MARKS = ("#", "%", "//", ";")

_MOST_ENTRIES = 200
_LONGEST_TEXT = 500
_KEY_VALUE = re.compile(
    r"\s*(\"[^\"]{1,60}\"|'[^']{1,60}'|[^:=,;\t\"'][^:=,;\t\"]{0,59}?)\s*[:=,;\t]\s*(.*)", re.DOTALL
)
_KEY = re.compile(r"[^\W\d_][\w .()/\[\]#'’-]*")
_KEY_UNIT = re.compile(r"(.*?)\s*[(\[]\s*(\w+)\s*[)\]]")
_RATE = re.compile(r"([\d.,]+)\s*([^\d.,]{0,30})")

_INTERVAL = re.compile(r"(\d[\d.,]{0,30})\s*(s|ms|us|µs)")
_UNITS_PER_SECOND = {"s": 1.0, "ms": 1e3, "us": 1e6, "µs": 1e6}

_HERTZ = (
    "", "hz", "hertz", "sps", "samples/s", "samples per second", "samples/sec", "points/second", "hercios",
    "hertzios", "herzios", "гц", "герц", "赫兹", "赫茲", "ヘルツ", "헤르츠",
)  # fmt: skip
_DATE_FORMATS = (
    "%Y-%m-%d %H:%M:%S %z", "%Y-%m-%d %H:%M:%S.%f %z", "%Y/%m/%d %H:%M:%S", "%Y/%m/%d %H:%M",
    "%d.%m.%Y %H:%M:%S", "%d.%m.%Y %H:%M:%S.%f", "%d.%m.%Y %H:%M", "%d.%m.%Y, %H:%M:%S", "%d-%b-%Y %H:%M:%S",
    "%m/%d/%Y %I:%M:%S %p",
)  # fmt: skip


@dataclass
class Preamble:
    """What the lines above the table say."""

    sampling_rate_hz: float | None = None
    unit: str | None = None
    lead: str | None = None
    recorded_at: datetime | None = None
    patient: dict[str, str] = field(default_factory=dict)
    metadata: dict[str, str] = field(default_factory=dict)
    device: dict[str, str] = field(default_factory=dict)


def is_comment(line: str, delimiter: str = "") -> bool:
    """Whether the line begins with a comment's mark; a delimiter at the start is an empty cell."""
    start = line.lstrip()
    return start.startswith(COMMENT_MARKS) and not (delimiter == ";" and start.startswith(";"))


def without_mark(line: str) -> str:
    """A comment's text; other lines as they are."""
    return re.sub(r"^\s*(#+|%+|//+|;+)\s*", "", line)


def key_and_value(line: str) -> tuple[str, str] | None:
    """The two parts of ``Sample Rate,512 hertz``, also with ``: = ;`` or a tab; None for other lines."""
    found = _KEY_VALUE.fullmatch(without_mark(line).strip())
    if not found:
        return None
    key = unquoted(found.group(1))
    if not _KEY.fullmatch(key):
        return None
    return key, unquoted(found.group(2).rstrip(",;\t"))


def is_property(cells: Sequence[str]) -> bool:
    """Whether two cells are a known key and its value, not the names of two columns.

    ``date time`` names a column too; as a key it has a date for its value.
    """
    if len(cells) != 2 or _normal(cells[0]) not in known_keys.ALL:
        return False
    digits = sum(character.isdigit() for character in cells[1])
    return _normal(cells[0]) not in known_keys.RECORDED_AT or digits >= 4


def read_preamble(lines: Iterable[str]) -> Preamble:
    """Keys and values applied where they are known, kept as found everywhere."""
    found = Preamble()
    for line in lines:
        pair = key_and_value(line)
        if pair:
            _take(found, *pair)
        elif without_mark(line).strip():
            _keep(found.metadata, "comment", without_mark(line).strip())
    return found


def _take(found: Preamble, key: str, value: str) -> None:
    normal = _normal(key)
    if normal in known_keys.PATIENT:
        return _keep(found.patient, key, value)
    if normal in known_keys.DEVICE:
        return _keep(found.device, key, value)
    _keep(found.metadata, key, value)
    if not value:
        return
    if _normal(key, keep_unit=False) in known_keys.SAMPLING_RATE:
        found.sampling_rate_hz = _rate(key, value) or found.sampling_rate_hz
    elif normal in known_keys.SAMPLING_INTERVAL:
        found.sampling_rate_hz = read_interval(value) or found.sampling_rate_hz
    elif normal in known_keys.UNIT:
        found.unit = voltage_unit(value) or value[:16]
    elif normal in known_keys.LEAD:
        found.lead = " ".join(value.split())
    elif normal in known_keys.RECORDED_AT:
        found.recorded_at = read_date(value) or found.recorded_at


def lead_name(value: str) -> str:
    """``Lead I``, ``Ableitung I`` and ``I 导联`` are lead ``I``; other text is as it is."""
    leads = [word for word in value.split() if standard_lead_name(word)]
    return leads[0] if len(leads) == 1 else value


def read_date(value: str) -> datetime | None:
    """A date with a time, naive where no zone is stated; None for anything else."""
    text = value.strip()
    if not len("2024-03-05") < len(text) < 50:
        return None
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        pass
    for pattern in _DATE_FORMATS:
        try:
            return datetime.strptime(text, pattern)
        except ValueError:
            continue
    return None


def read_interval(value: str) -> float | None:
    """The rate in Hz of an interval like ``2 ms``; None where it states no unit of time, or cannot be."""
    found = _INTERVAL.fullmatch(value.strip())
    try:
        interval = float(found.group(1).replace(",", ".")) if found else 0.0
    except ValueError:
        return None
    if not found or not interval:
        return None
    rate = round(_UNITS_PER_SECOND[found.group(2)] / interval, 6)
    return None if sampling_rate_problem(rate) else rate


def _rate(key: str, value: str) -> float | None:
    found = _RATE.fullmatch(value.strip())
    if not found:
        return None
    unit = found.group(2).strip().lower()
    in_key = _KEY_UNIT.fullmatch(key.strip())
    unit = unit or (in_key.group(2).lower() if in_key else "")
    factor = 1.0 if unit in _HERTZ else 1000.0 if unit in ("khz", "kilohertz") else None
    try:
        rate = float(found.group(1).replace(",", ".")) * (factor or 0.0)
    except ValueError:
        return None
    return None if sampling_rate_problem(rate) else rate


def names_lead(key: str) -> bool:
    """Whether the key says that its value names a lead, of which there is then one."""
    return _normal(key) in known_keys.LEAD


def _normal(key: str, *, keep_unit: bool = True) -> str:
    found = None if keep_unit else _KEY_UNIT.fullmatch(key.strip())
    text = (found.group(1) if found else key).replace("’", "'")
    return re.sub(r"[\s_-]+", " ", text).strip(" .:").lower()


def _keep(entries: dict[str, str], key: str, value: str) -> None:
    value = value[:_LONGEST_TEXT]
    if not value:
        return
    if key in entries:
        if len(entries[key]) < 10 * _LONGEST_TEXT:
            entries[key] += f"; {value}"
    elif len(entries) < _MOST_ENTRIES:
        entries[key] = value
