"""Headers of EDF, EDF+, BDF and BDF+ files.

Layouts after Kemp et al. 1992 (EDF), Kemp and Olivan 2003 (EDF+, https://www.edfplus.info/specs/edfplus.html)
and BioSemi's description of BDF.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fractions import Fraction

from ecg_core.errors import UnreadableFileError
from ecg_core.readers.excerpt import excerpt
from ecg_core.readers.lead_names import MOST_LEADS

_EDF, _BDF = b"0       ", b"\xffBIOSEMI"
_FIXED = 256
#: Widths of a signal's fields, which stand field by field for all signals.
_WIDTHS: Mapping[str, int] = {
    "label": 16, "transducer": 80, "unit": 8, "physical_minimum": 8, "physical_maximum": 8,
    "digital_minimum": 8, "digital_maximum": 8, "prefilter": 80, "samples": 8, "reserved": 32,
}  # fmt: skip
_NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d{1,2})?", re.ASCII)
_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_LONG_DATE = re.compile(r"(\d{1,2})-([A-Z]{3})-(\d{4})", re.ASCII)


@dataclass(frozen=True)
class EdfSignal:
    """A signal's header; the numbers as they are written, ``samples`` in each data record."""

    label: str
    transducer: str
    unit: str
    physical: tuple[Fraction, Fraction]
    digital: tuple[int, int]
    prefilter: str
    samples: int

    @property
    def is_annotations(self) -> bool:
        return self.label in ("EDF Annotations", "BDF Annotations")

    @property
    def calibration(self) -> tuple[float, float] | None:
        """Resolution and offset, exact before they are rounded once; None for extremes that do not differ."""
        (low, high), (first, last) = self.physical, self.digital
        if low == high or first == last:
            return None
        resolution = (high - low) / (last - first)
        return float(resolution), float(low - first * resolution)


@dataclass(frozen=True)
class EdfHeader:
    """A file's header.

    Attributes
    ----------
    bytes_per_sample : int
        2 in EDF, 3 in BDF.
    is_plus, is_discontinuous : bool
        EDF+ or BDF+; with data records that need not follow each other.
    size : int
        Bytes before the first data record.
    records : int
        Data records; -1 where the recorder did not write it.
    record_s : Fraction
        Duration of a data record in seconds.
    """

    bytes_per_sample: int
    is_plus: bool
    is_discontinuous: bool
    patient: str
    recording: str
    start: datetime | None
    size: int
    records: int
    record_s: Fraction
    signals: tuple[EdfSignal, ...]


def recognizes_header(data: bytes | memoryview) -> bool:
    """Whether the content begins like EDF or BDF and its header has the size that its signals need."""
    start = bytes(data[:_FIXED])
    if start[:8] not in (_EDF, _BDF) or len(start) < _FIXED:
        return False
    size, signals = start[184:192].strip(), start[252:256].strip()
    return size.isdigit() and signals.isdigit() and int(size) == _FIXED * (int(signals) + 1)


def parse_header(data: bytes | memoryview) -> EdfHeader:
    """The header in the content.

    Raises
    ------
    UnreadableFileError
        Naming the field and what would be right.
    """
    start = bytes(data[:_FIXED])
    if len(start) < _FIXED or start[:8] not in (_EDF, _BDF):
        raise UnreadableFileError(f"An EDF header of {_FIXED} bytes is needed; the file has {len(data):,}")
    reserved = start[192:236].decode("latin-1").strip()
    recording = _text(start[88:168])
    signals, size = _whole(start[252:256], "number of signals"), _whole(start[184:192], "size of the header")
    if not 1 <= signals <= MOST_LEADS or size != _FIXED * (signals + 1):
        raise UnreadableFileError(
            f"The EDF header has {size:,} bytes for {signals:,} signals; 256 and 256 for each of 1 to "
            f"{MOST_LEADS:,} signals are needed"
        )
    is_plus = reserved.startswith(("EDF+", "BDF+"))
    return EdfHeader(
        bytes_per_sample=3 if start[:8] == _BDF else 2,
        is_plus=is_plus,
        is_discontinuous=is_plus and reserved[4:5] == "D",
        patient=_text(start[8:88]),
        recording=recording,
        start=_start(_text(start[168:176]), _text(start[176:184]), recording),
        size=size,
        records=_whole(start[236:244], "number of data records"),
        record_s=_record_duration(start[244:252]),
        signals=_signals(bytes(data[_FIXED:size]), signals),
    )


def _record_duration(field: bytes) -> Fraction:
    duration = _number(field, "duration of a data record")
    if duration < 0:
        raise UnreadableFileError(
            f"The EDF header: the duration of a data record is {excerpt(field.strip())}"
        )
    return duration


def _signals(block: bytes, number: int) -> tuple[EdfSignal, ...]:
    if len(block) < _FIXED * number:
        raise UnreadableFileError(f"The EDF header ends within the description of its {number:,} signals")
    columns, at = {}, 0
    for name, width in _WIDTHS.items():
        columns[name] = [block[at + i * width : at + (i + 1) * width] for i in range(number)]
        at += width * number
    return tuple(_signal({name: column[i] for name, column in columns.items()}) for i in range(number))


def _signal(fields: Mapping[str, bytes]) -> EdfSignal:
    label = _text(fields["label"])
    place = f" of signal {excerpt(label)}"
    samples = _whole(fields["samples"], f"samples in a data record{place}")
    if samples < 0:
        raise UnreadableFileError(f"The EDF header: {samples:,} samples in a data record{place}")
    return EdfSignal(
        label=label,
        transducer=_text(fields["transducer"]),
        unit=_text(fields["unit"]),
        physical=(
            _number(fields["physical_minimum"], f"physical minimum{place}"),
            _number(fields["physical_maximum"], f"physical maximum{place}"),
        ),
        digital=(
            _whole(fields["digital_minimum"], f"digital minimum{place}"),
            _whole(fields["digital_maximum"], f"digital maximum{place}"),
        ),
        prefilter=_text(fields["prefilter"]),
        samples=samples,
    )


def _text(field: bytes) -> str:
    text = field.decode("latin-1")
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def _number(field: bytes, what: str) -> Fraction:
    text = field.decode("latin-1").strip(" \x00")
    if not _NUMBER.fullmatch(text):
        raise UnreadableFileError(f"The EDF header: the {what} must be a number, not {excerpt(text)}")
    return Fraction(Decimal(text))


def _whole(field: bytes, what: str) -> int:
    number = _number(field, what)
    if number.denominator != 1 or abs(number) > 10**8:
        raise UnreadableFileError(f"The EDF header: the {what} must be a whole number, not {excerpt(field)}")
    return int(number)


def _start(date: str, time: str, recording: str) -> datetime | None:
    """Start of the recording; None for ``Startdate X`` and for the day that stands for an unknown one."""
    day, clock = re.findall(r"\d{1,2}", date), re.findall(r"\d{1,2}", time)
    if len(day) != 3 or len(clock) != 3 or recording.startswith("Startdate X"):
        return None
    year = int(day[2]) + (1900 if int(day[2]) >= 85 else 2000)
    hours, minutes, seconds = map(int, clock)
    stated = _long_date(recording.split()[1]) if recording.startswith("Startdate ") else None
    try:
        start = datetime(year, int(day[1]), int(day[0]), hours, minutes, seconds)
        if stated and stated.year >= 1900 and (stated.day, stated.month) == (start.day, start.month):
            start = start.replace(year=stated.year)
    except ValueError:
        return None
    return None if start == datetime(1985, 1, 1) else start


def _long_date(text: str) -> datetime | None:
    found = _LONG_DATE.fullmatch(text.upper())
    if not found or found[2] not in _MONTHS:
        return None
    try:
        return datetime(int(found[3]), _MONTHS.index(found[2]) + 1, int(found[1]))
    except ValueError:
        return None


def long_date_text(text: str) -> str:
    """``1970-01-31`` for ``31-JAN-1970``; empty for anything else."""
    date = _long_date(text)
    return f"{date:%Y-%m-%d}" if date else ""
