"""The global intervals: from the earliest onset to the latest offset of a wave in all leads."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from ecg_core.domain import Measurement
from ecg_core.signal.fiducials import BeatFiducials, Fiducials

_SOURCE = (
    "earliest onset to latest offset over the leads, on the median beat "
    "(AHA/ACCF/HRS, Kligfield et al., Circulation 2007;115:1306)"
)
_FEWEST_OF_DISPERSION = 6  # leads


@dataclass(frozen=True)
class _Interval:
    name: str
    begin: str
    end: str
    wave: str  # without it there is no such interval


_INTERVALS = (
    _Interval("p_duration", "p_onset_s", "p_offset_s", "P"),
    _Interval("pr_interval", "p_onset_s", "qrs_onset_s", "P"),
    _Interval("qrs_duration", "qrs_onset_s", "qrs_offset_s", "QRS"),
    _Interval("qt_interval", "qrs_onset_s", "t_offset_s", "T"),
    _Interval("jt_interval", "qrs_offset_s", "t_offset_s", "T"),
)


@dataclass(frozen=True)
class _Correction:
    """A formula for QT at 60 a minute, and the rates (bpm) within which it is to be trusted."""

    name: str
    correct: Callable[[float, float], float]
    method: str
    lowest_bpm: float
    highest_bpm: float
    beyond: str


_CORRECTIONS = (
    _Correction("qtc_bazett", lambda qt_ms, rr_s: qt_ms / rr_s**0.5, "QT / √RR (Bazett, Heart 1920;7:353)",
                60.0, 90.0, "too long above 90 bpm and too short below 60 bpm"),
    _Correction("qtc_fridericia", lambda qt_ms, rr_s: qt_ms / rr_s ** (1 / 3),
                "QT / ∛RR (Fridericia, Acta Med Scand 1920;53:469)",
                50.0, 110.0, "less certain below 50 and above 110 bpm"),
    _Correction("qtc_framingham", lambda qt_ms, rr_s: qt_ms + 154.0 * (1.0 - rr_s),
                "QT + 154 ms × (1 − RR/s) (Sagie et al., Am J Cardiol 1992;70:797)",
                50.0, 110.0, "a straight line, less certain below 50 and above 110 bpm"),
    _Correction("qtc_hodges", lambda qt_ms, rr_s: qt_ms + 1.75 * (60.0 / rr_s - 60.0),
                "QT + 1.75 ms × (rate/bpm − 60) (Hodges et al., JACC 1983;1:694)",
                50.0, 120.0, "less certain below 50 and above 120 bpm"),
)  # fmt: skip
_UNTRUSTED = "AHA/ACCF/HRS 2009 advise against a correction where RR varies greatly"


def interval_measurements(
    fiducials: BeatFiducials,
    *,
    rr_s: float | None,
    leads: tuple[str, ...],
    beats_used: int,
    spreads_ms: Mapping[str, float] | None = None,
    missing: Mapping[str, str] | None = None,
    varies: bool = False,
) -> tuple[Measurement, ...]:
    """P duration, PR, QRS, QT and JT, QT at 60 a minute by four formulas, and QT dispersion.

    Parameters
    ----------
    fiducials : BeatFiducials
        Of the median beat.
    rr_s : float or None
        Median RR interval of the beats.
    leads : tuple of str
        In which the waves were looked for.
    beats_used : int
        In the median beat.
    spreads_ms : mapping of str to float, optional
        By the name of an interval: standard deviation over single beats.
    missing : mapping of str to str, optional
        By wave (``P``, ``QRS``, ``T``): why there is none. Without ``P``, P and PR are not applicable.
    varies : bool
        RR varies so that a corrected QT is doubtful.
    """
    spreads, missing = spreads_ms or {}, missing or {}
    found = [
        _interval(of, fiducials.overall, leads, beats_used, spreads.get(of.name), missing)
        for of in _INTERVALS
    ]
    qt = next(one for one in found if one.name == "qt_interval")
    found += [_corrected(of, qt, rr_s, varies=varies) for of in _CORRECTIONS]
    return (*found, _dispersion(fiducials, beats_used))


def _interval(
    of: _Interval, at: Fiducials, leads: tuple[str, ...], beats: int, spread: float | None,
    missing: Mapping[str, str],
) -> Measurement:  # fmt: skip
    begin, end = getattr(at, of.begin), getattr(at, of.end)
    if begin is None or end is None:
        reason = missing.get(of.wave) or missing.get("QRS") or _without(of, begin is None)
        is_absent = of.wave == "P" and "P" in missing and begin is None
        status = "not applicable" if is_absent else "withheld"
        return Measurement(of.name, None, "ms", status, reason, _SOURCE, leads)
    return Measurement(of.name, (end - begin) * 1000, "ms", "measured", "", _SOURCE, leads, beats, spread)


def _without(of: _Interval, begins: bool) -> str:
    wave = (of.begin if begins else of.end).split("_")[0]
    return f"the {wave.upper()} {'onset' if begins else 'offset'} was not found"


def _corrected(of: _Correction, qt: Measurement, rr_s: float | None, *, varies: bool) -> Measurement:
    if qt.value is None or not rr_s:
        reason = qt.reason if qt.value is None else "the RR interval is not known"
        return Measurement(of.name, None, "ms", "withheld", reason, of.method, qt.leads)
    rate = 60.0 / rr_s
    remarks = [] if of.lowest_bpm <= rate <= of.highest_bpm else [f"at {rate:.0f} bpm: {of.beyond}"]
    remarks += [_UNTRUSTED] if varies else []
    return Measurement(of.name, of.correct(qt.value, rr_s), "ms", "measured", "; ".join(remarks), of.method,
                       qt.leads, qt.beats_used)  # fmt: skip


def _dispersion(fiducials: BeatFiducials, beats: int) -> Measurement:
    """Longest minus shortest QT of single leads."""
    name, method = (
        "qt_dispersion",
        "longest minus shortest QT of single leads (Day et al., Br Heart J 1990;63:342)",
    )
    lengths = {
        lead: (at.t_offset_s - at.qrs_onset_s) * 1000
        for lead, at in fiducials.by_lead.items()
        if at.t_offset_s is not None and at.qrs_onset_s is not None
    }
    if len(lengths) < _FEWEST_OF_DISPERSION:
        reason = f"the end of T was found in {len(lengths)} leads; {_FEWEST_OF_DISPERSION} are needed"
        return Measurement(name, None, "ms", "withheld", reason, method, tuple(lengths))
    value = max(lengths.values()) - min(lengths.values())
    return Measurement(name, value, "ms", "measured", "", method, tuple(lengths), beats)
