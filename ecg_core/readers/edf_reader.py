"""EDF, EDF+, BDF and BDF+ files: data records of all signals, and annotations in lists of times."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from ecg_core.domain import Annotation, Lead, Recording, voltage_unit
from ecg_core.errors import UnreadableFileError
from ecg_core.readers.channels import is_ecg_channel, lead_names
from ecg_core.readers.edf_header import EdfHeader, EdfSignal, long_date_text, parse_header, recognizes_header
from ecg_core.readers.excerpt import excerpt
from ecg_core.readers.guarded import guarded
from ecg_core.readers.options import sampling_rate_problem
from ecg_core.readers.sample_buffer import narrowest_integers

_MOST_SAMPLES_WITH_GAPS = 100_000_000
_MOST_LISTS = 1_000_000
_MOST_TEXTS = 100
#: A mark of the end of the recording within the last data record.
_ENDS = "Recording ends"
#: A time-stamped annotation list of EDF+, 2.2.2: onset, duration after 21, texts between 20s.
_TAL = re.compile(rb"([+-]\d{1,15}(?:\.\d{0,15})?)(?:\x15(\d{0,15}(?:\.\d{0,15})?))?\x14(.*)\x14", re.DOTALL)
_NOT_NULL = re.compile(rb"[^\x00]+")


@dataclass(frozen=True)
class _Layout:
    """Where things are in the data records: ``stored`` of them, each of ``samples`` of all signals."""

    header: EdfHeader
    stored: int
    samples: int


def recognizes_edf(data: bytes | memoryview) -> bool:
    """Whether the content is EDF or EDF+."""
    return recognizes_header(data) and bytes(data[:1]) != b"\xff"


def recognizes_bdf(data: bytes | memoryview) -> bool:
    """Whether the content is BDF or BDF+."""
    return recognizes_header(data) and bytes(data[:1]) == b"\xff"


@guarded
def read_edf(data: bytes | bytearray | memoryview) -> Recording:
    """The recording in an EDF, EDF+, BDF or BDF+ file, in the digital integers of the file.

    Between data records that do not follow each other (EDF+D), samples are missing.

    Raises
    ------
    UnreadableFileError
        A header that cannot be, fewer data records than it states, or records out of order.
    """
    return _read(memoryview(data))


def _read(view: memoryview) -> Recording:
    header = parse_header(view)
    remarks: list[str] = []
    layout = _layout(header, view, remarks)
    lists = list(_annotation_lists(layout, view))
    onsets = _onsets(layout, lists) if header.is_discontinuous else None
    begin = lists[0][0][0] if lists and _states_time(lists[0]) else Fraction(0)
    leads = _leads(layout, view, onsets, remarks)
    marks = _annotations(lists, begin, {lead.original_name or lead.name: lead.name for lead in leads})
    leads, marks = _without_filling(leads, marks, float(header.record_s))
    patient, metadata = _who_and_what(header)
    return Recording(
        leads=leads,
        source_format="bdf" if header.bytes_per_sample == 3 else "edf",
        recorded_at=_start(header, begin),
        patient=patient,
        metadata=metadata,
        annotations=marks,
        remarks=tuple(remarks),
    )


def _start(header: EdfHeader, begin: Fraction) -> datetime | None:
    """With the fraction of a second that EDF+ keeps in the first record's time."""
    return header.start + timedelta(seconds=float(begin)) if header.start and 0 <= begin < 1 else header.start


def _layout(header: EdfHeader, view: memoryview, remarks: list[str]) -> _Layout:
    samples = sum(signal.samples for signal in header.signals)
    size = samples * header.bytes_per_sample
    held, rest = divmod(len(view) - header.size, size) if size else (0, 0)
    if header.records < 0:
        remarks.append(f"The header does not state the number of data records; the file holds {held:,}.")
        return _Layout(header, held, samples)
    if held < header.records:
        raise UnreadableFileError(
            f"The file holds {held:,} data records of {size:,} bytes; its header states {header.records:,}"
        )
    surplus = rest + (held - header.records) * size
    if surplus:
        remarks.append(f"The file has {surplus:,} bytes more than its header states; they were left out.")
    return _Layout(header, header.records, samples)


def _leads(
    layout: _Layout, view: memoryview, onsets: list[Fraction] | None, remarks: list[str]
) -> tuple[Lead, ...]:
    records = _records(layout, view)
    leads, at = [], 0
    shown = [signal for signal in layout.header.signals if not signal.is_annotations]
    if not shown:
        raise UnreadableFileError("The file has annotations only; at least one signal is needed")
    names = iter(lead_names([signal.label for signal in shown]))
    for signal in layout.header.signals:
        if not signal.is_annotations:
            values = _values(records, at, signal.samples)
            leads.append(_lead(signal, next(names), values, layout.header, onsets))
        at += signal.samples
    bare = [excerpt(signal.label) for signal in shown if signal.calibration is None]
    if bare:
        remarks.append(f"The extremes in the header do not scale {', '.join(bare[:12])}: kept in counts.")
    if any(np.isnan(lead.samples).any() for lead in leads if lead.samples.dtype.kind == "f"):
        remarks.append("The recording was interrupted; the samples between its parts are missing.")
    return tuple(leads)


def _records(layout: _Layout, view: memoryview) -> NDArray[np.generic]:
    """The data records as rows: of 16-bit numbers, or of bytes where samples have 24 bits."""
    header = layout.header
    size = layout.stored * layout.samples * header.bytes_per_sample
    raw = view[header.size : header.size + size]
    if header.bytes_per_sample == 2:
        return np.frombuffer(raw, "<i2").reshape(layout.stored, layout.samples)
    return np.frombuffer(raw, np.uint8).reshape(layout.stored, layout.samples, 3)


def _values(records: NDArray[np.generic], at: int, samples: int) -> NDArray[np.generic]:
    """A signal's samples in all records, in memory of their own."""
    part = records[:, at : at + samples]
    if part.ndim == 2:
        return narrowest_integers(part.astype(np.int16).reshape(-1))  # type: ignore[arg-type]
    values = part[..., 2].view(np.int8).astype(np.int32) << 16
    values |= part[..., 1].astype(np.int32) << 8
    values |= part[..., 0].astype(np.int32)
    return narrowest_integers(values.reshape(-1))


def _lead(
    signal: EdfSignal,
    name: str,
    values: NDArray[np.generic],
    header: EdfHeader,
    onsets: list[Fraction] | None,
) -> Lead:
    rate = signal.samples / header.record_s if header.record_s and signal.samples else None
    problem = sampling_rate_problem(float(rate)) if rate else None
    if problem:
        raise UnreadableFileError(f"The signal {excerpt(signal.label)}: the sampling rate {problem}")
    resolution, offset = signal.calibration or (1.0, 0.0)
    unit = (voltage_unit(signal.unit) or signal.unit or None) if signal.calibration else None
    return Lead(
        name=name,
        samples=_placed(values, onsets, signal.samples, rate) if onsets and rate else values,
        sampling_rate_hz=float(rate) if rate else None,
        unit=unit,
        resolution=resolution,
        offset=offset,
        original_name=signal.label if signal.label != name else "",
        is_ecg=is_ecg_channel(signal.label, unit),
    )


def _placed(
    values: NDArray[np.generic], onsets: list[Fraction], samples: int, rate: Fraction
) -> NDArray[np.generic]:
    """The records at their times, NaN between them; a record may begin up to one sample early."""
    places: list[int] = []
    end = 0
    for onset in onsets:
        place = round((onset - onsets[0]) * rate)
        if place < end - 1:
            raise UnreadableFileError("The data records of the file are not in the order of time")
        places.append(max(place, end))
        end = places[-1] + samples
    if end == len(values):
        return values
    if end > max(_MOST_SAMPLES_WITH_GAPS, 2 * len(values)):
        raise UnreadableFileError(f"The file has {end:,} samples with its gaps, most of them missing")
    placed = np.full(end, np.nan)
    for number, place in enumerate(places):
        placed[place : place + samples] = values[number * samples : (number + 1) * samples]
    return placed


_List = tuple[Fraction, Fraction | None, list[str]]


def _annotation_lists(layout: _Layout, view: memoryview) -> Iterator[list[_List]]:
    """For each data record what its annotation signals say: onset, duration, texts (the first: none)."""
    header, width = layout.header, layout.header.bytes_per_sample
    spans, at, total = [], 0, 0
    for signal in header.signals:
        if signal.is_annotations and header.is_plus:
            spans.append((at * width, (at + signal.samples) * width))
        at += signal.samples
    if spans and layout.stored > _MOST_LISTS:
        raise UnreadableFileError(
            f"The file has {layout.stored:,} data records; up to {_MOST_LISTS:,} are read"
        )
    for number in range(layout.stored if spans else 0):
        start = header.size + number * layout.samples * width
        found: list[_List] = []
        for first, last in spans:
            for part in _NOT_NULL.findall(view[start + first : start + last]):
                item = _TAL.fullmatch(part)
                found += [_annotation_list(*item.groups())] if item else []
        total += len(found)
        if total > _MOST_LISTS:
            raise UnreadableFileError(f"The file has more than {_MOST_LISTS:,} lists of annotations")
        yield found


def _annotation_list(onset: bytes, duration: bytes | None, texts: bytes) -> _List:
    words = [_clean(text) for text in texts.split(b"\x14")[:_MOST_TEXTS]]
    return _seconds(onset), _seconds(duration) if duration and duration != b"." else None, words


def _seconds(text: bytes) -> Fraction:
    return Fraction(Decimal(text.decode("ascii")))


def _clean(text: bytes) -> str:
    decoded = text.decode("utf-8", "replace")
    return " ".join("".join(c if c.isprintable() else " " for c in decoded).split())


def _onsets(layout: _Layout, lists: list[list[_List]]) -> list[Fraction]:
    """The time of each data record, which its first annotation states."""
    missing = next((number for number, found in enumerate(lists) if not _states_time(found)), None)
    if missing is not None or len(lists) < layout.stored:
        raise UnreadableFileError(
            f"Data record {(missing or 0) + 1:,} does not state its time, which an interrupted "
            "recording needs"
        )
    return [found[0][0] for found in lists]


def _states_time(found: list[_List]) -> bool:
    """Whether the first list is the one without a text, which states when the data record begins."""
    return bool(found) and found[0][2][0] == ""


def _annotations(
    lists: list[list[_List]], begin: Fraction, leads: Mapping[str, str]
) -> tuple[Annotation, ...]:
    """All marks in the order of time; ``text@@label`` is about one signal (standard texts of EDF+, 3.3)."""
    found = []
    for items in lists:
        for onset, duration, texts in items:
            for text in filter(None, texts):
                words, _, label = text.rpartition("@@")
                lead = leads.get(label, "") if words else ""
                found.append(
                    Annotation(
                        start_s=float(onset - begin),
                        text=words if lead else text,
                        duration_s=float(duration) if duration else None,
                        lead=lead,
                    )
                )
    return tuple(sorted(found, key=lambda annotation: annotation.start_s))


def _without_filling(
    leads: tuple[Lead, ...], marks: tuple[Annotation, ...], record_s: float
) -> tuple[tuple[Lead, ...], tuple[Annotation, ...]]:
    """Leads that end where a mark says so; a data record is whole, so the last may be filled up."""
    last = next((mark for mark in reversed(marks) if mark.text == _ENDS), None)
    ends = [lead.duration_s for lead in leads]
    if last is None or not all(end and end - record_s < last.start_s <= end for end in ends):
        return leads, marks
    kept = tuple(
        replace(lead, samples=lead.samples[: round(last.start_s * (lead.sampling_rate_hz or 0))].copy())
        for lead in leads
    )
    return kept, tuple(mark for mark in marks if mark is not last)


def _who_and_what(header: EdfHeader) -> tuple[dict[str, str], dict[str, str]]:
    """The patient, and everything else, from the subfields that EDF+ defines (2.1.3.3) or as whole texts."""
    if header.is_plus or header.recording.startswith("Startdate "):
        patient = _subfields(header.patient, ("patient id", "sex", "birth date", "name"))
        recording = header.recording.removeprefix("Startdate").strip()
        about = _subfields(recording, ("start date", "recording id", "technician", "equipment"))
        about.pop("start date", None)
        born = patient.pop("birth date", "")
        if long_date_text(born):
            patient["birth date"] = long_date_text(born)
    else:
        patient = {"patient": header.patient} if header.patient.strip("X ") else {}
        about = {"recording": header.recording} if header.recording.strip("X ") else {}
    shown = [signal for signal in header.signals if not signal.is_annotations]
    about |= _alike("filter", [signal.prefilter for signal in shown], shown)
    about |= _alike("transducer", [signal.transducer for signal in shown], shown)
    return patient, about


def _subfields(text: str, names: tuple[str, ...]) -> dict[str, str]:
    """The parts between spaces; what follows the last name belongs to it, an X is unknown."""
    parts = text.split(" ", len(names) - 1)
    found = {name: part.replace("_", " ").strip() for name, part in zip(names, parts, strict=False)}
    return {name: part for name, part in found.items() if part.strip("X ")}


def _alike(what: str, values: list[str], signals: list[EdfSignal]) -> dict[str, str]:
    """One entry where all signals have the same, else one for each signal."""
    if len(set(values)) == 1:
        return {what: values[0]} if values[0] else {}
    pairs = zip(values, signals, strict=True)
    return {f"{what} of {signal.label}".strip(): value for value, signal in pairs if value}
