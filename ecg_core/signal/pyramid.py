"""A long signal reduced to blocks: extremes, crossings and missing samples of each; nothing is averaged."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ecg_core.signal.zero_crossings import count_crossings_per_block

#: Samples of a block of the finest level.
BLOCK_SAMPLES = 256
#: A block of the next level is so many of this one.
FACTOR = 16
_FEWEST_BLOCKS = 8
_AT_ONCE = BLOCK_SAMPLES * 4096  # samples looked at together: the memory does not grow with the length


@dataclass(frozen=True, eq=False)
class Level:
    """Blocks of one length, in order; the last may be shorter.

    Attributes
    ----------
    block_samples : int
    lowest, highest : ndarray, shape (n,)
        Extremes of the samples that are not missing, in the samples' own type; NaN where all are missing.
    rising, falling : ndarray of int64, shape (n,)
        Zero crossings whose index is in the block, of the stored signal.
    missing : ndarray of int64, shape (n,)
        Samples that are missing.
    """

    block_samples: int
    lowest: NDArray[Any]
    highest: NDArray[Any]
    rising: NDArray[np.int64]
    falling: NDArray[np.int64]
    missing: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.lowest)


def reduce_lead(samples: NDArray[Any], zero_level: float = 0.0, inverted: bool = False) -> tuple[Level, ...]:
    """Reduce a signal to blocks of 256 samples, these to blocks of 4,096, and so on while there are many.

    Parameters
    ----------
    samples : ndarray, shape (n,)
        Integers of any width, or floats where NaN is a missing sample.
    zero_level : float
        The sample value that is zero.
    inverted : bool
        The signal is the negative of the samples; extremes stay those of the samples.

    Returns
    -------
    tuple of Level
        From the finest; none where a level would have fewer than eight blocks.
    """
    if len(samples) < _FEWEST_BLOCKS * BLOCK_SAMPLES:
        return ()
    levels = [_finest(samples, zero_level, inverted)]
    while has_coarser(len(samples), levels[-1].block_samples):
        levels.append(coarser(levels[-1], FACTOR))
    return tuple(levels)


def has_coarser(number_of_samples: int, block_samples: int) -> bool:
    """Whether there is a level above that of such blocks."""
    return -(-number_of_samples // block_samples) >= _FEWEST_BLOCKS * FACTOR


def coarser(level: Level, factor: int) -> Level:
    """The level whose blocks are so many of this one's."""
    starts = np.arange(0, len(level), factor)
    if not len(starts):
        return level
    with np.errstate(invalid="ignore"):
        return Level(
            level.block_samples * factor,
            np.fmin.reduceat(level.lowest, starts),
            np.fmax.reduceat(level.highest, starts),
            np.add.reduceat(level.rising, starts),
            np.add.reduceat(level.falling, starts),
            np.add.reduceat(level.missing, starts),
        )


def block_extremes(samples: NDArray[Any], block_samples: int) -> tuple[NDArray[Any], NDArray[Any]]:
    """Lowest and highest of each block of samples, in their own type; NaN where all are missing."""
    whole = len(samples) // block_samples * block_samples
    rows, rest = samples[:whole].reshape(-1, block_samples), samples[whole:]
    floats = samples.dtype.kind == "f"
    least, most = (np.fmin, np.fmax) if floats else (np.minimum, np.maximum)
    lowest, highest = least.reduce(rows, axis=1), most.reduce(rows, axis=1)
    if len(rest):
        lowest, highest = np.append(lowest, least.reduce(rest)), np.append(highest, most.reduce(rest))
    return lowest, highest


def missing_per_block(samples: NDArray[Any], block_samples: int) -> NDArray[np.int64]:
    """How many samples of each block are missing."""
    starts = np.arange(0, len(samples), block_samples)
    if samples.dtype.kind != "f" or not len(starts):
        return np.zeros(len(starts), np.int64)
    return np.add.reduceat(np.isnan(samples), starts, dtype=np.int64)


def _finest(samples: NDArray[Any], zero_level: float, inverted: bool) -> Level:
    parts = [samples[at : at + _AT_ONCE] for at in range(0, len(samples), _AT_ONCE)]
    extremes = [block_extremes(part, BLOCK_SAMPLES) for part in parts]
    rising, falling = count_crossings_per_block(
        samples, BLOCK_SAMPLES, zero_level=zero_level, inverted=inverted
    )
    return Level(
        BLOCK_SAMPLES,
        np.concatenate([lowest for lowest, _ in extremes]),
        np.concatenate([highest for _, highest in extremes]),
        rising,
        falling,
        np.concatenate([missing_per_block(part, BLOCK_SAMPLES) for part in parts]),
    )
