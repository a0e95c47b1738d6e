"""One row of the table that a benchmark prints."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """A measured figure beside its target; ``met`` decides the exit status."""

    work: str
    ours: str
    peer: str
    figure: str
    target: str
    met: bool


def print_table(rows: list[Row]) -> None:
    header = ("work", "ours", "peer", "figure", "target", "met")
    lines = [header, *((r.work, r.ours, r.peer, r.figure, r.target, "yes" if r.met else "NO") for r in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(header))]
    for line in lines:
        print("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())
