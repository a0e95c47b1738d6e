"""The header of a text export of the LabSystem Pro electrophysiology recorder (Bard, Boston Scientific).

``[Header]``, keys of the recording, eight keys for each channel from ``Channel #:`` on, then ``[Data]`` and
one row a sample, comma separated. The samples are 16-bit: ``Range`` is their full scale, so one count is
range / 32768.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from ecg_core.domain import voltage_unit
from ecg_core.errors import UnreadableFileError
from ecg_core.readers.described import Column, Description, plain
from ecg_core.readers.preamble import Preamble, key_and_value, read_preamble

_FULL_SCALE = 32768
_RANGE = re.compile(r"(\d{1,6}(?:\.\d{1,6})?|\.\d{1,6})\s*(\w{0,8})", re.ASCII)


def describe_bard(lines: Sequence[str]) -> Description | None:
    """What the header says; None where the file does not begin with ``[Header]`` and has channels.

    Raises
    ------
    UnreadableFileError
        Where the channels are not as many as the header states.
    """
    if not lines or lines[0].strip().lower() != "[header]":
        return None
    end = next((i for i, line in enumerate(lines) if line.strip().lower() == "[data]"), None)
    starts = [i for i, line in enumerate(lines[:end]) if _key(line) == "channel #"]
    if end is None or not starts:
        return None
    channels = [_entries(lines[a:b]) for a, b in pairwise([*starts, end])]
    above = _entries(lines[1 : starts[0]])
    stated = above.get("channels exported", "")
    if stated.isdecimal() and stated != str(len(channels)):
        raise UnreadableFileError(
            f"The header states {stated[:10]} channels and describes {len(channels):,}; they must be the same"
        )
    preamble = read_preamble(lines[1 : starts[0]])
    _add_filters(preamble, channels)
    length = above.get("samples per channel", "")
    return Description(
        starts[0],
        tuple(_column(channel, number) for number, channel in enumerate(channels, 1)),
        preamble,
        "," if len(channels) > 1 else "",
        number_of_samples=int(length) if length.isdecimal() and len(length) < 12 else None,
    )


def _key(line: str) -> str:
    pair = key_and_value(line)
    return pair[0].strip().lower() if pair else ""


def _entries(lines: Sequence[str]) -> dict[str, str]:
    pairs = filter(None, map(key_and_value, lines))
    return {key.strip().lower(): plain(value) for key, value in pairs}


def _column(channel: dict[str, str], number: int) -> Column:
    name = channel.get("label") or f"channel {number}"
    found = _RANGE.fullmatch(channel.get("range", ""))
    if not found or not float(found.group(1)):
        return Column(name)
    unit = voltage_unit(found.group(2)) or found.group(2) or None
    return Column(name, unit=unit, resolution=float(found.group(1)) / _FULL_SCALE if unit else 1.0)


def _add_filters(preamble: Preamble, channels: Sequence[dict[str, str]]) -> None:
    for number, channel in enumerate(channels[:100], 1):
        low, high = channel.get("low", ""), channel.get("high", "")
        if low or high:
            preamble.metadata[f"filter {channel.get('label') or number}"[:60]] = f"{low} to {high}"[:60]
