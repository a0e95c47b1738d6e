"""How uploaded files are kept: whole, or without the samples that are stored as leads."""

from __future__ import annotations

from collections.abc import Mapping

from ecg_core.domain import Recording
from ecg_core.readers.edf_places import find_sample_places
from ecg_core.storage.layouts import Layout, Place
from ecg_core.storage.originals import (
    EncodedOriginal,
    encode_original,
    encode_originals,
    encode_without_samples,
)


def encode_files(
    name: str, data: bytes | memoryview, siblings: Mapping[str, bytes], recording: Recording
) -> list[EncodedOriginal]:
    """An uploaded file and those that belong to it, as they are stored, the file itself first."""
    if siblings:
        return encode_originals(name, data, siblings)
    layout = _layout(data, recording)
    samples = [lead.samples for lead in recording.leads]
    small = encode_without_samples(name, data, layout, samples) if layout else None
    return [small or encode_original(name, data)]


def _layout(data: bytes | memoryview, recording: Recording) -> Layout | None:
    """Where the samples of all leads stand in the file, if it is one that has them plainly."""
    found = find_sample_places(data)
    if found is None or len(found.signals) != len(recording.leads):
        return None
    places = []
    for position, ((offset, samples), lead) in enumerate(zip(found.signals, recording.leads, strict=True)):
        if lead.samples.dtype.kind != "i" or len(lead.samples) != samples * found.records:
            return None
        places.append(Place(offset, samples, found.width, position))
    return Layout(found.offset, found.record_bytes, found.records, tuple(places))
