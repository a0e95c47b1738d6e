"""How strongly each moment of a recording looks like a QRS complex, over all its leads together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

#: The rate at which beats are looked for, whatever that of the leads.
RATE_HZ = 125.0
_NARROW_S, _WIDE_S = 0.011, 0.026  # widths of the wavelets: a normal QRS complex and a ventricular one
_BLOCK_S = 3.0  # holds a beat at 20 a minute
_BLOCKS_AROUND = 3  # levels are medians of this many blocks on each side
_FLAT_S = 1.0
_AT_ONCE = 32  # samples that one row of the product of matrices gives
_LOWEST_LEVEL = 1e-6  # of the largest value
_SHORTEST_S = 0.5  # of signal in a lead
_SPIKES_FROM_HZ = 400.0
_SPIKE_S, _SPIKE_SHARE, _MOST_SPIKES = 0.003, 0.3, 0.02

Floats = NDArray[np.float32]
Samples = NDArray[Any]  # of a lead: whole or floating numbers, in any unit
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
    leads : ndarray of float32, shape (leads, n)
        The leads themselves at this rate, each in a unit and from a level of its own.
    spikes_s : tuple of ndarray of float64
        What `find_spikes` found in each lead, in seconds.
    """

    narrow: Floats
    wide: Floats
    agreed: Floats
    noise: Floats
    leads: Floats
    spikes_s: tuple[NDArray[np.float64], ...]

    @cached_property
    def whole(self) -> Floats:
        """Narrow and wide together over 0.1 s: one hump for each QRS complex, however notched."""
        both = np.pad(self.narrow + self.wide, _HUMP_REACH)
        return np.convolve(both, _HUMP, mode="valid").astype(np.float32)


def find_envelopes(leads: Sequence[tuple[Samples, float]]) -> Envelopes:
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
    reduced, spikes_s = np.zeros((len(leads), total), np.float32), []
    for row, (values, fs) in zip(reduced, leads, strict=True):
        row[:], present, spikes = at_rate(values, fs, total)
        spikes_s.append(spikes / fs)
        highest = max(float(row.max(initial=0.0)), -float(row.min(initial=0.0)), 1e-30)
        _add_lead(sums, noise, row * np.float32(1.0 / highest), present)
    safe = np.maximum(sums[2], 1e-6)
    agreed = np.where(sums[2] > 0, sums[2] / np.maximum(sums[3], 1e-6), 0.0)
    narrow, wide, agreed = np.sqrt(sums[0] / safe), np.sqrt(sums[1] / safe), np.sqrt(agreed)
    return Envelopes(narrow, wide, agreed, noise, reduced, tuple(spikes_s))


def _add_lead(sums: Floats, noise: Floats, values: Floats, present: NDArray[np.bool_]) -> None:
    if present.sum() < _SHORTEST_S * RATE_HZ:
        return
    narrow, wide = _energies(values)
    absent = None if present.all() else ~present
    if absent is not None:
        narrow[absent] = wide[absent] = 0.0
    level, ratio = _levels(narrow, present)
    weight = np.maximum(1.0 / np.maximum(ratio, np.float32(0.02)) - np.float32(1.5), np.float32(0.01)) ** 2
    if absent is not None:
        weight[absent], ratio[absent] = 0.0, 1.0
    sums[2] += weight
    np.minimum(noise, ratio, out=noise)
    narrow /= level**2
    wide /= _levels(wide, present)[0] ** 2
    sums[0] += weight * narrow
    sums[1] += weight * wide
    narrow += wide
    narrow += np.float32(1e-3)
    sums[3] += weight / narrow


def at_rate(values: Samples, fs: float, total: int) -> tuple[Floats, NDArray[np.bool_], NDArray[np.int64]]:
    """The mean of the signal over each 8 ms, in a unit of the lead's; where it was recorded; the spikes."""
    reduced, present = np.zeros(total, np.float32), np.zeros(total, np.bool_)
    spikes = np.empty(0, np.int64)
    recorded = min(int(len(values) / fs * RATE_HZ), total)
    if not recorded:
        return reduced, present, spikes
    present[:recorded] = True
    if values.dtype.kind == "f":
        known = np.isfinite(values)
        if not known.any():
            return reduced, np.zeros(total, np.bool_), spikes
        if not known.all():
            values = np.interp(np.arange(len(values)), np.flatnonzero(known), values[known])
            present[:recorded] = known[(np.arange(recorded) * (fs / RATE_HZ)).astype(np.int64)]
    spikes = find_spikes(values, fs)
    reduced[:recorded] = _means(_bridged(values, spikes, fs), fs, recorded)
    reduced[recorded:] = reduced[recorded - 1]  # no step at the end
    present &= ~_flat(reduced)
    return reduced, present, spikes


def _means(values: Samples, fs: float, number: int) -> Floats:
    together = round(fs / RATE_HZ)
    if fs == together * RATE_HZ:
        sums = np.zeros(number, np.float32)
        for each in range(together):
            sums += np.subtract(values[each : number * together : together], values[0], dtype=np.float32)
        return sums
    edges = np.arange(number + 1) * (fs / RATE_HZ)
    if fs < RATE_HZ:
        centres = edges[:-1] + 0.5 * (fs / RATE_HZ) - 0.5
        return np.asarray(np.interp(centres, np.arange(len(values)), values), np.float32)
    whole = edges.astype(np.int64)
    total = np.zeros(len(values) + 2)
    np.cumsum(np.subtract(values, values[0], dtype=np.float64), out=total[1:-1])
    total[-1] = total[-2]
    at = total[whole]
    if fs % RATE_HZ:
        at += (edges - whole) * (total[whole + 1] - at)
    return np.diff(at * (RATE_HZ / fs)).astype(np.float32)


def find_spikes(values: Samples, fs: float) -> NDArray[np.int64]:
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
    some = np.sort(values[:: max(int(0.01 * fs), 1)])
    high, low = (float(some[round(share * (len(some) - 1))]) for share in (0.995, 0.005))
    steps = np.subtract(values[apart:], values[:-apart], dtype=np.float32)
    least = np.float32(_SPIKE_SHARE * (high - low))
    up, down = steps > least, steps < -least
    spikes = np.flatnonzero((up[:-apart] & down[apart:]) | (down[:-apart] & up[apart:])) + apart
    return spikes if len(spikes) <= _MOST_SPIKES * len(values) else np.empty(0, np.int64)


def without_spikes(values: Samples, fs: float) -> Samples:
    """The signal, a straight line in place of what `find_spikes` finds."""
    return _bridged(values, find_spikes(values, fs), fs)


def _bridged(values: Samples, spikes: NDArray[np.int64], fs: float) -> Samples:
    if not len(spikes):
        return values
    apart = round(_SPIKE_S * fs)
    kept = np.ones(len(values), np.bool_)
    kept[np.clip(spikes[:, None] + np.arange(-apart, apart + 1), 1, len(values) - 2).ravel()] = False
    at = np.flatnonzero(kept)
    return np.asarray(np.interp(np.arange(len(values)), at, values[at]))


def _flat(values: Floats) -> NDArray[np.bool_]:
    """Where the signal stands still for a second or more (a lead that is off, or at the end of its range)."""
    least = np.float32(1e-7 * max(float(values.max(initial=0.0)), -float(values.min(initial=0.0)), 1e-30))
    moves = np.flatnonzero(np.abs(np.diff(values)) > least)
    edges = np.concatenate([[-1], moves, [len(values) - 1]])
    flat = np.zeros(len(values), np.bool_)
    for each in np.flatnonzero(np.diff(edges) > _FLAT_S * RATE_HZ):
        flat[edges[each] + 1 : edges[each + 1] + 1] = True
    return flat


def _energies(values: Floats) -> tuple[Floats, Floats]:
    """The energy under the narrow pair of wavelets and under the wide one: a product of matrices."""
    filters, reach = _bank()
    blocks = -(-len(values) // _AT_ONCE)
    padded = np.pad(values, (reach, blocks * _AT_ONCE - len(values) + reach), mode="edge")
    windows = np.lib.stride_tricks.sliding_window_view(padded, _AT_ONCE + 2 * reach)[::_AT_ONCE]
    answers = (windows @ filters).reshape(blocks, 2, 2, _AT_ONCE)
    np.square(answers, out=answers)
    energies = answers.sum(axis=2)
    return energies[:, 0].ravel()[: len(values)], energies[:, 1].ravel()[: len(values)]


@cache
def _bank() -> tuple[Floats, int]:
    """The four wavelets, each at the places of one block: shape (samples in, 4 x `_AT_ONCE`); their reach."""
    wavelets = [each for width_s in (_NARROW_S, _WIDE_S) for each in _wavelets(width_s * RATE_HZ)]
    reach = max(len(each) // 2 for each in wavelets)
    bank = np.zeros((_AT_ONCE + 2 * reach, len(wavelets), _AT_ONCE), np.float32)
    for number, wavelet in enumerate(wavelets):
        first = reach - len(wavelet) // 2
        for place in range(_AT_ONCE):
            bank[place + first : place + first + len(wavelet), number, place] = wavelet[::-1]
    return bank.reshape(len(bank), -1), reach


def _wavelets(sigma: float) -> tuple[Floats, Floats]:
    """First and second derivative of a Gaussian, of mean zero and length one."""
    reach = int(np.ceil(3.5 * sigma))
    t = np.arange(-reach, reach + 1) / sigma
    bell = np.exp(-0.5 * t**2)
    pair = (t * bell, (t**2 - 1.0) * bell)
    first, second = ((w - w.mean()) / np.linalg.norm(w - w.mean()) for w in pair)
    return first.astype(np.float32), second.astype(np.float32)


def _levels(energy: Floats, present: NDArray[np.bool_]) -> tuple[Floats, Floats]:
    """The usual energy at beats, and the usual height (its root) between them over that at beats."""
    size = int(_BLOCK_S * RATE_HZ)
    blocks = max(len(energy) // size, 1)
    used = energy[: blocks * size].reshape(blocks, -1)
    enough = present[: used.size].reshape(blocks, -1).mean(axis=1) > 0.3
    some = used[:, ::3]
    highest = np.where(enough, np.sqrt(used.max(axis=1)), np.nan)
    middle = np.where(
        enough, np.sqrt(np.partition(some, some.shape[1] // 2, axis=1)[:, some.shape[1] // 2]), np.nan
    )
    level, between = _running_median(highest), _running_median(middle)
    level = np.maximum(level, _LOWEST_LEVEL)
    return _between_blocks(level, size, len(energy)), _between_blocks(between / level, size, len(energy))


def _between_blocks(values: NDArray[np.float64], size: int, total: int) -> Floats:
    """Linear between the middles of the blocks, level before the first and after the last."""
    ends = np.pad(values, (1, 2), mode="edge").astype(np.float32)
    shares = ((np.arange(size) + 0.5 * (size % 2)) / size).astype(np.float32)
    lines = ends[:-1, None] + shares * np.diff(ends)[:, None]
    return lines.ravel()[size // 2 :][:total]


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
