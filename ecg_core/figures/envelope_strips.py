"""A long window of one lead: the extremes and the zero crossings of each column of time."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

_ARRAYS = ("lowest", "highest", "rising", "falling", "missing")


@dataclass(frozen=True, eq=False)
class EnvelopeStrip:
    """A window of one lead, reduced to columns of equal length.

    Attributes
    ----------
    lead_name : str
    unit : str or None
    mv_per_unit : float or None
        None where the unit is no voltage, or unknown.
    rate : float or None
        Sampling rate in Hz.
    first_sample : int
        The number of the first column's first sample within the recording.
    samples_per_column : int
    lowest, highest : ndarray, shape (columns,)
        Extremes of the stored signal, in ``unit``; NaN where all samples of a column are missing.
    rising, falling : ndarray of int64, shape (columns,)
        Zero crossings of the stored signal.
    missing : ndarray of int64, shape (columns,)
        Missing samples.
    number_of_zero_crossings : int
        Of the whole recording.
    """

    lead_name: str
    unit: str | None
    mv_per_unit: float | None
    rate: float | None
    first_sample: int
    samples_per_column: int
    lowest: NDArray[np.float64]
    highest: NDArray[np.float64]
    rising: NDArray[np.int64]
    falling: NDArray[np.int64]
    missing: NDArray[np.int64]
    number_of_zero_crossings: int

    @property
    def dx(self) -> float:
        """From sample to sample: seconds, or 1 where the sampling rate is unknown."""
        return 1.0 / self.rate if self.rate else 1.0

    @property
    def column_x(self) -> float:
        """Length of a column, in seconds or samples."""
        return self.samples_per_column * self.dx

    @property
    def edges_x(self) -> NDArray[np.float64]:
        """Shape (columns + 1,), seconds or samples: where columns begin, and where the last one ends."""
        columns = np.arange(len(self.lowest) + 1, dtype=np.int64)
        edges = (self.first_sample + columns * self.samples_per_column) * self.dx
        return edges.astype(np.float64)

    def within(self, start: float, stop: float) -> EnvelopeStrip:
        """Only the columns of which a part lies in ``start <= x < stop``."""
        tolerance = self.dx * 1e-3
        first, last = np.searchsorted(self.edges_x, [start + tolerance, stop - tolerance])
        cut = slice(max(int(first) - 1, 0), max(int(last), 0))
        arrays = {name: getattr(self, name)[cut] for name in _ARRAYS}
        return replace(self, first_sample=self.first_sample + cut.start * self.samples_per_column, **arrays)

    def coarser(self, together: int) -> EnvelopeStrip:
        """So many columns as one: its extremes are theirs."""
        if together <= 1:
            return self
        starts = np.arange(0, len(self.lowest), together)
        return replace(
            self,
            samples_per_column=self.samples_per_column * together,
            lowest=np.fmin.reduceat(self.lowest, starts),
            highest=np.fmax.reduceat(self.highest, starts),
            rising=np.add.reduceat(self.rising, starts),
            falling=np.add.reduceat(self.falling, starts),
            missing=np.add.reduceat(self.missing, starts),
        )

    def turned_over(self) -> EnvelopeStrip:
        """Upside down, as −aVR in Cabrera's order: what rose falls."""
        return replace(
            self, lowest=-self.highest, highest=-self.lowest, rising=self.falling, falling=self.rising
        )


def usual_extent(
    lowest: NDArray[np.float64], highest: NDArray[np.float64], spare_columns: int = 0
) -> tuple[float, float]:
    """Lowest and highest value of columns, but for one column in so many; none is spared where that is 0."""
    lowest, highest = (side[~np.isnan(side)] for side in (lowest, highest))
    if not len(lowest):
        return 0.0, 0.0
    spare = len(lowest) // spare_columns if spare_columns else 0
    low, high = np.partition(lowest, spare)[spare], np.partition(highest, -1 - spare)[-1 - spare]
    return float(low), float(high)
