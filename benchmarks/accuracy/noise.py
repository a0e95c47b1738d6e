"""Noise of a known strength, as ``nst`` of WFDB defines it, for stress tests of detectors."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from benchmarks.accuracy.ec57 import Times

KINDS = ("baseline", "muscle", "mains")
_AROUND_S = 0.05
_TRIMMED = 0.05
#: Lowest and highest frequency in Hz, and the power of the frequency with which the amplitude falls.
_BANDS = {"baseline": (0.05, 0.8, 0.5), "muscle": (5.0, 1000.0, 0.25), "motion": (0.3, 12.0, 1.0)}


def add_noise(
    values_mv: NDArray[np.float64], fs: float, beats_s: Times, kind: str, *, snr_db: float, seed: int
) -> NDArray[np.float64]:
    """Add noise to every lead, each independently, at a signal-to-noise ratio.

    The power of the signal is that of a sine as high as the QRS complexes, peak to peak squared over eight;
    the height is the mean over the beats (50 ms around each mark, the extreme 5 % on either side left out).
    That of the noise is its mean square (Moody, Muldrow, Mark, Comput Cardiol 1984;11:381; WFDB's ``nst``).

    Parameters
    ----------
    values_mv : ndarray, shape (leads, n)
    kind : str
        ``baseline``, ``muscle``, ``mains`` or ``all`` (each at ``snr_db``).
    """
    rng = np.random.default_rng(seed)
    noisy = values_mv.copy()
    for lead in noisy:
        rms = qrs_height(lead, fs, beats_s) / np.sqrt(8.0) * 10 ** (-snr_db / 20)
        for each in KINDS if kind == "all" else (kind,):
            lead += rms * shaped_noise(rng, len(lead), fs, each)
    return noisy


def shaped_noise(
    rng: np.random.Generator, n: int, fs: float, kind: str, *, varied: bool = False
) -> NDArray[np.float64]:
    """Noise of mean square one; ``varied`` (for training): its band and its fall are drawn at random.

    ``motion`` is of electrodes, which no test here uses.
    """
    if kind == "mains":
        return _mains(rng, n, fs, float(rng.choice([50.0, 60.0])) if varied else 60.0)
    low_hz, high_hz, fall = _BANDS[kind]
    if varied and kind == "muscle":
        low_hz, fall = float(rng.choice([1.0, 5.0, 20.0])), float(rng.choice([0.0, 0.25, 0.5]))
    return _coloured(rng, n, fs, low_hz, min(high_hz, 0.48 * fs), fall)


def qrs_height(values: NDArray[np.float64], fs: float, beats_s: Times) -> float:
    """Mean height of the QRS complexes, peak to peak."""
    reach = round(_AROUND_S * fs)
    at = np.rint(beats_s * fs).astype(int)
    at = at[(at >= reach) & (at < len(values) - reach)]
    heights = np.sort(np.ptp(values[at[:, None] + np.arange(-reach, reach + 1)], axis=1))
    trimmed = int(_TRIMMED * len(heights))
    return float(heights[trimmed : len(heights) - trimmed].mean())


def _coloured(
    rng: np.random.Generator, n: int, fs: float, low_hz: float, high_hz: float, fall: float
) -> NDArray[np.float64]:
    """Noise of mean square one, whose amplitude falls with frequency to the power given."""
    frequencies = np.fft.rfftfreq(n, 1 / fs)
    passed = (frequencies >= low_hz) & (frequencies <= high_hz)
    height = np.where(passed, np.maximum(frequencies, low_hz) ** -fall, 0.0)
    noise = np.fft.irfft(height * np.exp(2j * np.pi * rng.random(len(frequencies))), n)
    return np.asarray(noise / np.sqrt(np.mean(noise**2)))


def _mains(rng: np.random.Generator, n: int, fs: float, mains_hz: float) -> NDArray[np.float64]:
    """With some of its third harmonic."""
    time, phase = np.arange(n) / fs, rng.uniform(0, 2 * np.pi)
    wave = np.sin(2 * np.pi * mains_hz * time + phase)
    if fs > 8 * mains_hz:
        wave += 0.2 * np.sin(6 * np.pi * mains_hz * time + phase)
    return np.asarray(wave / np.sqrt(np.mean(wave**2)))
