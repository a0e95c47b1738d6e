"""Schiller XML (SEMA "SchillerEDI"), as Schiller carts such as the AT-10 plus and SEMA export it.

There is no public specification. The layout is the one on which public readers agree (CardIO, BRAVEHEART, the
CVRG converter) and that the sample of CardIO has: in ``eventdata/event`` a ``wavedata`` of the type
ECG_RHYTHMS with ``resolution`` and a ``channel`` for each lead, counts separated by commas, and beside it
the average beat of the type ECG_AVERAGES, which is not read. Tested on generated files only.
"""

from __future__ import annotations

import re
from datetime import datetime
from xml.etree.ElementTree import Element

import numpy as np
from defusedxml import ElementTree
from numpy.typing import NDArray

from ecg_core.domain import Lead, Recording, voltage_unit
from ecg_core.errors import UnreadableFileError
from ecg_core.readers.channels import lead_names
from ecg_core.readers.excerpt import excerpt
from ecg_core.readers.guarded import guarded
from ecg_core.readers.lead_names import MOST_LEADS
from ecg_core.readers.limb_leads import with_limb_leads
from ecg_core.readers.plain_text import plain, plain_items
from ecg_core.readers.vendor import make_lead, plausible_time
from ecg_core.readers.xml_documents import root_name, sound_xml

_RHYTHM = ("ECG_RHYTHMS", "ECG_RHYTHM")
_AVERAGE = "ECG_AVERAGES"
_SEPARATED = "COMMASEPARATE"
_MOST_SAMPLES = 5_000_000
_MOST_STATEMENTS = 100
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?", re.ASCII)
_LONGEST_NUMBER = 30
_DATE = re.compile(r"(\d{4})(\d\d)(\d\d)", re.ASCII)
#: What a cart without a clock, or an anonymised file, has.
_NO_TIME = datetime(1970, 1, 1)
#: Those whose unit is plain from CardIO's sample, which states most of them twice.
_MEASUREMENTS = {
    "HR": ("heart rate", "/min"),
    "RR": ("RR interval", "ms"),
    "P": ("P duration", "ms"),
    "PQ": ("PR interval", "ms"),
    "QRS": ("QRS duration", "ms"),
    "QT": ("QT interval", "ms"),
    "QTC": ("QTc", "ms"),
    "AXIS_P": ("P axis", "°"),
    "AXIS_QRS": ("QRS axis", "°"),
    "AXIS_T": ("T axis", "°"),
}
_FILTERS = {
    "HIGHPASS_CUTOFF_FREQ": "high-pass filter",
    "LOWPASS_CUTOFF_FREQ": "low-pass filter",
    "MAINS": "notch filter",
}
_METADATA = (
    ("manufacturer", "aquiringdevice/hardware/vendor"),
    ("model", "aquiringdevice/hardware/model"),
    ("serial number", "aquiringdevice/hardware/serialnum"),
    ("software version", "aquiringdevice/software/version"),
    ("acquisition type", "rectype"),
    ("institution", "idu/aquiring_institute/name"),
    ("department", "idu/aquiring_department/name"),
    ("technician", "idu/aquiring_user/name"),
    ("referring physician", "idu/referring_user/name"),
)
_SEXES = {"MALE": "M", "FEMALE": "F", "UNDEFINED": ""}
_PACEMAKER = {"OFF": "no", "ON": "yes"}


def recognizes_schiller(data: bytes | memoryview) -> bool:
    """Whether the content is an XML document whose root's name ends in ``SchillerEDI``."""
    return root_name(data).endswith("SchillerEDI")


@guarded
def read_schiller(data: bytes | bytearray | memoryview) -> Recording:
    """The rhythm leads of a Schiller record, with the cart's measurements and statements.

    Raises
    ------
    UnreadableFileError
        Naming the lead or the line, and the reason.
    """
    return _read(data)


def _read(data: bytes | bytearray | memoryview) -> Recording:
    root = ElementTree.fromstring(sound_xml(data))
    waves = root.findall("eventdata/event/wavedata")
    rhythms = [wave for wave in waves if _text(wave, "type").upper() in _RHYTHM]
    if not rhythms:
        kinds = ", ".join(dict.fromkeys(_text(wave, "type") or "nameless" for wave in waves))
        raise UnreadableFileError(
            f"The Schiller XML has no <wavedata> of the type {_RHYTHM[0]} with the signal"
            + (f"; it has {excerpt(kinds)}" if kinds else "")
        )
    leads, remarks = _leads(rhythms[0])
    if len(rhythms) > 1:
        remarks.append(f"The file holds {len(rhythms)} recordings, of which the first is shown.")
    if any(_text(wave, "type").upper() == _AVERAGE for wave in waves):
        remarks.append("The average beat that the file holds beside the recording was left out.")
    return Recording(
        leads=with_limb_leads(leads),
        source_format="schiller",
        recorded_at=_recorded_at(root),
        patient=_patient(root),
        metadata=_metadata(root, rhythms[0]),
        device=_device(root),
        remarks=tuple(remarks),
    )


def _leads(wave: Element) -> tuple[list[Lead], list[str]]:
    channels: list[Element] = []
    empty: list[Element] = []
    for channel in wave.findall("channel"):
        (channels if _text(channel, "data").strip(", ") else empty).append(channel)
    if not channels:
        raise UnreadableFileError("The Schiller XML has no <channel> with samples")
    if len(channels) > MOST_LEADS:
        raise UnreadableFileError(f"There are {len(channels):,} leads; at most {MOST_LEADS:,} are read")
    number = sum(str(channel.findtext("data")).count(",") for channel in channels)
    if number > _MOST_SAMPLES:
        raise UnreadableFileError(f"The Schiller XML has more than {_MOST_SAMPLES:,} samples")
    rate, about_rate = _rate(wave)
    unit, resolution, about_unit = _scale(wave)
    originals = [plain(channel.findtext("name")) for channel in channels]
    names = lead_names(originals)
    leads = [
        make_lead(
            name,
            original or name,
            _samples(channel, name),
            rate=rate,
            unit=unit,
            resolution=resolution,
        )
        for name, original, channel in zip(names, originals, channels, strict=True)
    ]
    names_of_empty = ", ".join(_text(channel, "name") or "nameless" for channel in empty[:20])
    about_empty = [f"Leads without samples were left out: {names_of_empty}."] if empty else []
    counted = (_about_count(channel, lead) for channel, lead in zip(channels, leads, strict=True))
    return leads, [*about_rate, *about_unit, *about_empty, *filter(None, counted)]


def _rate(wave: Element) -> tuple[float | None, list[str]]:
    """In Hz; None where the exponent is not the 1 that known files have, as its meaning is not documented."""
    exponent = _text(wave, "resolution/samplerate/exponent")
    value = _number(_text(wave, "resolution/samplerate/value") or _text(wave, "resolution/samplerate"))
    if value is None or _number(exponent or "1") == 1:
        return value, []
    return None, [
        f"The sampling rate is stated with the exponent {excerpt(exponent)}, whose meaning is not known."
    ]


def _scale(wave: Element) -> tuple[str | None, float, list[str]]:
    """Unit, units of a count, and a remark: units are written in capitals, so that MV means millivolt."""
    text = _text(wave, "resolution/yres/units")
    resolution = _number(_text(wave, "resolution/yres/unitperbit"))
    if not text or not resolution:
        return None, 1.0, []
    unit = voltage_unit(text.lower())
    if unit is None:
        return text, resolution, []
    return unit, resolution, ["The unit MV in the file is read as millivolt."] if text == "MV" else []


def _samples(channel: Element, name: str) -> NDArray[np.generic]:
    """Whole numbers as int64; float64 where a sample has decimals or, between two commas, is missing."""
    kind = _text(channel, "datastype").upper()
    if kind not in ("", _SEPARATED):
        raise UnreadableFileError(
            f"Lead {excerpt(name)} of the Schiller XML is stored as {excerpt(kind)}; "
            f"{_SEPARATED} would be read"
        )
    cells = (channel.findtext("data") or "").strip().removesuffix(",").split(",")
    for number, cell in enumerate(cells, 1):
        if cell.strip() and not _NUMBER.fullmatch(cell.strip()):
            raise UnreadableFileError(
                f"Lead {excerpt(name)} of the Schiller XML, sample {number:,}: "
                f"{excerpt(cell)} is not a number"
            )
    try:
        return np.array([int(cell) for cell in cells], np.int64)
    except (ValueError, OverflowError):
        return np.array([float(cell) if cell.strip() else np.nan for cell in cells])


def _about_count(channel: Element, lead: Lead) -> str:
    stated = _number(_text(channel, "samplecount"))
    if stated is None or stated == len(lead.samples):
        return ""
    return f"Lead {excerpt(lead.name)} has {len(lead.samples):,} samples, but the file states {stated:,.0f}."


def _recorded_at(root: Element) -> datetime | None:
    start = root.find("examdescript/startdatetime")
    if start is None:
        return None
    clock = _text(start, "time")
    try:
        found = datetime.strptime(_text(start, "date") + clock[:6], "%Y%m%d%H%M%S")
        found = found.replace(microsecond=int(clock[6:12].ljust(6, "0") or 0))
    except ValueError:
        return None
    return None if found == _NO_TIME else plausible_time(found)


def _patient(root: Element) -> dict[str, str]:
    patient = root.find("patdata")
    if patient is None:
        return {}
    sex, pacemaker = _text(patient, "gender"), _text(patient, "pacemaker/value")
    ethnic = _text(patient, "ethnic")
    birth = _DATE.fullmatch(_text(patient, "birthdate"))
    return plain_items(
        [
            ("patient id", _text(patient, "id")),
            ("name", f"{_text(patient, 'firstname')} {_text(patient, 'lastname')}"),
            ("sex", _SEXES.get(sex.upper(), sex)),
            ("birth date", "-".join(birth.groups()) if birth else _text(patient, "birthdate")),
            ("race", "" if ethnic.upper() == "UNDEFINED" else ethnic),
            ("height", _measure(patient, "height")),
            ("weight", _measure(patient, "weight")),
            ("pacemaker", _PACEMAKER.get(pacemaker.upper(), pacemaker)),
        ]
    )


def _measure(patient: Element, name: str) -> str:
    value = _number(_text(patient, f"{name}/value"))
    return f"{value:g} {_text(patient, f'{name}/unit')}" if value else ""


def _metadata(root: Element, wave: Element) -> dict[str, str]:
    exam = root.find("examdescript")
    rows = [(name, _text(exam, path)) for name, path in _METADATA] if exam is not None else []
    rows.append(("channel configuration", _text(wave, "channelconfiguration")))
    for node in root.findall("eventdata/event/filters_data/filter"):
        name, value = _FILTERS.get(_text(node, "name")), _text(node, "value")
        if name:
            rows.append((name, f"{value} Hz" if _number(value) else value.lower()))
    return plain_items(rows)


def _device(root: Element) -> dict[str, str]:
    rows = []
    for node in root.findall("eventdata/event/annotation_global"):
        name, unit = _MEASUREMENTS.get(_text(node, "name"), ("", ""))
        value = _text(node, "value")
        if name and _number(value) is not None:
            rows.append((name, value + unit if unit == "°" else f"{value} {unit}"))
    texts = [
        line
        for node in root.findall("eventdata/event/textdata")
        if _text(node, "type") == "INTERPRETATION"
        for line in (node.findtext("textdata") or "").splitlines()
        if plain(line)
    ]
    rows += [(f"statement {number}", line) for number, line in enumerate(texts[:_MOST_STATEMENTS], 1)]
    return plain_items(rows)


def _number(text: str) -> float | None:
    return float(text) if len(text) <= _LONGEST_NUMBER and _NUMBER.fullmatch(text) else None


def _text(node: Element, path: str) -> str:
    return plain(node.findtext(path))
