"""Text tables with a header of a device's own kind: which one it is, and how the table below it is cut."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from ecg_core.errors import UnreadableFileError
from ecg_core.readers.bard import describe_bard
from ecg_core.readers.described import Description
from ecg_core.readers.labchart import describe_labchart
from ecg_core.readers.layout import Layout
from ecg_core.readers.layout_search import find_layout
from ecg_core.readers.opensignals import describe_opensignals
from ecg_core.readers.options import ReadOptions
from ecg_core.readers.prucka import describe_prucka


def describe(lines: Sequence[str], siblings: Mapping[str, bytes | memoryview]) -> Description | None:
    """What the device's header says, above the table or in a file beside it; None for an ordinary table.

    Raises
    ------
    UnreadableFileError
        Where the header contradicts itself.
    """
    return (
        describe_opensignals(lines)
        or describe_bard(lines)
        or describe_labchart(lines)
        or describe_prucka(lines, siblings)
    )


def described_layout(lines: Sequence[str], options: ReadOptions, description: Description) -> Layout:
    """Where the table is, cut as its format has it unless a person says otherwise.

    Raises
    ------
    UnreadableFileError
        Where the table has other columns than are described.
    """
    delimiter = description.delimiter if options.delimiter is None else options.delimiter
    settled = replace(
        options, delimiter=delimiter, decimal=options.decimal or ".", header=False, layout="wide"
    )
    layout = find_layout(lines, settled)
    count = len(description.columns)
    if layout.width != count:
        raise UnreadableFileError(
            f"The header describes {count:,} columns, but row {layout.first_row + 1} has {layout.width:,}"
        )
    names = tuple(column.original_name or column.name for column in description.columns)
    return replace(layout, header_row=description.row, header=names)
