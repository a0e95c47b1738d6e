"""Columns of a text table as the lines above it describe them, and the leads that they become."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from ecg_core.domain import Lead
from ecg_core.readers.channels import is_ecg_channel, lead_names, standard_lead_name
from ecg_core.readers.header import COUNT_UNITS
from ecg_core.readers.preamble import Preamble


@dataclass(frozen=True)
class Column:
    """One channel.

    Attributes
    ----------
    name : str
        What it is to be called; a standard lead's name is brought to its standard spelling.
    unit, resolution
        As in `Lead`.
    original_name : str
        What the file calls it, where that is not ``name``; else empty.
    is_ecg : bool or None
        None where the name and the unit decide.
    """

    name: str
    unit: str | None = None
    resolution: float = 1.0
    original_name: str = ""
    is_ecg: bool | None = None


@dataclass(frozen=True)
class Description:
    """What a device's own kind of header says about the table below it.

    Attributes
    ----------
    row : int or None
        Index of the line that names the columns, counted from 0; None for one in another file.
    columns : tuple of Column
    preamble : Preamble
    delimiter : str
        What separates the cells.
    number_of_samples : int or None
    remarks : tuple of str
    """

    row: int | None
    columns: tuple[Column, ...]
    preamble: Preamble
    delimiter: str
    number_of_samples: int | None = None
    remarks: tuple[str, ...] = field(default=())


def plain(text: str) -> str:
    """Without control characters and surrounding spaces, as a name may be."""
    return "".join(character for character in text if character.isprintable()).strip()


def named_leads(
    columns: Sequence[Column], samples: Sequence[NDArray[np.generic]], rates_hz: Sequence[float | None]
) -> tuple[Lead, ...]:
    """The leads, under standard names where the columns have such."""
    names = lead_names([column.name for column in columns])
    return tuple(
        _lead(column, name, own, rate)
        for column, name, own, rate in zip(columns, names, samples, rates_hz, strict=True)
    )


def _lead(column: Column, name: str, samples: NDArray[np.generic], rate_hz: float | None) -> Lead:
    original = column.original_name or column.name
    return Lead(
        name=name,
        samples=samples,
        sampling_rate_hz=rate_hz,
        unit=column.unit,
        resolution=column.resolution,
        original_name="" if original == name else original,
        is_ecg=_is_ecg(column) if column.is_ecg is None else column.is_ecg,
    )


def _is_ecg(column: Column) -> bool:
    counts = column.unit is not None and column.unit.lower() in COUNT_UNITS
    return bool(standard_lead_name(column.name)) or is_ecg_channel(
        column.name, None if counts else column.unit
    )
