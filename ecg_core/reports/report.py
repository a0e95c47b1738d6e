"""What a CSV report is: its name, its title and its columns."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Column:
    """One column of a report.

    Attributes
    ----------
    name : str
        As in the header row.
    unit : str
        What a number in it counts or measures; empty for text.
    meaning : str
        One sentence, also saying when the cell is empty.
    """

    name: str
    unit: str
    meaning: str


@dataclass(frozen=True)
class Report:
    """A kind of CSV report: its name in addresses, its title for people, its columns in order."""

    name: str
    title: str
    description: str
    columns: tuple[Column, ...]


#: The first column of every report.
RECORDING = Column("recording", "", "The ECG: its id in the service, its path on the command line.")
