"""The text of a WFDB header (``.hea``), after header(5) of the WFDB Applications Guide."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from ecg_core.domain import voltage_unit
from ecg_core.errors import UnreadableFileError
from ecg_core.readers.excerpt import excerpt
from ecg_core.readers.lead_names import MOST_LEADS
from ecg_core.readers.options import sampling_rate_problem

#: Bits of a sample in each format of signal(5); 310 and 311 have three samples in 32 bits.
BITS: Mapping[str, int] = {
    "8": 8, "16": 16, "24": 24, "32": 32, "61": 16, "80": 8, "160": 16, "212": 12,
    "310": 10, "311": 10, "508": 8, "516": 16, "524": 24,
}  # fmt: skip
#: The format of a signal that has no samples, in the layout header of a record of many segments.
NULL_FORMAT = "0"
#: Stands for "no file" in a layout header, and for a gap between segments.
GAP = "~"

_LONGEST_HEADER = 4_000_000
_MOST_SEGMENTS = 100_000
_MOST_SAMPLES = 2**40
_RECORD = re.compile(
    r"(?P<name>[^\s/]+)(?:/(?P<segments>\d{1,9}))?\s+(?P<signals>\d{1,9})(?P<rest>\s.*)?", re.ASCII
)
_RATE = re.compile(r"(?P<rate>[^/()]+)(?:/(?P<counter>[^()]+)(?:\((?P<base>[^()]*)\))?)?", re.ASCII)
_BEGINS_WITH_RATE = re.compile(r"[-+.\d]|$", re.ASCII)
_FORMAT = re.compile(
    r"(?P<format>\d{1,3})(?:x(?P<frame>\d{1,9}))?(?::(?P<skew>\d{1,12}))?(?:\+(?P<offset>\d{1,15}))?",
    re.ASCII,
)
_GAIN = re.compile(r"(?P<gain>[^()/\s]+)(?:\((?P<baseline>[-+]?\d{1,18})\))?(?:/(?P<unit>\S+))?", re.ASCII)
_WHOLE = re.compile(r"[-+]?\d{1,18}", re.ASCII)
_NUMBER = re.compile(r"[-+]?\d+(\.\d*)?", re.ASCII)
_TIME = re.compile(r"(?:(?:(\d{1,2}):)?(\d{1,2}):)?(\d{1,2})(?:\.(\d{1,6})\d*)?", re.ASCII)
_DATE = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})", re.ASCII)


@dataclass(frozen=True)
class SignalLine:
    """One signal of a record.

    Attributes
    ----------
    file : str
        A base name; `GAP` in a layout header.
    format : str
        A key of `BITS`, or `NULL_FORMAT`.
    per_frame, skew, offset : int
        Samples in a frame; frames by which it lags; bytes (samples of a FLAC file) before the first sample.
    gain : float or None
        Counts per ``unit``; None for uncalibrated.
    baseline : int
        The count of physical zero.
    unit : str
        As `voltage_unit` spells it, or the file's own text.
    initial, checksum : int or None
        The first sample; the sum of all samples modulo 65536. None where not stated.
    name : str
        The description, which may be empty.
    """

    file: str
    format: str
    per_frame: int
    skew: int
    offset: int
    gain: float | None
    baseline: int
    unit: str
    adc_zero: int
    initial: int | None
    checksum: int | None
    name: str


@dataclass(frozen=True)
class Header:
    """A header; ``signals`` is empty where there are ``segments`` (name and frames of each).

    ``rate_hz`` is that of frames; it and ``frames`` are None where not stated. ``surplus_lines`` follow the
    signals or segments that were announced.
    """

    record: str
    rate_hz: float | None
    frames: int | None
    start: datetime | None
    start_text: str
    counter: str
    number_of_signals: int
    signals: tuple[SignalLine, ...]
    segments: tuple[tuple[str, int], ...]
    comments: tuple[str, ...]
    surplus_lines: int

    @property
    def has_layout(self) -> bool:
        """Whether the first segment only says which signals there are (a variable layout)."""
        return bool(self.segments) and self.segments[0][0] != GAP and self.segments[0][1] == 0


def recognizes_header(data: bytes | memoryview) -> bool:
    """Whether text begins with a record line and a signal or segment line as WFDB headers have them."""
    start = bytes(data[:65536])
    if b"\x00" in start:
        return False
    lines = [line for line in start.decode("latin-1").splitlines()[:2000] if line.strip() and line[0] != "#"]
    record = _RECORD.fullmatch(lines[0].strip()) if lines else None
    if not record or not _BEGINS_WITH_RATE.match((record["rest"] or "").lstrip()):
        return False
    if int(record["signals"]) == 0 or len(lines) == 1:
        is_empty = int(record["signals"]) == 0 and len(lines) == 1
        return is_empty and not _NUMBER.fullmatch(record["name"]) and bool(record["rest"])
    fields = lines[1].split()
    if len(fields) < 2 or (_NUMBER.fullmatch(fields[0]) and not record["segments"]):
        return False
    if record["segments"]:
        return bool(_WHOLE.fullmatch(fields[1]))
    found = _FORMAT.fullmatch(fields[1])
    return bool(found) and found["format"] in (*BITS, NULL_FORMAT)  # type: ignore[index]


def parse_header(data: bytes | memoryview) -> Header:
    """The header in ``data``.

    Raises
    ------
    UnreadableFileError
        Naming the line and what would be right.
    """
    numbered, comments = _lines(data)
    if not numbered:
        raise UnreadableFileError(
            "The WFDB header has no record line (name, number of signals, sampling rate)"
        )
    place, text = numbered[0]
    found = _RECORD.fullmatch(text)
    if not found:
        raise UnreadableFileError(
            f"{place} of the WFDB header must be 'record signals rate length', not {excerpt(text)}"
        )
    rate, counter, frames, start, start_text = _record_fields((found["rest"] or "").split(), place)
    signals, segments = _members(found, numbered[1:])
    return Header(
        record=clean(found["name"]),
        rate_hz=rate,
        frames=frames,
        start=start,
        start_text=start_text,
        counter=counter,
        number_of_signals=int(found["signals"]),
        signals=signals,
        segments=segments,
        comments=comments,
        surplus_lines=len(numbered) - 1 - len(signals or segments),
    )


def clean(text: str) -> str:
    """Without what cannot be printed, and with single spaces."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def _lines(data: bytes | memoryview) -> tuple[list[tuple[str, str]], tuple[str, ...]]:
    """The lines that mean something, each with its place, and the comments."""
    if len(data) > _LONGEST_HEADER:
        raise UnreadableFileError(
            f"The WFDB header has {len(data):,} bytes; at most {_LONGEST_HEADER:,} are read"
        )
    try:
        text = bytes(data).decode("utf-8-sig")
    except UnicodeDecodeError:
        text = bytes(data).decode("cp1252", "replace")
    numbered, comments = [], []
    for number, line in enumerate(text.splitlines(), 1):
        line = line.strip()
        if line.startswith("#"):
            comments.append(clean(line.lstrip("#")))
        elif line:
            numbered.append((f"Line {number}", line))
    return numbered, tuple(filter(None, comments))


def _record_fields(
    fields: list[str], place: str
) -> tuple[float | None, str, int | None, datetime | None, str]:
    """Rate, counter, frames, start and its text of the fields after the number of signals."""
    rate, counter = _rate(fields[0], place) if fields else (None, "")
    frames = _count(fields[1], place, "number of samples", _MOST_SAMPLES) if len(fields) > 1 else None
    start_text = clean(" ".join(fields[2:4]))[:60]
    start = _start(fields[2], fields[3]) if len(fields) > 3 else None
    return rate, counter, frames or None, start, start_text


def _rate(text: str, place: str) -> tuple[float | None, str]:
    found = _RATE.fullmatch(text)
    rate = _finite(found["rate"]) if found else None
    problem = (
        sampling_rate_problem(rate) if rate is not None else f"must be a number in Hz, not {excerpt(text)}"
    )
    if problem:
        raise UnreadableFileError(f"{place} of the WFDB header: the sampling rate {problem}")
    counter = f"{found['counter']} Hz" if found and found["counter"] else ""
    return rate, clean(counter)[:60]


def _start(time: str, date: str) -> datetime | None:
    clock, day = _TIME.fullmatch(time), _DATE.fullmatch(date)
    if not clock or not day:
        return None
    hours, minutes, seconds = (int(part or 0) for part in clock.groups()[:3])
    try:
        start = datetime(int(day[3]), int(day[2]), int(day[1]), hours, minutes, seconds)
    except ValueError:
        return None
    return start.replace(microsecond=int((clock[4] or "").ljust(6, "0")))


def _members(
    record: re.Match[str], numbered: list[tuple[str, str]]
) -> tuple[tuple[SignalLine, ...], tuple[tuple[str, int], ...]]:
    """The signals, or the segments, that the record line announces."""
    if record["segments"]:
        wanted = _count(record["segments"], "The record line", "number of segments", _MOST_SEGMENTS)
        _check_lines(wanted, numbered, "segments")
        return (), tuple(_segment(text, place) for place, text in numbered[:wanted])
    wanted = _count(record["signals"], "The record line", "number of signals", MOST_LEADS)
    _check_lines(wanted, numbered, "signals")
    return tuple(_signal(text, place) for place, text in numbered[:wanted]), ()


def _check_lines(wanted: int, numbered: list[tuple[str, str]], what: str) -> None:
    if wanted > len(numbered):
        raise UnreadableFileError(
            f"The WFDB header announces {wanted:,} {what}, but {len(numbered):,} lines follow; one "
            "each is needed"
        )


def _segment(text: str, place: str) -> tuple[str, int]:
    fields = text.split()
    if len(fields) != 2:
        raise UnreadableFileError(
            f"{place} of the WFDB header must be a segment and its length, not {excerpt(text)}"
        )
    return safe_name(fields[0], place), _count(fields[1], place, "length of the segment", _MOST_SAMPLES)


def _signal(text: str, place: str) -> SignalLine:
    fields = text.split(None, 8)
    found = _FORMAT.fullmatch(fields[1]) if len(fields) > 1 else None
    if not found or found["format"] not in (*BITS, NULL_FORMAT):
        raise UnreadableFileError(
            f"{place} of the WFDB header must be a file and one of the formats {', '.join(BITS)}, not "
            f"{excerpt(text)}"
        )
    gain, baseline, unit = _calibration(fields[2] if len(fields) > 2 else "0", place)
    numbers = [_whole(field, place) for field in fields[3:8]]
    zero, initial, checksum = (numbers + [None] * 5)[1:4]
    return SignalLine(
        file=safe_name(fields[0], place),
        format=found["format"],
        per_frame=max(int(found["frame"] or 1), 1),
        skew=int(found["skew"] or 0),
        offset=int(found["offset"] or 0),
        gain=gain,
        baseline=(zero or 0) if baseline is None else baseline,
        unit=unit,
        adc_zero=zero or 0,
        initial=initial,
        checksum=checksum,
        name=clean(fields[8]) if len(fields) > 8 else "",
    )


def _calibration(text: str, place: str) -> tuple[float | None, int | None, str]:
    """Gain (None for uncalibrated), baseline (None for the ADC's zero) and unit; mV where none is stated."""
    found = _GAIN.fullmatch(text)
    gain = _finite(found["gain"]) if found else None
    if not found or gain is None or (gain and not 1e-30 < abs(gain) < 1e30):
        raise UnreadableFileError(
            f"{place} of the WFDB header: the gain must be like 200 or 200(1024)/mV, not {excerpt(text)}"
        )
    baseline = int(found["baseline"]) if found["baseline"] else None
    unit = clean(found["unit"] or "mV")[:20].strip()
    return gain or None, baseline, voltage_unit(unit) or unit


def safe_name(text: str, place: str) -> str:
    """A base name: never a folder, a parent folder, the standard input or unprintable characters."""
    unsafe = any(mark in text for mark in ("/", "\\", "..", ":")) or not text.isprintable()
    if unsafe or text in ("-", ".") or len(text) > 255:
        raise UnreadableFileError(
            f"{place} of the WFDB header names {excerpt(text)}; a file beside the header, without a "
            "folder, is needed"
        )
    return text


def _finite(text: str) -> float | None:
    try:
        number = float(text) if text.isascii() and "_" not in text else math.nan
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _whole(text: str, place: str) -> int:
    if not _WHOLE.fullmatch(text):
        raise UnreadableFileError(f"{place} of the WFDB header: {excerpt(text)} must be a whole number")
    return int(text)


def _count(text: str, place: str, what: str, most: int) -> int:
    number = _whole(text, place)
    if not 0 <= number <= most:
        raise UnreadableFileError(
            f"{place} of the WFDB header: the {what} must be from 0 to {most:,}, not {excerpt(number)}"
        )
    return number
