"""Heart-rate variability of each hour, from the analysis of a recording and what a reader left out of it."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np

from ecg_core.domain import Measurement
from ecg_core.signal.analysis import BEAT_KINDS, EcgAnalysis
from ecg_core.signal.blocking import spells_of_all
from ecg_core.signal.hrv import hourly_hrv
from ecg_core.signal.nn_intervals import nn_intervals
from ecg_core.signal.rates import unbroken_intervals

Hour = tuple[float, float, tuple[Measurement, ...]]


def hourly_variability(
    analysis: EcgAnalysis,
    duration_s: float,
    *,
    rejected: Collection[int] = (),
    no_beats: Collection[int] = (),
) -> list[Hour]:
    """Begin and end in s, and the measurements of variability, of each hour; the last may be shorter.

    Parameters
    ----------
    analysis : EcgAnalysis
    duration_s : float
        Of the recording.
    rejected, no_beats : collection of int
        As of `ecg_core.signal.corrected.counted_rr_ms`.
    """
    if not len(analysis.beats):
        return []
    is_beat = ~np.isin(analysis.beats, list(no_beats))
    times_s, samples = analysis.times_s[is_beat], analysis.beats[is_beat]
    usable = ~np.isin(samples, list(rejected))
    normal = (analysis.kinds[is_beat] == BEAT_KINDS.index("normal")) & usable
    unbroken = unbroken_intervals(times_s, spells_of_all(analysis.quality), usable=usable)
    nn = nn_intervals(times_s, normal=normal, unbroken=unbroken)
    is_af = any(one.name == "af_indicator" and one.value == 1.0 for one in analysis.measurements)
    hours = hourly_hrv(nn, duration_s, not_sinus="atrial fibrillation is indicated" if is_af else "")
    stops = [begin for begin, _ in hours[1:]] + [duration_s]
    return [(begin, stop, found) for (begin, found), stop in zip(hours, stops, strict=True)]
