"""All that is measured of a recording: one pure function of its leads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from ecg_core.domain import Measurement
from ecg_core.signal.fiducials import BeatFiducials
from ecg_core.signal.median_beat import MedianBeat
from ecg_core.signal.quality import LeadQuality

#: Of all that is measured here: results of another version are made again.
ANALYSIS_VERSION = 2
#: Suggestions of what a beat is; `EcgAnalysis.kinds` are indices into it.
BEAT_KINDS = ("normal", "supraventricular", "ventricular", "paced", "unclassified")
WAVES = ("P", "QRS", "T")


@dataclass(frozen=True, eq=False)
class LeadWaves:
    """The waves of one lead.

    Attributes
    ----------
    lead : str
    fs : float
        Sampling frequency in Hz of the lead, in whose samples the marks count.
    onset, peak, offset : ndarray of int64, shape (beats, 3)
        Of `WAVES` of each beat; -1 where the lead does not show the wave.
    amplitude : ndarray of float64, shape (beats, 3)
        Of the peak, in the lead's unit; NaN where absent.
    """

    lead: str
    fs: float
    onset: NDArray[np.int64]
    peak: NDArray[np.int64]
    offset: NDArray[np.int64]
    amplitude: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class EcgAnalysis:
    """What was found and measured.

    Attributes
    ----------
    lead : str
        The first ECG lead, in whose samples the beats count; empty where there is none.
    fs : float
        Its sampling frequency in Hz; 0 where it is unknown.
    beats : ndarray of int64, shape (n,)
        R peaks.
    kinds : ndarray of uint8, shape (n,)
        Indices into `BEAT_KINDS`.
    confidences : ndarray of float32, shape (n,)
        From 0 to 1.
    used : ndarray of bool, shape (n,)
        Whether the beat is in the median beats.
    waves : tuple of LeadWaves
        Of each lead that could be delineated.
    median_beats : mapping of str to MedianBeat
        By lead, in millivolts where the lead's unit is known, else in its own numbers.
    fiducials : BeatFiducials
        Of the median beats.
    quality : tuple of LeadQuality
    measurements : tuple of Measurement
        In the order in which they are shown.
    notes : mapping of str to str
        By subject: why a part of this is missing.
    """

    lead: str
    fs: float
    beats: NDArray[np.int64]
    kinds: NDArray[np.uint8]
    confidences: NDArray[np.float32]
    used: NDArray[np.bool_]
    waves: tuple[LeadWaves, ...]
    median_beats: Mapping[str, MedianBeat]
    fiducials: BeatFiducials
    quality: tuple[LeadQuality, ...]
    measurements: tuple[Measurement, ...]
    notes: Mapping[str, str] = field(default_factory=dict)

    @property
    def times_s(self) -> NDArray[np.float64]:
        """Of the beats, from the first sample."""
        return self.beats / self.fs if self.fs else np.zeros(0)
