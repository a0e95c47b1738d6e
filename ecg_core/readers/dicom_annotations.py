"""What a DICOM waveform says beside its samples (PS3.3, C.10.10): marks, measurements, statements."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from ecg_core.domain import Annotation, Lead
from ecg_core.readers.dicom_waveforms import Channel
from ecg_core.readers.plain_text import plain, plain_items

_MOST_MARKS = 1_000_000
_UNITS = {"deg": "°", "{beats}/min": " /min", "{beat}/min": " /min", "bpm": " /min"}


def annotations_of(
    dataset: Any, channels: Sequence[Channel], leads: Sequence[Lead], *, beginning_s: float | None
) -> tuple[tuple[Annotation, ...], tuple[str, ...]]:
    """The marks with a place in time, in its order, and a remark where some have none that is known.

    ``beginning_s`` is the time offset of the group that the recording begins with; None where all groups
    are taken to begin together.
    """
    marks: list[Annotation] = []
    lost = 0
    for item in dataset.get("WaveformAnnotationSequence") or []:
        if not (item.get("ReferencedSamplePositions") or item.get("ReferencedTimeOffsets")):
            continue
        found = list(_marks(item, channels, leads, beginning_s))
        lost += not found
        marks += found[: max(_MOST_MARKS - len(marks), 0)]
    marks.sort(key=lambda mark: mark.start_s)
    remarks = (f"{lost} marks of the file have no place in the recording and were left out.",) if lost else ()
    return tuple(marks), remarks


def _marks(
    item: Any, channels: Sequence[Channel], leads: Sequence[Lead], beginning_s: float | None
) -> Iterator[Annotation]:
    place = _place(item, channels, leads)
    text = _concept(item)
    if place is None or not text:
        return
    channel, lead = place
    late = 0.0 if beginning_s is None else channel.offset_s - beginning_s
    # "The first sample has position 1."
    starts = [(position - 1) / channel.rate for position in _numbers(item, "ReferencedSamplePositions")]
    starts = [late + start for start in starts or _numbers(item, "ReferencedTimeOffsets")]
    starts = [start for start in starts if 0 <= start < 1e9]
    if plain(item.get("TemporalRangeType")).endswith("SEGMENT"):
        for start, end in zip(starts[::2], starts[1::2], strict=False):
            yield Annotation(start, text, duration_s=round(max(end - start, 0.0), 9), lead=lead)
    else:
        yield from (Annotation(start, text, lead=lead) for start in starts)


def _place(item: Any, channels: Sequence[Channel], leads: Sequence[Lead]) -> tuple[Channel, str] | None:
    """A channel of the group that is referred to, and the lead where it is about one alone."""
    pairs = _pairs(item)
    if not pairs:
        return (channels[0], "") if len({channel.group for channel in channels}) == 1 else None
    group, number = pairs[0]
    for channel, lead in zip(channels, leads, strict=True):
        if channel.group == group and number in (0, channel.number):
            return channel, lead.name if number and len(pairs) == 1 else ""
    return None


def measurements_of(dataset: Any) -> dict[str, str]:
    """Measurements with their unit and statements, in the device's words."""
    rows: list[tuple[str, object]] = []
    statements: list[str] = []
    for item in dataset.get("WaveformAnnotationSequence") or []:
        if item.get("ReferencedSamplePositions") or item.get("ReferencedTimeOffsets"):
            continue
        values = _numbers(item, "NumericValue")
        if values:
            rows.append((_concept(item), _measurement(item, values[0])))
        else:
            statements.append(_concept(item))
    texts = enumerate(filter(None, statements), 1)
    return plain_items([*rows, *((f"statement {number}", text) for number, text in texts)])


def _measurement(item: Any, value: float) -> str:
    """Empty for a zero that is no angle: carts write it for "not measured"."""
    unit = _meaning(item, "MeasurementUnitsCodeSequence", "CodeValue")
    if not value and unit != "deg":
        return ""
    return f"{value:g}{_UNITS.get(unit, f' {unit}')}"


def _concept(item: Any) -> str:
    name = _meaning(item, "ConceptNameCodeSequence", "CodeMeaning")
    value = plain(item.get("UnformattedTextValue")) or _meaning(item, "ConceptCodeSequence", "CodeMeaning")
    return f"{name}: {value}" if name and value else name or value


def _meaning(item: Any, keyword: str, part: str) -> str:
    codes = item.get(keyword)
    return plain(codes[0].get(part)) if codes else ""


def _pairs(item: Any) -> list[tuple[int, int]]:
    flat = [int(number) for number in _numbers(item, "ReferencedWaveformChannels")]
    return list(zip(flat[::2], flat[1::2], strict=False))


def _numbers(item: Any, keyword: str) -> list[float]:
    value = item.get(keyword)
    if value is None:
        return []
    values = [value] if isinstance(value, str | int | float) else list(value)
    return [float(number) for number in values]
