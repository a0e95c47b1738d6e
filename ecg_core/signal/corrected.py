"""Measurements that clinicians corrected, said so beside the automatic value."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

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
