"""XML of Mortara (Welch Allyn, Hillrom) ELI 250 and ELI 280 carts and of ELI Link.

There is no public specification; the library's layout follows real exports: Base64 of little-endian
16-bit counts in ``<CHANNEL>``, ``UNITS_PER_MV`` counts to a millivolt.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from defusedxml import ElementTree

from ecg_core.domain import Recording
from ecg_core.readers.guarded import guarded
from ecg_core.readers.vendor import leads_of, parse_record, recording_of
from ecg_core.readers.xml_documents import root_name, sound_xml


def recognizes_mortara(data: bytes | memoryview) -> bool:
    """Whether the content is an XML document with the root ``ECG`` and ``CHANNEL`` elements."""
    if root_name(data) != "ECG":
        return False
    content = bytes(data)
    return any("<CHANNEL".encode(encoding) in content for encoding in ("ascii", "utf-16-le", "utf-16-be"))


@guarded
def read_mortara(data: bytes | bytearray | memoryview) -> Recording:
    """The leads of a Mortara record, with the cart's measurements and statements.

    Raises
    ------
    UnreadableFileError
        Naming the channel or the line, and the reason.
    """
    return _read(data)


def _read(data: bytes | bytearray | memoryview) -> Recording:
    content = sound_xml(data)
    record, remarks = parse_record(_parse, content, title="Mortara XML", suffix=".xml")
    channels = ElementTree.fromstring(content).findall("CHANNEL")
    leads = leads_of(record, [float(channel.get("SAMPLE_FREQ", "")) for channel in channels])
    return recording_of(record, "mortara", leads, remarks=remarks)


def _parse(path: Path) -> Any:
    from ecgdatakit.parsing.parsers.mortara_el250 import MortaraEL250Parser

    return MortaraEL250Parser().parse(path)
