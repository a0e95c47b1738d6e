"""One row of the accuracy table, and how the table is printed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class AccuracyRow:
    """A measured figure beside its target and the peers'.

    Attributes
    ----------
    what, data : str
    ours : str
        Of the product as it is shipped.
    held_out : str
        Of parameters learned on the other half of the records; empty where nothing is learned.
    target : str
    met : bool or None
        By the held-out figure where there is one; None without a target.
    peers : mapping of str to str
    """

    what: str
    data: str
    ours: str
    held_out: str = ""
    target: str = ""
    met: bool | None = None
    peers: Mapping[str, str] = field(default_factory=dict)


def print_rows(rows: Sequence[AccuracyRow]) -> None:
    peers = list(dict.fromkeys(name for row in rows for name in row.peers))
    lines = [("what", "data", "ours", "held out", "target", "met", *peers)]
    for row in rows:
        met = "" if row.met is None else "yes" if row.met else "NO"
        of_peers = (row.peers.get(name, "") for name in peers)
        lines.append((row.what, row.data, row.ours, row.held_out, row.target, met, *of_peers))
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    for line in lines:
        print("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())
