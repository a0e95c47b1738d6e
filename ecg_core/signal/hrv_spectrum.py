"""Spectrum of the heart rate: Welch's and Lomb and Scargle's."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import make_interp_spline
from scipy.signal import detrend

from ecg_core.signal.nn_intervals import NnIntervals
from ecg_core.signal.nonuniform_fourier import fourier_sums

Spectrum = tuple[NDArray[np.float64], NDArray[np.float64]]

#: Task Force of ESC and NASPE, Circulation 1996;93:1043.
BANDS_HZ = {"vlf": (0.0033, 0.04), "lf": (0.04, 0.15), "hf": (0.15, 0.4), "total": (0.0033, 0.4)}
RATE_HZ = 4.0
WINDOW_S = 300.0
_BRIDGED = 0.1  # of a window's time may be without NN intervals
_FEWEST = 20  # intervals in a window


def welch_spectrum(
    nn: NnIntervals, *, window_s: float = WINDOW_S, without_line: bool = True
) -> Spectrum | None:
    """Density by Welch (IEEE Trans Audio 1967;15:70): windows of 5 min or of all there is, half overlapping.

    NN intervals are resampled at 4 Hz by a cubic spline through the times of their beats. Each window is
    freed of its line, tapered by Hann's window and padded to twice its length. A window of which more than
    a tenth is not covered by NN intervals is left out.

    Returns
    -------
    frequencies in Hz and density in ms²/Hz, or None where no window is left.
    """
    if len(nn.ms) < _FEWEST:
        return None
    at, even = resampled(nn)
    size = min(round(window_s * RATE_HZ), len(at))
    if size < _FEWEST:
        return None
    begins = np.arange(0, len(at) - size + 1, max(size // 2, 1))
    covered = np.r_[0, np.cumsum(_covered(nn, at))]
    begins = begins[covered[begins + size] - covered[begins] >= (1 - _BRIDGED) * size]
    if not len(begins):
        return None
    rows = (even - even.mean())[begins[:, None] + np.arange(size)]
    rows = detrend(rows, axis=1) if without_line else rows
    taper = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(size) / size)
    power = np.abs(np.fft.rfft(rows * taper, 2 * size, axis=1)) ** 2
    density = 2.0 * power.mean(axis=0) / (RATE_HZ * float(taper @ taper))
    frequencies = np.arange(size + 1, dtype=np.float64) * (RATE_HZ / 2 / size)
    return frequencies, np.asarray(density, np.float64)


def resampled(nn: NnIntervals) -> Spectrum:
    """Times in s at 4 Hz, and the cubic spline through the NN intervals there in ms."""
    at = np.arange(nn.end_s[0], nn.end_s[-1], 1.0 / RATE_HZ)
    return at, np.asarray(make_interp_spline(nn.end_s, nn.ms, k=3)(at), np.float64)


def lomb_spectrum(nn: NnIntervals, *, window_s: float = WINDOW_S) -> Spectrum | None:
    """Density by Lomb and Scargle (Astrophys J 1982;263:835), without resampling: mean of windows of 5 min.

    The periodogram is scaled so that its integral is the variance. Each window is freed of its line.

    Returns
    -------
    frequencies in Hz and density in ms²/Hz, or None where no window is left.
    """
    if len(nn.ms) < _FEWEST:
        return None
    span_s = min(window_s, float(nn.end_s[-1] - nn.end_s[0]))
    step_hz = 0.5 / span_s
    order = int(BANDS_HZ["hf"][1] / step_hz) + 1
    density = _mean_periodogram(nn, span_s, step_hz, order)
    return None if density is None else (np.arange(1, order + 1, dtype=np.float64) * step_hz, density)


def band_power(spectrum: Spectrum, band_hz: tuple[float, float]) -> float:
    """Integral of the density, straight between its points, from edge to edge; bands add up to the total."""
    frequencies, density = spectrum
    steps = np.diff(frequencies) * (density[1:] + density[:-1]) / 2
    inside = np.clip(np.array(band_hz), frequencies[0], frequencies[-1])
    index = np.clip(np.searchsorted(frequencies, inside, side="right") - 1, 0, len(frequencies) - 2)
    part = (inside - frequencies[index]) / (frequencies[index + 1] - frequencies[index])
    width = frequencies[index + 1] - frequencies[index]
    within = width * part * (density[index] + part * (density[index + 1] - density[index]) / 2)
    low, high = np.r_[0.0, np.cumsum(steps)][index] + within
    return float(high - low)


def _covered(nn: NnIntervals, at: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Whether an NN interval is around each time."""
    ends = np.minimum(np.searchsorted(nn.end_s, at), len(nn.end_s) - 1)
    return np.asarray(nn.end_s[ends] - nn.ms[ends] / 1000.0 <= at + 1e-6)


def _mean_periodogram(
    nn: NnIntervals, span_s: float, step_hz: float, order: int
) -> NDArray[np.float64] | None:
    """Of the windows, one after the other, that are covered, at 1 to ``order`` times the step."""
    since = nn.end_s - nn.end_s[0]
    row = np.floor(since / span_s * (1 - 1e-9)).astype(np.int64)
    count = np.bincount(row)
    good = (count >= _FEWEST) & (np.bincount(row, nn.ms) / 1000.0 >= (1 - _BRIDGED) * span_s)
    if not good.any():
        return None
    kept = good[row]
    row, times, ms = (np.cumsum(good) - 1)[row[kept]], since[kept], nn.ms[kept]
    count = count[good]
    times, values = times - _row_mean(row, times, count), ms - _row_mean(row, ms, count)
    slope = np.bincount(row, times * values) / np.bincount(row, times * times)
    values = values - slope[row] * times
    angle = 2 * np.pi * step_hz * times
    sums = fourier_sums(row, angle, values, row_count=len(count), order=order)[:, 1:]
    waves = fourier_sums(row, angle, np.ones(len(row)), row_count=len(count), order=2 * order)[:, 2::2]
    turned = sums * np.exp(-0.5j * np.angle(waves))  # by the delay that makes sine and cosine orthogonal
    half, excess = count[:, None] / 2, np.abs(waves) / 2
    power = 0.5 * (turned.real**2 / (half + excess) + turned.imag**2 / np.maximum(half - excess, 1e-9))
    return np.asarray((2.0 * span_s / count[:, None] * power).mean(axis=0), np.float64)


def _row_mean(
    row: NDArray[np.int64], values: NDArray[np.float64], count: NDArray[np.int64]
) -> NDArray[np.float64]:
    return np.asarray((np.bincount(row, values) / count)[row], np.float64)
