"""HL7 annotated ECG (aECG), the XML of drug trials and of some carts.

ANSI/HL7 V3 ECG, R1-2004 (PORT_MT020001). The rhythm series is read; a representative beat beside it is not.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element, SubElement

from defusedxml import ElementTree

from ecg_core.domain import Recording
from ecg_core.errors import UnreadableFileError
from ecg_core.readers.aecg_sequences import read_series
from ecg_core.readers.guarded import guarded
from ecg_core.readers.vendor import parse_record, recording_of
from ecg_core.readers.xml_documents import root_name, sound_xml


def recognizes_aecg(data: bytes | memoryview) -> bool:
    """Whether the content is an XML document whose root is ``AnnotatedECG``."""
    return root_name(data) == "AnnotatedECG"


@guarded
def read_aecg(data: bytes | bytearray | memoryview) -> Recording:
    """The first rhythm series of an annotated ECG.

    Raises
    ------
    UnreadableFileError
        Naming the lead or the line, and the reason.
    """
    return _read(data)


def _read(data: bytes | bytearray | memoryview) -> Recording:
    root = _without_namespaces(ElementTree.fromstring(sound_xml(data)))
    rhythms = [series for series in root.findall("component/series") if not _is_beat(series)]
    if not rhythms:
        raise UnreadableFileError("The HL7 aECG has no rhythm series, which holds the signal")
    leads, remarks = read_series(rhythms[0])
    if len(rhythms) > 1:
        remarks = (*remarks, f"The file holds {len(rhythms)} rhythm series, of which the first is shown.")
    told = _what_is_told(root)
    if told is None:
        lost = "What the file says of the patient or its measurements could not be read."
        return Recording(leads, "aecg", remarks=(*remarks, lost))
    return recording_of(told, "aecg", leads, remarks=remarks, metadata=_trial(told.raw_metadata))


def _without_namespaces(root: Element) -> Element:
    for node in root.iter():
        node.tag = node.tag.rpartition("}")[2]
        node.attrib = {name.rpartition("}")[2]: value for name, value in node.attrib.items()}
    return root


def _is_beat(series: Element) -> bool:
    code = series.find("code")
    return code is not None and (code.get("code") or "").upper() == "REPRESENTATIVE_BEAT"


def _what_is_told(root: Element) -> Any | None:
    """The library's record of all but the signals, of which one sample is left; None if it refuses."""
    for sequence_set in list(root.iter("sequenceSet")):
        _cut_to_one_sample(sequence_set)
    try:
        return parse_record(_parse, ElementTree.tostring(root), title="HL7 aECG", suffix=".xml")[0]
    except UnreadableFileError:
        return None


def _cut_to_one_sample(sequence_set: Element) -> None:
    """Leave the time, which may be the only one in the file, and a lead that the library reads."""
    times = [part for part in sequence_set if (_code(part) or "").upper().startswith("TIME_")]
    sequence_set[:] = times[:1] or [_sequence("TIME_RELATIVE")]
    value = sequence_set[0].find("sequence/value")
    if value is not None:
        value[:] = value.findall("head")
        SubElement(value, "increment", {"value": "1", "unit": "ms"})
    lead = _sequence("MDC_ECG_LEAD_I")
    SubElement(lead[0][1], "digits").text = "0"
    sequence_set.append(lead)


def _code(part: Element) -> str | None:
    code = part.find("sequence/code")
    return None if code is None else code.get("code")


def _sequence(code: str) -> Element:
    part = Element("component")
    sequence = SubElement(part, "sequence")
    SubElement(sequence, "code", {"code": code})
    SubElement(sequence, "value")
    return part


def _parse(path: Path) -> Any:
    from ecgdatakit.parsing.parsers.hl7_aecg import HL7aECGParser

    return HL7aECGParser().parse(path)


def _trial(raw: dict[str, Any]) -> dict[str, object]:
    names = ("trial_id", "trial_title", "sponsor", "investigator", "visit", "timepoint", "reason")
    return {name.replace("_", " "): raw.get(name) for name in names}
