"""The four limb leads that follow from I and II, and how far recorded limb leads agree with each other.

Einthoven (1913): III = II - I. Goldberger (1942): aVR = -(I + II) / 2, aVL = I - II / 2, aVF = II - I / 2.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ecg_core.domain import Lead

#: Twice each derived lead in parts of I and II: whole numbers, so that whole samples stay exact.
_PARTS: Mapping[str, tuple[int, int]] = {"III": (-2, 2), "aVR": (-1, -1), "aVL": (2, -1), "aVF": (-1, 2)}

#: Each relation as a sum that is zero.
_RELATIONS: Mapping[str, Mapping[str, float]] = {
    "III = II - I": {"III": 1.0, "II": -1.0, "I": 1.0},
    "aVR = -(I + II) / 2": {"aVR": 1.0, "I": 0.5, "II": 0.5},
    "aVL = I - II / 2": {"aVL": 1.0, "I": -1.0, "II": 0.5},
    "aVF = II - I / 2": {"aVF": 1.0, "II": -1.0, "I": 0.5},
    "aVR + aVL + aVF = 0": {"aVR": 1.0, "aVL": 1.0, "aVF": 1.0},
}

#: Beyond this, three times a whole sample may leave 64 bits.
_LARGEST_SAMPLE = 2**61
_ROUNDING = 1e-9  # of the floats that are added
_STEP_SAMPLES = 100_000
_FEW_VALUES = 20


@dataclass(frozen=True)
class LimbLeadCheck:
    """The relation that the recorded limb leads keep worst.

    Attributes
    ----------
    relation : str
        In words, e.g. ``III = II - I``.
    largest_mv : float
        The largest deviation from it, in mV, without sign.
    tolerance_mv : float
        What the rounding of the leads' samples explains: one quantum of each lead, in the parts in which
        it enters the relation (half of one for a device that rounds, a whole one for one that truncates).
    sample : int
        Index of the sample where the deviation is largest.
    share : float
        Of the samples, 0 to 1, that deviate by more than the tolerance: a wrong label or scale shows in
        many, a calibration pulse or an artefact in few.
    """

    relation: str
    largest_mv: float
    tolerance_mv: float
    sample: int
    share: float

    @property
    def holds(self) -> bool:
        """Whether rounding explains the deviation."""
        return self.largest_mv <= self.tolerance_mv * (1 + _ROUNDING) + 1e-12


def derive_limb_leads(leads: Sequence[Lead]) -> tuple[Lead, ...]:
    """Those of III, aVR, aVL and aVF that are not among the leads, from I and II.

    Whole samples stay whole and exact: an augmented lead has half the resolution of I and II.

    Parameters
    ----------
    leads : sequence of Lead
        All leads of a recording.

    Returns
    -------
    tuple of Lead
        Marked ``is_derived``. Empty where I or II is absent, or where they differ in sampling rate, unit,
        resolution, offset or length.
    """
    by_name = {lead.name: lead for lead in leads if lead.is_ecg}
    first, second = by_name.get("I"), by_name.get("II")
    if first is None or second is None or not _agree(first, second):
        return ()
    taken = {lead.name for lead in leads}
    return tuple(_derive(name, first, second) for name in _PARTS if name not in taken)


def check_limb_leads(leads: Iterable[Lead]) -> LimbLeadCheck | None:
    """How well the recorded limb leads keep Einthoven's and Goldberger's relations.

    Parameters
    ----------
    leads : iterable of Lead
        All leads of a recording. Those that were derived, or are in no unit of voltage, say nothing.

    Returns
    -------
    LimbLeadCheck or None
        The relation with the largest deviation, of those beyond their tolerance if any is. None where no
        relation has all its leads with one length and sampling rate, and a sample that is in all of them.
    """
    recorded = {x.name: x for x in leads if x.is_ecg and not x.is_derived and x.millivolts_per_unit}
    checks = [
        check
        for relation, parts in _RELATIONS.items()
        if parts.keys() <= recorded.keys()
        and (check := _check(relation, [(recorded[name], part) for name, part in parts.items()]))
    ]
    return max(checks, key=lambda check: (not check.holds, check.largest_mv), default=None)


def _agree(first: Lead, second: Lead) -> bool:
    return (
        len(first.samples) == len(second.samples)
        and first.sampling_rate_hz == second.sampling_rate_hz
        and (first.unit, first.resolution, first.offset) == (second.unit, second.resolution, second.offset)
        and all(_fits(lead.samples) for lead in (first, second))
    )


def _fits(samples: NDArray[np.generic]) -> bool:
    if samples.dtype.kind == "f" or not len(samples):
        return True
    return int(samples.min()) >= -_LARGEST_SAMPLE and int(samples.max()) <= _LARGEST_SAMPLE


def _derive(name: str, first: Lead, second: Lead) -> Lead:
    part_i, part_ii = _PARTS[name]
    resolution, halves = first.resolution / 2, 1
    if part_i % 2 == part_ii % 2 == 0:
        resolution, halves = first.resolution, 2
    wide = np.float64 if "f" in (first.samples.dtype.kind, second.samples.dtype.kind) else np.int64
    samples = first.samples.astype(wide) * (part_i // halves) + second.samples.astype(wide) * (
        part_ii // halves
    )
    return Lead(
        name=name,
        samples=_narrowest(samples),
        sampling_rate_hz=first.sampling_rate_hz,
        unit=first.unit,
        resolution=resolution,
        offset=first.offset * (part_i + part_ii) / 2,
        is_derived=True,
    )


def _narrowest(samples: NDArray[np.generic]) -> NDArray[np.generic]:
    if samples.dtype.kind == "f" or not len(samples):
        return samples
    lowest, highest = int(samples.min()), int(samples.max())
    types = (np.int8, np.int16, np.int32)
    fitting = (x for x in types if np.iinfo(x).min <= lowest and highest <= np.iinfo(x).max)
    return samples.astype(next(fitting, np.int64))


def _check(relation: str, parts: Sequence[tuple[Lead, float]]) -> LimbLeadCheck | None:
    first = parts[0][0]
    if any(
        len(x.samples) != len(first.samples) or x.sampling_rate_hz != first.sampling_rate_hz for x, _ in parts
    ):
        return None
    sums = np.zeros(len(first.samples))
    for lead, part in parts:
        sums += lead.physical() * (part * (lead.millivolts_per_unit or 0.0))
    deviation = np.abs(sums)
    if not len(deviation) or np.all(np.isnan(deviation)):
        return None
    worst = int(np.nanargmax(deviation))
    tolerance = sum(abs(part) * _quantum_mv(lead) for lead, part in parts)
    beyond = np.count_nonzero(deviation > tolerance * (1 + _ROUNDING)) / np.count_nonzero(deviation >= 0)
    return LimbLeadCheck(relation, float(deviation[worst]), tolerance, worst, beyond)


def _quantum_mv(lead: Lead) -> float:
    """The smallest step between the samples' values, in mV.

    It may be many counts, where a file states finer counts than its device had, and is all that is known of
    decimals; a few whole samples show nothing, so that one count is taken.
    """
    scale = abs(lead.resolution) * (lead.millivolts_per_unit or 0.0)
    values = np.unique(lead.samples[:_STEP_SAMPLES].astype(np.float64))
    values = values[~np.isnan(values)]
    if lead.samples.dtype.kind != "f" and len(values) < _FEW_VALUES:
        return scale
    if len(values) < 2:
        return 0.0
    steps = np.diff(values)
    # differences of equal printed values that were computed apart are no step
    return float(steps[steps > 1e-9 * (values[-1] - values[0])].min()) * scale
