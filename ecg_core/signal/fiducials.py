"""Where the waves of a median beat begin, peak and end, and the level that they are measured from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from ecg_core.signal.median_beat import MedianBeat

_LEVEL_S = 0.016  # of the PR segment before the QRS complex: a cycle of 60 Hz
_EDGE_S = 0.008  # of a P wave's ends


@dataclass(frozen=True)
class Fiducials:
    """Times of one beat in s after its R peak (negative before it); None where the wave is absent or unknown.

    ``qrs_offset_s`` is the J point.
    """

    p_onset_s: float | None = None
    p_peak_s: float | None = None
    p_offset_s: float | None = None
    qrs_onset_s: float | None = None
    qrs_offset_s: float | None = None
    t_onset_s: float | None = None
    t_peak_s: float | None = None
    t_offset_s: float | None = None


@dataclass(frozen=True)
class BeatFiducials:
    """The fiducials of a median beat: those of all leads together, and each lead's own.

    Attributes
    ----------
    overall : Fiducials
        Earliest onset and latest offset of all leads; its peaks are not used.
    by_lead : mapping of str to Fiducials
        A lead that is not in it is measured between the overall ones.
    """

    overall: Fiducials
    by_lead: Mapping[str, Fiducials] = field(default_factory=dict)

    def of(self, lead: str) -> Fiducials:
        """The lead's own where they are known, else the overall ones."""
        return self.by_lead.get(lead, self.overall)


def index_at(beat: MedianBeat, time_s: float | None) -> int | None:
    """The sample of a median beat at a time after its R peak; None where the beat does not reach so far."""
    if time_s is None:
        return None
    index = beat.r_index + round(time_s * beat.fs)
    return index if 0 <= index < len(beat.values) else None


def isoelectric_level(beat: MedianBeat, qrs_onset_s: float | None) -> float | None:
    """The level of the PR segment: the mean over 16 ms that end with the onset of the QRS complex.

    AHA/ACCF/HRS 2009 (Rautaharju et al., Circulation 2009;119:e241) measure ST from there, and the CSE
    working party QRS amplitudes (Eur Heart J 1985;6:815).

    Returns
    -------
    float or None
        In the unit of the beat; None without an onset or where the beat has no samples there.
    """
    onset = index_at(beat, qrs_onset_s)
    if onset is None:
        return None
    part = beat.values[max(0, onset - round(_LEVEL_S * beat.fs)) : onset + 1]
    return float(part.mean()) if np.isfinite(part).all() else None


def wave_from_line(
    beat: MedianBeat, onset_s: float | None, offset_s: float | None
) -> NDArray[np.float64] | None:
    """A wave above the straight line from its onset to its offset, in the unit of the beat.

    The way to measure a P wave, which stands on a baseline of its own (atrial repolarization, or a T wave
    that still falls).
    """
    onset, offset = index_at(beat, onset_s), index_at(beat, offset_s)
    if onset is None or offset is None or offset - onset < 2:
        return None
    wave, reach = beat.values[onset : offset + 1], max(1, round(_EDGE_S * beat.fs / 2))
    first, last = (float(beat.values[max(0, i - reach) : i + reach + 1].mean()) for i in (onset, offset))
    line = np.linspace(first, last, len(wave))
    return np.asarray(wave - line) if np.isfinite(wave - line).all() else None


def wave_from_level(
    beat: MedianBeat, onset_s: float | None, offset_s: float | None, level: float | None
) -> NDArray[np.float64] | None:
    """A wave above a level, in the unit of the beat; None where either is unknown or samples are missing."""
    onset, offset = index_at(beat, onset_s), index_at(beat, offset_s)
    if onset is None or offset is None or level is None or offset - onset < 2:
        return None
    wave = beat.values[onset : offset + 1] - level
    return wave if np.isfinite(wave).all() else None
