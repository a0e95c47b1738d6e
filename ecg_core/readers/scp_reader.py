"""SCP-ECG, the standard of carts in Europe (EN 1064, ISO 11073-91064), versions 1.x to 2.x.

The signals are decoded here; what the record says of the patient and the cart's measurements are read by
the library from a copy of those sections alone, so that a fault in them does not cost the signals.
"""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any

from ecg_core.domain import Lead, Recording
from ecg_core.errors import UnreadableFileError
from ecg_core.readers.channels import lead_names
from ecg_core.readers.guarded import guarded
from ecg_core.readers.late_leads import apart, from_a_common_start
from ecg_core.readers.limb_leads import with_limb_leads
from ecg_core.readers.scp_rhythm import Rhythm, read_rhythm
from ecg_core.readers.scp_sections import ScpRecord, has_scp_frame, read_sections, write_sections
from ecg_core.readers.vendor import make_lead, parse_record, recording_of

#: Lead codes (EN 1064, 5.6); a calibration pulse and the like are named after their code.
_LEADS = {
    **dict(enumerate(("I", "II", "V1", "V2", "V3", "V4", "V5", "V6", "V7", "V2R"), 1)),
    **dict(enumerate(("V3R", "V4R", "V5R", "V6R", "V7R", "X", "Y", "Z", "CC5", "CM5"), 11)),
    **dict(enumerate(("III", "aVR", "aVL", "aVF", "-aVR", "V8", "V9", "V8R", "V9R", "D", "A", "J"), 61)),
}
#: Patient and equipment; measurements; statements of two kinds.
_TELLING = (1, 7, 8, 11)


def recognizes_scp(data: bytes | memoryview) -> bool:
    """Whether the content begins with the pointers of an SCP-ECG record."""
    return has_scp_frame(bytes(data[:100]))


@guarded
def read_scp(data: bytes | bytearray | memoryview) -> Recording:
    """The rhythm leads, with III, aVR, aVL and aVF derived where I and II are stored without them.

    Raises
    ------
    UnreadableFileError
        Naming the section and the lead.
    """
    return _read(bytes(data))


def _read(content: bytes) -> Recording:
    record = read_sections(content)
    rhythm = read_rhythm(record)
    leads, about_leads = _leads(rhythm)
    told, about_text = _what_is_told(record)
    remarks = (*_about_compression(rhythm), *about_leads, *about_text)
    if record.wrong_checksums:
        numbers = ", ".join(map(str, record.wrong_checksums))
        remarks = (f"The checksum is wrong for section {numbers}: the file may be damaged.", *remarks)
    device = {"QTc": told.annotations.pop("qtc", "").replace(" (formula code 0)", "")}
    return recording_of(told, "scp", with_limb_leads(leads), remarks=remarks, device=device)


def _leads(rhythm: Rhythm) -> tuple[tuple[Lead, ...], tuple[str, ...]]:
    """Leads that begin later than others are missing until then."""
    originals = [_LEADS.get(lead.code, f"lead code {lead.code}") for lead in rhythm.definitions]
    leads = tuple(
        make_lead(
            name,
            original,
            counts,
            rate=1e6 / rhythm.interval_us,
            unit="uV" if rhythm.nanovolts else None,
            resolution=rhythm.nanovolts / 1000,
        )
        for name, original, counts in zip(lead_names(originals), originals, rhythm.counts, strict=True)
    )
    starts = [lead.first * rhythm.interval_us / 1e6 for lead in rhythm.definitions]
    together = from_a_common_start(leads, starts)
    return (leads, (apart(starts),)) if together is None else (together, ())


def _about_compression(rhythm: Rhythm) -> tuple[str, ...]:
    if rhythm.factor == 1:
        return ()
    parts = {2: "half", 3: "a third", 4: "a quarter"}
    return (
        f"The cart stored the signal between the QRS complexes smoothed and at {parts[rhythm.factor]} of the "
        "rate; there the samples are interpolated, while those of the QRS complexes are the cart's own.",
    )


def _what_is_told(record: ScpRecord) -> tuple[Any, tuple[str, ...]]:
    """The library's record of the sections with text and measurements, and a remark where one is damaged."""
    for numbers in (_TELLING, (1,), ()):
        sections = {number: record.sections[number] for number in numbers if number in record.sections}
        copy = write_sections({**sections, **_one_sample()}, record.protocol)
        try:
            told, remarks = parse_record(_parse, copy, title="SCP-ECG", suffix=".scp")
        except UnreadableFileError:
            continue
        complete = numbers == _TELLING
        lost = "What the file says of the patient or its measurements is damaged and was partly left out."
        return told, remarks if complete else (*remarks, lost)
    raise UnreadableFileError("The sections of the SCP-ECG file cannot be read")


def _one_sample() -> dict[int, bytes]:
    """A lead definition and rhythm data of one sample, which the library asks for."""
    return {3: struct.pack("<BBIIB", 1, 4, 1, 1, 1), 6: struct.pack("<HHBBHh", 1, 1000, 0, 0, 2, 0)}


def _parse(path: Path) -> Any:
    from ecgdatakit.parsing.parsers.scp_ecg import SCPECGParser

    return SCPECGParser().parse(path)
