"""How well P, QRS and T are delineated: marks of single leads, and the intervals of all leads together.

Scored as the CSE and IEC 60601-2-25 tests are, against cardiologists. Marks of a lead: the share of the
experts' marks from which ours is no further than the CSE tolerance (CSE Working Party, Eur Heart J
1985;6:815); an absent one counts as missed. Intervals: from the second-earliest onset to the second-latest
offset of the leads, in beats where at least 6 carry the wave, median over the beats.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.accuracy.ludb import WAVES, LeadMarks, Marks, by_beat, read_ludb, second_extremes
from benchmarks.accuracy.rows import AccuracyRow
from benchmarks.accuracy.wave_peers import find_waves_by_neurokit
from ecg_core.signal.global_intervals import global_intervals
from ecg_core.signal.wave_network import Weights, read_weights
from ecg_core.signal.waves import delineate

#: Wave, mark (0 onset, 2 offset), tolerance in ms.
TOLERANCES = {"P on": (0, 0, 10.2), "P off": (0, 2, 12.7), "QRS on": (1, 0, 6.5), "QRS off": (1, 2, 11.6),
              "T off": (2, 2, 30.6)}  # fmt: skip
INTERVALS = ("P", "PR", "QRS", "QT")


def intervals_ms(extremes: NDArray[np.float64], fs: float) -> dict[str, float]:
    """P, PR, QRS, QT of ``second_extremes``: median over the beats that have it, NaN where none has."""
    (p_on, p_off), (q_on, q_off), (_, t_off) = (extremes[:, w].T for w in range(3))
    each = {"P": p_off - p_on, "PR": q_on - p_on, "QRS": q_off - q_on, "QT": t_off - q_on}
    return {k: _median(v) * 1000 / fs for k, v in each.items()}


def _median(values: NDArray[np.float64]) -> float:
    known = values[np.isfinite(values)]
    return float(np.median(known)) if len(known) else float("nan")


def within_tolerance(
    ours: NDArray[np.float64], leads: tuple[LeadMarks, ...], fs: float
) -> dict[str, tuple[int, int]]:
    """For each kind of mark: how many expert marks are met, and how many there are.

    ``ours``: shape (leads, beats, 3 waves, 3 marks) in the experts' samples, -1 or NaN absent; the nearest of
    the same kind in the lead counts.
    """
    out = {}
    for name, (wave, mark, ms) in TOLERANCES.items():
        met = of = 0
        for i, lead in enumerate(leads):
            theirs = lead.waves[WAVES[wave]][:, mark]
            theirs = theirs[theirs >= 0]
            mine = ours[i, :, wave, mark]
            mine = mine[np.isfinite(mine) & (mine >= 0)]
            of += len(theirs)
            if len(mine):
                met += int((np.abs(theirs[:, None] - mine).min(1) * 1000 / fs <= ms).sum())
        out[name] = (met, of)
    return out


def deviations(
    ours: Sequence[dict[str, float]], theirs: Sequence[dict[str, float]]
) -> dict[str, tuple[float, ...]]:
    """Of each interval: mean, SD, both without the four largest, coverage (%), records that have it."""
    out = {}
    for name in INTERVALS:
        pairs = np.array(
            [(a[name], b[name]) for a, b in zip(ours, theirs, strict=True) if b[name] == b[name]]
        )
        pairs = pairs.reshape(-1, 2)
        d = (pairs[:, 0] - pairs[:, 1])[np.isfinite(pairs[:, 0])]
        kept = d[np.argsort(np.abs(d))][: max(len(d) - 4, 0)]
        covered = 100 * len(d) / len(pairs) if len(pairs) else float("nan")
        out[name] = (*_mean_sd(d), *_mean_sd(kept), covered, float(len(pairs)))
    return out


def _mean_sd(d: NDArray[np.float64]) -> tuple[float, float]:
    return (float(d.mean()), float(d.std(ddof=1))) if len(d) > 1 else (float("nan"), float("nan"))


#: Weights trained on the odd, and on the even, records up to 100, for the records that they have not seen.
HALVES = Path(__file__).with_name("halves")
TAUGHT = 100  # the highest LUDB record that taught the shipped weights
_TARGET_SHARES = {"P on": 65, "P off": 75, "QRS on": 70, "QRS off": 75, "T off": 75}
_TARGETS_MS = {"P": (10, 15), "PR": (10, 10), "QRS": (10, 10), "QT": (25, 30)}  # mean, SD
_TARGET_COVERED, _TARGET_INVENTED = 95, 5
_OUR_NAMES = {"P": "p_duration", "PR": "pr_interval", "QRS": "qrs_duration", "QT": "qt_interval"}


@dataclass(frozen=True, eq=False)
class Tally:
    """What was found in some records.

    Attributes
    ----------
    met : dict of str to (int, int)
        Experts' marks met within the tolerance, and their number.
    ours, theirs : tuple of dict
        The intervals of each record in ms.
    invented : tuple of bool
        For each record where the experts mark no P wave: whether one is reported.
    """

    met: dict[str, tuple[int, int]]
    ours: tuple[dict[str, float], ...]
    theirs: tuple[dict[str, float], ...]
    invented: tuple[bool, ...]


def score(folder: Path, peers: bool = True) -> list[AccuracyRow]:
    """Score on a folder of LUDB records, the beats given by the experts; no rows for other folders.

    The shipped weights have learned from the records up to 100: there the odd ones are judged with weights
    that have seen only even ones, and the other way round. NeuroKit2 is run on the even records up to 100.
    """
    if not any(folder.glob("*.avf")):
        return []
    records = read_ludb(folder)
    rows = []
    taught = {k: v for k, v in records.items() if k <= TAUGHT}
    if taught:
        even = {k: v for k, v in taught.items() if k % 2 == 0}
        odd = {k: v for k, v in taught.items() if k % 2}
        tallies = [tally(even, read_weights(HALVES / "waves_odd.npz"))] if even else []
        tallies += [tally(odd, read_weights(HALVES / "waves_even.npz"))] if odd else []
        found = find_waves_by_neurokit(even) if peers and even else {}
        by_peers = {k: v if isinstance(v, str) else tally_of_marks(even, v) for k, v in found.items()}
        rows += table("ludb, taught", tally(taught), joined(tallies), by_peers)
    new = {k: v for k, v in records.items() if k > TAUGHT}
    return rows + (table("ludb, new", tally(new), None, {}) if new else [])


def tally(records: dict[int, Marks], weights: Weights | None = None) -> Tally:
    """Delineate the records and count."""
    parts = []
    for record in records.values():
        beats = record.beats()
        waves = delineate(record.values_mv, record.fs, beats, weights=weights)
        marks = np.stack([waves.onset, waves.peak, waves.offset], -1)
        found = {k: v.value_ms for k, v in global_intervals(waves).items()}
        ours = {k: _or_nan(found[name]) for k, name in _OUR_NAMES.items()}
        parts.append(_tally_of_record(record, marks, ours))
    return joined(parts)


def tally_of_marks(records: dict[int, Marks], marks: dict[int, NDArray[np.float64]]) -> Tally:
    """Count for a delineator that marks single leads only; its intervals are made as the experts' are."""
    parts = []
    for number, record in records.items():
        ours = intervals_ms(second_extremes(marks[number]), record.fs)
        parts.append(_tally_of_record(record, marks[number], ours))
    return joined(parts)


def _tally_of_record(record: Marks, marks: NDArray[np.float64], ours: dict[str, float]) -> Tally:
    theirs = intervals_ms(second_extremes(by_beat(record.leads, record.beats(), record.fs)), record.fs)
    has_p = any(len(lead.waves["P"]) for lead in record.leads)
    invented = () if has_p else (bool(np.isfinite(ours["P"])),)
    return Tally(within_tolerance(marks, record.leads, record.fs), (ours,), (theirs,), invented)


def joined(parts: list[Tally]) -> Tally:
    met = {name: tuple(np.sum([part.met[name] for part in parts], axis=0).tolist()) for name in TOLERANCES}
    ours, theirs = (sum((getattr(p, name) for p in parts), ()) for name in ("ours", "theirs"))
    return Tally(met, ours, theirs, sum((p.invented for p in parts), ()))


def table(
    data: str, shipped: Tally, held_out: Tally | None, peers: dict[str, Tally | str]
) -> list[AccuracyRow]:
    """The rows; what was held out is judged where there is such."""
    ours, judged = figures(shipped), figures(held_out or shipped)
    of_peers = {k: figures(v) if isinstance(v, Tally) else {} for k, v in peers.items()}
    reasons = {k: v for k, v in peers.items() if isinstance(v, str)}
    return [
        AccuracyRow(
            what=what,
            data=data,
            ours=text,
            held_out=judged[what][0] if held_out else "",
            target=target_of(what),
            met=judged[what][1],
            peers={k: v[what][0] if what in v else reasons[k] for k, v in of_peers.items()},
        )
        for what, (text, _) in ours.items()
    ]


def figures(found: Tally) -> dict[str, tuple[str, bool]]:
    """By what is measured: the figures as text, and whether they meet the target."""
    out = {}
    for name, (met, of) in found.met.items():
        share = 100 * met / max(of, 1)
        out[f"{name} of leads"] = (f"{share:.1f} %", share >= _TARGET_SHARES[name])
    for name, (mean, sd, mean_4, sd_4, covered, _) in deviations(found.ours, found.theirs).items():
        limit, limit_sd = _TARGETS_MS[name]
        within = max(abs(mean), abs(mean_4)) <= limit and max(sd, sd_4) <= limit_sd
        text = f"{mean:+.1f} ± {sd:.1f} ({mean_4:+.1f} ± {sd_4:.1f}) ms, {covered:.0f} %"
        out[f"{name} of the heart"] = (text, within and covered >= _TARGET_COVERED)
    invented, of = sum(found.invented), len(found.invented)
    out["P invented"] = (f"{invented} of {of}", 100 * invented <= _TARGET_INVENTED * of)
    return out


def target_of(what: str) -> str:
    name = what.split(" of ")[0]
    if what.endswith("of leads"):
        return f"{_TARGET_SHARES[name]} %"
    if name in _TARGETS_MS:
        return "{} ± {} ms, {} %".format(*_TARGETS_MS[name], _TARGET_COVERED)
    return f"{_TARGET_INVENTED} %"


def _or_nan(value: float | None) -> float:
    return float("nan") if value is None else value
