"""What is drawn of one lead, and to what scale."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from ecg_core.domain import Lead
from ecg_core.figures.page import Page
from ecg_core.signal.zero_crossings import ZeroCrossings

#: Signals without millivolts are scaled to about this height.
_UNSCALED_HEIGHT_MM = 20.0
#: A lead of an unscaled unit shares the scale of the largest one unless it is this much smaller.
_SAME_SCALE = 8.0
_LONGEST_UNIT = 12
_SPIKE_S, _MOST_SPIKES, _LEAST_RATE_HZ = 0.006, 0.03, 240.0
_TIP = 1.3  # the tip of an R wave is no more than this much higher than what lasts as long as a spike


@dataclass(frozen=True, eq=False)
class Strip:
    """The window of one lead.

    Attributes
    ----------
    lead : Lead
        With the samples of the window only.
    crossings : ZeroCrossings
        Of the window, counted from its first sample.
    number_of_zero_crossings : int
        Of the whole recording.
    first_sample : int
        The number of the window's first sample within the recording.
    """

    lead: Lead
    crossings: ZeroCrossings
    number_of_zero_crossings: int
    first_sample: int = 0

    @property
    def dx(self) -> float:
        """From sample to sample: seconds, or 1 where the sampling rate is unknown."""
        return 1.0 / self.lead.sampling_rate_hz if self.lead.sampling_rate_hz else 1.0

    @property
    def start(self) -> float:
        """Time of the first sample, or its number where the sampling rate is unknown."""
        return self.first_sample * self.dx

    @cached_property
    def values(self) -> NDArray[np.float64]:
        """In ``lead.unit``; whatever is not finite is missing."""
        values = self.lead.physical()
        if self.lead.samples.dtype.kind == "f":
            values[~np.isfinite(values)] = np.nan
        return values

    def cut(self, x0: float, x1: float) -> slice:
        """The samples at ``x0 <= x < x1``."""
        first = math.ceil((x0 - self.start) / self.dx - 1e-6)
        last = math.ceil((x1 - self.start) / self.dx - 1e-6)
        return slice(max(first, 0), max(last, 0))


@dataclass(frozen=True)
class Scale:
    """Height of a lead's unit on the paper; ``note`` says so where it is not millivolts."""

    mm_per_unit: float
    note: str = ""


def find_scales(strips: Sequence[Strip], page: Page) -> list[Scale]:
    """One scale a strip: the lead's gain for voltages, a fitted and named one for anything else."""
    spans = [_span(strip) for strip in strips]
    largest: dict[str | None, float] = {}
    for strip, span in zip(strips, spans, strict=True):
        largest[strip.lead.unit] = max(largest.get(strip.lead.unit, 0.0), span)
    return [
        _scale(strip.lead, span, largest[strip.lead.unit], page)
        for strip, span in zip(strips, spans, strict=True)
    ]


def _scale(lead: Lead, span: float, largest: float, page: Page) -> Scale:
    if lead.millivolts_per_unit is not None:
        gain = page.lead_gain_mm_mv(lead.name)
        return Scale(lead.millivolts_per_unit * gain, "" if gain == page.gain_mm_mv else f"{gain:g} mm/mV")
    return fitted_scale(lead.unit, span, largest)


def fitted_scale(unit: str | None, span: float, largest: float) -> Scale:
    """The scale of a signal without millivolts.

    Parameters
    ----------
    unit : str or None
        None: counts.
    span, largest : float
        Height of the signal, and of the highest one of its unit on the sheet, in the unit.
    """
    fitted = largest if span == 0.0 or span * _SAME_SCALE >= largest else span
    per_ten_mm = _round_up(fitted / _UNSCALED_HEIGHT_MM * 10.0)
    name = unit[:_LONGEST_UNIT] if unit else "counts — no millivolt scale"
    return Scale(10.0 / per_ten_mm, f"{name}, 10 mm = {per_ten_mm:g}")


def _round_up(value: float) -> float:
    """To 1, 2 or 5 times a power of ten."""
    if not 0.0 < value < math.inf:
        return 1.0
    power = 10.0 ** math.floor(math.log10(value))
    return next(step * power for step in (1.0, 2.0, 5.0, 10.0) if value <= step * power * (1 + 1e-9))


def _span(strip: Strip) -> float:
    """Height of the trace in its unit; of no interest where the gain rules."""
    low, high = (0.0, 0.0) if strip.lead.millivolts_per_unit else find_extent(strip.values)
    return high - low


def find_extent(values: NDArray[np.float64]) -> tuple[float, float]:
    """Lowest and highest value but for one sample in 2,500: no glitch rules the paper."""
    finite = values[~np.isnan(values)]
    if not len(finite):
        return 0.0, 0.0
    spare = len(finite) // 2500
    parted = np.partition(finite, [spare, len(finite) - 1 - spare])
    return float(parted[spare]), float(parted[len(finite) - 1 - spare])


def find_extent_of_waves(values: NDArray[np.float64], fs: float) -> tuple[float, float]:
    """As `find_extent`, of what lasts longer than the spike of a pacemaker, which would rule the paper.

    Where spikes are frequent or do not double the height, and where samples are too far apart to tell, it
    is all of the trace: nothing of a QRS complex is cut.
    """
    low, high = find_extent(values)
    finite = values[~np.isnan(values)]
    width = math.ceil(_SPIKE_S * fs) + 1
    if fs < _LEAST_RATE_HZ or len(finite) < 2 * width:
        return low, high
    lasting_high = float(_running(np.minimum, finite, width).max())
    lasting_low = float(_running(np.maximum, finite, width).min())
    is_rare = np.mean((finite > lasting_high) | (finite < lasting_low)) <= _MOST_SPIKES
    has_spikes_below = is_rare and low < 2 * min(lasting_low, 0.0)
    has_spikes_above = is_rare and high > 2 * max(lasting_high, 0.0)
    return (
        -_tip(-finite, -lasting_low) if has_spikes_below else low,
        _tip(finite, lasting_high) if has_spikes_above else high,
    )


def _tip(values: NDArray[np.float64], lasting: float) -> float:
    """The highest value that is of a wave and not of a spike over it."""
    return float(values[values <= max(lasting * _TIP, lasting)].max(initial=lasting))


def _running(extreme: np.ufunc, values: NDArray[np.float64], width: int) -> NDArray[np.float64]:
    """The extreme of every ``width`` values that follow each other, in doubling steps."""
    reached = 1
    while reached < width:
        step = min(reached, width - reached)
        values = extreme(values[:-step], values[step:])
        reached += step
    return values
