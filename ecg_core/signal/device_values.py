"""The device's own numbers, read from the words in which a file has them, under the names of ours."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class DeviceValue:
    """A number of the device's own.

    Attributes
    ----------
    value : float
        In ``unit``.
    unit : str
        ``bpm``, ``ms`` or ``deg``.
    words : str
        What the file says, e.g. ``QRS duration: 92 ms``.
    """

    value: float
    unit: str
    words: str


#: A difference beyond this, in the unit of the measurement, is pointed out.
TOLERANCES: Mapping[str, float] = {
    "heart_rate": 2.0,
    "p_duration": 15.0,
    "pr_interval": 20.0,
    "qrs_duration": 15.0,
    "qt_interval": 25.0,
    "qtc_bazett": 25.0,
    "qtc_fridericia": 25.0,
    "qtc_framingham": 25.0,
    "qtc_hodges": 25.0,
    "p_axis": 15.0,
    "qrs_axis": 15.0,
    "t_axis": 15.0,
}

#: The name of a corrected QT of a device that does not say by which formula.
QTC_OF_UNKNOWN_FORMULA = "qtc"

_NAMES: Mapping[str, tuple[str, ...]] = {
    "heart_rate": ("heart rate", "ventricular rate", "vent rate", "hr", "mean heart rate", "ecg heart rate",
                   "average heart rate", "durchschnittliche herzfrequenz"),
    "rr_mean": ("rr interval", "rr", "mean rr interval", "average rr interval", "ecg time pd rr"),
    "p_duration": ("p duration", "p wave duration", "pd", "p", "ecg time pd p"),
    "pr_interval": ("pr interval", "pq interval", "pr duration", "pr", "pq", "ecg time pd pr"),
    "qrs_duration": ("qrs duration", "qrs interval", "qrsd", "qrs", "ecg time pd qrs"),
    "qt_interval": ("qt interval", "qt duration", "qt", "ecg time pd qt"),
    "qtc_bazett": ("qtc bazett", "qtcb", "qtc interval bazett", "ecg time pd qtcb"),
    "qtc_fridericia": ("qtc fridericia", "qtcf", "qtc interval fridericia", "ecg time pd qtcf"),
    "qtc_framingham": ("qtc framingham", "qtcfr", "qtc interval framingham", "ecg time pd qtcfr"),
    "qtc_hodges": ("qtc hodges", "qtch", "qtc interval hodges", "ecg time pd qtch"),
    QTC_OF_UNKNOWN_FORMULA: ("qtc", "qtc interval", "qt corrected", "ecg time pd qtc"),
    "p_axis": ("p axis", "p wave axis", "ecg angle p front"),
    "qrs_axis": ("qrs axis", "r axis", "ecg angle qrs front"),
    "t_axis": ("t axis", "t wave axis", "ecg angle t front"),
}  # fmt: skip
_NAME_OF = {spelling: name for name, spellings in _NAMES.items() for spelling in spellings}
_VENDOR = re.compile(r"^(mdc|mindray|ge|philips|schiller|mortara|nihon kohden) (?=ecg )")
_NUMBER = re.compile(r"([-+−]?\d{1,5}(?:[.,]\d{1,4})?)\s*([^\d\s(;,]*(?:/min)?)\s*(\([^)]*\))?\s*;?")
_UNITS: Mapping[str, tuple[str, float]] = {
    "ms": ("ms", 1.0), "msec": ("ms", 1.0), "s": ("ms", 1000.0), "sec": ("ms", 1000.0),
    "/min": ("bpm", 1.0), "bpm": ("bpm", 1.0), "1/min": ("bpm", 1.0), "beats/min": ("bpm", 1.0),
    "{beats}/min": ("bpm", 1.0), "{h.b.}/min": ("bpm", 1.0),
    "°": ("deg", 1.0), "deg": ("deg", 1.0), "degree": ("deg", 1.0), "degrees": ("deg", 1.0),
}  # fmt: skip
#: What can be a measurement at all; outside of it a device wrote that it has none.
_PLAUSIBLE: Mapping[str, tuple[float, float]] = {"bpm": (10.0, 400.0), "deg": (-180.0, 270.0)}
_PLAUSIBLE_MS: Mapping[str, tuple[float, float]] = {
    "rr_mean": (150.0, 6000.0), "p_duration": (20.0, 300.0), "pr_interval": (40.0, 800.0),
    "qrs_duration": (20.0, 400.0),
}  # fmt: skip
_PLAUSIBLE_QT_MS = (150.0, 1000.0)
_MARK = "median {} ms"
_FROM_MARKS = (
    ("p_duration", "p onset", "p offset"),
    ("pr_interval", "p onset", "qrs onset"),
    ("qrs_duration", "qrs onset", "qrs offset"),
    ("qt_interval", "qrs onset", "t offset"),
)


def device_values(device: Mapping[str, str]) -> dict[str, DeviceValue]:
    """What the device measured, by the name of our measurement of the same.

    A number without a unit, or that cannot be what its name says, is left out. An interval that the file
    does not give, but whose two ends on the device's median beat it gives, is taken from these, and its
    words say so.

    Parameters
    ----------
    device : mapping of str to str
        `RecordingSummary.device`: free words, as the readers of MUSE, Sierra, aECG, DICOM, SCP … give them.

    Returns
    -------
    dict of str to DeviceValue
        Also `QTC_OF_UNKNOWN_FORMULA` where the file does not say by which formula QT was corrected.
    """
    found: dict[str, DeviceValue] = {}
    for label, text in device.items():
        name = _name_of(label, text)
        value = _parsed(name, f"{label}: {text}", text) if name else None
        if name and value is not None:
            found.setdefault(name, value)
    return found | {name: value for name, value in _from_marks(device).items() if name not in found}


def difference(name: str, ours: float, devices: float) -> float:
    """Ours minus the device's; of an axis the shorter way round, from -180 up to 180 degrees."""
    apart = ours - devices
    return apart if not name.endswith("_axis") else -((180.0 - apart) % 360.0 - 180.0)


def is_beyond_tolerance(name: str, ours: float, devices: float) -> bool:
    """Whether the two differ by more than `TOLERANCES` allow; never where these say nothing of it."""
    return abs(difference(name, ours, devices)) > TOLERANCES.get(name, float("inf"))


def _name_of(label: str, text: str) -> str | None:
    """By the label alone, or with a formula that stands after the number."""
    plain = " ".join(re.sub(r"[^0-9a-zäöüé]+", " ", label.lower()).split())
    name = _NAME_OF.get(_VENDOR.sub("", plain)) or _NAME_OF.get(_VENDOR.sub("", plain).removeprefix("ecg "))
    if name != QTC_OF_UNKNOWN_FORMULA:
        return name
    formulas = [one for one in ("bazett", "fridericia", "framingham", "hodges") if one in text.lower()]
    return f"qtc_{formulas[0]}" if formulas else name


def _parsed(name: str, words: str, text: str) -> DeviceValue | None:
    match = _NUMBER.fullmatch(text.strip())
    unit = _UNITS.get(match[2].lower()) if match else None
    if match is None or unit is None or unit[0] != _unit_of(name):
        return None
    value = float(match[1].replace(",", ".").replace("−", "-")) * unit[1]
    lowest, highest = _plausible(name)
    return DeviceValue(value, unit[0], words) if lowest <= value <= highest else None


def _unit_of(name: str) -> str:
    return "bpm" if name == "heart_rate" else "deg" if name.endswith("_axis") else "ms"


def _plausible(name: str) -> tuple[float, float]:
    return _PLAUSIBLE.get(_unit_of(name)) or _PLAUSIBLE_MS.get(name, _PLAUSIBLE_QT_MS)


def _from_marks(device: Mapping[str, str]) -> dict[str, DeviceValue]:
    """From the fiducials of the device's median beat, as SCP-ECG and aECG hold them."""
    found = {}
    for name, begin, end in _FROM_MARKS:
        ends = [_mark(device.get(_MARK.format(which), "")) for which in (begin, end)]
        if ends[0] is None or ends[1] is None:
            continue
        value, (lowest, highest) = ends[1] - ends[0], _plausible(name)
        if lowest <= value <= highest:
            words = f"from its marks on the median beat: {begin} {ends[0]:g} ms, {end} {ends[1]:g} ms"
            found[name] = DeviceValue(value, "ms", words)
    return found


def _mark(text: str) -> float | None:
    return float(text) if re.fullmatch(r"\d{1,5}(\.\d{1,4})?", text.strip()) else None
