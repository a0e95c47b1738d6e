"""EDF+ files, and BDF+ where 16 bits do not hold the samples or their scale.

Layout after Kemp and Olivan 2003 (https://www.edfplus.info/specs/edfplus.html), its standard texts (3.3,
``text@@lead`` links an annotation to a signal) and BioSemi's description of BDF.

The digital numbers are the recording's own. Data records must be whole: where no duration of a data record
that 8 characters can state divides the recording, the last record is filled up with each lead's last sample,
and the annotation ``Recording ends`` says from where on; our reader leaves the filling out.

Not carried: the zone of the recorded time (its clock is kept) and the moment 1985-01-01 00:00:00, which
stands for "unknown"; the file's own name of a lead beside its standard one, names beyond 16 characters,
units beyond 8; letters outside ASCII in the header (they lose their accents); patient fields other than id,
name, sex and birth date; metadata other than recording id, technician and equipment; the device's
statements; whether an annotation is a beat or a note. Times of annotations are kept to 1e-12 s.

Refused: missing samples, for which EDF has no number; leads that do not end together; a scale that 8
characters cannot state exactly.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from ecg_core.domain import Annotation, Lead, Recording
from ecg_core.errors import UnwritableError
from ecg_core.writers.counts import Counts, counts_of, quoted, rate_of, simplest_fraction
from ecg_core.writers.edf_scale import EdfScale, coprime_to_ten, edf_number, edf_scale
from ecg_core.writers.exported_file import ExportedFile, file_stem, plain_ascii

_TITLE = "EDF"
_ENDS = "Recording ends"
_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
#: Seconds that a data record should last, and bytes that it should not exceed (EDF+, 2.1.2).
_SHORTEST, _USUAL, _LONGEST, _MOST_BYTES = Fraction(1, 4), Fraction(1), Fraction(10), 61440
#: How many durations are tried, and by how many of the shortest possible ones a recording may be prolonged
#: before one near a second is taken.
_MOST_TRIED, _MOST_FILLED = 20_000, 40
_WIDTHS = (16, 80, 8, 8, 8, 8, 8, 80, 8, 32)


@dataclass(frozen=True)
class _Records:
    """``number`` data records of ``seconds`` each; ``ends`` is where the recording does."""

    number: int
    seconds: Fraction
    ends: Fraction

    @property
    def is_filled_up(self) -> bool:
        return self.number * self.seconds > self.ends


def write_edf(recording: Recording, *, name: str) -> ExportedFile:
    """The recording as EDF+ or BDF+.

    Raises
    ------
    UnwritableError
        A rate is unknown, samples are missing, beyond 24 bits or no whole numbers, a scale cannot be stated,
        or the leads do not end together.
    """
    rates = [simplest_fraction(rate_of(lead, _TITLE)) for lead in recording.leads]
    found = [_counts(lead) for lead in recording.leads]
    bits, scales = _scales(recording.leads, found)
    records = _records(recording.leads, rates, bits)
    notes = _annotation_records(recording, records, bits)
    samples = [int(rate * records.seconds) for rate in rates]
    signals = [
        _signal_fields(lead, scale, many)
        for lead, scale, many in zip(recording.leads, scales, samples, strict=True)
    ]
    signals.append(_annotation_fields(bits, notes.shape[1] * 8 // bits))
    header = _file_fields(recording, records, bits, len(signals)) + _columns(signals)
    parts = [_packed(c.values, m, records.number, bits) for c, m in zip(found, samples, strict=True)]
    data = header + np.hstack([*parts, notes]).tobytes()
    return ExportedFile(f"{file_stem(name)}.{'edf' if bits == 16 else 'bdf'}", data)


def _counts(lead: Lead) -> Counts:
    counts = counts_of(lead, _TITLE)
    if counts.missing is not None:
        raise UnwritableError(
            f"Lead {quoted(lead.name)} has missing samples ({int(counts.missing.sum()):,}), for which EDF "
            "has no number; WFDB, DICOM and JSON keep them"
        )
    return counts


def _scales(leads: Sequence[Lead], found: Sequence[Counts]) -> tuple[int, list[EdfScale]]:
    """16 bits for all leads where they hold every one, else 24."""
    narrow = [edf_scale(counts, 16) for counts in found]
    if None not in narrow:
        return 16, [scale for scale in narrow if scale]
    wide = [edf_scale(counts, 24) for counts in found]
    for lead, counts, scale in zip(leads, found, wide, strict=True):
        if scale is None:
            raise UnwritableError(_why_no_scale(lead, counts))
    return 24, [scale for scale in wide if scale]


def _why_no_scale(lead: Lead, counts: Counts) -> str:
    if counts.extremes[0] < -(1 << 23) or counts.extremes[1] >= 1 << 23:
        return f"Lead {quoted(lead.name)} has samples beyond 24 bits, the widest of BDF; JSON keeps them"
    scale = " ".join(filter(None, (repr(counts.resolution), lead.unit)))
    return (
        f"The scale of lead {quoted(lead.name)}, {scale} a count, has no extremes that the 8 characters of "
        "an EDF header state exactly; WFDB, DICOM and JSON keep it"
    )


def _records(leads: Sequence[Lead], rates: Sequence[Fraction], bits: int) -> _Records:
    ends = {len(lead.samples) / rate for lead, rate in zip(leads, rates, strict=True)}
    if len(ends) > 1:
        raise UnwritableError(
            "The leads do not end together, which the data records of EDF ask for; JSON and DICOM keep them"
        )
    end = ends.pop()
    if not end:
        raise UnwritableError("The recording has no samples, which a data record of EDF needs; JSON keeps it")
    # the shortest time in which every lead has a whole number of samples, as a finite decimal
    unit = Fraction(math.lcm(*(r.denominator for r in rates)), math.gcd(*(r.numerator for r in rates)))
    unit *= coprime_to_ten(unit.denominator)
    seconds = _record_duration(unit, end, sum(rates, Fraction(0)) * bits / 8)
    if seconds is None:
        shown = ", ".join(f"{float(rate):g}" for rate in sorted(set(rates))[:6])
        raise UnwritableError(
            f"At {shown} Hz no duration of a data record that the 8 characters of an EDF header state has "
            "a whole number of samples of each lead; WFDB and JSON keep them"
        )
    return _Records(math.ceil(end / seconds), seconds, end)


def _record_duration(unit: Fraction, end: Fraction, bytes_a_second: Fraction) -> Fraction | None:
    """A multiple of ``unit`` near a second that divides the recording, or leaves little of it to fill up."""
    first = max(1, math.floor(min(_SHORTEST, end) / unit))
    last = min(max(first, math.ceil(_LONGEST / unit)), first + _MOST_TRIED)
    whole = math.ceil(end / unit)
    for units in range(whole, whole + _MOST_FILLED):
        divisors = [many for many in range(first, last + 1) if units % many == 0]
        possible = [unit * many for many in divisors if len(edf_number(unit * many)) <= 8]
        if possible:
            return min(possible, key=lambda s: (bytes_a_second * s > _MOST_BYTES, abs(s - _USUAL)))
    near = unit * max(1, round(_USUAL / unit))
    return next((seconds for seconds in (near, unit) if len(edf_number(seconds)) <= 8), None)


def _packed(values: NDArray[np.integer], samples: int, records: int, bits: int) -> NDArray[np.uint8]:
    """A row of bytes for each data record; the last one filled up with the last sample."""
    missing = samples * records - len(values)
    full = np.concatenate([values, np.repeat(values[-1:], missing)]).astype("<i4")
    return full.reshape(records, samples, 1).view(np.uint8)[..., : bits // 8].reshape(records, -1)


def _signal_fields(lead: Lead, scale: EdfScale, samples: int) -> list[str]:
    unit = plain_ascii(lead.unit or "")[:8]
    return [_label(lead.name), "", unit, *scale.physical, *map(str, scale.digital), "", str(samples), ""]


def _label(name: str) -> str:
    """A lead's name in 16 characters, none that would make it a signal of annotations."""
    return plain_ascii(name)[:16].replace("Annotations", "annotations")


def _annotation_fields(bits: int, samples: int) -> list[str]:
    first, last = -(1 << (bits - 1)), (1 << (bits - 1)) - 1
    kind = "EDF" if bits == 16 else "BDF"
    return [f"{kind} Annotations", "", "", "-1", "1", str(first), str(last), "", str(samples), ""]


def _columns(signals: Sequence[Sequence[str]]) -> bytes:
    """Field by field for all signals."""
    columns = zip(_WIDTHS, zip(*signals, strict=True), strict=True)
    return "".join(text.ljust(width) for width, texts in columns for text in texts).encode("ascii")


def _file_fields(recording: Recording, records: _Records, bits: int, signals: int) -> bytes:
    at = recording.recorded_at
    start = f"{at:%d.%m.}{at.year % 100:02d}{at:%H.%M.%S}" if at else "01.01.8500.00.00"
    fields = (
        (_patient(recording), 80),
        (_about(recording), 80),
        (start, 16),
        (str(256 * (signals + 1)), 8),
        ("EDF+C" if bits == 16 else "BDF+C", 44),
        (str(records.number), 8),
        (edf_number(records.seconds), 8),
        (str(signals), 4),
    )
    text = "".join(text[:width].ljust(width) for text, width in fields)
    return (b"0       " if bits == 16 else b"\xffBIOSEMI") + text.encode("ascii")


def _patient(recording: Recording) -> str:
    """Id, sex, birth date and name (EDF+, 2.1.3.3); X for what is not known."""
    patient = recording.patient
    sex = patient.get("sex", "")[:1].upper()
    born = _long_date(patient.get("birth date", ""))
    known = sex if sex in ("M", "F") else "X"
    return f"{_subfield(patient.get('patient id'))} {known} {born} {_subfield(patient.get('name'))}"


def _about(recording: Recording) -> str:
    start = _long_date(recording.recorded_at.date().isoformat()) if recording.recorded_at else "X"
    others = (recording.metadata.get(key) for key in ("recording id", "technician", "equipment"))
    return " ".join(["Startdate", start, *map(_subfield, others)])


def _subfield(text: str | None) -> str:
    return "_".join(plain_ascii(text or "").split()) or "X"


def _long_date(text: str) -> str:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return "X"
    return f"{day.day:02d}-{_MONTHS[day.month - 1]}-{day.year:04d}"


def _annotation_records(recording: Recording, records: _Records, bits: int) -> NDArray[np.uint8]:
    """The annotation signal: in each data record its time, then its share of all annotations."""
    at = recording.recorded_at
    begin = Decimal(at.microsecond) / 10**6 if at else Decimal(0)
    marks = list(recording.annotations)
    if records.is_filled_up:
        marks.append(Annotation(round(float(records.ends), 9), _ENDS))
    lists = [_annotation_list(mark, begin) for mark in marks]
    share = -(-len(lists) // records.number)
    begins = (Fraction(begin) + number * records.seconds for number in range(records.number))
    rows = [
        f"+{edf_number(onset)}\x14\x14\x00".encode() + b"".join(lists[number * share : (number + 1) * share])
        for number, onset in enumerate(begins)
    ]
    width = bits // 8
    size = -(-max(map(len, rows)) // width) * width
    joined = b"".join(row.ljust(size, b"\x00") for row in rows)
    return np.frombuffer(joined, np.uint8).reshape(records.number, size)


def _annotation_list(mark: Annotation, begin: Decimal) -> bytes:
    """A time-stamped annotation list (EDF+, 2.2.2)."""
    onset = _seconds(Decimal(repr(float(mark.start_s))) + begin)
    duration = f"\x15{_seconds(Decimal(repr(float(mark.duration_s))))}" if mark.duration_s else ""
    text = f"{mark.text}@@{_label(mark.lead)}" if mark.lead else mark.text
    sign = "" if onset.startswith("-") else "+"
    return f"{sign}{onset}{duration}\x14{text}\x14\x00".encode()


def _seconds(number: Decimal) -> str:
    return f"{number:.12f}".rstrip("0").rstrip(".")
