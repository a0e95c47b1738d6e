"""MFER, the medical waveform format of Japanese carts and monitors (ISO 22077-1).

``physical = (count + MWF_OFF) × MWF_SEN`` at the interval ``MWF_IVL``, in frames of sequences of one block
per channel. Counts equal to ``MWF_NUL`` are missing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from ecg_core.domain import Annotation, Lead, Recording
from ecg_core.readers.channels import is_ecg_channel
from ecg_core.readers.guarded import guarded
from ecg_core.readers.mfer_definitions import check_definitions, looks_like_mfer
from ecg_core.readers.plain_text import plain
from ecg_core.readers.vendor import leads_of, parse_record, recording_of

_MOST_EVENTS = 100_000


def recognizes_mfer(data: bytes | memoryview) -> bool:
    """Whether the content begins like MFER: there is no magic number, so its first definitions decide."""
    return looks_like_mfer(bytes(data[:4096]))


@guarded
def read_mfer(data: bytes | bytearray | memoryview) -> Recording:
    """The waveforms of the first layout of channels.

    Raises
    ------
    UnreadableFileError
        Naming the definition and the reason.
    """
    return _read(bytes(data))


def _read(content: bytes) -> Recording:
    check_definitions(content)
    record, remarks = parse_record(_parse, content, title="MFER", suffix=".mwf")
    rates = record.raw_metadata.get("sampling_rates")
    leads = tuple(
        _in_its_unit(lead, source) for lead, source in zip(leads_of(record, rates), record.leads, strict=True)
    )
    marks = sorted(_marks(record.raw_metadata.get("events", []), leads), key=lambda mark: mark.start_s)
    return recording_of(record, "mfer", leads, remarks=remarks, annotations=tuple(marks))


def _parse(path: Path) -> Any:
    from ecgdatakit.parsing.parsers.mfer import MFERParser

    return MFERParser().parse(path)


def _in_its_unit(lead: Lead, source: Any) -> Lead:
    """A pressure or respiration in the unit that the file states, which the library leaves in counts."""
    unit = plain(source.adc_resolution_unit)
    if lead.unit or not unit or not source.adc_resolution or "offset_counts" in source.annotations:
        return lead
    is_ecg = is_ecg_channel(lead.original_name or lead.name, unit)
    return replace(lead, unit=unit, resolution=float(source.adc_resolution), is_ecg=is_ecg)


def _marks(events: list[dict[str, Any]], leads: tuple[Lead, ...]) -> Iterator[Annotation]:
    """Events with their place, which is stored as a number of samples."""
    rate = leads[0].sampling_rate_hz
    for event in events[:_MOST_EVENTS]:
        text = plain(event.get("description")) or f"event {event.get('code', '')}"
        start, samples = event.get("start"), event.get("duration")
        if rate and start is not None and start >= 0:
            yield Annotation(
                start / rate, text, duration_s=samples / rate if samples and samples > 0 else None
            )
