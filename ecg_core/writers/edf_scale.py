"""Digital and physical extremes for an EDF header, whose fields hold 8 characters each.

The scale of a signal is only in its four extremes: resolution = (physical maximum - physical minimum) /
(digital maximum - digital minimum). So digital extremes are looked for whose physical values are decimals of
at most 8 characters without any rounding.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction

from ecg_core.writers.counts import Counts, simplest_fraction

_WIDTH = 8


@dataclass(frozen=True)
class EdfScale:
    """What the header says: two whole numbers, and the text of the physical value of each."""

    digital: tuple[int, int]
    physical: tuple[str, str]


def edf_scale(counts: Counts, bits: int) -> EdfScale | None:
    """Extremes that give resolution and offset back exactly; None where there are none.

    Parameters
    ----------
    counts : Counts
    bits : int
        Of a sample: 16 in EDF, 24 in BDF.
    """
    least, greatest = counts.extremes
    first, last = -(1 << (bits - 1)), (1 << (bits - 1)) - 1
    resolution = simplest_fraction(counts.resolution)
    offset = _exact_offset(counts, resolution)
    if offset is None or least < first or greatest > last:
        return None
    ranges = [_printable(resolution, offset, decimals, first, last) for decimals in range(_WIDTH - 1)]
    lows = [found.start for found in ranges if found and found.start <= least]
    highs = [found[-1] for found in ranges if found and found[-1] >= greatest]
    if not lows or not highs or min(lows) == max(highs):
        return None
    low, high = min(lows), max(highs)
    texts = tuple(edf_number(resolution * count + offset) for count in (low, high))
    return EdfScale((low, high), (texts[0], texts[1]))


def edf_number(number: Fraction) -> str:
    """A number that is a finite decimal, in as few characters as possible."""
    decimals = next(digits for digits in range(100) if (number * 10**digits).denominator == 1)
    whole = abs(number.numerator * 10**decimals // number.denominator)
    digits = f"{whole:0{decimals + 1}d}"
    text = f"{digits[:-decimals]}.{digits[-decimals:]}" if decimals else digits
    sign = "-" if number < 0 else ""
    return sign + (text[1:] if len(sign + text) > _WIDTH and text.startswith("0.") else text)


def is_decimal(number: Fraction) -> bool:
    """Whether a number has finitely many decimals."""
    return coprime_to_ten(number.denominator) == 1


def coprime_to_ten(number: int) -> int:
    """The number without its factors of 2 and 5."""
    for factor in (2, 5):
        while number % factor == 0:
            number //= factor
    return number


def _exact_offset(counts: Counts, resolution: Fraction) -> Fraction | None:
    """The offset as a multiple of the resolution with a small denominator, else as its own decimal."""
    level = Fraction(counts.offset) / resolution
    for digits in range(10):
        found = resolution * level.limit_denominator(10**digits)
        if float(found) == counts.offset:
            return found
    return Fraction(repr(counts.offset))


def _printable(resolution: Fraction, offset: Fraction, decimals: int, first: int, last: int) -> range:
    """Counts from ``first`` to ``last`` whose physical value has so many decimals and 8 characters."""
    step = Fraction(1, 10**decimals)
    longest = _WIDTH - 1 - decimals if decimals else _WIDTH
    bounds = (step - 10 ** (longest - 1), 10**longest - step)
    ends = sorted((bound - offset) / resolution for bound in bounds)
    # resolution * count + offset is a multiple of step: a linear congruence for the count
    under = resolution.denominator * offset.denominator
    factor = resolution.numerator * offset.denominator * 10**decimals
    wanted = -offset.numerator * resolution.denominator * 10**decimals
    common = math.gcd(factor, under)
    if wanted % common:
        return range(0)
    period = under // common
    one = (wanted // common) * pow(factor // common, -1, period) % period if period > 1 else 0
    low, high = max(first, math.ceil(ends[0])), min(last, math.floor(ends[1]))
    return range(low + (one - low) % period, high + 1, period)
