"""How much of a fault blocks which measurements of a lead."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

P = ("p_duration", "pr_interval", "p_axis", "p_amplitude")
T = ("qt_interval", "qtc_bazett", "qtc_fridericia", "qtc_framingham", "qtc_hodges", "t_axis", "t_amplitude")
ST = ("st_j", "st_j60", "st_j80", "st_slope")
QRS = ("qrs_duration", "q_amplitude", "s_amplitude", "r_prime_amplitude")
VOLTAGE = ("r_amplitude", "qrs_axis", "sokolow_lyon", "cornell")


@dataclass(frozen=True)
class Limit:
    """Above this amount (mV, or a share) these measurements are blocked; ``*`` is all of them and the
    beats."""

    above: float
    blocks: tuple[str, ...]


#: Each kind's limits, rising; a higher one blocks what the lower ones do as well.
#:
#: 0.02 mV is the smallest deflection that the CSE working party counts as a wave (Eur Heart J 1985;6:815):
#: noise of that size hides the ends of P and T. 0.1 mV is the ST deviation that guidelines act on
#: (AHA/ACCF/HRS 2009, part VI); a wander of 0.3 mV within 5 s moves the level by about that much in a beat.
#: The others are ours. Medians over a lead (LUDB 1-100, 25 of Challenge 2021, 22 of MIT-BIH): muscle 0.001,
#: 0.006 and 0.008 mV, 99 in 100 below 0.004, 0.040 and 0.013; mains below 0.002, 0.11 and 0.022; wander 0.03,
#: 0.07 and 0.15, 95 in 100 below 0.20, 0.44 and 0.33. ST is blocked in 2, 11 and 20 % of the time, P and T in
#: 0, 9 and 6 %.
LIMITS: Mapping[str, tuple[Limit, ...]] = {
    "missing": (Limit(0.0, ("*",)),),
    "lead off": (Limit(0.0, ("*",)),),
    "flat": (Limit(0.0, ("*",)),),
    "saturated": (Limit(0.0, (*ST, *QRS, *VOLTAGE, *T)),),
    "mains": (Limit(0.025, (*P, *T)), Limit(0.1, (*QRS, *ST))),
    "muscle noise": (Limit(0.02, (*P, *T)), Limit(0.06, (*QRS, *ST)), Limit(0.2, ("*",))),
    "baseline wander": (Limit(0.3, ST), Limit(1.0, (*P, *T, *QRS, *VOLTAGE))),
}


def blocked_by(kind: str, amount: float) -> tuple[str, ...]:
    """The measurements that a fault of this amount blocks, without doubles; ``*`` alone where it is all."""
    found = [name for limit in LIMITS[kind] if amount > limit.above for name in limit.blocks]
    return ("*",) if "*" in found else tuple(dict.fromkeys(found))
