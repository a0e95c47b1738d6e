"""What a person, or a program, says about a file beside its bytes."""

from __future__ import annotations

import codecs
import math
from dataclasses import dataclass, replace

from ecg_core.domain import Lead, Recording, voltage_unit
from ecg_core.errors import InvalidInputError
from ecg_core.readers.excerpt import excerpt

#: No ECG is sampled faster; a larger number is a mistake in the unit of time.
#: A sample in a quarter of an hour; a rate near zero would make a duration that no number can hold.
LOWEST_SAMPLING_RATE_HZ = 0.001
HIGHEST_SAMPLING_RATE_HZ = 1e6

TIME_UNITS = ("s", "ms", "us", "sample", "clock")
LAYOUTS = ("wide", "long")
DECIMAL_SIGNS = (".", ",")


@dataclass(frozen=True)
class ReadOptions:
    """How to read a file where it leaves something open; None is "find out, or leave unknown".

    Attributes
    ----------
    sampling_rate_hz, unit
        For every lead. They win over what the file states, and a remark then says so.
    encoding, delimiter, decimal, header, time_column, time_unit, layout
        For text tables. ``delimiter`` is one character (a space stands for runs of spaces), or empty
        for a table of one column; ``time_column`` is a column's name, or its number counted from 1,
        or empty for "there is none"; ``time_unit`` is one of `TIME_UNITS`, ``layout`` of `LAYOUTS`.
    """

    sampling_rate_hz: float | None = None
    unit: str | None = None
    encoding: str | None = None
    delimiter: str | None = None
    decimal: str | None = None
    header: bool | None = None
    time_column: str | None = None
    time_unit: str | None = None
    layout: str | None = None


def check_options(options: ReadOptions) -> ReadOptions:
    """The options with the unit in its standard spelling.

    Raises
    ------
    InvalidInputError
        Naming the option and what would be right.
    """
    if options.sampling_rate_hz is not None:
        problem = sampling_rate_problem(options.sampling_rate_hz)
        if problem:
            raise InvalidInputError(f"Sampling rate {problem}")
    _check_choice("Time unit", options.time_unit, TIME_UNITS)
    _check_choice("Layout", options.layout, LAYOUTS)
    _check_choice("Decimal sign", options.decimal, DECIMAL_SIGNS)
    _check_delimiter(options)
    _check_encoding(options.encoding)
    return replace(options, unit=_standard_unit(options.unit))


def sampling_rate_problem(rate: object) -> str | None:
    """Why ``rate`` cannot be a sampling rate in Hz; None if it can."""
    if isinstance(rate, bool) or not isinstance(rate, int | float):
        return f"must be a number in Hz, not {excerpt(rate)}"
    if not (isinstance(rate, int) or math.isfinite(rate)) or rate <= 0:
        return f"must be greater than 0 Hz, not {excerpt(rate)}"
    if rate < LOWEST_SAMPLING_RATE_HZ:
        return f"must be at least {LOWEST_SAMPLING_RATE_HZ:g} Hz, not {excerpt(rate)}"
    if rate > HIGHEST_SAMPLING_RATE_HZ:
        return f"must be at most {HIGHEST_SAMPLING_RATE_HZ:,.0f} Hz, not {excerpt(rate)}"
    return None


def with_overrides(recording: Recording, options: ReadOptions) -> Recording:
    """The recording with the person's sampling rate and unit, and remarks where the file differs."""
    if options.sampling_rate_hz is None and options.unit is None:
        return recording
    leads = tuple(_override(lead, options) for lead in recording.leads)
    remarks = list(recording.remarks)
    rate, unit = options.sampling_rate_hz, options.unit
    other_rates = {x.sampling_rate_hz for x in recording.leads if rate and x.sampling_rate_hz} - {rate}
    other_units = {x.unit for x in recording.leads if unit and x.unit} - {unit}
    for found in sorted(filter(None, other_rates)):
        remarks.append(
            f"The file states a sampling rate of {found:g} Hz; {rate:g} Hz was entered and is used."
        )
    for name in sorted(filter(None, other_units)):
        remarks.append(f"The file states the unit {excerpt(name)}; {unit} was entered and is used.")
    return replace(recording, leads=leads, remarks=tuple(remarks))


def _override(lead: Lead, options: ReadOptions) -> Lead:
    rate = options.sampling_rate_hz
    return replace(
        lead,
        sampling_rate_hz=lead.sampling_rate_hz if rate is None else float(rate),
        unit=options.unit or lead.unit,
    )


def _standard_unit(unit: str | None) -> str | None:
    if unit is None or not unit.strip():
        return None
    standard = voltage_unit(unit)
    if standard is None:
        raise InvalidInputError(f"Unit must be V, mV, uV or nV, not {excerpt(unit)}")
    return standard


def _check_choice(what: str, value: str | None, choices: tuple[str, ...]) -> None:
    if value is not None and value not in choices:
        raise InvalidInputError(f"{what} must be one of {', '.join(choices)}, not {excerpt(value)}")


def _check_delimiter(options: ReadOptions) -> None:
    delimiter = options.delimiter
    if delimiter and (len(delimiter) > 1 or delimiter not in ",;\t |:"):
        raise InvalidInputError(
            f"Delimiter must be a comma, semicolon, tab, space, bar or colon, not {excerpt(delimiter)}"
        )


def _check_encoding(encoding: str | None) -> None:
    if encoding is None:
        return
    try:
        text_codec = codecs.lookup(encoding)
    except (LookupError, ValueError, TypeError):
        raise InvalidInputError(f"Encoding {excerpt(encoding)} is not known; UTF-8 would be") from None
    if not getattr(text_codec, "_is_text_encoding", True) or text_codec.name in (
        "idna",
        "punycode",
        "undefined",
    ):
        raise InvalidInputError(f"Encoding {excerpt(encoding)} is not one of text; UTF-8 would be")
