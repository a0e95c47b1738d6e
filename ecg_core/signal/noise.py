"""The noise of a lead in frames of 0.1 s: mains, muscle and the level of the baseline, all by matrix
products.

Each frame is split by least squares into a polynomial of degree 7 (what a smoothing filter of about 30 Hz
keeps: Savitzky, Golay 1964), oscillations at 50 and 60 Hz, and the rest, which is muscle noise. A QRS complex
touches few of the frames of 2 s, so that a low quantile over them is the noise outside of it, without knowing
the beats; the mains keep their phase from frame to frame, so that the median of their complex amplitudes
leaves out QRS and noise.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import maximum_filter1d, minimum_filter1d
from scipy.signal import butter, sosfiltfilt
from scipy.special import gammaincinv

FRAME_S, FRAMES_PER_WINDOW = 0.1, 20
#: Below this rate a frame is too few samples to tell muscle from the ECG.
LOWEST_RATE_HZ = 100.0
MAINS_HZ = (50.0, 60.0)
BASELINE_HZ = 0.5
_WORKING_RATE_HZ = 250.0
_DEGREE = 7
_QUANTILE = 0.25
_MAINS_ROOM = 1.2  # the rate is at least so many times twice the mains frequency
_BREATH_S, _SETTLES_S = 5.0, 10.0
_MAINS_OVER_NOISE = 3.0


@dataclass(frozen=True, eq=False)
class Noise:
    """One value a window of 2 s, in the unit of the signal; NaN where it cannot be told.

    Attributes
    ----------
    window_s : float
    muscle_rms : ndarray of float32, shape (n,)
        Above about 35 Hz (up to 125 Hz at most), outside QRS complexes, without mains.
    mains : ndarray of float32, shape (n,)
        Amplitude (zero to peak) at the mains frequency; 0 where it does not stand out of the noise.
    mains_hz : float
        That of 50 and 60 Hz which is larger over the lead; 0 where the rate carries neither.
    wander : ndarray of float32, shape (n,)
        Peak to peak below 0.5 Hz within 5 s around the window.
    """

    window_s: float
    muscle_rms: NDArray[np.float32]
    mains: NDArray[np.float32]
    mains_hz: float
    wander: NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Frames:
    """What each frame holds, shape (n,) each; ``mains`` (2, n) complex in the phase of the recording."""

    level: NDArray[np.float32]
    rest: NDArray[np.float32]
    mains: NDArray[np.complex64]


def reduction(fs: float) -> int:
    """How many samples are averaged into one before the noise is measured, at least 250 Hz being kept."""
    return max(1, int(fs // _WORKING_RATE_HZ))


def frame_length(fs: float) -> int:
    """Samples of a frame, after the reduction."""
    return max(1, round(FRAME_S * fs / reduction(fs)))


def measure_frames(values: NDArray[np.float32], fs: float, *, first_frame: int = 0) -> Frames:
    """Split frames into level, mains and the rest.

    Parameters
    ----------
    values : ndarray of float32, shape (n × reduction × frame_length,)
        Whole frames of one lead; NaN is a missing sample and makes its frame NaN.
    fs : float
        Sampling frequency in Hz, at least 100.
    first_frame : int
        Number of the first of them in the recording.
    """
    factor, length = reduction(fs), frame_length(fs)
    if factor > 1:
        values = values.reshape(-1, factor) @ np.full(factor, np.float32(1 / factor))
    basis, solution, _ = _split(fs)
    parts = basis @ values.reshape(-1, length).T  # level, mains and rest, one part a row
    pairs, free = solution.shape[0], max(1, len(basis) - 1 - solution.shape[0])
    rest = np.einsum("ij,ij->j", parts[1 + pairs :], parts[1 + pairs :]) / np.float32(free)
    mains = np.full((2, len(rest)), np.nan + 0j, np.complex64)
    amplitudes = solution @ parts[1 : 1 + pairs]
    frame_s = length * factor / fs
    for place, hertz in enumerate(_carried(fs)):
        turned = amplitudes[2 * place] - 1j * amplitudes[2 * place + 1]
        mains[MAINS_HZ.index(hertz)] = _in_phase(turned, hertz * frame_s, first_frame)
    return Frames(parts[0], rest, mains)


def _in_phase(
    amplitudes: NDArray[np.complex64], cycles_per_frame: float, first_frame: int
) -> NDArray[np.complex64]:
    """The amplitudes of frames as if all began with the recording."""
    if abs(cycles_per_frame - round(cycles_per_frame)) < 1e-9:
        return amplitudes
    cycles = (first_frame + np.arange(len(amplitudes))) * cycles_per_frame
    return np.asarray(amplitudes * np.exp(-2j * math.pi * (cycles % 1.0)), np.complex64)


def noise_of_frames(frames: Frames, fs: float) -> Noise:
    """The noise in windows of 20 frames; what is left over at the end is part of the last window."""
    factor, length = reduction(fs), frame_length(fs)
    frame_s = factor * length / fs
    free = _split(fs)[2]
    rest = _rows(frames.rest)
    variance = _low_quantile(rest) / _chi_square_quantile(free)
    mains, hertz = _mains(frames, variance, fs)
    with np.errstate(invalid="ignore"):
        muscle = np.sqrt(variance * ((length - _DEGREE - 1) / length))
    return Noise(frame_s * FRAMES_PER_WINDOW, muscle, mains, hertz, _wander(frames.level, frame_s))


def _carried(fs: float) -> list[float]:
    return [hertz for hertz in MAINS_HZ if fs >= 2 * _MAINS_ROOM * hertz]


@lru_cache(maxsize=16)
def _split(fs: float) -> tuple[NDArray[np.float32], NDArray[np.float32], int]:
    """Rows that give a frame's level, mains (orthonormal) and rest (orthonormal); what turns those of the
    mains into amplitudes of cosine and sine; the dimensions of the rest."""
    factor, length = reduction(fs), frame_length(fs)
    times = np.arange(length)
    degree = min(_DEGREE, length - 2)
    smooth = np.polynomial.legendre.legvander(np.linspace(-1, 1, length), degree)
    waves = []
    for hertz in _carried(fs):
        angle = 2 * math.pi * hertz / fs * (factor * times + (factor - 1) / 2)
        loss = np.sinc(hertz * factor / fs) / np.sinc(hertz / fs)  # of averaging
        waves += [loss * np.cos(angle), loss * np.sin(angle)]
    known = np.column_stack([smooth, *waves])
    q, r = np.linalg.qr(known)
    rest = np.linalg.svd(known)[0][:, known.shape[1] :]
    count = smooth.shape[1]
    solution = np.linalg.inv(r[count:, count:]) if len(waves) else np.empty((0, 0))
    basis = np.column_stack([np.full(length, 1 / length), q[:, count:], rest]).T
    return np.ascontiguousarray(basis, np.float32), solution.astype(np.float32), max(1, rest.shape[1])


@lru_cache(maxsize=16)
def _chi_square_quantile(free: int) -> float:
    return float(gammaincinv(free / 2, _QUANTILE) * 2 / free)


def _rows(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """One window a row, padded with NaN."""
    missing = -len(values) % FRAMES_PER_WINDOW
    padded = np.concatenate([values, np.full(missing, np.nan, values.dtype)]) if missing else values
    return padded.reshape(-1, FRAMES_PER_WINDOW)


def _low_quantile(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    return _quantile(rows, _QUANTILE)


def _quantile(rows: NDArray[np.float32], share: float) -> NDArray[np.float32]:
    """A quantile of each row without its NaN; NaN where fewer than a quarter of the row is there."""
    ordered = np.sort(rows, axis=1)
    present = np.isfinite(ordered).sum(axis=1)
    at = np.maximum(np.rint(share * (present - 1)).astype(np.int64), 0)
    found = np.take_along_axis(ordered, at[:, None], axis=1)[:, 0]
    return np.asarray(np.where(present * 4 >= rows.shape[1], found, np.nan), np.float32)


def _mains(frames: Frames, variance: NDArray[np.float32], fs: float) -> tuple[NDArray[np.float32], float]:
    """The amplitude of the larger of 50 and 60 Hz where it stands out, and which it is."""
    carried = _carried(fs)
    if not carried:
        return np.full(len(variance), np.nan, np.float32), 0.0
    larger = max(carried, key=lambda hertz: _coherent(frames.mains[MAINS_HZ.index(hertz)]))
    turned = frames.mains[MAINS_HZ.index(larger)]
    real, imaginary = (_quantile(_rows(part), 0.5) for part in (turned.real, turned.imag))
    found = np.hypot(real, imaginary)
    # the deviation of an amplitude that is fitted to one frame of white noise, and of a median over 20
    doubt = np.sqrt(variance * (2 / frame_length(fs))) * (1.25 / math.sqrt(FRAMES_PER_WINDOW))
    with np.errstate(invalid="ignore"):
        stands_out = found > _MAINS_OVER_NOISE * doubt
    amplitude = np.where(np.isnan(found), np.nan, np.where(stands_out, found, 0.0))
    return amplitude.astype(np.float32), larger


def _coherent(turned: NDArray[np.complex64]) -> float:
    """The usual amplitude of what keeps its phase over a window, from the sums of its frames."""
    sums = np.abs(_rows(turned.real).sum(axis=1) + 1j * _rows(turned.imag).sum(axis=1))
    sums = sums[np.isfinite(sums)]
    return float(np.median(sums)) if len(sums) else 0.0


@lru_cache(maxsize=16)
def _low_pass(frame_s: float) -> NDArray[np.float64]:
    return np.asarray(butter(4, BASELINE_HZ, fs=1 / frame_s, output="sos"))


def _wander(level: NDArray[np.float32], frame_s: float) -> NDArray[np.float32]:
    """Peak to peak of the level below 0.5 Hz, around each window."""
    present = np.isfinite(level)
    windows = -(-len(level) // FRAMES_PER_WINDOW)
    if present.sum() < FRAMES_PER_WINDOW:
        return np.full(windows, np.nan, np.float32)
    places = np.arange(len(level))
    filled = np.interp(places, places[present], level[present])
    padding = min(len(filled) - 1, round(_SETTLES_S / frame_s))
    slow = sosfiltfilt(_low_pass(frame_s), filled, padtype="even", padlen=padding)
    size = round(_BREATH_S / frame_s)
    spread = maximum_filter1d(slow, size, mode="nearest") - minimum_filter1d(slow, size, mode="nearest")
    middles = np.minimum(np.arange(windows) * FRAMES_PER_WINDOW + FRAMES_PER_WINDOW // 2, len(level) - 1)
    there = np.nan_to_num(_quantile(_rows(level), 0.5), nan=np.inf) < np.inf
    return np.where(there, spread[middles], np.nan).astype(np.float32)
