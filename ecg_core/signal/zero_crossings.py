"""Where a signal changes sign, by the definition in DESIGN.md, at the speed of a pass over the memory.

Every sample is one bit in three bit sets: above zero, below zero, at zero. The sign that a sample *inherits*
is then the carry of a binary addition: a sample above zero generates a carry, a sample at zero hands it
on, any other sample (below zero, or missing) stops it. One addition of 64-bit words therefore finds the
last sign before each of 64 samples, over zeros and not over gaps; what remains are ANDs. No
neighbours are multiplied, so nothing overflows, and the time does not depend on the signal.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ecg_core.domain import Lead

#: Samples worked on at a time: small enough for the processor's cache. A multiple of 64.
BLOCK_SAMPLES = 1 << 19

Words = NDArray[np.uint64]
_WORD = np.dtype("<u8")
_WORD_BITS = 64
_ALL_ONES = np.uint64(0xFFFF_FFFF_FFFF_FFFF)


@dataclass(frozen=True, eq=False)
class ZeroCrossings:
    """The zero crossings of one signal, in order.

    Attributes
    ----------
    indices : ndarray of int64, shape (n,)
        The first sample with the new sign.
    positions : ndarray of float64, shape (n,)
        Where the line through the samples crosses, in samples; the middle of a run of zeros.
    rising : ndarray of bool, shape (n,)
        True from below zero to above.
    number_of_touches : int
        Runs of zeros with the same sign on both sides: no crossing.
    """

    indices: NDArray[np.int64]
    positions: NDArray[np.float64]
    rising: NDArray[np.bool_]
    number_of_touches: int


class ZeroCrossingCount(NamedTuple):
    """How often a signal changes sign, and how often it only touches zero."""

    crossings: int
    touches: int


def count_zero_crossings(samples: NDArray[Any], *, zero_level: float = 0.0) -> ZeroCrossingCount:
    """Count sign changes and touches without listing them.

    Parameters
    ----------
    samples : ndarray, shape (n,)
        Integers of any width, or floats where NaN is a missing sample.
    zero_level : float
        The sample value that is zero; it may be fractional or outside the range of the samples' type.

    Returns
    -------
    ZeroCrossingCount
        ``(crossings, touches)``.

    Raises
    ------
    TypeError
        The samples are neither integers nor floats.
    ValueError
        The samples are not one-dimensional, or the zero level is NaN.
    """
    crossings = touches = 0
    for block in _blocks_of_bits(samples, zero_level):
        crossings += int(np.bitwise_count(block.crossings).sum())
        touches += int(np.bitwise_count(block.touches).sum())
    return ZeroCrossingCount(crossings, touches)


def find_zero_crossings(
    samples: NDArray[Any], *, zero_level: float = 0.0, inverted: bool = False
) -> ZeroCrossings:
    """Find every sign change: index, interpolated position, direction.

    Parameters
    ----------
    samples, zero_level
        As in `count_zero_crossings`.
    inverted : bool
        The signal is the negative of the samples (a negative resolution): falling samples are a
        rising signal.

    Returns
    -------
    ZeroCrossings

    Raises
    ------
    TypeError, ValueError
        As `count_zero_crossings`.
    """
    blocks = list(_blocks_of_bits(samples, zero_level))
    indices = _set_bits([block.crossings for block in blocks])
    last_of_old_sign = _samples_before_zeros(indices, blocks)
    return ZeroCrossings(
        indices,
        _positions(samples, zero_level, last_of_old_sign, indices),
        _is_above(samples[indices], zero_level) != inverted,
        sum(int(np.bitwise_count(block.touches).sum()) for block in blocks),
    )


def count_lead_zero_crossings(lead: Lead) -> ZeroCrossingCount:
    """Count the crossings of physical zero in a lead's stored samples."""
    return count_zero_crossings(lead.samples, zero_level=lead.zero_level)


def find_lead_zero_crossings(lead: Lead) -> ZeroCrossings:
    """Find the crossings of physical zero in a lead's stored samples.

    ``rising`` is that of the physical signal, also where the resolution is negative.
    """
    return find_zero_crossings(lead.samples, zero_level=lead.zero_level, inverted=lead.resolution < 0)


def count_crossings_per_block(
    samples: NDArray[Any], block_samples: int, *, zero_level: float = 0.0, inverted: bool = False
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Count the crossings in each block of a signal, those of `find_zero_crossings`, without listing them.

    Parameters
    ----------
    block_samples : int
        A multiple of 64 that divides `BLOCK_SAMPLES`. A crossing is in the block of its index.
    samples, zero_level, inverted
        As in `find_zero_crossings`.

    Returns
    -------
    rising, falling : ndarray of int64, shape (ceil(n / block_samples),)
    """
    starts = range(0, BLOCK_SAMPLES // _WORD_BITS, block_samples // _WORD_BITS)
    counts = [np.zeros((2, 0), np.int64)]
    for block in _blocks_of_bits(samples, zero_level):
        at = [start for start in starts if start < len(block.crossings)]
        bits = np.stack([np.bitwise_count(block.rising), np.bitwise_count(block.crossings)])
        counts.append(np.add.reduceat(bits, at, axis=1, dtype=np.int64))
    upward, both = np.concatenate(counts, axis=1)
    return (both - upward, upward) if inverted else (upward, both - upward)


class _Bits(NamedTuple):
    """One block of the signal; bit ``i % 64`` of word ``i // 64`` is sample ``i``."""

    crossings: Words
    rising: Words
    touches: Words
    zeros: Words


def _blocks_of_bits(samples: NDArray[Any], zero_level: float) -> Iterator[_Bits]:
    """The definition itself, block by block; three bits of memory pass from each block to the next."""
    if samples.ndim != 1:
        raise ValueError(f"A signal has one dimension, not {samples.ndim}")
    signs = _SignBits(samples, zero_level)
    was_above = was_below = was_zero = 0
    for start in range(0, len(samples), BLOCK_SAMPLES):
        above, below, zero = signs.of(samples[start : start + BLOCK_SAMPLES])
        after_above, was_above = _last_sign_before(above, zero, was_above)
        after_below, was_below = _last_sign_before(below, zero, was_below)
        after_zero, was_zero = _shift_by_one(zero, was_zero)
        rising = above & after_below
        crossings = below & after_above
        crossings |= rising
        above &= after_above  # in place: fresh memory for every step would cost a tenth of the time
        below &= after_below
        touches = above
        touches |= below
        touches &= after_zero
        yield _Bits(crossings, rising, touches, zero)


def _last_sign_before(sign: Words, zero: Words, carry_in: int) -> tuple[Words, int]:
    """Mark each sample before which ``sign`` was the last sign, with nothing but zeros in between.

    That is the carry into each bit of ``(sign | zero) + sign``; the second result is the carry out.
    """
    total = sign | zero
    total += sign
    carries, carry_out = _carries_into_words(total < sign, total == _ALL_ONES, carry_in)
    total += carries
    total ^= zero
    return total, carry_out


def _carries_into_words(
    generates: NDArray[np.bool_], hands_on: NDArray[np.bool_], carry_in: int
) -> tuple[NDArray[np.uint8], int]:
    """Carry lookahead: the same addition once more, with a word in the place of a bit."""
    if not np.count_nonzero(hands_on):
        carries = np.empty(len(generates), np.uint8)
        carries[0], carries[1:] = carry_in, generates[:-1]
        return carries, int(generates[-1])
    chain = _as_integer(hands_on)
    reached = (chain + (_as_integer(generates) << 1 | carry_in)) ^ chain
    size = len(hands_on)
    packed = np.frombuffer(reached.to_bytes(size // 8 + 1, "little"), np.uint8)
    return np.unpackbits(packed, count=size, bitorder="little"), reached >> size


def _as_integer(bits: NDArray[np.bool_]) -> int:
    return int.from_bytes(np.packbits(bits, bitorder="little").tobytes(), "little")


def _shift_by_one(bits: Words, bit_in: int) -> tuple[Words, int]:
    shifted = bits << np.uint64(1)
    shifted[1:] |= bits[:-1] >> np.uint64(_WORD_BITS - 1)
    shifted[0] |= np.uint64(bit_in)
    return shifted, int(bits[-1] >> np.uint64(_WORD_BITS - 1))


class _SignBits:
    """Compares samples with zero, in the samples' own type."""

    def __init__(self, samples: NDArray[Any], zero_level: float) -> None:
        if samples.dtype.kind not in "iuf":
            raise TypeError(f"Samples are integers or floats, not {samples.dtype}")
        self._floor, self._ceiling = _bounds(samples.dtype, zero_level)
        self._may_be_missing = samples.dtype.kind == "f"
        size = min(len(samples), BLOCK_SAMPLES)
        self._flags = np.zeros(-(-size // _WORD_BITS) * _WORD_BITS, np.bool_)

    def of(self, block: NDArray[Any]) -> tuple[Words, Words, Words]:
        """The bit sets above, below and at zero; a missing sample is in none."""
        above = self._pack(np.greater, block, self._floor)
        below = self._pack(np.less, block, self._ceiling)
        if self._may_be_missing:
            return above, below, self._pack(np.equal, block, self._floor)
        return above, below, ~(above | below)

    def _pack(self, compare: np.ufunc, block: NDArray[Any], level: Any) -> Words:
        flags = self._flags[: -(-len(block) // _WORD_BITS) * _WORD_BITS]
        compare(block, level, out=flags[: len(block)])
        flags[len(block) :] = False
        return np.packbits(flags, bitorder="little").view(_WORD)


def _bounds(dtype: np.dtype[Any], zero_level: float) -> tuple[Any, Any]:
    """``(floor, ceiling)``: a sample is above zero if it exceeds the floor, below if under the ceiling."""
    if math.isnan(zero_level):
        raise ValueError("The zero level is not a number")
    if dtype.kind != "f":  # clipped to what no integer type reaches, since infinity has no floor
        clipped = min(max(zero_level, -(2.0**64)), 2.0**64)
        return math.floor(clipped), math.ceil(clipped)
    with np.errstate(over="ignore"):
        narrow = dtype.type(zero_level)
    level = narrow if float(narrow) == zero_level else np.float64(zero_level)
    return level, level


def _is_above(samples: NDArray[Any], zero_level: float) -> NDArray[np.bool_]:
    above: NDArray[np.bool_] = samples > _bounds(samples.dtype, zero_level)[0]
    return above


def _set_bits(blocks: list[Words]) -> NDArray[np.int64]:
    """The indices of the bits that are set, looking into non-zero bytes only."""
    if not blocks:
        return np.empty(0, np.int64)
    packed = np.concatenate(blocks).view(np.uint8)
    where = np.flatnonzero(packed)
    among = np.flatnonzero(np.unpackbits(packed[where], bitorder="little"))
    indices: NDArray[np.int64] = (where[among >> 3] << 3 | among & 7).astype(np.int64, copy=False)
    return indices


def _samples_before_zeros(indices: NDArray[np.int64], blocks: list[_Bits]) -> NDArray[np.int64]:
    """For each index the last sample before it that is not zero."""
    before = indices - 1
    if not blocks:
        return before
    zeros = np.concatenate([block.zeros for block in blocks])
    run_starts = _set_bits([zeros & ~_shift_by_one(zeros, 0)[0]])
    word, bit = np.divmod(before, _WORD_BITS)
    after_run = (zeros[word] >> bit.astype(np.uint64)) & np.uint64(1) != 0
    run = np.searchsorted(run_starts, before[after_run], side="right") - 1
    before[after_run] = run_starts[run] - 1
    return before


def _positions(
    samples: NDArray[Any], zero_level: float, last: NDArray[np.int64], first: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Linear between neighbours of opposite sign; halfway where zeros lie between them.

    An infinite sample has no line through it: the crossing is at the finite one of the two, and halfway
    between two infinities.
    """
    old = _distance(samples[last], zero_level)
    new = _distance(samples[first], zero_level)
    with np.errstate(over="ignore", invalid="ignore"):
        fraction = 1.0 / (1.0 + new / old)  # old / (old + new), where the sum could overflow
    halfway = (first - last > 1) | np.isnan(fraction)
    positions: NDArray[np.float64] = np.where(halfway, 0.5 * (first - last), fraction)
    positions += last
    return positions


def _distance(samples: NDArray[Any], zero_level: float) -> NDArray[np.float64]:
    """``|samples - zero_level|``; exact before it is rounded to a float, also for 64-bit integers."""
    if samples.dtype.kind == "f" or not float(zero_level).is_integer():
        with np.errstate(over="ignore"):
            return np.abs(samples.astype(np.float64) - zero_level)
    level = np.array(int(zero_level) % 2**64, np.uint64)  # modulo 2**64, as the subtractions below are
    values = samples.astype(np.int64 if samples.dtype.kind == "i" else np.uint64).view(np.uint64)
    above = _is_above(samples, zero_level)
    return np.where(above, values - level, level - values).astype(np.float64)
