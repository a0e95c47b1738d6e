"""Filters for the eye: zero-phase, on a copy. Nothing here is ever counted, stored or exported as the signal.

Every part runs forwards and backwards, so that no wave moves in time; that squares its gain. The parts are
designed for the *result*: its gain is 1/√2 (−3 dB) at the frequency that the part is named after.

Limits: P. Kligfield et al., *Recommendations for the standardization and interpretation of the
electrocardiogram, part I*, Circulation 2007;115:1306 (AHA/ACC/HRS): a high-pass of 0.05 Hz, or up to 0.67 Hz
where it is zero-phase; a low-pass of at least 150 Hz for adults.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import signal

#: High-pass and low-pass in Hz (None: there is none) of each band of `ecg_core.figures.view.FILTERS`.
BANDS: Mapping[str, tuple[float | None, float | None]] = {
    "none": (None, None),
    "0.05-150": (0.05, 150.0),
    "0.05-40": (0.05, 40.0),
    "0.5-40": (0.5, 40.0),
}
NOTCHES_HZ: Mapping[str, float | None] = {"": None, "50": 50.0, "60": 60.0}
#: Width between the −3 dB points of a notch.
NOTCH_WIDTH_HZ = 2.0
#: The high-pass that removes the baseline: it moves an ST elevation of 0.3 mV by at most 0.025 mV against
#: the PR segment (synthetic beats of 30 to 200 bpm over a wander of 0.5 mV). The usual other way, a running
#: median over 200 and then 600 ms, moves it by up to 0.3 mV: it takes an ST segment that joins the T wave for
#: baseline.
BASELINE_HZ = 0.67
#: At higher rates the poles of a high-pass lie too close to 1 for 64-bit floats.
HIGHEST_HIGH_PASS_RATE_HZ = 20_000.0

_ORDER = 2  # of each of the two runs
_CORNER = (math.sqrt(2.0) - 1.0) ** (1.0 / (2 * _ORDER))  # of one run, for −3 dB after two
_NOTCH_NARROWER = math.sqrt(1.0 / (math.sqrt(2.0) - 1.0))  # how much narrower one run's notch is
_PADS_PER_STRETCH = 8  # a signal full of gaps must not cost more than this many times its length on each side


@dataclass(frozen=True)
class Part:
    """One part of a filter: ``high-pass``, ``low-pass`` or ``notch``, at a frequency in Hz."""

    kind: str
    frequency_hz: float

    def fits(self, fs: float) -> bool:
        """Whether a signal of this sampling rate (Hz) can have it."""
        too_fast = self.kind == "high-pass" and fs > HIGHEST_HIGH_PASS_RATE_HZ
        return self.frequency_hz < fs / 2 and not too_fast

    @property
    def settles_s(self) -> float:
        """After how many seconds what lies beyond no longer counts: 0.1 % of a step is left at most."""
        return 2.0 if self.kind == "notch" else 2.0 / self.frequency_hz


def filter_parts(*, band: str, notch: str = "", baseline: bool = False) -> tuple[Part, ...]:
    """What a choice of filters consists of.

    Parameters
    ----------
    band : str
        Of `BANDS`.
    notch : str
        Of `NOTCHES_HZ`.
    baseline : bool
        Whether the baseline is removed.

    Raises
    ------
    ValueError
        There is no such band or notch.
    """
    if band not in BANDS:
        raise ValueError(f"Invalid band: {band!r}. Possible options are: {', '.join(BANDS)}")
    if notch not in NOTCHES_HZ:
        raise ValueError(f"Invalid notch: {notch!r}. Possible options are: '', 50, 60")
    high_pass, low_pass = BANDS[band]
    wanted = (
        ("high-pass", high_pass),
        ("high-pass", BASELINE_HZ if baseline else None),
        ("low-pass", low_pass),
        ("notch", NOTCHES_HZ[notch]),
    )
    return tuple(Part(kind, frequency) for kind, frequency in wanted if frequency is not None)


def filter_margin_s(fs: float, *, band: str, notch: str = "", baseline: bool = False) -> float:
    """How much signal (s) before and after a window decides what the filtered window looks like."""
    parts = filter_parts(band=band, notch=notch, baseline=baseline)
    return max((part.settles_s for part in parts if part.fits(fs)), default=0.0)


def apply_display_filter(
    values: NDArray[Any], fs: float, *, band: str, notch: str = "", baseline: bool = False
) -> NDArray[np.float64]:
    """A filtered copy of a signal.

    A stretch between gaps is filtered by itself, mirrored at its ends: nothing is drawn across a gap, and
    nothing where there was no sample. A part that the sampling rate cannot carry is left out
    (`Part.fits`).

    Parameters
    ----------
    values : ndarray, shape (n,)
        In any unit; NaN (or infinite) is a missing sample.
    fs : float
        Sampling rate in Hz.
    band, notch, baseline
        As in `filter_parts`.

    Returns
    -------
    ndarray of float64, shape (n,)
        In the same unit, NaN where a sample is missing.

    Raises
    ------
    ValueError
        There is no such band or notch.
    """
    parts = tuple(p for p in filter_parts(band=band, notch=notch, baseline=baseline) if p.fits(fs))
    original = np.asarray(values, np.float64)
    if not parts:
        return original.copy()
    filtered = np.full(len(original), np.nan)
    keeps_level = all(part.kind != "high-pass" for part in parts)
    longest = round(max(part.settles_s for part in parts) * fs)
    with np.errstate(over="ignore", invalid="ignore"):
        for places in _stretches(np.isfinite(original)):
            rows = original[places]
            level = rows[:, :1]  # a filter's rounding grows with the level, and a constant stays one
            smooth = _filter_rows(rows - level, parts, fs, longest)
            filtered[places] = smooth + level if keeps_level else smooth
    return filtered


def _stretches(present: NDArray[np.bool_]) -> Iterator[NDArray[np.int64]]:
    """Indices of the samples between gaps, a row a stretch, all stretches of one length at a time."""
    edges = np.flatnonzero(np.diff(present, prepend=False, append=False))
    starts, lengths = edges[::2], edges[1::2] - edges[::2]
    for length in np.unique(lengths):
        yield starts[lengths == length][:, None] + np.arange(length)


def _filter_rows(
    rows: NDArray[np.float64], parts: tuple[Part, ...], fs: float, longest: int
) -> NDArray[np.float64]:
    pad = min(longest, _PADS_PER_STRETCH * rows.shape[1])
    padded = np.pad(rows, ((0, 0), (pad, pad)), mode="symmetric")
    smooth: NDArray[np.float64] = signal.sosfiltfilt(_sections(parts, fs), padded, axis=1, padtype=None)
    return smooth[:, pad : pad + rows.shape[1]]


@lru_cache(maxsize=64)
def _sections(parts: tuple[Part, ...], fs: float) -> NDArray[np.float64]:
    """Second-order sections of one run, shape (len(parts), 6)."""
    return np.concatenate([_section(part, fs) for part in parts])


def _section(part: Part, fs: float) -> NDArray[np.float64]:
    if part.kind == "notch":
        quality = part.frequency_hz / NOTCH_WIDTH_HZ * _NOTCH_NARROWER
        return np.hstack(signal.iirnotch(part.frequency_hz, quality, fs=fs))[None]
    warped = math.tan(math.pi * part.frequency_hz / fs)  # the bilinear transform bends frequencies
    corner = warped * _CORNER if part.kind == "high-pass" else warped / _CORNER
    corner_hz = fs / math.pi * math.atan(corner)
    kind = part.kind.replace("-", "")
    sections: NDArray[np.float64] = signal.butter(_ORDER, corner_hz, kind, fs=fs, output="sos")
    return sections
