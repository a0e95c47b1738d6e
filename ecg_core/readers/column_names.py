"""The names and units of a table's columns."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from ecg_core.errors import UnreadableFileError
from ecg_core.readers.header import name_and_unit, standard_unit
from ecg_core.readers.layout import Layout
from ecg_core.readers.lead_names import check_distinct, name_problem


def names_and_units(layout: Layout) -> tuple[list[str], list[str | None]]:
    """From the header and the row of units below it; an empty name where there is none."""
    pairs = [name_and_unit(cell) for cell in layout.header] or [("", None)] * layout.width
    names = [name for name, _ in pairs]
    units = [unit for _, unit in pairs]
    if layout.units:
        units = [standard_unit(below) or unit for below, unit in zip(layout.units, units, strict=True)]
    return names, units


def numbered(names: Sequence[str], other_columns: Collection[int | None]) -> list[str]:
    """A number for each nameless lead: its place among the leads, or the next one that is free."""
    taken = set(names)
    found, place = [], 0
    for column, name in enumerate(names):
        if column in other_columns:
            found.append(name)
            continue
        place += 1
        number = place
        while not name and str(number) in taken:
            number += 1
        found.append(name or str(number))
        taken.add(found[-1])
    return found


def titles(names: Sequence[str]) -> list[str]:
    """What messages call the columns."""
    return [name or str(number) for number, name in enumerate(names, 1)]


def check_names(names: Sequence[str], columns: Sequence[int], layout: Layout) -> None:
    """Refuse a name that no lead can have, or that two have.

    Raises
    ------
    UnreadableFileError
        Naming the columns.
    """
    what = "lead" if layout.long_form else "column"
    row = f", row {layout.header_row + 1}" if layout.header_row is not None and not layout.long_form else ""
    places = [f"{what} {column + 1}" for column in columns]
    for name, place in zip(names, places, strict=True):
        problem = name_problem(name)
        if problem:
            raise UnreadableFileError(f"{place.capitalize()}{row}: the lead's name {problem}")
    try:
        check_distinct(names, places)
    except UnreadableFileError as error:
        text = str(error)
        raise UnreadableFileError(f"{text[:1].upper()}{text[1:]}{row}") from error
