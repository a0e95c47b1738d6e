"""The stretch before each QRS, where a P wave would be: the same from beat to beat, or different in each."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray
from scipy.signal import butter, resample_poly, sosfiltfilt

#: Leads in which atrial activity is best seen, and that the indicator was fitted to, in order of preference.
PREFERRED_LEADS = ("II", "MLII", "V1", "MCL1", "I", "V2", "V5", "V4")
LEADS_USED = 2
_RATE_HZ = 100
_BAND_HZ = (0.7, 35.0)
_FROM_MS, _TO_MS = -280, -60  # before the R peak: PR up to 280 ms, and not yet the QRS
_QRS_MS = 60
_SHORTEST_S = 0.5


@dataclass(frozen=True, eq=False)
class AtrialSegments:
    """What is before and in the QRS of each beat.

    Attributes
    ----------
    before : ndarray of float32, shape (leads, beats, 23)
        From 280 to 60 ms before the R peak at 100 Hz, 0.7-35 Hz, without its mean and slope.
    qrs : ndarray of float32, shape (leads, beats)
        Peak to peak of the QRS within 60 ms of the R peak, in the same unit.
    """

    before: NDArray[np.float32]
    qrs: NDArray[np.float32]

    @staticmethod
    def step_s() -> float:
        return 1.0 / _RATE_HZ


def preferred_leads(names: Sequence[str]) -> list[int]:
    """Indices of the two leads to look at: by `PREFERRED_LEADS`, then in their own order."""
    upper = [name.strip().upper() for name in names]
    ranked = [upper.index(name) for name in PREFERRED_LEADS if name in upper]
    rest = [index for index in range(len(names)) if index not in ranked]
    return (ranked + rest)[:LEADS_USED]


def atrial_segments(
    values: Iterable[NDArray[np.float64]], fs: float, beats_s: NDArray[np.float64]
) -> AtrialSegments | None:
    """Cut the stretches out.

    Parameters
    ----------
    values : iterable of ndarray, each of shape (n,)
        Leads in one unit (any: only shapes and ratios to the QRS are used later); NaN is missing. They are
        taken one by one: a day of one lead fills 170 MB.
    fs : float
        Sampling frequency in Hz.
    beats_s : ndarray, shape (beats,)
        R peaks in s from the first sample.

    Returns
    -------
    AtrialSegments or None
        None where the signal is shorter than 0.5 s or sampled below 75 Hz.
    """
    if fs < 2.1 * _BAND_HZ[1]:
        return None
    leads = [_at_100_hz(lead, fs) for lead in values if len(lead) >= _SHORTEST_S * fs]
    if not leads:
        return None
    slow = np.stack(leads)
    before = _without_line(_cut(slow, beats_s, _FROM_MS, _TO_MS))
    return AtrialSegments(before, np.ptp(_cut(slow, beats_s, -_QRS_MS, _QRS_MS), axis=-1))


def _at_100_hz(lead: NDArray[np.float64], fs: float) -> NDArray[np.float32]:
    present = np.isfinite(lead)
    if not present.any():
        return np.zeros(int(np.ceil(len(lead) * _RATE_HZ / fs)), np.float32)
    if not present.all():
        lead = np.interp(np.arange(len(lead)), np.flatnonzero(present), lead[present])
    ratio = Fraction(_RATE_HZ / fs).limit_denominator(1000)
    level = (lead - lead.mean()).astype(np.float32)
    slow = resample_poly(level, ratio.numerator, ratio.denominator)
    sos = butter(2, _BAND_HZ, "bandpass", fs=_RATE_HZ, output="sos").astype(np.float32)
    return np.asarray(sosfiltfilt(sos, slow), np.float32)


def _cut(
    slow: NDArray[np.float32], beats_s: NDArray[np.float64], from_ms: int, to_ms: int
) -> NDArray[np.float32]:
    """Interpolated between samples, so that beats are aligned better than to 10 ms."""
    around = np.arange(from_ms * _RATE_HZ // 1000, to_ms * _RATE_HZ // 1000 + 1)
    at = beats_s[:, None] * _RATE_HZ + around
    index = np.clip(np.floor(at).astype(np.int64), 0, slow.shape[1] - 2)
    part = np.clip(at - index, 0, 1).astype(np.float32)
    return np.asarray(slow[:, index] * (1 - part) + slow[:, index + 1] * part)


def _without_line(cut: NDArray[np.float32]) -> NDArray[np.float32]:
    slope = np.linspace(-1, 1, cut.shape[-1], dtype=np.float32)
    slope /= np.linalg.norm(slope)
    level = cut - cut.mean(axis=-1, keepdims=True)
    return np.asarray(level - (level @ slope)[..., None] * slope)
