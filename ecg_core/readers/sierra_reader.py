"""Philips Sierra XML (versions 1.03 to 1.04.02) of PageWriter carts and TraceMasterVue.

The signals are 16-bit numbers, as a rule XLI compressed: ten-bit LZW codes of second differences, where
III, aVR, aVL and aVF are what is left after computing them from I and II.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element

from defusedxml import ElementTree

from ecg_core.domain import Recording
from ecg_core.errors import UnreadableFileError
from ecg_core.readers.guarded import guarded
from ecg_core.readers.vendor import leads_of, parse_record, recording_of
from ecg_core.readers.xml_documents import root_name, sound_xml
from ecg_core.signal.calibration_pulse import calibration_pulse

#: Of one lead: a carts' record has some 10,000 samples.
_MOST_XLI_SAMPLES = 1_000_000
_XLI_HEADER = 8
_LZW_BITS = 10
_LZW_LAST_CODE = (1 << _LZW_BITS) - 2
#: What the cart's own names of measurements mean.
_WORDS = {
    "criteriaversion": "criteria version",
    "criteriaversiondate": "date of the criteria",
    "customcriteriaversion": "version of own criteria",
    "atrialrate": "atrial rate",
    "pdur": "P duration",
    "stfrontaxis": "frontal ST axis",
    "i40frontaxis": "frontal axis of the initial 40 ms",
    "t40frontaxis": "frontal axis of the terminal 40 ms",
    "phorizaxis": "horizontal P axis",
    "qrshorizaxis": "horizontal QRS axis",
    "sthorizaxis": "horizontal ST axis",
    "thorizaxis": "horizontal T axis",
    "i40horizaxis": "horizontal axis of the initial 40 ms",
    "t40horizaxis": "horizontal axis of the terminal 40 ms",
    "qtc": "QTc",
}


def recognizes_sierra(data: bytes | memoryview) -> bool:
    """Whether the content is an XML document whose root is ``restingecgdata``."""
    return root_name(data) == "restingecgdata"


@guarded
def read_sierra(data: bytes | bytearray | memoryview) -> Recording:
    """The rhythm leads of a Philips record, with the cart's measurements and statements.

    Raises
    ------
    UnreadableFileError
        Naming the lead or the line, and the reason.
    """
    return _read(data)


def _read(data: bytes | bytearray | memoryview) -> Recording:
    content = sound_xml(data)
    waveforms = _waveforms(ElementTree.fromstring(content))
    _check_expansion(waveforms)
    record, remarks = parse_record(_parse, content, title="Philips Sierra XML", suffix=".xml")
    rate = _stated_rate(waveforms)
    leads = leads_of(record, [rate] * len(record.leads) if rate else None)
    metadata = {
        "document type": record.raw_metadata.get("document_type"),
        "status": record.raw_metadata.get("status"),
    }
    record.annotations = {_WORDS.get(key, key): value for key, value in record.annotations.items()}
    pulse = calibration_pulse(leads)
    if pulse:
        remarks = (
            *remarks,
            f"From {pulse.start_s:g} s on, all leads show the cart's pulse of 1 mV, not the heart.",
        )
    marks = (pulse,) if pulse else ()
    return recording_of(record, "sierra", leads, remarks=remarks, metadata=metadata, annotations=marks)


def _parse(path: Path) -> Any:
    from ecgdatakit.parsing.parsers.sierra_xml import SierraXMLParser

    return SierraXMLParser().parse(path)


def _waveforms(root: Element) -> Element:
    found = next((node for node in root.iter() if node.tag.rpartition("}")[2] == "parsedwaveforms"), None)
    if found is None:
        raise UnreadableFileError("The Philips Sierra XML has no <parsedwaveforms> with signals")
    return found


def _stated_rate(waveforms: Element) -> float | None:
    try:
        return float(waveforms.get("samplespersecond", ""))
    except ValueError:
        return None


def _check_expansion(waveforms: Element) -> None:
    """Refuse LZW data that grows beyond any ECG before a library unpacks it."""
    if "XLI" not in (waveforms.get("compression", "") + waveforms.get("compressmethod", "")).upper():
        return
    try:
        packed = base64.b64decode("".join((waveforms.text or "").split()), validate=True)
    except (binascii.Error, ValueError):
        raise UnreadableFileError("The signals in <parsedwaveforms> are not valid Base64") from None
    at = lead = 0
    while at + _XLI_HEADER <= len(packed):
        size = int.from_bytes(packed[at : at + 4], "little")
        lead += 1
        if _unpacked_size(packed[at + _XLI_HEADER : at + _XLI_HEADER + size]) > 2 * _MOST_XLI_SAMPLES:
            raise UnreadableFileError(
                f"XLI data of lead {lead} holds more than {_MOST_XLI_SAMPLES:,} samples; no ECG is so long"
            )
        at += _XLI_HEADER + size


def _unpacked_size(packed: bytes) -> int:
    """Bytes that LZW data unpacks to, found from the lengths of the strings alone.

    Every code but the first adds the string before it, and one byte, to the table; a code that is not
    there yet stands for just that.
    """
    lengths = dict.fromkeys(range(256), 1)
    next_code = 256
    total = previous = 0
    for code in _lzw_codes(packed):
        if code > _LZW_LAST_CODE or total > 2 * _MOST_XLI_SAMPLES:
            break
        length = lengths.setdefault(code, previous + 1)
        if previous and next_code <= _LZW_LAST_CODE:
            lengths[next_code] = previous + 1
            next_code += 1
        total += length
        previous = length
    return total


def _lzw_codes(packed: bytes) -> Iterator[int]:
    pending = bits = 0
    for byte in packed:
        pending = (pending << 8 | byte) & 0xFFFFFF
        bits += 8
        if bits >= _LZW_BITS:
            bits -= _LZW_BITS
            yield (pending >> bits) & ((1 << _LZW_BITS) - 1)
