"""Amplitudes of P, Q, R, S, R' and T in each lead, and the sums that are read as voltage criteria.

The waves of a QRS complex are told apart as the CSE working party does (Eur Heart J 1985;6:815; Macfarlane et
al., *Comprehensive Electrocardiology*): against the level of the PR segment, a deflection counts that reaches
20 uV and lasts 6 ms; downward before the first upward one it is Q, upward R, downward after it S, upward
again R'. A complex without an upward deflection is a QS, given as Q.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ecg_core.domain import Measurement
from ecg_core.signal.fiducials import BeatFiducials, isoelectric_level, wave_from_level, wave_from_line
from ecg_core.signal.median_beat import MedianBeat

SMALLEST_MV, SHORTEST_S = 0.02, 0.006
_QRS_METHOD = "median beat against the PR segment, deflections of 20 uV and 6 ms (CSE 1985)"
_P_METHOD = "median beat against the line from P onset to P offset, largest deflection"
_T_METHOD = "median beat against the PR segment, largest deflection"
_QRS_WAVES = ("q", "r", "s", "r_prime")
_SYMBOLS = {"q": "Q", "r": "R", "s": "S", "r_prime": "R'"}


@dataclass(frozen=True)
class Deflection:
    """A part of a QRS complex on one side of the level: its height in the unit of the signal, its samples."""

    height: float
    start: int
    stop: int


def wave_amplitudes(beats: Mapping[str, MedianBeat], fiducials: BeatFiducials) -> tuple[Measurement, ...]:
    """Measure ``p_``, ``q_``, ``r_``, ``s_``, ``r_prime_``, ``t_amplitude`` (signed mV) of each lead.

    Parameters
    ----------
    beats : mapping of str to MedianBeat
        In mV, by lead name.
    fiducials : BeatFiducials
        Each lead's own where it has any, else the overall ones.

    Returns
    -------
    tuple of Measurement
        Six a lead, named ``r_amplitude:V5``. A wave that is not there is ``not applicable``.
    """
    found: list[Measurement] = []
    for lead, beat in beats.items():
        at = fiducials.of(lead)
        level = isoelectric_level(beat, at.qrs_onset_s)
        p_wave = wave_from_line(beat, at.p_onset_s, at.p_offset_s)
        t_from = at.t_onset_s if at.t_onset_s is not None else at.qrs_offset_s
        t_wave = wave_from_level(beat, t_from, at.t_offset_s, level)
        qrs = wave_from_level(beat, at.qrs_onset_s, at.qrs_offset_s, level)
        found.append(_single("p", lead, beat, p_wave, absent=at.p_onset_s is None and at.p_peak_s is None))
        found += _qrs_amplitudes(lead, beat, qrs)
        found.append(_single("t", lead, beat, t_wave, absent=False))
    return tuple(found)


def qrs_deflections(qrs: NDArray[np.float64], fs: float) -> dict[str, Deflection]:
    """The waves of a QRS complex: keys ``q``, ``r``, ``s``, ``r_prime`` of those that are there.

    Parameters
    ----------
    qrs : ndarray, shape (n,)
        From onset to offset above the level of the PR segment, mV.
    fs : float
        Sampling frequency in Hz.
    """
    found: dict[str, Deflection] = {}
    for part in _parts(qrs, fs):
        if part.height < 0:
            key = "s" if "r" in found else "q"
            if key in found and ("r_prime" in found or key == "q"):
                continue  # S' and what follows have no name here
        else:
            key = "r_prime" if "s" in found and "r" in found else "r"
        if key not in found or abs(part.height) > abs(found[key].height):
            found[key] = part
    return found


def _parts(qrs: NDArray[np.float64], fs: float) -> list[Deflection]:
    """The deflections that count, in the order of time."""
    edges = np.flatnonzero(np.diff(np.signbit(qrs).astype(np.int8))) + 1
    starts, stops = np.r_[0, edges], np.r_[edges, len(qrs)]
    shortest = round(SHORTEST_S * fs)
    found = []
    for start, stop in zip(starts.tolist(), stops.tolist(), strict=True):
        part = qrs[start:stop]
        peak = float(part[np.abs(part).argmax()])
        if abs(peak) >= SMALLEST_MV and stop - start >= shortest:
            found.append(Deflection(peak, start, stop))
    return found


def _qrs_amplitudes(lead: str, beat: MedianBeat, qrs: NDArray[np.float64] | None) -> list[Measurement]:
    if qrs is None:
        reason = "the QRS complex's ends or the level before it are unknown"
        return [_without(f"{w}_amplitude:{lead}", lead, reason, _QRS_METHOD) for w in _QRS_WAVES]
    found = qrs_deflections(qrs, beat.fs)
    is_qs = "q" in found and "r" not in found
    return [
        _measured(f"{w}_amplitude:{lead}", lead, found[w].height, beat, _QRS_METHOD, "a QS complex" * is_qs)
        if w in found
        else _without(
            f"{w}_amplitude:{lead}", lead, f"there is no {_SYMBOLS[w]} wave", _QRS_METHOD, "not applicable"
        )
        for w in _QRS_WAVES
    ]


def _single(
    wave: str, lead: str, beat: MedianBeat, values: NDArray[np.float64] | None, *, absent: bool
) -> Measurement:
    name, method = f"{wave}_amplitude:{lead}", _P_METHOD if wave == "p" else _T_METHOD
    if absent:
        return _without(name, lead, f"there is no {wave.upper()} wave", method, "not applicable")
    if values is None:
        return _without(name, lead, f"the onset or offset of {wave.upper()} is unknown", method)
    return _measured(name, lead, float(values[np.abs(values).argmax()]), beat, method)


def voltage_sums(amplitudes: tuple[Measurement, ...]) -> tuple[Measurement, ...]:
    """`sokolow_lyon` (S of V1 + larger R of V5, V6) and `cornell` (R of aVL + S of V3), plain numbers in mV.

    Sokolow, Lyon, Am Heart J 1949;37:161; Casale et al., Circulation 1987;75:565. A QS complex counts as
    S, an R' as R where it is larger; a wave that is not there counts as 0.

    Parameters
    ----------
    amplitudes : tuple of Measurement
        From `wave_amplitudes`.
    """
    by_name = {each.name: each for each in amplitudes}
    r_of = {lead: _tallest(by_name, lead) for lead in ("V5", "V6", "aVL")}
    s_of = {lead: _deepest(by_name, lead) for lead in ("V1", "V3")}
    lateral = [value for lead in ("V5", "V6") if (value := r_of[lead]) is not None]
    side = max(lateral) if lateral else None
    lateral_leads = [lead for lead in ("V5", "V6") if r_of[lead] is not None]
    only = f"of {lateral_leads[0]} alone" if len(lateral_leads) == 1 else ""
    return (
        _sum("sokolow_lyon", s_of["V1"], side, ("V1", *lateral_leads), "S V1 + larger R of V5, V6 (1949)",
             "V1 and V5 or V6 are needed", only, by_name),
        _sum("cornell", s_of["V3"], r_of["aVL"], ("aVL", "V3"), "R aVL + S V3 (Casale 1987)",
             "aVL and V3 are needed", "", by_name),
    )  # fmt: skip


def _sum(
    name: str, first: float | None, second: float | None, leads: tuple[str, ...], method: str,
    needed: str, remark: str, by_name: Mapping[str, Measurement],
) -> Measurement:  # fmt: skip
    if first is None or second is None:
        return Measurement(name, None, "mV", "withheld", needed, method, leads)
    beats = [m.beats_used for lead in leads for m in by_name.values() if m.leads == (lead,) and m.beats_used]
    used = min(beats, default=None)
    return Measurement(name, round(first + second, 4), "mV", "measured", remark, method, leads, used)


def _tallest(by_name: Mapping[str, Measurement], lead: str) -> float | None:
    return _extent(by_name, lead, ("r", "r_prime"))


def _deepest(by_name: Mapping[str, Measurement], lead: str) -> float | None:
    is_qs = (r := by_name.get(f"r_amplitude:{lead}")) is not None and r.status == "not applicable"
    return _extent(by_name, lead, ("q", "s") if is_qs else ("s",))


def _extent(by_name: Mapping[str, Measurement], lead: str, waves: tuple[str, ...]) -> float | None:
    found = [by_name.get(f"{wave}_amplitude:{lead}") for wave in waves]
    if any(each is None or each.status == "withheld" for each in found):
        return None
    return max(abs(each.value or 0.0) for each in found if each is not None)


def _measured(
    name: str, lead: str, value: float, beat: MedianBeat, method: str, remark: str = ""
) -> Measurement:
    beats = beat.number_of_beats
    return Measurement(name, round(value, 4), "mV", "measured", remark, method, (lead,), beats)


def _without(name: str, lead: str, reason: str, method: str, status: str = "withheld") -> Measurement:
    return Measurement(name, None, "mV", status, reason, method, (lead,))
