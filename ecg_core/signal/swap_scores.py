"""How usual an arrangement of the electrodes would be: what the swap test of `lead_swaps` is made of.

The numbers are in ``lead_swaps.json``, made by ``training/lead_swaps.py`` from LUDB (Kalyakulina et al. 2020,
ODC-By) and the PhysioNet/CinC Challenge 2021 (CC-BY).
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ecg_core.signal.axes import DIRECTIONS
from ecg_core.signal.fiducials import Fiducials, isoelectric_level, wave_from_level, wave_from_line
from ecg_core.signal.median_beat import MedianBeat

CHEST = ("V1", "V2", "V3", "V4", "V5", "V6")
#: Where an axis of t degrees comes to lie: by mirroring (sign -1) or turning, then adding degrees.
LIMB_SWAPS: Mapping[str, tuple[int, float]] = {
    "RA/LA": (-1, 180.0),
    "LA/LL": (-1, 60.0),
    "RA/LL": (-1, -60.0),
    "RA to LA to LL": (1, 120.0),
    "RA to LL to LA": (1, -120.0),
}
CHEST_SWAPS: tuple[tuple[str, str], ...] = tuple(combinations(CHEST, 2))
FEATURES = ("qrs_fit", "t_fit", "p_fit", "p_axis", "p_axis_near", "qrs_axis", "t_axis")
_PARAMETERS = Path(__file__).with_name("lead_swaps.json")
_WAVES = ("p", "qrs", "t")
_FLAT_MV = 0.02


@dataclass(frozen=True, eq=False)
class SwapWaves:
    """P, QRS and T of the frontal vector, shape (2, n), and of V1 to V6, shape (6, n), in mV.

    A wave that is absent is not in them.
    """

    frontal: Mapping[str, NDArray[np.float64]]
    chest: Mapping[str, NDArray[np.float64]]


def swap_waves(beats: Mapping[str, MedianBeat], at: Fiducials) -> SwapWaves | str:
    """What the tests look at, or why they cannot."""
    limb = [lead for lead in DIRECTIONS if lead in beats and len(beats[lead].values)]
    if len(limb) < 2 or any(lead not in beats or not len(beats[lead].values) for lead in CHEST):
        return "two limb leads and V1 to V6 are needed"
    solve = np.linalg.pinv(np.array([DIRECTIONS[lead] for lead in limb]))
    frontal, chest = {}, {}
    for wave in _WAVES:
        parts = [_part(wave, beats[lead], at) for lead in (*limb, *CHEST)]
        lengths = {len(part) for part in parts if part is not None}
        if any(part is None for part in parts) or len(lengths) != 1:
            continue
        rows = np.array(parts)
        frontal[wave], chest[wave] = solve @ rows[: len(limb)], rows[len(limb) :]
    if "qrs" not in frontal:
        return "the ends of the QRS complex are unknown"
    flat = [lead for lead, row in zip(CHEST, chest["qrs"], strict=True) if np.ptp(row) < _FLAT_MV]
    return f"{', '.join(flat)} without a QRS complex" if flat else SwapWaves(frontal, chest)


def _part(wave: str, beat: MedianBeat, at: Fiducials) -> NDArray[np.float64] | None:
    if wave == "p":
        return wave_from_line(beat, at.p_onset_s, at.p_offset_s)
    level = isoelectric_level(beat, at.qrs_onset_s)
    if wave == "qrs":
        return wave_from_level(beat, at.qrs_onset_s, at.qrs_offset_s, level)
    onset = at.t_onset_s if at.t_onset_s is not None else at.qrs_offset_s
    return wave_from_level(beat, onset, at.t_offset_s, level)


def rearranged(frontal: NDArray[np.float64], swap: str) -> NDArray[np.float64]:
    """The frontal vector, shape (2, n), as it is after a swap of limb electrodes (x left, y down)."""
    sign, degrees = LIMB_SWAPS[swap]
    angle = math.radians(degrees)
    turn = np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
    return np.asarray(turn @ np.diag([1.0, sign]) @ frontal)


def limb_features(waves: SwapWaves, transform: NDArray[np.float64]) -> NDArray[np.float64]:
    """`FEATURES` of an arrangement; 0 where there is no such wave."""
    values = dict.fromkeys(FEATURES, 0.0)
    for wave, vector in waves.frontal.items():
        predicted = transform @ waves.chest[wave]
        product = float(np.linalg.norm(vector) * np.linalg.norm(predicted))
        values[f"{wave}_fit"] = float((vector * predicted).sum()) / product if product > 0 else 0.0
        axis = math.atan2(*vector.mean(axis=1)[::-1].tolist())
        values[f"{wave}_axis"] = math.cos(axis - math.radians(45.0))
        if wave == "p":
            values["p_axis_near"] = math.exp(4.0 * (math.cos(axis - math.radians(55.0)) - 1.0))
    return np.array([values[name] for name in FEATURES])


def limb_scores(waves: SwapWaves, parameters: Mapping[str, Any]) -> dict[str, float]:
    """For each swap the log odds of its having been made, against none."""
    transform, weights = parameters["frontal_from_chest"], parameters["weights"]
    as_it_is = float(weights @ limb_features(waves, transform))
    found = {}
    for swap in LIMB_SWAPS:
        undone = {wave: rearranged(v, _inverse(swap)) for wave, v in waves.frontal.items()}
        found[swap] = float(weights @ limb_features(SwapWaves(undone, waves.chest), transform)) - as_it_is
    return found


def _inverse(swap: str) -> str:
    turned = {"RA to LA to LL": "RA to LL to LA", "RA to LL to LA": "RA to LA to LL"}
    return turned.get(swap, swap)


def chest_errors(rows: NDArray[np.float64], from_others: NDArray[np.float64]) -> float:
    """Log of how badly each of V1 to V6 is told by the other leads (rows: x, y, V1 to V6), summed."""
    told = from_others @ rows
    lost = ((rows[2:] - told) ** 2).sum(axis=1)
    return float(np.log(lost + 1e-4 * (rows**2).sum()).sum())


def chest_scores(waves: SwapWaves, parameters: Mapping[str, Any]) -> dict[str, float]:
    """For each swap of two chest leads, and for V1 to V6 in reverse, by how much undoing it fits better."""
    rows = np.hstack(
        [np.vstack([waves.frontal[w], waves.chest[w]]) for w in ("qrs", "t") if w in waves.frontal]
    )
    from_others = parameters["chest_from_others"]
    as_it_is = chest_errors(rows, from_others)
    found = {}
    for first, second in CHEST_SWAPS:
        order = list(range(8))
        a, b = 2 + CHEST.index(first), 2 + CHEST.index(second)
        order[a], order[b] = b, a
        found[f"{first}/{second}"] = as_it_is - chest_errors(rows[order], from_others)
    found["V1 to V6 reversed"] = as_it_is - chest_errors(rows[[0, 1, 7, 6, 5, 4, 3, 2]], from_others)
    return found


@lru_cache(maxsize=1)
def swap_parameters() -> dict[str, Any]:
    """What ``training/lead_swaps.py`` found; arrays of float64."""
    content = json.loads(_PARAMETERS.read_text())
    return {k: np.array(v) if isinstance(v, list) else v for k, v in content.items()}
