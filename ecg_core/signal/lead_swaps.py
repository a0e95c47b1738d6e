"""Swapped electrodes suspected: limb leads among themselves and with the right leg, chest leads,
dextrocardia.

The twelve leads say the same twice: the frontal vector can be told from V1 to V6, and each chest lead from
the others, by one linear transform for everybody, well enough to see that it no longer fits after a swap
(Kors, van Herpen, Am J Cardiol 2001;88:396). A swap of RA, LA and LL mirrors or turns the frontal vector and
leaves the chest leads alone. Each arrangement has a score of how usual it would be: agreement with the chest
leads, and the axes of P, QRS and T (de Bie et al., J Electrocardiol 2014;47:794, use QRS axis and P). An
electrode on the right leg leaves one limb lead flat. Not found: LL/RL, which changes nothing that can be
seen, and most of LA/LL.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from ecg_core.domain import Measurement
from ecg_core.signal.axes import DIRECTIONS
from ecg_core.signal.fiducials import BeatFiducials, Fiducials, index_at
from ecg_core.signal.median_beat import MedianBeat
from ecg_core.signal.swap_scores import (
    CHEST,
    SwapWaves,
    chest_scores,
    limb_scores,
    swap_parameters,
    swap_waves,
)

#: Which limb lead is flat when this electrode and that of the right leg are swapped.
FLAT_LEADS: Mapping[str, str] = {"RA/RL": "II", "LA/RL": "III", "both arms with both legs": "I"}
#: Flat is less than this share of the largest limb lead from QRS onset to T offset, and less than so many mV.
FLAT_SHARE, FLAT_MV = 0.12, 0.15
#: Score above which a swap is suspected; LA/LL is too like a usual ECG to be told sooner.
THRESHOLDS: Mapping[str, float] = {"LA/LL": 3.0}
THRESHOLD, CHEST_THRESHOLD = 1.5, 3.0
_LIMB_METHOD = (
    "frontal vector told from V1-V6 and axes of P, QRS and T, best arrangement against the present one "
    "(after Kors, van Herpen 2001). Published for swaps of this kind: sensitivity 90 %, LA/LL 22 %, "
    "specificity 99.8 % (de Bie 2014). This test: {ours}"
)
_LEG_METHOD = "flattest limb lead from QRS onset to T offset against the largest, in dB. This test: {ours}"
_CHEST_METHOD = (
    "each of V1-V6 told from the other leads, best order against the present one (after Kors, van Herpen "
    "2001). Published: sensitivity 95 %, specificity 91 % (Jekova et al., Comput Cardiol 2013). "
    "This test: {ours}"
)


def suspected_swaps(beats: Mapping[str, MedianBeat], fiducials: BeatFiducials) -> tuple[Measurement, ...]:
    """Tell whether another arrangement of the electrodes would explain the ECG better.

    Parameters
    ----------
    beats : mapping of str to MedianBeat
        In mV, by lead name, of one alignment.
    fiducials : BeatFiducials
        The overall ones are used.

    Returns
    -------
    tuple of Measurement
        ``limb_lead_swap``, ``right_leg_swap`` and ``chest_lead_swap``: a score that is above 0 where a swap
        is suspected; the reason then says which. Withheld where leads are missing.
    """
    leg = _right_leg(beats, fiducials.overall)
    waves = swap_waves(beats, fiducials.overall)
    if isinstance(waves, str):
        return _withheld("limb_lead_swap", waves), leg, _withheld("chest_lead_swap", waves)
    leads = tuple(lead for lead in (*DIRECTIONS, *CHEST) if lead in beats)
    used = min(beats[lead].number_of_beats for lead in leads)
    if leg.value is not None and leg.value > 0:
        flat = f"a limb lead is flat: {leg.reason}"
        return _withheld("limb_lead_swap", flat), leg, _withheld("chest_lead_swap", flat)
    return _limb(waves, leads, used), leg, _chest(waves, leads, used)


def _limb(waves: SwapWaves, leads: tuple[str, ...], used: int) -> Measurement:
    parameters = swap_parameters()
    above = {s: v - THRESHOLDS.get(s, THRESHOLD) for s, v in limb_scores(waves, parameters).items()}
    swap = max(above, key=lambda name: above[name])
    reason = f"suspected: {swap} swapped" if above[swap] > 0 else ""
    if _is_mirrored(waves, parameters):
        reason = "P and QRS point to the right and the chest leads agree: dextrocardia is to be considered"
    method = _LIMB_METHOD.format(ours=_ours(swap, parameters))
    return Measurement("limb_lead_swap", round(above[swap], 2), "1", "measured", reason, method, leads, used)


def _is_mirrored(waves: SwapWaves, parameters: Mapping[str, Any]) -> bool:
    """P and QRS are negative in I as recorded, and so they are in I as the chest leads tell it, and in V6."""
    if "p" not in waves.frontal:
        return False
    told = (parameters["frontal_from_chest"] @ waves.chest["qrs"])[0].mean()
    seen = [waves.frontal[wave][0].mean() for wave in ("p", "qrs")]
    return bool(max(*seen, told, waves.chest["qrs"][5].mean(), waves.chest["p"][5].mean()) < 0)


def _chest(waves: SwapWaves, leads: tuple[str, ...], used: int) -> Measurement:
    parameters = swap_parameters()
    scores = chest_scores(waves, parameters)
    swap = max(scores, key=lambda name: scores[name])
    above = scores[swap] - CHEST_THRESHOLD
    what = swap if "reversed" in swap else f"{swap} swapped"
    reason = f"suspected: {what}" if above > 0 else ""
    method = _CHEST_METHOD.format(ours=_ours(swap, parameters))
    return Measurement("chest_lead_swap", round(above, 2), "1", "measured", reason, method, leads, used)


def _right_leg(beats: Mapping[str, MedianBeat], at: Fiducials) -> Measurement:
    limb = [lead for lead in ("I", "II", "III") if lead in beats and len(beats[lead].values)]
    if len(limb) < 3:
        return _withheld("right_leg_swap", "I, II and III are needed")
    heights = {lead: _height(beats[lead], at) for lead in limb}
    if any(height is None for height in heights.values()):
        return _withheld("right_leg_swap", "QRS onset or T offset is unknown")
    told = {lead: height for lead, height in heights.items() if height is not None}
    flat, largest = min(told, key=lambda lead: told[lead]), max(told.values())
    if not largest > 0:
        return _withheld("right_leg_swap", "I, II and III are all flat")
    limit = min(FLAT_SHARE * largest, FLAT_MV)
    score = 20 * float(np.log10(limit / max(told[flat], 1e-6)))
    swap = next(swap for swap, lead in FLAT_LEADS.items() if lead == flat)
    reason = f"suspected: {swap} swapped, lead {flat} is nearly flat" if score > 0 else ""
    method = _LEG_METHOD.format(ours=_ours(swap, swap_parameters()))
    used = min(beats[lead].number_of_beats for lead in limb)
    return Measurement("right_leg_swap", round(score, 2), "1", "measured", reason, method, tuple(limb), used)


def _height(beat: MedianBeat, at: Fiducials) -> float | None:
    first, last = index_at(beat, at.qrs_onset_s), index_at(beat, at.t_offset_s)
    if first is None or last is None or last <= first:
        return None
    height = float(np.ptp(beat.values[first : last + 1]))
    return height if np.isfinite(height) else None


def _ours(swap: str, parameters: Mapping[str, Any]) -> str:
    """What was measured on records that the numbers were not fitted to."""
    found = parameters["tested"].get(swap)
    if found is None:
        return "not tested on this kind"
    return f"sensitivity {found['sensitivity']:g} %, specificity {found['specificity']:g} % ({found['on']})"


def _withheld(name: str, reason: str) -> Measurement:
    return Measurement(name, None, "1", "withheld", reason, "agreement of limb and chest leads")
