"""The header of a LabChart text export (ADInstruments): ``Interval=``, ``ChannelTitle=`` …, tab separated.

Below it are the time and one column for each channel. ``Range=`` is that of the amplifier, not of the
numbers, so that the unit is known only where a line ``UnitName=`` states it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from ecg_core.domain import voltage_unit
from ecg_core.readers.described import Column, Description, plain
from ecg_core.readers.preamble import Preamble, read_interval

_ENTRY = re.compile(r"([A-Za-z]{1,40})=\t?(.*)", re.DOTALL)
_MOST_LINES = 40
_EXCEL_EPOCH = datetime(1899, 12, 30)


def describe_labchart(lines: Sequence[str]) -> Description | None:
    """What the header says; None where the first lines have no ``Interval=`` or no ``ChannelTitle=``."""
    entries: dict[str, list[str]] = {}
    row = end = 0
    for end, line in enumerate(lines[:_MOST_LINES]):
        match = _ENTRY.fullmatch(line)
        if not match:
            break
        entries[match.group(1).lower()] = [plain(cell) for cell in match.group(2).split("\t")]
        row = end if match.group(1).lower() == "channeltitle" else row
    titles = entries.get("channeltitle", [])
    while titles and not titles[-1]:
        titles.pop()
    if not titles or "interval" not in entries:
        return None
    columns = [_column(title, entries.get("unitname", []), place) for place, title in enumerate(titles)]
    if len(lines[end].rstrip("\t").split("\t")) > len(columns):
        columns.insert(0, Column("Time (s)", is_ecg=False))
    return Description(row, tuple(columns), _preamble(entries), "\t")


def _column(title: str, units: Sequence[str], place: int) -> Column:
    unit = units[place] if place < len(units) and units[place] not in ("", "*") else None
    return Column(title or f"channel {place + 1}", (voltage_unit(unit) or unit) if unit else None)


def _preamble(entries: Mapping[str, Sequence[str]]) -> Preamble:
    metadata = {key: ", ".join(filter(None, entries.get(key, ())))[:500] for key in ("interval", "range")}
    return Preamble(
        sampling_rate_hz=read_interval(entries["interval"][0]),
        recorded_at=_date(entries.get("exceldatetime", [""])[0]),
        metadata={key: text for key, text in metadata.items() if text},
    )


def _date(days: str) -> datetime | None:
    """From days since 1899-12-30, to the millisecond, which is all that they hold."""
    try:
        seconds = round(float(days) * 86_400, 3)
        found = _EXCEL_EPOCH + timedelta(seconds=seconds)
    except (ValueError, OverflowError):
        return None
    return found if 1990 <= found.year < 2100 else None
