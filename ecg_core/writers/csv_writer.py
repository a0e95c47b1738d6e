"""A text table: one column a lead, units in the header, before them the time or the number of the sample.

Lines beginning with ``#`` above the table state the rate, the time of recording and the patient. Numbers have
the digits that give the same float back; missing samples are ``NaN``.

Not carried: metadata, device, annotations, the scale of the counts, patient fields that the reader has no
key for (they come back as metadata). There is no time where the rate is unknown, or where printed times do
not show it exactly (333.3333333333333 Hz): a line above the table then states it. Leads of different rates
or lengths are refused, because one table has one time column.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from ecg_core.domain import MILLIVOLTS_PER_UNIT, Lead, Recording, voltage_unit
from ecg_core.errors import UnwritableError
from ecg_core.writers.counts import quoted, simplest_fraction
from ecg_core.writers.exported_file import ExportedFile, file_stem
from ecg_core.writers.physical_numbers import blocks_of, numbers_of

_FINEST_RATE = 10**6
_DECIMALS = 9
_COUNTS = re.compile(r"(samples?|index|idx|frames?|nseq|row|unnamed: 0|n|no|nr|#)\W?.*", re.IGNORECASE)
_ENDS_LIKE_A_UNIT = re.compile(r".*[(\[/]\s*([^()\[\]/]+?)\s*[)\]]?", re.DOTALL)


def write_csv(recording: Recording, *, name: str) -> ExportedFile:
    """The recording as a table with commas and decimal points, in UTF-8.

    Raises
    ------
    UnwritableError
        The leads differ in rate or length, or a name would be read as something else.
    """
    leads = recording.leads
    rate = _common_rate(leads)
    has_time = rate is not None and simplest_fraction(rate * _FINEST_RATE).denominator == 1
    _check_names(leads)
    above = [f"# {key}: {' '.join(value.split())}\n" for key, value in _lines_above(recording, rate)]
    pieces = ["".join([*above, "\n"] if above else []).encode(), _header(leads, has_time=has_time)]
    for start, stop in blocks_of(len(leads[0].samples)):
        first = _times(rate, start, stop) if rate and has_time else map(str, range(start, stop))
        columns = [first, *(_cells(lead, start, stop) for lead in leads)]
        pieces.append("".join(",".join(row) + "\n" for row in zip(*columns, strict=True)).encode())
    return ExportedFile(f"{file_stem(name)}.csv", b"".join(pieces))


def _header(leads: Sequence[Lead], *, has_time: bool) -> bytes:
    out = io.StringIO()
    titles = ["time (s)" if has_time else "sample", *map(_title, leads)]
    csv.writer(out, lineterminator="\n").writerow(titles)
    return out.getvalue().encode()


def _common_rate(leads: Sequence[Lead]) -> float | None:
    rates = {lead.sampling_rate_hz for lead in leads}
    lengths = {len(lead.samples) for lead in leads}
    if len(rates) > 1 or len(lengths) > 1:
        what = "sampling rates" if len(rates) > 1 else "lengths"
        raise UnwritableError(
            f"The leads have different {what}, and a CSV table has one row for a sample of each; "
            "JSON and DICOM keep them"
        )
    if lengths == {0}:
        raise UnwritableError(
            "The recording has no samples, so a CSV table would have no rows; JSON keeps it"
        )
    return rates.pop()


def _lines_above(recording: Recording, rate: float | None) -> Iterator[tuple[str, str]]:
    if rate is not None:
        yield "sampling rate", f"{_plain(rate)} Hz"
    if recording.recorded_at is not None:
        yield "recorded at", recording.recorded_at.isoformat()
    yield from recording.patient.items()


def _plain(number: float) -> str:
    """The digits that give the same float back, without an exponent."""
    return np.format_float_positional(number, trim="-")


def _title(lead: Lead) -> str:
    if not lead.unit:
        return lead.name
    return f"{lead.name} ({lead.unit})" if lead.unit in MILLIVOLTS_PER_UNIT else f"{lead.name} [{lead.unit}]"


def _cells(lead: Lead, start: int, stop: int) -> list[str]:
    """Each different sample is put into words once; a converter has few thousand of them."""
    different, places = np.unique(lead.samples[start:stop], return_inverse=True)
    numbers = numbers_of(replace(lead, samples=different), 0, len(different))
    texts = ["NaN" if number != number else repr(number) for number in numbers]
    return [texts[place] for place in places.tolist()]


def _times(rate: float, start: int, stop: int) -> Iterator[str]:
    """Seconds from the first sample, with as many decimals as one step needs, or nine."""
    step = 1 / simplest_fraction(rate)
    decimals = next((d for d in range(1, _DECIMALS) if (step * 10**d).denominator == 1), _DECIMALS)
    unit, over, under = 10**decimals, step.numerator, step.denominator
    whole = ((2 * index * over * unit + under) // (2 * under) for index in range(start, stop))
    return (f"{ticks // unit}.{ticks % unit:0{decimals}d}" for ticks in whole)


def _check_names(leads: Sequence[Lead]) -> None:
    for lead in leads:
        found = _ENDS_LIKE_A_UNIT.fullmatch(lead.name)
        if lead.unit is None and found and voltage_unit(found[1]):
            raise UnwritableError(
                f"The name of lead {quoted(lead.name)} ends like a unit, which its unit is not known to be; "
                "JSON keeps it"
            )
        if _COUNTS.fullmatch(lead.name) and np.all(np.diff(lead.samples.astype(np.float64)) == 1):
            raise UnwritableError(
                f"Lead {quoted(lead.name)} counts up by one, as its name says, and would be read as the "
                "numbers of the samples in a CSV table; JSON keeps it"
            )
        if _is_number(_title(lead)) and not lead.name.isdecimal():
            raise UnwritableError(
                f"Lead {quoted(lead.name)} is named by a number, which would be read as a sample in the "
                "header of a CSV table; JSON keeps it"
            )


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
