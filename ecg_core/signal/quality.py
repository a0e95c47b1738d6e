"""The quality of a lead over time: where there is no signal or a poor one, and what that forbids to measure.

Missing, flat, saturated and lead-off spells are found second by second, mains, muscle noise and baseline
wander in windows of 2 s (`ecg_core.signal.noise`). A lead of unknown unit has no millivolts: its noise is
then told as a share of the usual height of its beats, and the same limits are used as if those were 1 mV
high.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ecg_core.domain import Lead, Measurement
from ecg_core.signal.noise import (
    FRAMES_PER_WINDOW,
    LOWEST_RATE_HZ,
    Frames,
    Noise,
    frame_length,
    measure_frames,
    noise_of_frames,
    reduction,
)
from ecg_core.signal.quality_limits import LIMITS, blocked_by

_ROWS_PER_WINDOW = 2
_FRAMES_PER_ROW = FRAMES_PER_WINDOW // _ROWS_PER_WINDOW
_WINDOWS_PER_BLOCK = 150
_MISSING_SHARE = 0.05
_SATURATED_S, _SATURATED_SAMPLES, _FAR, _OFTEN = 0.04, 4, 1.5, 3
_FLAT_MV, _OFF_RANGE_MV, _OFF_MAINS_MV = 0.005, 10.0, 0.5
_NO_SIGNAL = ("missing", "lead off", "flat", "saturated")
_METHODS = {
    "mains": "amplitude at {hertz:g} Hz that keeps its phase over 2 s, median over time",
    "muscle noise": "RMS above about 35 Hz outside QRS complexes, without mains, median over time",
    "baseline wander": "peak to peak below 0.5 Hz within 5 s, median over time",
}
_NAMES = {"mains": "mains", "muscle noise": "muscle_noise", "baseline wander": "baseline_wander"}


@dataclass(frozen=True)
class QualitySpan:
    """A spell of one fault of one lead.

    Attributes
    ----------
    kind : str
        ``missing``, ``flat``, ``lead off``, ``saturated``, ``mains``, ``muscle noise`` or ``baseline
        wander``.
    start_s, stop_s : float
        From the lead's first sample.
    amount : float
        The largest within the span: in ``unit``; the share of missing or saturated samples; 0 for flat.
    unit : str
        ``mV``, or ``1`` for a share (of the samples, or of the height of the beats).
    blocks : tuple of str
        Names of the measurements that this lead must not contribute to here; ``*`` is all, beats included.
    """

    kind: str
    start_s: float
    stop_s: float
    amount: float
    unit: str
    blocks: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class LeadQuality:
    """The faults of a lead in the order of time, and its noise as numbers.

    Attributes
    ----------
    lead : str
    spans : tuple of QualitySpan
    measurements : tuple of Measurement
        ``usable_signal`` (%), ``mains``, ``muscle_noise``, ``baseline_wander``, each with the lead's name.
    reason : str
        Why nothing could be told; else empty.
    """

    lead: str
    spans: tuple[QualitySpan, ...] = ()
    measurements: tuple[Measurement, ...] = ()
    reason: str = ""

    def why_blocked(self, measurement: str, start_s: float, stop_s: float) -> str:
        """The first fault within a time that forbids a measurement (its name without a lead), or empty."""
        for span in self.spans:
            if span.start_s < stop_s and start_s < span.stop_s and ({"*", measurement} & {*span.blocks}):
                return f"{span.kind} in {self.lead} from {span.start_s:.1f} to {span.stop_s:.1f} s"
        return ""


@dataclass(frozen=True, eq=False)
class _Rows:
    """Per second: lowest and highest sample, share missing, share at the rails in runs; in the file's
    numbers."""

    lowest: NDArray[np.float64]
    highest: NDArray[np.float64]
    missing: NDArray[np.float32]
    rows_s: float


def lead_quality(lead: Lead) -> LeadQuality:
    """Find the faults of a lead of any length; the memory does not grow with a copy of it.

    Parameters
    ----------
    lead : Lead

    Returns
    -------
    LeadQuality
        With a reason and nothing else where the sampling rate is unknown or the lead is empty.
    """
    fs = lead.sampling_rate_hz
    if not fs or not len(lead.samples):
        return LeadQuality(lead.name, reason="the lead is empty" if fs else "the sampling rate is unknown")
    rows, noise = _measure(lead, fs)
    scale, unit = _scale(lead, rows)
    faults = dict(_no_signal(lead, fs, rows, noise, scale, unit))
    duration = len(lead.samples) / fs
    gone = np.zeros(len(rows.missing), bool)
    spans: list[QualitySpan] = []
    for kind in _NO_SIGNAL:
        amounts = np.where(gone, 0.0, faults[kind])
        spans += _spans(kind, amounts, 0.0, rows.rows_s, duration, "1")
        gone |= amounts > 0
    told = {} if noise is None else _amounts(noise, scale, gone)
    for kind, values in told.items():
        window_s = rows.rows_s * _ROWS_PER_WINDOW
        spans += _spans(kind, values, LIMITS[kind][0].above, window_s, duration, unit)
    ordered = tuple(sorted(spans, key=lambda span: (span.start_s, span.kind)))
    return LeadQuality(lead.name, ordered, _numbers(lead, gone, told, noise, unit))


def _measure(lead: Lead, fs: float) -> tuple[_Rows, Noise | None]:
    length = frame_length(fs) * reduction(fs)
    row = length * _FRAMES_PER_ROW
    blocks, frames = [], []
    factor = np.float32(lead.resolution * (lead.millivolts_per_unit or 1.0))
    for start, samples in _blocks(lead.samples, row * _ROWS_PER_WINDOW * _WINDOWS_PER_BLOCK):
        blocks.append(_extremes(samples, row))
        whole = len(samples) // length * length
        if fs >= LOWEST_RATE_HZ and whole:
            values = samples[:whole].astype(np.float32) * factor  # the offset is of no matter
            frames.append(measure_frames(values, fs, first_frame=start // length))
    lowest, highest, missing = (np.concatenate(parts) for parts in zip(*blocks, strict=True))
    rows = _Rows(lowest, highest, missing, row / fs)
    if not frames:
        return rows, None
    joined = (np.concatenate([getattr(f, k) for f in frames], axis=-1) for k in ("level", "rest", "mains"))
    return rows, noise_of_frames(Frames(*joined), fs)


def _blocks(samples: NDArray[Any], size: int) -> Iterator[tuple[int, NDArray[Any]]]:
    for start in range(0, len(samples), size):
        yield start, samples[start : start + size]


def _extremes(
    samples: NDArray[Any], row: int
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float32]]:
    """Lowest, highest and share missing of each row; the last may be shorter."""
    starts = np.arange(0, len(samples), row)
    if samples.dtype.kind != "f":
        low, high = np.minimum.reduceat(samples, starts), np.maximum.reduceat(samples, starts)
        return low.astype(np.float64), high.astype(np.float64), np.zeros(len(starts), np.float32)
    low, high = np.fmin.reduceat(samples, starts), np.fmax.reduceat(samples, starts)
    sizes = np.diff(np.r_[starts, len(samples)])
    missing = np.add.reduceat(np.isnan(samples), starts, dtype=np.int64) / sizes
    return low.astype(np.float64), high.astype(np.float64), missing.astype(np.float32)


def _scale(lead: Lead, rows: _Rows) -> tuple[float, str]:
    """What turns the amounts into the unit they are told in, and that unit."""
    if lead.millivolts_per_unit is not None:
        return 1.0, "mV"
    heights = (rows.highest - rows.lowest)[rows.highest > rows.lowest] * abs(lead.resolution)
    return (1.0 / float(np.percentile(heights, 75)) if len(heights) else 1.0), "1"


def _no_signal(
    lead: Lead, fs: float, rows: _Rows, noise: Noise | None, scale: float, unit: str
) -> Iterator[tuple[str, NDArray[np.float64]]]:
    """For each kind of no signal the amount in each second, 0 where there is none."""
    to_unit = abs(lead.resolution) * (lead.millivolts_per_unit or 1.0) * scale
    with np.errstate(invalid="ignore"):
        ranges = np.nan_to_num((rows.highest - rows.lowest) * to_unit)
    yield "missing", np.where(rows.missing >= _MISSING_SHARE, rows.missing, 0.0)
    flat = (ranges <= _FLAT_MV) & (rows.missing < 1)
    low, high = np.nanmin(rows.lowest, initial=np.inf), np.nanmax(rows.highest, initial=-np.inf)
    at_rail = flat & ~flat.all() & ((rows.lowest == low) | (rows.highest == high))
    off = at_rail | (ranges > _OFF_RANGE_MV)
    if noise is not None:
        loud = np.repeat(np.nan_to_num(noise.mains * scale) > _OFF_MAINS_MV, _ROWS_PER_WINDOW)
        off[: len(loud)] |= loud[: len(off)]
    yield "lead off", np.where(off, np.maximum(ranges, 1e-9), 0.0)
    yield "flat", np.where(flat, 1e-9, 0.0)
    yield "saturated", _saturated(lead.samples, rows, fs, low, high)


def _saturated(samples: NDArray[Any], rows: _Rows, fs: float, low: float, high: float) -> NDArray[np.float64]:
    """The share of each second that lies at the lead's extreme in runs of at least 40 ms.

    The top of a smooth wave can be as long in coarse counts: the extreme must also be far beyond the usual
    one, or be reached in three of the seconds.
    """
    size = round(rows.rows_s * fs)
    shortest = max(_SATURATED_SAMPLES, round(_SATURATED_S * fs))
    shares = np.zeros(len(rows.lowest))
    if not np.isfinite([low, high]).all():
        return shares
    for extreme, extremes in ((low, rows.lowest), (high, rows.highest)):
        reached = np.flatnonzero((extremes == extreme) & (rows.lowest < rows.highest))
        found = {place: _share_at(samples[place * size : (place + 1) * size], extreme, shortest)
                 for place in reached.tolist()}  # fmt: skip
        times = np.count_nonzero(list(found.values()))
        if times >= _OFTEN or (times and _is_far(rows, extremes, extreme)):
            for place, share in found.items():
                shares[place] += share
    return shares


def _is_far(rows: _Rows, extremes: NDArray[np.float64], extreme: float) -> bool:
    """Whether an extreme is far beyond the usual one of a second, seen from the middle of the lead."""
    middle = float(np.nanmedian((rows.lowest + rows.highest) / 2))
    return abs(extreme - middle) >= _FAR * float(np.nanmedian(np.abs(extremes - middle)))


def _share_at(part: NDArray[Any], extreme: float, shortest: int) -> float:
    edges = np.flatnonzero(np.diff(part == extreme, prepend=False, append=False))
    runs = edges[1::2] - edges[::2]
    return float(runs[runs >= shortest].sum() / len(part))


def _amounts(noise: Noise, scale: float, gone: NDArray[np.bool_]) -> dict[str, NDArray[np.float32]]:
    """The noise of each window in which there is a signal."""
    windows = len(noise.muscle_rms)
    padded = np.zeros(windows * _ROWS_PER_WINDOW, bool)
    padded[: min(len(gone), len(padded))] = gone[: len(padded)]
    without = padded.reshape(windows, _ROWS_PER_WINDOW).any(axis=1)
    values = {"mains": noise.mains, "muscle noise": noise.muscle_rms, "baseline wander": noise.wander}
    return {
        kind: np.where(without, np.float32(np.nan), each * np.float32(scale)) for kind, each in values.items()
    }


def _spans(
    kind: str, amounts: NDArray[Any], above: float, step_s: float, duration_s: float, unit: str
) -> list[QualitySpan]:
    """The runs of windows whose amount is above a limit, split where they block more."""
    with np.errstate(invalid="ignore"):
        levels = np.zeros(len(amounts), np.int8)
        for limit in LIMITS[kind]:
            levels += (amounts > limit.above).astype(np.int8)
    edges = np.flatnonzero(np.diff(levels, prepend=0, append=0))
    found = []
    for first, last in zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True):
        if levels[first] == 0:
            continue
        amount = float(np.max(amounts[first:last]))
        stop = min(last * step_s, duration_s)
        found.append(
            QualitySpan(kind, first * step_s, stop, round(amount, 4), unit, blocked_by(kind, amount))
        )
    return found


def _numbers(
    lead: Lead,
    gone: NDArray[np.bool_],
    told: Mapping[str, NDArray[np.float32]],
    noise: Noise | None,
    unit: str,
) -> tuple[Measurement, ...]:
    share = 100.0 * float(1 - gone.mean())
    method = "share of the seconds that are not missing, flat, lead off or saturated"
    usable = Measurement(
        f"usable_signal:{lead.name}", round(share, 2), "%", method=method, leads=(lead.name,)
    )
    return (usable, *(_number(lead, kind, told.get(kind), noise, unit) for kind in _METHODS))


def _number(
    lead: Lead, kind: str, values: NDArray[np.float32] | None, noise: Noise | None, unit: str
) -> Measurement:
    name = f"{_NAMES[kind]}:{lead.name}"
    hertz = noise.mains_hz if noise and noise.mains_hz else 50.0
    method = _METHODS[kind].format(hertz=hertz)
    present = values[np.isfinite(values)] if values is not None else np.empty(0)
    if not len(present):
        return Measurement(name, None, unit, "withheld", _why_not(kind, noise), method, (lead.name,))
    relative = "the unit is unknown: as a share of the usual height of the lead within a second"
    reason = relative if unit == "1" else ""
    spread = round(float(np.std(present)), 5) if len(present) > 1 else None
    value = round(float(np.median(present)), 5)
    return Measurement(name, value, unit, "measured", reason, method, (lead.name,), None, spread)


def _why_not(kind: str, noise: Noise | None) -> str:
    if noise is None:
        return f"the sampling rate is below {LOWEST_RATE_HZ:g} Hz, or the lead shorter than 0.1 s"
    if kind == "mains" and not noise.mains_hz:
        return "the sampling rate is too low to carry 50 Hz"
    return "there is no stretch with a signal"
