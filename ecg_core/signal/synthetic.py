"""A synthetic ECG: examples that ship with the project, and signals for tests and benchmarks.

The heart is a dipole whose vector runs through Gaussian P, Q, R, S and T waves once a beat (after McSharry
et al., *A dynamical model for generating synthetic electrocardiogram signals*, IEEE Trans Biomed Eng
2003;50:289); each lead is its projection on the lead's direction. The limb leads obey Einthoven's
law.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

TWELVE_LEADS = ("I", "II", "III", "aVR", "aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6")

# Time from the R peak and width in s; dipole in mV to the left, to the feet, and to the front.
_WAVES = (
    (-0.170, 0.022, (0.09, 0.12, 0.02)),  # P
    (-0.028, 0.008, (-0.08, 0.02, 0.22)),  # Q: septum, to the front and right
    (0.000, 0.011, (0.80, 0.85, -0.25)),  # R
    (0.028, 0.010, (-0.18, -0.12, -0.75)),  # S: base, to the back
    (0.270, 0.042, (0.24, 0.22, 0.10)),  # T
)
# Left, feet, front. Limb leads in the frontal plane, at Einthoven's angles.
_LEAD_VECTORS = {
    "I": (1.0, 0.0, 0.0),
    "II": (0.5, 0.866, 0.0),
    "V1": (-0.25, 0.05, 1.05),
    "V2": (0.25, 0.0, 1.25),
    "V3": (0.65, 0.1, 0.95),
    "V4": (1.0, 0.3, 0.45),
    "V5": (1.05, 0.3, 0.1),
    "V6": (0.9, 0.25, -0.1),
}


def synthesize_ecg(
    duration_s: float,
    fs: float,
    *,
    heart_rate_bpm: float = 66.0,
    leads: tuple[str, ...] = TWELVE_LEADS,
    noise_mv: float = 0.004,
    seed: int = 1,
) -> NDArray[np.float64]:
    """Twelve-lead sinus rhythm with respiratory variation, baseline wander and a little noise.

    Parameters
    ----------
    duration_s, fs : float
        Length in s and sampling frequency in Hz.
    leads : tuple of str
        Which of `TWELVE_LEADS`, in the order wanted.
    noise_mv : float
        Standard deviation of the noise.

    Returns
    -------
    ndarray, shape (len(leads), n)
        In millivolts.
    """
    rng = np.random.default_rng(seed)
    t = np.arange(round(duration_s * fs)) / fs
    dipole = np.zeros((3, len(t)))
    for beat in _beat_times(duration_s, heart_rate_bpm, rng):
        _add_beat(dipole, t, beat, fs)
    signals = {name: np.array(vector) @ dipole for name, vector in _LEAD_VECTORS.items()}
    for name in signals:
        wander = 0.04 * np.sin(2 * np.pi * 0.25 * t + rng.uniform(0, 6))
        signals[name] += wander + rng.normal(0, noise_mv, len(t))
    return np.stack([_with_limb_leads(signals)[name] for name in leads])


def _beat_times(duration_s: float, heart_rate_bpm: float, rng: np.random.Generator) -> list[float]:
    beats, at = [], 0.4
    while at < duration_s + 0.5:
        beats.append(at)
        at += 60 / heart_rate_bpm * (1 + 0.04 * np.sin(2 * np.pi * 0.25 * at) + rng.normal(0, 0.01))
    return beats


def _add_beat(dipole: NDArray[np.float64], t: NDArray[np.float64], beat: float, fs: float) -> None:
    first, last = np.clip([round((beat - 0.35) * fs), round((beat + 0.55) * fs)], 0, len(t))
    around = t[first:last] - beat
    for delay, width, vector in _WAVES:
        wave = np.exp(-0.5 * ((around - delay) / width) ** 2)
        dipole[:, first:last] += np.outer(vector, wave)


def _with_limb_leads(signals: dict[str, NDArray[np.float64]]) -> dict[str, NDArray[np.float64]]:
    one, two = signals["I"], signals["II"]
    derived = {"III": two - one, "aVR": -(one + two) / 2, "aVL": one - two / 2, "aVF": two - one / 2}
    return signals | derived
