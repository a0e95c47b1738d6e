"""What a channel of a file is: its standard lead name, and whether it is an ECG at all."""

from __future__ import annotations

import re

from ecg_core.readers.lead_names import LONGEST_NAME

_STANDARD = (
    "I", "II", "III", "aVR", "aVL", "aVF",
    "V1", "V2", "V3", "V4", "V5", "V6", "V7", "V8", "V9",
    "V1R", "V2R", "V3R", "V4R", "V5R", "V6R", "V7R",
    "X", "Y", "Z", "MLII", "MLI", "MLIII", "MV1", "MV2", "MV5", "CM5", "CC5", "CS5", "NASA", "-aVR",
)  # fmt: skip
_BY_KEY = {re.sub(r"\W", "", name).lower(): name for name in _STANDARD if name != "-aVR"}
_BY_KEY |= {"l1": "I", "l2": "II", "l3": "III", "di": "I", "dii": "II", "diii": "III"}
_BY_KEY |= {f"c{number}": f"V{number}" for number in range(1, 7)}
_BY_KEY |= {"vx": "X", "vy": "Y", "vz": "Z", "1": "I", "2": "II", "3": "III"}
_PREFIX = re.compile(r"^(mdc[_ ]ecg[_ ](?:lead[_ ])?|ecg|ekg|lead|channel|signal|[\W_]+)+", re.IGNORECASE)
_BARE_NUMBER = re.compile(r"\d+")
_OTHER_CHANNEL = re.compile(
    r"(?<![a-z])(abp|art|pap|cvp|icp|bp|nbp|pressure|pleth|ppg|spo2|sao2|resp|respiration|respiratory|thorax|abdomen|"
    r"airflow|co2|etco2|eeg|emg|eog|eda|gsr|temp|temperature|acc|accel|gyro|marker|trigger|status|di|event|"
    r"annotations|bcg|scg|pcg|flow|volume|position)(?![a-z])",
    re.IGNORECASE,
)
_LONGEST_NUMBERED = LONGEST_NAME - len(" (1000)")
_VOLTS = ("V", "mV", "uV", "nV")


def standard_lead_name(text: str) -> str | None:
    """The standard name of an ECG lead, e.g. ``II`` for ``MDC_ECG_LEAD_II``; None for any other text.

    A bare digit is a lead only after a word for it: ``Lead 2`` is II, but a channel ``2`` or ``ECG 2`` is the
    second of some channels.
    """
    if text.strip().lower() == "-avr":  # the sign is part of the name: it is aVR upside down
        return "-aVR"
    stripped = _PREFIX.sub("", text.strip()).strip(" _-")
    key = re.sub(r"\W|_", "", stripped).lower()
    if _BARE_NUMBER.fullmatch(key) and "lead" not in text.lower():
        return None
    return _BY_KEY.get(key)


def is_ecg_channel(name: str, unit: str | None) -> bool:
    """Whether a channel is an ECG lead: by its name, else by a unit of voltage or none at all."""
    if standard_lead_name(name):
        return True
    if _OTHER_CHANNEL.search(name.replace("_", " ")):
        return False
    return unit is None or unit in _VOLTS


def lead_names(originals: list[str]) -> list[str]:
    """A distinct name for each channel: the standard one where no other has it, else the file's, numbered."""
    taken: set[str] = set()
    names = []
    for number, original in enumerate(originals, 1):
        name = standard_lead_name(original)
        if name is None or name in taken or (name != original and name in originals):
            name = " ".join(original.split())[:LONGEST_NAME].strip() or f"channel {number}"
        base, copy = name[:_LONGEST_NUMBERED].strip(), 2
        while name in taken:
            name, copy = f"{base} ({copy})", copy + 1
        taken.add(name)
        names.append(name)
    return names
