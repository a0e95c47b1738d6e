"""GE MUSE XML (``RestingECG``), as the MUSE system and GE carts export it.

Base64 of little-endian integers, ``physical = count × LeadAmplitudeUnitsPerBit``, at
``SampleBase × 10^SampleExponent`` Hz. As a rule eight leads are stored; III, aVR, aVL and aVF follow from
I and II and are marked as derived. The rhythm waveform is read; the median beat beside it is not.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from defusedxml import ElementTree

from ecg_core.domain import Recording
from ecg_core.errors import UnreadableFileError
from ecg_core.readers.excerpt import excerpt
from ecg_core.readers.guarded import guarded
from ecg_core.readers.limb_leads import with_limb_leads
from ecg_core.readers.vendor import leads_of, parse_record, recording_of
from ecg_core.readers.xml_documents import root_name, sound_xml


def recognizes_muse(data: bytes | memoryview) -> bool:
    """Whether the content is an XML document whose root is ``RestingECG``."""
    return root_name(data) == "RestingECG"


@guarded
def read_muse(data: bytes | bytearray | memoryview) -> Recording:
    """The rhythm leads of a MUSE record, with the cart's measurements and statements.

    Raises
    ------
    UnreadableFileError
        Naming the lead or the line, and the reason.
    """
    return _read(data)


def _read(data: bytes | bytearray | memoryview) -> Recording:
    content = sound_xml(data)
    record, remarks = parse_record(_parse, content, title="GE MUSE XML", suffix=".xml")
    rate = _rhythm_rate(content)
    leads = leads_of(record, [rate] * len(record.leads) if rate else None)
    raw = record.raw_metadata
    metadata = {name.lower(): raw.get(name) for name in ("Status", "Priority", "TestReason")}
    device = {"QTc": _milliseconds(record.annotations.pop("QTCorrected", ""))}
    return recording_of(
        record, "muse", with_limb_leads(leads), remarks=remarks, metadata=metadata, device=device
    )


def _parse(path: Path) -> Any:
    from ecgdatakit.parsing.parsers.ge_muse_xml import GEMuseXMLParser

    return GEMuseXMLParser().parse(path)


def _rhythm_rate(content: bytes) -> float | None:
    """In Hz; the first rhythm waveform is the one that is read."""
    for waveform in ElementTree.fromstring(content).iter("Waveform"):
        if (waveform.findtext("WaveformType") or "rhythm").strip().lower() != "rhythm":
            continue
        base, exponent = waveform.findtext("SampleBase") or "", waveform.findtext("SampleExponent") or "0"
        try:
            return float(float(base.replace(",", ".")) * 10.0 ** float(exponent))
        except (ValueError, OverflowError) as error:
            raise UnreadableFileError(
                "The sampling rate of the MUSE file must be a number and a power of ten, as 500 and 0, not "
                f"{excerpt(base)} and {excerpt(exponent)}"
            ) from error
    return None


def _milliseconds(text: str) -> str:
    return f"{text} ms" if text else ""
