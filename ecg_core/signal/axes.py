"""The electrical axes of P, QRS and T in the frontal plane, from the areas of the limb leads.

The area of a wave in a lead is the projection of its mean vector on the lead's direction in Einthoven's
triangle (Macfarlane et al., *Comprehensive Electrocardiology*, 2nd ed., ch. 11). Two limb leads determine the
vector; where there are more, it is their least-squares solution, so that the noise of one weighs less.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from ecg_core.domain import Measurement
from ecg_core.signal.fiducials import (
    BeatFiducials,
    Fiducials,
    index_at,
    isoelectric_level,
    wave_from_level,
    wave_from_line,
)
from ecg_core.signal.median_beat import MedianBeat

#: What each limb lead sees of a vector (mV to the patient's left, mV downwards).
DIRECTIONS: Mapping[str, tuple[float, float]] = {
    "I": (1.0, 0.0),
    "II": (0.5, math.sqrt(3) / 2),
    "III": (-0.5, math.sqrt(3) / 2),
    "aVR": (-0.75, -math.sqrt(3) / 4),
    "aVL": (0.75, -math.sqrt(3) / 4),
    "aVF": (0.0, math.sqrt(3) / 2),
}
#: Mean height of the vector, in mV, below which its direction is not told. On LUDB 1-100 the odd and the even
#: beats of a 10 s ECG gave T axes 48 degrees apart (median) below 0.02 mV, 9 between 0.02 and 0.05, 3 above;
#: P axes 9 between 0.02 and 0.03, 2 above; QRS axes 8 between 0.03 and 0.05, 2 above 0.1.
SMALLEST_MV: Mapping[str, float] = {"p": 0.015, "qrs": 0.030, "t": 0.020}
#: ... and share of the wave's whole area below which its directions cancel out (an indeterminate QRS axis).
SMALLEST_SHARE = 0.10
_METHOD = (
    "areas of {leads} on the median beat, least squares in Einthoven's triangle "
    "(Macfarlane et al., Comprehensive Electrocardiology)"
)
_WAVES = {"p": "P", "qrs": "QRS", "t": "T"}


def wave_axes(beats: Mapping[str, MedianBeat], fiducials: BeatFiducials) -> tuple[Measurement, ...]:
    """Measure `p_axis`, `qrs_axis` and `t_axis` in degrees, above -180 up to 180.

    0 is to the patient's left, 90 downwards.

    Parameters
    ----------
    beats : mapping of str to MedianBeat
        In mV, by lead name, of one alignment; only the limb leads are used.
    fiducials : BeatFiducials
        The overall ones: a mean vector needs the same span in all leads.

    Returns
    -------
    tuple of Measurement
        Withheld where fewer than two limb leads are there, the wave's ends are unknown or its area too small;
        not applicable where there is no such wave.
    """
    return tuple(_wave_axis(wave, beats, fiducials.overall) for wave in _WAVES)


def axis_deg(areas: Mapping[str, float]) -> tuple[float, float]:
    """The axis (degrees) and length of the vector whose projections on the limb leads are ``areas``."""
    directions = np.array([DIRECTIONS[name] for name in areas])
    left, down = np.linalg.lstsq(directions, np.array(list(areas.values())), rcond=None)[0]
    degrees = math.degrees(math.atan2(down, left))
    return (180.0 if degrees == -180.0 else degrees), math.hypot(left, down)


def _wave_axis(wave: str, beats: Mapping[str, MedianBeat], at: Fiducials) -> Measurement:
    name, label = f"{wave}_axis", _WAVES[wave]
    used = [lead for lead in DIRECTIONS if lead in beats and len(beats[lead].values)]
    if len(used) < 2:
        return _without(name, "two limb leads are needed", used)
    onset, offset = _span(wave, at)
    if onset is None or offset is None:
        missing = "there is no P wave" if wave == "p" and at.p_peak_s is None and at.p_onset_s is None else ""
        reason = missing or f"the onset or offset of {label} is unknown"
        return _without(name, reason, used, "not applicable" if missing else "withheld")
    parts = {lead: _part(wave, beats[lead], at, onset, offset) for lead in used}
    found = {lead: part for lead, part in parts.items() if part is not None}
    if len(found) < 2:
        return _without(name, f"the median beat does not hold the whole {label} in two limb leads", used)
    degrees, length = axis_deg({lead: float(part.mean()) for lead, part in found.items()})
    if reason := _too_small(wave, found, length):
        return _without(name, reason, list(found))
    return Measurement(
        name,
        round(degrees, 1),
        "deg",
        reason=_about_span(wave, at),
        method=_METHOD.format(leads=", ".join(found)),
        leads=tuple(found),
        beats_used=min(beats[lead].number_of_beats for lead in found),
    )


def _span(wave: str, at: Fiducials) -> tuple[float | None, float | None]:
    if wave == "p":
        return at.p_onset_s, at.p_offset_s
    if wave == "qrs":
        return at.qrs_onset_s, at.qrs_offset_s
    onset = at.t_onset_s if at.t_onset_s is not None else at.qrs_offset_s
    return onset, at.t_offset_s


def _about_span(wave: str, at: Fiducials) -> str:
    return "from J, since the onset of T is unknown" if wave == "t" and at.t_onset_s is None else ""


def _part(
    wave: str, beat: MedianBeat, at: Fiducials, onset: float, offset: float
) -> NDArray[np.float64] | None:
    if wave == "p":
        return wave_from_line(beat, onset, offset)
    level = isoelectric_level(beat, at.qrs_onset_s)
    if wave == "t" and level is None and index_at(beat, onset) is not None:
        return wave_from_line(beat, onset, offset)
    return wave_from_level(beat, onset, offset, level)


def _too_small(wave: str, parts: Mapping[str, NDArray[np.float64]], length: float) -> str:
    whole = max(float(np.abs(part).mean()) for part in parts.values())
    if length < SMALLEST_MV[wave]:
        return f"the mean vector of {_WAVES[wave]} is {length:.3f} mV, too small to have a direction"
    if length < SMALLEST_SHARE * whole:
        return (
            f"upward and downward areas of {_WAVES[wave]} cancel out in all limb leads (indeterminate axis)"
        )
    return ""


def _without(name: str, reason: str, leads: list[str], status: str = "withheld") -> Measurement:
    return Measurement(name, None, "deg", status, reason, _METHOD.format(leads="limb leads"), tuple(leads))
