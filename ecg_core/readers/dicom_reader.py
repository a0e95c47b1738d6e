"""DICOM waveforms: 12-lead, general and ambulatory ECG, and other signals stored the same way.

DICOM PS3.3, C.10.9 (Waveform Module) and C.10.10 (Waveform Annotation Module): every multiplex group has
its own rate; ``physical = count × sensitivity × correction factor + baseline`` in the sensitivity's unit.
"""

from __future__ import annotations

import contextlib
import io
import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from ecg_core.domain import Lead, Recording
from ecg_core.errors import UnreadableFileError
from ecg_core.readers.channels import lead_names
from ecg_core.readers.dicom_annotations import annotations_of, measurements_of
from ecg_core.readers.dicom_deflated import inflated
from ecg_core.readers.dicom_waveforms import Channel, is_median_beat, read_group
from ecg_core.readers.excerpt import excerpt
from ecg_core.readers.guarded import guarded
from ecg_core.readers.late_leads import apart, from_a_common_start
from ecg_core.readers.lead_names import MOST_LEADS
from ecg_core.readers.plain_text import plain, plain_items
from ecg_core.readers.vendor import library_warnings, make_lead, plausible_time, zone_of

_TIME = re.compile(r"(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)?(\d\d)?(?:\.(\d{1,6}))?\s*([+-]\d{4})?")
_METADATA = (
    ("manufacturer", "Manufacturer"),
    ("model", "ManufacturerModelName"),
    ("device name", "StationName"),
    ("serial number", "DeviceSerialNumber"),
    ("software version", "SoftwareVersions"),
    ("institution", "InstitutionName"),
    ("department", "InstitutionalDepartmentName"),
    ("study description", "StudyDescription"),
    ("series description", "SeriesDescription"),
    ("accession number", "AccessionNumber"),
    ("technician", "OperatorsName"),
    ("referring physician", "ReferringPhysicianName"),
    ("performing physician", "PerformingPhysicianName"),
    ("waveform originality", "WaveformOriginality"),
)
#: All that is read, so that a file of a million other attributes does not take memory.
_READ = (
    *(keyword for _, keyword in _METADATA),
    *("SOPClassUID", "WaveformSequence", "WaveformAnnotationSequence", "AcquisitionContextSequence"),
    *("SpecificCharacterSet", "TimezoneOffsetFromUTC", "AcquisitionDateTime"),
    *("AcquisitionDate", "AcquisitionTime", "ContentDate", "ContentTime", "StudyDate", "StudyTime"),
    *("PatientID", "PatientName", "PatientSex", "PatientBirthDate", "PatientAge", "PatientSize"),
    *("PatientWeight", "AdditionalPatientHistory"),
)


def recognizes_dicom(data: bytes | memoryview) -> bool:
    """Whether ``DICM`` follows the preamble of 128 bytes (DICOM PS3.10, 7.1)."""
    return bytes(data[128:132]) == b"DICM"


@guarded
def read_dicom(data: bytes | bytearray | memoryview) -> Recording:
    """All rhythm waveforms of a DICOM file; a median beat stored beside them is left out.

    Raises
    ------
    UnreadableFileError
        Naming the multiplex group and the reason.
    """
    with library_warnings():
        return _read(bytes(data))


def _read(content: bytes) -> Recording:
    dataset = _dataset(content)
    groups = [
        read_group(item, number, little_endian=_is_little_endian(dataset))
        for number, item in enumerate(dataset.get("WaveformSequence") or [], 1)
    ]
    if not groups:
        raise UnreadableFileError(
            f"The DICOM file is {_kind(dataset)} without waveforms; an ECG waveform would be read"
        )
    kept = [group for group in groups if not is_median_beat(group[0].group_label)] or groups
    channels = [channel for group in kept for channel in group]
    if len(channels) > MOST_LEADS:
        raise UnreadableFileError(f"There are {len(channels):,} channels; at most {MOST_LEADS:,} are read")
    leads = _leads(channels)
    starts = [channel.offset_s for channel in channels]
    together = from_a_common_start(leads, starts)
    marks, remarks = annotations_of(dataset, channels, leads, beginning_s=min(starts) if together else None)
    return Recording(
        leads=together or leads,
        source_format="dicom",
        recorded_at=_recorded_at(dataset),
        patient=_patient(dataset),
        metadata=_metadata(dataset, channels),
        device=measurements_of(dataset),
        annotations=marks,
        remarks=(*_remarks(len(groups) - len(kept), starts if together is None else []), *remarks),
    )


def _dataset(content: bytes) -> Any:
    import pydicom

    plain_content = inflated(content)
    try:
        return pydicom.dcmread(io.BytesIO(plain_content), specific_tags=list(_READ))
    except Exception as error:
        raise UnreadableFileError(f"The DICOM file cannot be read: {plain(error)[:300]}") from error


def _is_little_endian(dataset: Any) -> bool:
    return bool(dataset.original_encoding[1])


def _kind(dataset: Any) -> str:
    with contextlib.suppress(Exception):
        name = plain(dataset.SOPClassUID.name)
        return f"of the kind {excerpt(name)}," if name else "one"
    return "one"


def _leads(channels: list[Channel]) -> tuple[Lead, ...]:
    names = lead_names([channel.label for channel in channels])
    return tuple(
        make_lead(
            name,
            channel.label,
            channel.samples,
            rate=channel.rate,
            unit=channel.unit,
            resolution=channel.resolution,
            offset=channel.offset,
        )
        for name, channel in zip(names, channels, strict=True)
    )


def _remarks(medians: int, starts: list[float]) -> Iterator[str]:
    if medians:
        yield "A median beat that the file holds beside the recording was left out."
    if starts:
        yield apart(starts)


def _text(dataset: Any, keyword: str) -> str:
    value = dataset.get(keyword)
    if value is None:
        return ""
    if isinstance(value, str) or not isinstance(value, Iterable):
        return plain(value)
    return ", ".join(filter(None, (plain(part) for part in value)))


def _recorded_at(dataset: Any) -> datetime | None:
    """The first complete time among those that DICOM may have, most exact first."""
    zone = _text(dataset, "TimezoneOffsetFromUTC")
    texts = [_text(dataset, "AcquisitionDateTime")]
    for what in ("Acquisition", "Content", "Study"):
        day, clock = _text(dataset, f"{what}Date").replace(".", ""), _text(dataset, f"{what}Time")
        texts.append(day + clock.replace(":", "") if day and clock else "")
    return next(filter(None, (plausible_time(_time(text, zone)) for text in texts)), None)


def _time(text: str, zone: str) -> datetime | None:
    found = _TIME.fullmatch(text)
    if not found:
        return None
    year, month, day, hour, minute, second, fraction, own_zone = found.groups()
    try:
        return datetime(
            int(year),
            int(month),
            int(day),
            int(hour),
            int(minute or 0),
            min(int(second or 0), 59),
            int((fraction or "").ljust(6, "0")),
            tzinfo=zone_of(own_zone or zone),
        )
    except ValueError:
        return None


def _patient(dataset: Any) -> dict[str, str]:
    birth = _text(dataset, "PatientBirthDate")
    birth = f"{birth[:4]}-{birth[4:6]}-{birth[6:]}" if re.fullmatch(r"\d{8}", birth) else birth
    size, weight = _text(dataset, "PatientSize"), _text(dataset, "PatientWeight")
    return plain_items(
        [
            ("patient id", _text(dataset, "PatientID")),
            ("name", _name(dataset.get("PatientName"))),
            ("sex", _text(dataset, "PatientSex")),
            ("birth date", birth),
            ("age", _age(_text(dataset, "PatientAge"))),
            ("height", f"{size} m" if size else ""),
            ("weight", f"{weight} kg" if weight else ""),
            ("history", _text(dataset, "AdditionalPatientHistory")),
        ]
    )


def _name(value: Any) -> str:
    if value is None:
        return ""
    parts = (getattr(value, f"{part}_name", "") for part in ("given", "middle", "family"))
    return " ".join(filter(None, map(plain, parts))) or plain(value)


def _age(text: str) -> str:
    found = re.fullmatch(r"0*(\d+)([DWMY])", text)
    if not found:
        return text
    unit = {"D": " days", "W": " weeks", "M": " months", "Y": ""}[found[2]]
    return found[1] + unit


def _metadata(dataset: Any, channels: list[Channel]) -> dict[str, str]:
    rows: list[tuple[str, object]] = [(name, _text(dataset, keyword)) for name, keyword in _METADATA]
    with contextlib.suppress(Exception):
        rows.append(("kind", dataset.SOPClassUID.name))
    for name in ("high-pass filter", "low-pass filter", "notch filter"):
        rows.append((name, " / ".join(dict.fromkeys(filter(None, (c.filters.get(name) for c in channels))))))
    for item in dataset.get("AcquisitionContextSequence") or []:
        name, value = (_first_meaning(item, f"Concept{part}CodeSequence") for part in ("Name", ""))
        rows.append((name.lower(), value or _text(item, "TextValue") or _text(item, "NumericValue")))
    return plain_items(rows)


def _first_meaning(item: Any, keyword: str) -> str:
    codes = item.get(keyword)
    return _text(codes[0], "CodeMeaning") if codes else ""
