"""``-31,706``: two columns of whole numbers, or one with a decimal comma?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ecg_core.readers.cells import is_integer
from ecg_core.readers.layout import Layout
from ecg_core.readers.preamble import is_comment, is_property, key_and_value, names_lead

_ONE = "Each row looks like one number with a decimal comma; if it is two, choose the comma as delimiter."
_TWO = "The comma was taken to separate two columns; if it is a decimal comma, choose it as decimal sign."


@dataclass(frozen=True)
class Candidate:
    """A way of cutting the lines, and how many rows of numbers it gives."""

    rows: int
    layout: Layout


def settle_decimal_comma(winner: Layout, found: Sequence[Candidate], lines: Sequence[str]) -> Layout:
    """The winner, or the other reading of its commas where the lines speak for that, with a remark."""
    layouts = [candidate.layout for candidate in found]
    one = next((x for x in layouts if (x.dialect.delimiter, x.dialect.decimal) == ("", ",")), None)
    two = next((x for x in layouts if (x.dialect.delimiter, x.width) == (",", 2)), None)
    if one is None or two is None or winner not in (one, two) or two.dialect.decimal != ".":
        return winner
    cut = [two.dialect.split(line) for line in lines[two.first_row :] if line.strip()]
    rows = [row for row in cut if len(row) == 2]
    if not all(is_integer(first) and second.isdigit() for first, second in rows):
        return two
    above = [line for line in lines[: two.first_row] if line.strip()]
    header = _columns_in_header(above, two)
    if header == 2:
        return two
    if header == 1 or len(rows) < len(cut) or _looks_decimal(rows):
        return replace(one, remarks=(_ONE,))
    return replace(two, remarks=(_TWO,))


def _columns_in_header(above: Sequence[str], two: Layout) -> int | None:
    """What the lines above the numbers say: 1 or 2 columns, or nothing."""
    if any(names_lead(pair[0]) for line in above if (pair := key_and_value(line))):
        return 1
    plain = [line for line in above if not is_comment(line)]
    if not plain:
        return None
    cells = two.dialect.split(plain[-1])
    return len(cells) if len(cells) in (1, 2) and not is_property(cells) else None


def _looks_decimal(rows: Sequence[list[str]]) -> bool:
    """A second part like ``05``, or of one width beside negative first parts, is a fraction."""
    fractions = [row[1] for row in rows]
    if any(len(fraction) > 1 and fraction.startswith("0") for fraction in fractions):
        return True
    negative = any(row[0].startswith("-") for row in rows)
    return negative and len(rows) > 3 and len(set(map(len, fractions))) == 1 and len(fractions[0]) > 1
