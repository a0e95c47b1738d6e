"""The header of an OpenSignals text file (PLUX: BITalino, biosignalsplux): JSON in a comment.

The keys are those of PLUX's "OpenSignals sensor file specifications (TXT format)": ``column`` names all the
columns, ``sensor`` and ``label`` the analog ones, which are the last, and ``resolution`` states bits.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime

from ecg_core.errors import UnreadableFileError
from ecg_core.readers.described import Column, Description, plain
from ecg_core.readers.options import HIGHEST_SAMPLING_RATE_HZ, sampling_rate_problem
from ecg_core.readers.preamble import Preamble, without_mark

#: Sensors that may be an ECG, because the person who recorded did not say what they are.
_UNSPECIFIED = ("", "RAW", "CUSTOM")
_LONGEST_JSON = 100_000
_KEPT = ("device", "device name", "firmware version", "comments", "keywords")


def describe_opensignals(lines: Sequence[str]) -> Description | None:
    """What the header says; None where the file does not begin like one of OpenSignals.

    Raises
    ------
    UnreadableFileError
        Where the JSON cannot be read.
    """
    if not lines or not without_mark(lines[0]).startswith("OpenSignals Text File Format"):
        return None
    row = next((i for i, line in enumerate(lines[:10]) if without_mark(line).startswith("{")), None)
    if row is None:
        raise UnreadableFileError("The OpenSignals file has no line of JSON that describes its columns")
    devices = [device for device in _parsed(lines[row], row).values() if isinstance(device, dict)]
    columns = [column for device in devices for column in _columns(device)]
    if not columns:
        raise UnreadableFileError(f'Row {row + 1}: the JSON names no columns; "column" would list them')
    return Description(row, tuple(columns), _preamble(devices), "\t", remarks=_remarks(devices))


def _parsed(line: str, row: int) -> Mapping[str, object]:
    text = without_mark(line)
    try:
        if len(text) > _LONGEST_JSON:
            raise ValueError("too long")
        found = json.loads(text)
    except (ValueError, RecursionError):
        raise UnreadableFileError(
            f"Row {row + 1}: the JSON of the OpenSignals header cannot be read"
        ) from None
    return found if isinstance(found, dict) else {}


def _texts(device: Mapping[str, object], key: str) -> list[str]:
    found = device.get(key)
    return [plain(str(entry)) for entry in found] if isinstance(found, list) else []


def _columns(device: Mapping[str, object]) -> list[Column]:
    names, sensors = _texts(device, "column"), _texts(device, "sensor")
    first = len(names) - len(sensors)
    digital = [Column(name, is_ecg=False) for name in names[: max(first, 0)]]
    return digital + [_analog(*pair) for pair in zip(names[max(first, 0) :], sensors, strict=False)]


def _analog(name: str, sensor: str) -> Column:
    """``ECGBIT`` is BITalino's ECG; a channel without a known sensor keeps its own name."""
    kind = sensor.upper().partition("/")[0].strip()
    if "ECG" in kind:
        return Column("ECG", original_name=name, is_ecg=True)
    if kind in _UNSPECIFIED:
        return Column(name, is_ecg=True)
    return Column(sensor, original_name=name, is_ecg=False)


def _preamble(devices: Sequence[Mapping[str, object]]) -> Preamble:
    stated = [device.get("sampling rate") for device in devices]
    rate = stated[0] if all(rate == stated[0] for rate in stated) else None
    if isinstance(rate, int) and abs(rate) > HIGHEST_SAMPLING_RATE_HZ:
        rate = None  # a whole number of any length
    metadata = {key: plain(str(devices[0].get(key) or ""))[:500] for key in _KEPT}
    for key, title in (("sensor", "sensors"), ("resolution", "bits of each column")):
        metadata[title] = ", ".join(text for device in devices for text in _texts(device, key))[:500]
    return Preamble(
        sampling_rate_hz=None if sampling_rate_problem(rate) else float(rate),  # type: ignore[arg-type]
        recorded_at=_date(str(devices[0].get("date")), str(devices[0].get("time"))),
        metadata={key: text for key, text in metadata.items() if text},
    )


def _date(day: str, time: str) -> datetime | None:
    """From ``2016-6-11`` and ``7:3:47.29``, where the fraction is one of a second."""
    try:
        year, month, date = map(int, day.split("-"))
        hour, minute, second = time.split(":")
        whole, _, fraction = second.partition(".")
        found = datetime(
            year, month, date, int(hour), int(minute), int(whole), int(fraction.ljust(6, "0")[:6])
        )
    except (ValueError, OverflowError):
        return None
    return found if found.year >= 1990 else None


def _remarks(devices: Sequence[Mapping[str, object]]) -> tuple[str, ...]:
    if any(device.get("convertedValues") for device in devices):
        return ("OpenSignals converted the samples, but the file does not state the unit.",)
    return ("The samples are counts; the file does not state how the sensor turns them into millivolts.",)
