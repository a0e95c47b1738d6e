"""How strongly each moment of a recording looks like a QRS complex, over all its leads together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

#: The rate at which beats are looked for, whatever that of the leads.
RATE_HZ = 125.0
_NARROW_S, _WIDE_S = 0.011, 0.026  # widths of the wavelets: a normal QRS complex and a ventricular one
_BLOCK_S = 3.0  # holds a beat at 20 a minute
_BLOCKS_AROUND = 3  # levels are medians of this many blocks on each side
_FLAT_S = 1.0
_LOWEST_LEVEL = 1e-6  # of the largest value
_SHORTEST_S = 0.5  # of signal in a lead
_SPIKES_FROM_HZ = 400.0
_SPIKE_S, _SPIKE_SHARE, _MOST_SPIKES = 0.003, 0.3, 0.02

Floats = NDArray[np.float32]
_HUMP_REACH = 7
_HUMP = (np.hanning(2 * _HUMP_REACH + 3)[1:-1] / (_HUMP_REACH + 1)).astype(np.float32)


@dataclass(frozen=True, eq=False)
class Envelopes:
    """The strength of QRS complexes at 125 Hz, relative to its usual height nearby.

    Attributes
    ----------
    narrow, wide : ndarray of float32, shape (n,)
        About 1 at the usual QRS complex of the stretch, 0 where nothing is recorded.
    agreed : ndarray of float32, shape (n,)
        What all leads show, where the others are the mean over leads: the harmonic mean.
    noise : ndarray of float32, shape (n,)
        The usual strength between beats in the best lead, relative to that at beats.
    """

    narrow: Floats
    wide: Floats
    agreed: Floats
    noise: Floats

    @property
    def whole(self) -> Floats:
        """Narrow and wide together over 0.1 s: one hump for each QRS complex, however notched."""
        both = np.pad(self.narrow + self.wide, _HUMP_REACH)
        return np.convolve(both, _HUMP, mode="valid").astype(np.float32)


def find_envelopes(leads: Sequence[tuple[NDArray[np.float64], float]]) -> Envelopes:
    """Find how strongly each moment looks like a QRS complex.

    Each lead is averaged to 125 Hz, and its energy taken under pairs of wavelets (first and second derivative
    of a Gaussian: the sum of their squares does not depend on the shape or the polarity of a wave, only on
    its width and height). The energies of the leads are divided by their usual height at beats and averaged,
    each lead weighted by how far its beats stand out (inverse variance).

    Parameters
    ----------
    leads : sequence of (ndarray of shape (n,), float)
        Values, NaN where missing, and sampling frequency in Hz. All begin at the same moment.
    """
    total = max((int(len(values) / fs * RATE_HZ) for values, fs in leads), default=0)
    sums = np.zeros((4, total), np.float32)
    noise = np.full(total, 1.0, np.float32)
    for values, fs in leads:
        _add_lead(sums, noise, *at_rate(values, fs, total))
    safe = np.maximum(sums[2], 1e-6)
    agreed = np.where(sums[2] > 0, sums[2] / np.maximum(sums[3], 1e-6), 0.0)
    return Envelopes(np.sqrt(sums[0] / safe), np.sqrt(sums[1] / safe), np.sqrt(agreed), noise)


def _add_lead(sums: Floats, noise: Floats, values: Floats, present: NDArray[np.bool_]) -> None:
    if present.sum() < _SHORTEST_S * RATE_HZ:
        return
    whole = np.zeros(len(values), np.float32)
    for row, width_s in enumerate((_NARROW_S, _WIDE_S)):
        energy = _energy(values, width_s)
        energy[~present] = 0.0
        level, ratio = _levels(energy, present)
        if row == 0:
            weight = np.where(present, (1.0 / np.maximum(ratio, 0.02) - 1.5).clip(0.01) ** 2, 0.0)
            sums[2] += weight
            np.minimum(noise, np.where(present, ratio, 1.0), out=noise)
        energy /= np.maximum(level, _LOWEST_LEVEL) ** 2
        sums[row] += weight * energy
        whole += energy
    sums[3] += weight / (whole + 1e-3)


def at_rate(values: NDArray[np.float64], fs: float, total: int) -> tuple[Floats, NDArray[np.bool_]]:
    """The mean of the signal over each 8 ms (the largest is 1), and where it was recorded."""
    reduced, present = np.zeros(total, np.float32), np.zeros(total, np.bool_)
    known = np.isfinite(values)
    recorded = min(int(len(values) / fs * RATE_HZ), total)
    if not recorded or not known.any():
        return reduced, present
    present[:recorded] = True
    if not known.all():
        values = np.interp(np.arange(len(values)), np.flatnonzero(known), values[known])
        present[:recorded] = known[(np.arange(recorded) * (fs / RATE_HZ)).astype(np.int64)]
    values = without_spikes(values, fs)
    reduced[:recorded] = _means(values, fs, recorded)
    reduced[:recorded] *= 1.0 / max(float(np.abs(reduced).max()), 1e-30)
    reduced[recorded:] = reduced[recorded - 1]  # no step at the end
    present &= ~_flat(reduced)
    return reduced, present


def _means(values: NDArray[np.float64], fs: float, number: int) -> Floats:
    edges = np.arange(number + 1) * (fs / RATE_HZ)
    if fs < RATE_HZ:
        centres = edges[:-1] + 0.5 * (fs / RATE_HZ) - 0.5
        return np.asarray(np.interp(centres, np.arange(len(values)), values), np.float32)
    whole = edges.astype(np.int64)
    sums = np.zeros(len(values) + 2)
    np.cumsum(values - values[0], out=sums[1:-1])
    sums[-1] = sums[-2]
    at = sums[whole]
    if fs % RATE_HZ:
        at += (edges - whole) * (sums[whole + 1] - at)
    return np.diff(at * (RATE_HZ / fs)).astype(np.float32)


def find_spikes(values: NDArray[np.float64], fs: float) -> NDArray[np.int64]:
    """What rises and falls again within 3 ms, as the spikes of pacemakers do: its samples.

    Parameters
    ----------
    values : ndarray, shape (n,)
        Without missing samples.
    fs : float
        Sampling frequency in Hz; below 400 none can be told from a QRS complex, and none is found.
    """
    apart = max(round(_SPIKE_S * fs), 1)
    if fs < _SPIKES_FROM_HZ or len(values) < 4 * apart:
        return np.empty(0, np.int64)
    low, high = np.quantile(values[:: max(int(0.01 * fs), 1)], [0.005, 0.995])
    before, after = values[apart:-apart] - values[: -2 * apart], values[apart:-apart] - values[2 * apart :]
    stands_out = np.where(before * after > 0, np.minimum(np.abs(before), np.abs(after)), 0.0)
    spikes = np.flatnonzero(stands_out > _SPIKE_SHARE * (high - low)) + apart
    return spikes if len(spikes) <= _MOST_SPIKES * len(values) else np.empty(0, np.int64)


def without_spikes(values: NDArray[np.float64], fs: float) -> NDArray[np.float64]:
    """The signal, a straight line in place of what `find_spikes` finds."""
    spikes = find_spikes(values, fs)
    if not len(spikes):
        return values
    apart = round(_SPIKE_S * fs)
    kept = np.ones(len(values), np.bool_)
    kept[np.clip(spikes[:, None] + np.arange(-apart, apart + 1), 1, len(values) - 2).ravel()] = False
    at = np.flatnonzero(kept)
    return np.interp(np.arange(len(values)), at, values[at])


def _flat(values: Floats) -> NDArray[np.bool_]:
    """Where the signal stands still for a second or more (a lead that is off, or at the end of its range)."""
    still = np.zeros(len(values) + 2, np.int8)
    still[1:-2] = np.abs(np.diff(values)) <= 1e-7 * max(float(np.abs(values).max(initial=0.0)), 1e-30)
    changes = np.flatnonzero(np.diff(still))
    flat = np.zeros(len(values), np.bool_)
    for first, last in changes.reshape(-1, 2):
        if last - first >= _FLAT_S * RATE_HZ:
            flat[first : last + 1] = True
    return flat


def _energy(values: Floats, width_s: float) -> Floats:
    first, second = _wavelets(width_s * RATE_HZ)
    reach = len(first) // 2
    padded = np.concatenate([np.repeat(values[:1], reach), values, np.repeat(values[-1:], reach)])
    energy = np.convolve(padded, first, mode="valid") ** 2
    energy += np.convolve(padded, second, mode="valid") ** 2
    return energy


def _wavelets(sigma: float) -> tuple[Floats, Floats]:
    """First and second derivative of a Gaussian, of mean zero and length one."""
    reach = int(np.ceil(3.5 * sigma))
    t = np.arange(-reach, reach + 1) / sigma
    bell = np.exp(-0.5 * t**2)
    pair = (t * bell, (t**2 - 1.0) * bell)
    first, second = ((w - w.mean()) / np.linalg.norm(w - w.mean()) for w in pair)
    return first.astype(np.float32), second.astype(np.float32)


def _levels(energy: Floats, present: NDArray[np.bool_]) -> tuple[Floats, Floats]:
    """The usual height at beats (root of the energy), and the usual height between them over it."""
    size = int(_BLOCK_S * RATE_HZ)
    blocks = max(len(energy) // size, 1)
    used = energy[: blocks * size] if len(energy) >= size else energy
    root = np.sqrt(used).reshape(blocks, -1)
    here = present[: used.size].reshape(blocks, -1)
    enough = here.mean(axis=1) > 0.3
    highest = np.where(enough, root.max(axis=1), np.nan)
    middle = np.where(enough, np.median(root[:, ::3], axis=1), np.nan)
    level, between = _running_median(highest), _running_median(middle)
    at = np.arange(len(energy)) / size - 0.5
    centres = np.arange(blocks)
    spread = np.interp(at, centres, level).astype(np.float32)
    ratio = np.interp(at, centres, between / np.maximum(level, _LOWEST_LEVEL)).astype(np.float32)
    return spread, ratio


def _running_median(values: NDArray[np.floating]) -> NDArray[np.float64]:
    """Median of the blocks around each; where none of them is known, the median of all (0 without any)."""
    if not np.isfinite(values).any():
        return np.zeros(len(values))
    reach = _BLOCKS_AROUND
    padded = np.concatenate([np.full(reach, np.nan), values, np.full(reach, np.nan)])
    around = np.sort(np.lib.stride_tricks.sliding_window_view(padded, 2 * reach + 1), axis=1)  # NaN last
    number = np.isfinite(around).sum(axis=1)
    rows = np.arange(len(values))
    middle = 0.5 * (around[rows, np.maximum(number - 1, 0) // 2] + around[rows, number // 2])
    return np.asarray(np.where(number > 0, middle, np.nanmedian(values)), np.float64)
