"""DICOM ECG waveforms (PS3.3, C.10.9 and C.10.10): 12-lead, general or 32-bit general ECG.

Leads of one rate and length are one multiplex group. The counts are the recording's own; ``physical = count ×
sensitivity × correction factor + baseline``, in decimals of at most 16 characters each. Where such a decimal
is not the resolution exactly, one is found together with a correction factor whose product is.

Not carried: the file's own name of a lead beside its standard one, names beyond 64 characters; metadata
other than the device's and the institution's; the device's statements; whether an annotation is a beat or a
note; patient fields other than id, name, sex, birth date, age, height, weight and history. Where physical
zero is no decimal of 16 characters, the counts are shifted (and made finer where it lies between two) so
that it is zero. The rates and numbers of channels that the standard allows a class of objects (200 to 1000
Hz for an ECG) are exceeded where a recording does. An unknown time of recording is left empty.
"""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from ecg_core.domain import Annotation, Recording
from ecg_core.writers.dicom_signals import (
    LONGEST_DECIMAL,
    Channel,
    channel_of,
    group_item,
    groups_of,
    needs_32_bits,
    plain_value,
    shortened,
    sop_class,
)
from ecg_core.writers.exported_file import ExportedFile, file_stem

#: A value with explicit representation has fewer than 65,536 bytes (PS3.5, 7.1.2).
_MOST_POINTS = 16_000
_METADATA = (
    ("manufacturer", "Manufacturer", 64),
    ("model", "ManufacturerModelName", 64),
    ("device name", "StationName", 16),
    ("serial number", "DeviceSerialNumber", 64),
    ("software version", "SoftwareVersions", 64),
    ("institution", "InstitutionName", 64),
    ("department", "InstitutionalDepartmentName", 64),
)


def write_dicom(recording: Recording, *, name: str) -> ExportedFile:
    """The recording as a DICOM file with explicit little endian encoding.

    Raises
    ------
    UnwritableError
        A rate is unknown, samples are no whole numbers of 32 bits, or a number has no decimal of 16
        characters.
    """
    from pydicom.dataset import Dataset, FileMetaDataset
    from pydicom.uid import ExplicitVRLittleEndian, generate_uid

    channels = [channel_of(lead) for lead in recording.leads]
    groups = groups_of(channels)
    bits = 32 if any(needs_32_bits(channel.counts) for channel in channels) else 16
    dataset = Dataset()
    dataset.SpecificCharacterSet = "ISO_IR 192"
    dataset.SOPClassUID = sop_class(groups, bits)
    dataset.Modality = "ECG"
    dataset.WaveformSequence = [group_item(group, bits) for group in groups]
    _say_who_and_when(dataset, recording)
    marks = list(_mark_items(recording.annotations, groups))
    if marks:
        dataset.WaveformAnnotationSequence = marks
    digest = hashlib.sha256(b"".join(item.WaveformData for item in dataset.WaveformSequence)).hexdigest()
    identity = [name, digest, str(recording.recorded_at), *recording.patient.values()]
    dataset.StudyInstanceUID = generate_uid(entropy_srcs=["study", *identity])
    dataset.SeriesInstanceUID = generate_uid(entropy_srcs=["series", *identity])
    dataset.SOPInstanceUID = generate_uid(entropy_srcs=["instance", *identity])
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = dataset.SOPClassUID
    meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset.file_meta = meta
    out = io.BytesIO()
    dataset.save_as(out, enforce_file_format=True)
    return ExportedFile(f"{file_stem(name)}.dcm", out.getvalue())


def _say_who_and_when(dataset: Any, recording: Recording) -> None:
    patient, at = recording.patient, recording.recorded_at
    dataset.PatientID = plain_value(patient.get("patient id", ""))[:64]
    dataset.PatientName = re.sub(r"[\^=]", " ", plain_value(patient.get("name", "")))[:64]
    dataset.PatientSex = {"M": "M", "F": "F", "O": "O"}.get(patient.get("sex", "")[:1].upper(), "")
    dataset.PatientBirthDate = _day(patient.get("birth date", ""))
    for keyword, value in _further(recording):
        setattr(dataset, keyword, value)
    zone = at.strftime("%z")[:5] if at else ""
    dataset.AcquisitionDateTime = f"{at.year:04d}{at:%m%d%H%M%S.%f}{zone}" if at else ""
    dataset.StudyDate = f"{at.year:04d}{at:%m%d}" if at else ""
    dataset.StudyTime = f"{at:%H%M%S.%f}" if at else ""
    dataset.ContentDate, dataset.ContentTime = dataset.StudyDate, dataset.StudyTime
    for keyword in ("StudyID", "AccessionNumber", "ReferringPhysicianName"):
        setattr(dataset, keyword, "")
    dataset.SeriesNumber, dataset.InstanceNumber = 1, 1
    dataset.AcquisitionContextSequence = []


def _day(text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat().replace("-", "")
    except ValueError:
        return ""


def _further(recording: Recording) -> Iterator[tuple[str, str]]:
    patient = recording.patient
    age = re.fullmatch(r"(\d{1,3})( days| weeks| months|)", patient.get("age", ""))
    if age:
        yield "PatientAge", f"{int(age[1]):03d}{(age[2].strip() or 'years')[0].upper()}"
    for key, unit, keyword in (("height", "m", "PatientSize"), ("weight", "kg", "PatientWeight")):
        found = re.fullmatch(rf"(\d{{1,8}}(?:\.\d{{1,6}})?) {unit}", patient.get(key, ""))
        if found:
            yield keyword, found[1]
    if patient.get("history"):
        yield "AdditionalPatientHistory", patient["history"][:10_000]
    for key, keyword, longest in _METADATA:
        if recording.metadata.get(key):
            yield keyword, plain_value(recording.metadata[key])[:longest]


def _mark_items(marks: Sequence[Annotation], groups: Sequence[Sequence[Channel]]) -> Iterator[Any]:
    """Equal marks at samples, of which a day has many thousands, as the points of one item; others alone."""
    points: dict[tuple[str, str], list[int]] = {}
    for mark in marks:
        rate = groups[_place(mark.lead, groups)[0]][0].rate
        samples = [round(time * rate) for time in _times(mark)]
        at_samples = all(n / rate == time and n >= 0 for n, time in zip(samples, _times(mark), strict=True))
        if at_samples and mark.duration_s is None:
            points.setdefault((mark.text, mark.lead), []).append(samples[0] + 1)
            continue
        item = _mark_item(mark.text, mark.lead, groups)
        item.TemporalRangeType = "POINT" if mark.duration_s is None else "SEGMENT"
        if at_samples:
            item.ReferencedSamplePositions = [number + 1 for number in samples]
        else:
            item.ReferencedTimeOffsets = [_decimal(time) for time in _times(mark)]
        yield item
    for (text, lead), positions in points.items():
        for start in range(0, len(positions), _MOST_POINTS):
            item = _mark_item(text, lead, groups)
            item.ReferencedSamplePositions = positions[start : start + _MOST_POINTS]
            item.TemporalRangeType = "MULTIPOINT" if len(positions) > 1 else "POINT"
            yield item


def _times(mark: Annotation) -> list[float]:
    return [mark.start_s] if mark.duration_s is None else [mark.start_s, mark.start_s + mark.duration_s]


def _mark_item(text: str, lead: str, groups: Sequence[Sequence[Channel]]) -> Any:
    from pydicom.dataset import Dataset

    item = Dataset()
    item.UnformattedTextValue = text[:1024]
    item.AnnotationGroupNumber = 1
    group, channel = _place(lead, groups)
    item.ReferencedWaveformChannels = [group + 1, channel]
    return item


def _place(lead: str, groups: Sequence[Sequence[Channel]]) -> tuple[int, int]:
    """The group, and the channel counted from 1 in it or 0 for all, that a mark of ``lead`` is about."""
    for number, group in enumerate(groups):
        for place, channel in enumerate(group, 1):
            if lead and channel.lead.name == lead:
                return number, place
    return 0, 0


def _decimal(number: float) -> str:
    return repr(number) if len(repr(number)) <= LONGEST_DECIMAL else shortened(number)
