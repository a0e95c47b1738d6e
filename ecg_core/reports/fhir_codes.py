"""LOINC, ISO/IEEE 11073-10102 (MDC) and UCUM codes of what is measured.

An MDC code is the partition, 2, times 65,536 and the term's code; of a single lead the lead's number is added
to it (DICOM PS3.16 CID 3001 and 3227 to 3229 list them as ``2:16156``). A measurement without a code of its
own in a system, as QTc by Framingham, has the general code and its name; what no system knows has ours alone.
"""

from __future__ import annotations

from typing import Any

LOINC, MDC, UCUM = "http://loinc.org", "urn:iso:std:iso:11073:10101", "http://unitsofmeasure.org"
#: Names of our measurements: the same as in CSV and JSON.
OWN = "urn:x-ecg-reading-room:measurement"
_PARTITION = 2 << 16
_LEAD_POTENTIAL = 0x100

EKG_STUDY = {"system": LOINC, "code": "11524-6", "display": "EKG study"}
_PROCEDURE = {
    "system": "http://terminology.hl7.org/CodeSystem/observation-category",
    "code": "procedure",
    "display": "Procedure",
}

_LOINC = {
    "heart_rate": ("8867-4", "Heart rate"),
    "rr_mean": ("8637-1", "R-R interval"),
    "pr_interval": ("8625-6", "P-R Interval"),
    "qrs_duration": ("8633-0", "QRS duration"),
    "qt_interval": ("8634-8", "Q-T interval"),
    "qtc_bazett": ("76635-2", "QTc interval by Bazett formula"),
    "qtc_fridericia": ("76634-5", "QTc interval by Fridericia formula"),
    "qtc_framingham": ("8636-3", "Q-T interval corrected"),
    "qtc_hodges": ("8636-3", "Q-T interval corrected"),
    "p_axis": ("8626-4", "P wave axis"),
    "qrs_axis": ("8632-2", "QRS axis"),
    "t_axis": ("8638-9", "T wave axis"),
}
_MDC = {
    "heart_rate": (16770, "MDC_ECG_HEART_RATE"),
    "rr_mean": (16168, "MDC_ECG_TIME_PD_RR_GL"),
    "pr_interval": (15872, "MDC_ECG_TIME_PD_PR"),
    "qrs_duration": (16156, "MDC_ECG_TIME_PD_QRS"),
    "qt_interval": (16160, "MDC_ECG_TIME_PD_QT"),
    "qtc_bazett": (15880, "MDC_ECG_TIME_PD_QTcB"),
    "qtc_fridericia": (15892, "MDC_ECG_TIME_PD_QTcF"),
    "qtc_framingham": (15876, "MDC_ECG_TIME_PD_QTc"),
    "qtc_hodges": (15876, "MDC_ECG_TIME_PD_QTc"),
    "p_axis": (16128, "MDC_ECG_ANGLE_P_FRONT"),
    "qrs_axis": (16132, "MDC_ECG_ANGLE_QRS_FRONT"),
    "t_axis": (16136, "MDC_ECG_ANGLE_T_FRONT"),
}
_MDC_OF_LEAD = {
    "st_j": (1024, "MDC_ECG_AMPL_J"),
    "st_j60": (14336, "MDC_ECG_AMPL_ST_60"),
    "st_j80": (14592, "MDC_ECG_AMPL_ST_80"),
    "q_amplitude": (1792, "MDC_ECG_AMPL_Q"),
    "r_amplitude": (2048, "MDC_ECG_AMPL_R"),
    "s_amplitude": (2304, "MDC_ECG_AMPL_S"),
}
_LEADS = {
    "I": 1, "II": 2, "V1": 3, "V2": 4, "V3": 5, "V4": 6, "V5": 7, "V6": 8, "V7": 9, "V2R": 10, "V3R": 11,
    "V4R": 12, "V5R": 13, "V6R": 14, "V7R": 15, "X": 16, "Y": 17, "Z": 18, "III": 61, "aVR": 62, "aVL": 63,
    "aVF": 64, "V8": 66, "V9": 67, "V8R": 68, "V9R": 69,
}  # fmt: skip
_UNITS = {"bpm": "/min", "ms²": "ms2"}
_KNOWN_UNITS = frozenset(("V", "mV", "uV", "nV", "ms", "deg", "mV/s", "%", "1", *_UNITS))


def concept(name: str) -> dict[str, Any]:
    """The CodeableConcept of a measurement by its name."""
    base, _, lead = name.partition(":")
    codings = []
    if name in _LOINC:
        code, display = _LOINC[name]
        codings.append({"system": LOINC, "code": code, "display": display})
    if name in _MDC:
        number, display = _MDC[name]
        codings.append(mdc(number, display))
    if base in _MDC_OF_LEAD and lead in _LEADS:
        number, display = _MDC_OF_LEAD[base]
        codings.append(mdc(number + _LEADS[lead], f"{display}_{lead}"))
    words = base.replace("_", " ")
    return {
        "coding": [*codings, {"system": OWN, "code": base, "display": words}],
        "text": f"{words}, lead {lead}" if lead else words,
    }


def lead_concept(name: str) -> dict[str, Any]:
    """The CodeableConcept of a lead's signal; a lead that has no code is named."""
    if name not in _LEADS:
        return {"text": name}
    return {"coding": [mdc(_LEAD_POTENTIAL + _LEADS[name], f"MDC_ECG_ELEC_POTL_{name}")], "text": name}


def mdc(number: int, display: str) -> dict[str, Any]:
    return {"system": MDC, "code": str(_PARTITION + number), "display": display}


def category() -> list[dict[str, Any]]:
    return [{"coding": [_PROCEDURE]}]


def quantity(value: float, unit: str | None) -> dict[str, Any]:
    """With a UCUM code where the unit is one."""
    if unit is None:
        return {"value": value}
    if unit not in _KNOWN_UNITS:
        return {"value": value, "unit": unit}
    return {"value": value, "unit": unit, "system": UCUM, "code": _UNITS.get(unit, unit)}


def absent(code: str, text: str) -> dict[str, Any]:
    """A dataAbsentReason: ``unknown``, ``not-applicable`` …, and why in words."""
    system = "http://terminology.hl7.org/CodeSystem/data-absent-reason"
    return {"coding": [{"system": system, "code": code}], **({"text": text} if text else {})}
