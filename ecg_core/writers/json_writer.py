"""The JSON body of ``POST /ecgs``: every lead's numbers with its rate and unit, exactly.

Counts of one unit each stay whole numbers; any other lead is written in its physical unit, with the digits
that give the same float back. Missing samples are null.

Not carried: patient, metadata, device, annotations, the scale of the counts, and units that are no voltage
(the lead is then without a unit, as this body knows V, mV, uV and nV only).
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from ecg_core.domain import MILLIVOLTS_PER_UNIT, Lead, Recording
from ecg_core.writers.exported_file import ExportedFile, file_stem
from ecg_core.writers.physical_numbers import blocks_of, numbers_of


def write_json(recording: Recording, *, name: str) -> ExportedFile:
    """The recording as the body that ``POST /ecgs`` takes.

    Parameters
    ----------
    recording : Recording
    name : str
        What the file is called, without an ending.
    """
    at = recording.recorded_at
    pieces = [b"{"]
    if at is not None:
        pieces += [b'"recorded_at":', msgspec.json.encode(at.isoformat()), b","]
    pieces.append(b'"leads":[')
    for number, lead in enumerate(recording.leads):
        pieces += [b",\n" if number else b"\n", msgspec.json.encode(_facts(lead))[:-1], b',"signal":[']
        pieces += _signal(lead)
        pieces.append(b"]}")
    pieces.append(b"]}\n")
    return ExportedFile(f"{file_stem(name)}.json", b"".join(pieces))


def _facts(lead: Lead) -> dict[str, object]:
    """What stands before the signal."""
    facts: dict[str, object] = {"name": lead.name}
    if lead.sampling_rate_hz is not None:
        facts["sampling_rate"] = lead.sampling_rate_hz
    if lead.unit in MILLIVOLTS_PER_UNIT:
        facts["unit"] = lead.unit
    return facts | {"number_of_samples": len(lead.samples)}


def _signal(lead: Lead) -> Iterator[bytes]:
    """The numbers with commas; the encoder writes NaN as null."""
    for start, stop in blocks_of(len(lead.samples)):
        yield b"," if start else b""
        yield msgspec.json.encode(numbers_of(lead, start, stop))[1:-1]
