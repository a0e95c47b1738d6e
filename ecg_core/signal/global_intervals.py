"""P duration, PR, QRS and QT from all leads together."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ecg_core.signal.wave_spans import QRS, P, T
from ecg_core.signal.waves import Waves

_NO_WAVE = {P: "no P wave is seen", QRS: "no QRS complex is seen", T: "no T wave is seen"}


@dataclass(frozen=True)
class GlobalInterval:
    """An interval from the first beginning to the last end in any lead, robustly.

    Attributes
    ----------
    name : str
        p_duration, pr_interval, qrs_duration or qt_interval.
    value_ms : float or None
        Median over the beats; None where it is withheld.
    spread_ms : float or None
        From the lower to the upper quartile over the beats; None below two beats.
    beats_used : int
    reason : str
        Why it is withheld; else empty.
    """

    name: str
    value_ms: float | None
    spread_ms: float | None
    beats_used: int
    reason: str = ""


def beat_intervals_ms(waves: Waves) -> dict[str, NDArray[np.float64]]:
    """The intervals of each beat in ms by name, shape (beats,); NaN where a wave is absent."""
    on, off = waves.heart_onset, waves.heart_offset
    samples = {
        "p_duration": off[:, P] - on[:, P],
        "pr_interval": on[:, QRS] - on[:, P],
        "qrs_duration": off[:, QRS] - on[:, QRS],
        "qt_interval": off[:, T] - on[:, QRS],
    }
    return {name: value * (1000 / waves.fs) for name, value in samples.items()}


def global_intervals(waves: Waves, *, beats: NDArray[np.bool_] | None = None) -> dict[str, GlobalInterval]:
    """Median over the beats of the intervals of all leads (AHA/ACCF/HRS, J Am Coll Cardiol 2009;53:976).

    Beginning and end are those that the network gives for the heart as a whole, trained on the
    second-earliest onset and second-latest offset of the experts' marks over 12 leads.

    Parameters
    ----------
    waves : Waves
    beats : ndarray of bool, shape (beats,), optional
        The beats to use, such as those of the usual shape; all by default.

    Returns
    -------
    dict of str to GlobalInterval
    """
    used = np.ones(len(waves.beats), np.bool_) if beats is None else beats
    needs = {"p_duration": P, "pr_interval": P, "qrs_duration": QRS, "qt_interval": T}
    out = {}
    for name, values in beat_intervals_ms(waves).items():
        known = values[used & np.isfinite(values)]
        if len(known):
            low, middle, high = np.percentile(known, [25, 50, 75])
            spread = float(high - low) if len(known) > 1 else None
            out[name] = GlobalInterval(name, float(middle), spread, len(known))
        else:
            reason = waves.p_withheld if needs[name] == P and waves.p_withheld else _NO_WAVE[needs[name]]
            out[name] = GlobalInterval(name, None, None, 0, reason)
    return out
