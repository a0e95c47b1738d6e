"""From a record of the library ecgdatakit to ours: what all readers of carts' files share.

The library reads paths only, gives samples as floats and rates as whole numbers. Samples become the
file's integers again here; fractional rates come from the reader, which takes them from the file.
"""

from __future__ import annotations

import re
import tempfile
import threading
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import numpy as np

from ecg_core.domain import Annotation, Lead, Recording, voltage_unit
from ecg_core.errors import UnreadableFileError
from ecg_core.readers.channels import is_ecg_channel, lead_names
from ecg_core.readers.excerpt import excerpt
from ecg_core.readers.lead_names import MOST_LEADS
from ecg_core.readers.options import sampling_rate_problem
from ecg_core.readers.plain_text import plain, plain_items, sentence
from ecg_core.readers.samples import whole_where_exact

#: Filters of warnings belong to the whole process.
_one_at_a_time = threading.Lock()

_MEASUREMENTS = (
    ("heart rate", "heart_rate", "/min"),
    ("RR interval", "rr_interval", "ms"),
    ("PR interval", "pr_interval", "ms"),
    ("QRS duration", "qrs_duration", "ms"),
    ("QT interval", "qt_interval", "ms"),
    ("QTc (Bazett)", "qtc_bazett", "ms"),
    ("QTc (Fridericia)", "qtc_fridericia", "ms"),
    ("P axis", "p_axis", "°"),
    ("QRS axis", "qrs_axis", "°"),
    ("T axis", "t_axis", "°"),
    ("QRS count", "qrs_count", ""),
)
_FIRST_YEAR, _LAST_YEAR = 1950, 2100
_MOST_STATEMENTS = 100
_NOT_MEASURED = ("0 ms", "0 /min", "Failed", "Invalid")
_ZONE = re.compile(r"([+-])(\d\d)(\d\d)")


@contextmanager
def library_warnings() -> Iterator[list[warnings.WarningMessage]]:
    """Collect the warnings of a library instead of printing them, one thread at a time."""
    with _one_at_a_time, warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        yield caught


def parse_record(
    parser: Callable[[Path], Any], content: bytes | memoryview, *, title: str, suffix: str
) -> tuple[Any, tuple[str, ...]]:
    """What ``parser``, a library's function of a path, makes of ``content``, and its warnings as sentences.

    Raises
    ------
    UnreadableFileError
        With the library's reason.
    """
    with tempfile.TemporaryDirectory(prefix="ecg-") as folder:
        path = Path(folder) / f"recording{suffix}"
        path.write_bytes(content)

        def told(text: object) -> str:
            return plain(str(text).replace(str(path), "the file").replace(path.name, "the file"))

        with library_warnings() as caught:
            try:
                record = parser(path)
            except Exception as error:
                reason = told(error)[:300] or type(error).__name__
                raise UnreadableFileError(f"The {title} file cannot be read: {reason}") from error
    told_once = dict.fromkeys(sentence(told(warning.message)) for warning in caught)
    return record, tuple(filter(None, told_once))


def leads_of(record: Any, rates: Sequence[float | None] | None = None) -> tuple[Lead, ...]:
    """The record's leads in counts.

    Parameters
    ----------
    rates : sequence of float or None, optional
        The exact sampling rate in Hz of each lead; the library's whole number otherwise.
    """
    if len(record.leads) > MOST_LEADS:
        raise UnreadableFileError(f"There are {len(record.leads):,} leads; at most {MOST_LEADS:,} are read")
    if not any(len(lead.samples) for lead in record.leads):
        raise UnreadableFileError("The file holds no samples")
    labels = [plain(lead.label) for lead in record.leads]
    exact = rates or [float(lead.sampling_rate) for lead in record.leads]
    return tuple(
        make_lead(
            name,
            label,
            lead.samples,
            rate=rate,
            unit=lead.resolution_unit or None,
            resolution=lead.resolution,
            offset=lead.offset,
        )
        for name, label, lead, rate in zip(lead_names(labels), labels, record.leads, exact, strict=True)
    )


def make_lead(
    name: str,
    original: str,
    samples: np.ndarray[Any, np.dtype[np.generic]],
    *,
    rate: float | None,
    unit: str | None,
    resolution: float = 1.0,
    offset: float = 0.0,
) -> Lead:
    """One lead; counts where the unit is unknown or the scale cannot be one.

    Raises
    ------
    UnreadableFileError
        A rate that cannot be, or an infinite sample.
    """
    problem = None if rate is None else sampling_rate_problem(rate)
    if problem:
        raise UnreadableFileError(f"Lead {excerpt(name)}: the sampling rate {problem}")
    known = unit is not None and resolution != 0 and bool(np.isfinite([resolution, offset]).all())
    unit = (voltage_unit(unit) or plain(unit) or None) if unit and known else None
    return Lead(
        name=name,
        samples=whole_where_exact(samples, name),
        sampling_rate_hz=rate,
        unit=unit,
        resolution=float(resolution) if unit else 1.0,
        offset=float(offset) if unit else 0.0,
        original_name=original if original != name else "",
        is_ecg=is_ecg_channel(original, unit),
    )


def recording_of(
    record: Any,
    source_format: str,
    leads: tuple[Lead, ...],
    *,
    remarks: Iterable[str] = (),
    metadata: Mapping[str, object] = {},
    device: Mapping[str, object] = {},
    annotations: tuple[Annotation, ...] = (),
) -> Recording:
    """The recording with everything that the record says beside its signals."""
    return Recording(
        leads=leads,
        source_format=source_format,
        recorded_at=plausible_time(record.recording.date),
        patient=_patient(record.patient),
        metadata=plain_items([*_metadata(record), *metadata.items()]),
        device=plain_items([*_measurements(record), *_statements(record), *device.items()]),
        annotations=annotations,
        remarks=tuple(remarks),
    )


def plausible_time(time: datetime | None) -> datetime | None:
    """The time, or None where no ECG can have been recorded then."""
    return time if time is not None and _FIRST_YEAR <= time.year <= _LAST_YEAR else None


def zone_of(text: str) -> timezone | None:
    """The time zone of ``+0130``; None for any other text."""
    found = _ZONE.fullmatch(text.strip())
    if not found:
        return None
    ahead = timedelta(hours=int(found[2]), minutes=int(found[3]))
    return timezone(-ahead if found[1] == "-" else ahead) if ahead < timedelta(hours=24) else None


def _patient(patient: Any) -> dict[str, str]:
    name = " ".join(part for part in (patient.first_name, patient.last_name) if plain(part))
    known_age = patient.age is not None and 0 <= patient.age <= 150
    paced = {True: "yes", False: "no"}.get(patient.has_pacemaker, "")
    return plain_items(
        [
            ("patient id", patient.patient_id),
            ("name", name.strip("- ")),
            ("sex", patient.sex if patient.sex != "U" else ""),
            ("birth date", patient.birth_date.date().isoformat() if patient.birth_date else ""),
            ("age", patient.age if known_age else ""),
            ("race", patient.race),
            ("height", _with_unit(patient.height, "cm")),
            ("weight", _with_unit(patient.weight, "kg")),
            ("medication", ", ".join(patient.medications)),
            ("history", patient.clinical_history),
            ("pacemaker", patient.pacemaker_type or paced),
        ]
    )


def _with_unit(value: object, unit: str) -> str:
    """``value`` with its unit; empty where it is None or zero, which carts write for "not entered"."""
    if not value:
        return ""
    number = f"{value:g}" if isinstance(value, float) else str(value)
    return number + (unit if unit == "°" else f" {unit}" if unit else "")


def _metadata(record: Any) -> list[tuple[str, object]]:
    recording = record.recording
    device, filters = recording.device, recording.acquisition.filters
    notch = _with_unit(filters.notch, "Hz") or {True: "on", False: "off"}.get(filters.notch_active, "")
    return [
        ("manufacturer", device.manufacturer),
        ("model", device.model),
        ("device name", device.name),
        ("serial number", device.serial_number),
        ("software version", device.software_version),
        ("institution", device.institution),
        ("department", device.department),
        ("acquisition type", device.acquisition_type),
        ("location", recording.location),
        ("room", recording.room),
        ("technician", recording.technician),
        ("referring physician", recording.referring_physician),
        ("high-pass filter", _with_unit(filters.highpass, "Hz")),
        ("low-pass filter", _with_unit(filters.lowpass, "Hz")),
        ("notch filter", notch),
        ("artifact filter", {True: "on", False: "off"}.get(filters.artifact_filter, "")),
        ("electrode placement", recording.acquisition.signal.electrode_placement),
        ("format version", record.file_format.version),
    ]


def _measurements(record: Any) -> list[tuple[str, object]]:
    found = record.measurements
    rows: list[tuple[str, object]] = []
    for name, attribute, unit in _MEASUREMENTS:
        value = getattr(found, attribute)
        if value is not None and (value or unit == "°"):
            rows.append((name, _with_unit(value, unit) or f"0{unit}"))
    told = ((key.replace("_", " "), value) for key, value in record.annotations.items())
    return [*rows, *((key, value) for key, value in told if value not in _NOT_MEASURED)]


def _statements(record: Any) -> list[tuple[str, object]]:
    told = record.interpretation
    texts = ["; ".join(filter(None, map(plain, pair))) for pair in told.statements[:_MOST_STATEMENTS]]
    rows: list[tuple[str, object]] = [
        (f"statement {number}", text) for number, text in enumerate(filter(None, texts), 1)
    ]
    if rows:
        by = {"machine": "the device", "overread": "a reader", "confirmed": "a physician"}
        rows.append(("statements by", told.interpreter or by.get(told.source, "")))
    return [*rows, ("severity", told.severity)]
