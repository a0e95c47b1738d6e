"""Tables with one sample a row: ``lead, sample, value`` or ``lead, time, value``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ecg_core.errors import UnreadableFileError
from ecg_core.readers.excerpt import excerpt
from ecg_core.readers.lead_names import MOST_LEADS
from ecg_core.readers.sample_buffer import SampleBuffer, narrowest_integers

#: A lead whose sample numbers leave out more than this many for each one given is a mistake.
_MOST_GAPS = 50


class LeadCodes:
    """Numbers for the names of leads, in the order in which they first occur."""

    def __init__(self) -> None:
        self.codes: dict[str, int] = {}

    def parse(self, cells: list[str], row: int, name: str) -> NDArray[np.int64]:
        codes = self.codes
        for index, cell in enumerate(cells):
            if cell not in codes:
                if not cell:
                    raise UnreadableFileError(
                        f"Row {row + index}, column {excerpt(name)}: there is no lead's name"
                    )
                if len(codes) == MOST_LEADS:
                    raise UnreadableFileError(f"Row {row + index}: there are more than {MOST_LEADS:,} leads")
                codes[cell] = len(codes)
        return np.fromiter(map(codes.__getitem__, cells), np.int64, len(cells))


@dataclass(frozen=True)
class LongLead:
    """One lead's rows: its samples in order, and its times where the table has them."""

    name: str
    samples: NDArray[np.generic]
    times_s: NDArray[np.float64] | None


def split_leads(
    codes: NDArray[np.generic],
    names: Sequence[str],
    values: NDArray[np.generic],
    *,
    numbers: NDArray[np.generic] | None,
    times_s: NDArray[np.float64] | None,
) -> list[LongLead]:
    """The rows sorted out by lead; sample numbers that are left out become missing samples.

    Raises
    ------
    UnreadableFileError
        Where a sample number occurs twice, is missing, or lies far from the others.
    """
    first = 0
    if numbers is not None:
        _check_numbers(numbers)
        first = int(numbers.min()) if len(numbers) else 0
    leads = []
    order = np.argsort(codes, kind="stable")
    ends = np.searchsorted(codes[order], np.arange(1, len(names)))
    for name, rows in zip(names, np.split(order, ends), strict=True):
        own = values[rows]
        if numbers is not None:
            own = _placed(own, numbers[rows].astype(np.int64) - first, name, first)
        elif own.dtype.kind == "i":
            own = narrowest_integers(own.astype(np.int64))
        leads.append(LongLead(name, own, None if times_s is None else times_s[rows]))
    return leads


def _check_numbers(numbers: NDArray[np.generic]) -> None:
    if numbers.dtype.kind != "i":
        raise UnreadableFileError("The column of sample numbers holds something other than whole numbers")


def _placed(values: NDArray[np.generic], at: NDArray[np.int64], name: str, first: int) -> NDArray[np.generic]:
    length = int(at.max()) + 1
    if length > _MOST_GAPS * len(at) + 1000:
        raise UnreadableFileError(
            f"Lead {excerpt(name)}: sample {length - 1 + first:,} is too far from the others; "
            f"the lead has {len(at):,} samples"
        )
    count = np.bincount(at, minlength=length)
    if count.max() > 1:
        twice = int(np.argmax(count > 1)) + first
        raise UnreadableFileError(f"Lead {excerpt(name)}: sample {twice} occurs twice")
    if length == len(at):
        ordered = np.empty_like(values)
        ordered[at] = values
        return narrowest_integers(ordered.astype(np.int64)) if ordered.dtype.kind == "i" else ordered
    buffer = SampleBuffer(len(values), lambda index: f"Lead {excerpt(name)}: sample {int(at[index]) + first}")
    buffer.append(values.astype(np.int64) if values.dtype.kind == "i" else values)
    buffer.append(np.empty(0, np.float64))
    spread = np.full(length, np.nan)
    spread[at] = buffer.samples()
    return spread
