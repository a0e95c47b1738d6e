"""Measurements that clinicians corrected, said so beside the automatic value."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from ecg_core.domain import Measurement


def tell_corrected(
    automatic: Sequence[Measurement], measurements: Sequence[Measurement]
) -> tuple[Measurement, ...]:
    """The measurements, those that a correction changed with the automatic value in their reason.

    Parameters
    ----------
    automatic, measurements : sequence of Measurement
        Without and with the corrections that count.
    """
    before = {one.name: one for one in automatic}
    return tuple(_told(before.get(one.name), one) for one in measurements)


def _told(before: Measurement | None, now: Measurement) -> Measurement:
    if before is None or (before.value, before.status) == (now.value, now.status):
        return now
    was = before.status if before.value is None else f"{before.value:.5g} {before.unit}".removesuffix(" 1")
    said = f"{CORRECTED}, automatic: {was}"
    return replace(now, reason=f"{said}; {now.reason}" if now.reason else said)


#: How the reason of a corrected measurement begins.
CORRECTED = "corrected by a reader"


def counted_rr_ms(
    beats: NDArray[np.int64], fs: float, *, rejected: Collection[int] = (), no_beats: Collection[int] = ()
) -> NDArray[np.float64]:
    """The RR interval that ends at each beat.

    Parameters
    ----------
    beats : ndarray of int64, shape (n,)
        R peaks in samples at ``fs`` Hz.
    rejected : collection of int
        Of the beats left out, no beats too.
    no_beats : collection of int
        Of those that are none: the interval goes over them.

    Returns
    -------
    ndarray, shape (n,)
        In ms; NaN for the first beat, one left out, and the next beat after one that is not used.
    """
    is_out, is_none = np.isin(beats, list(rejected)), np.isin(beats, list(no_beats))
    real = np.flatnonzero(~is_none)
    rr_ms = np.full(len(beats), np.nan)
    rr_ms[real[1:]] = np.diff(beats[real]) * 1000.0 / fs
    rr_ms[real[1:][is_out[real[:-1]]]] = np.nan
    rr_ms[is_out] = np.nan
    return rr_ms
