"""From the waves of single beats to those of the median beat: the usual place of each, and its spread."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from ecg_core.signal.analysis import WAVES, LeadWaves
from ecg_core.signal.fiducials import BeatFiducials, Fiducials
from ecg_core.signal.recording_waves import RecordingWaves

#: Fiducials of all leads that a clinician can move.
MOVABLE = ("p_onset", "p_offset", "qrs_onset", "qrs_offset", "t_offset")
_LEAST_SHARE = 0.5  # of the beats must show a wave
Floats = NDArray[np.float64]


def usual_fiducials(
    waves: RecordingWaves, used: NDArray[np.int64], r_s: Floats
) -> tuple[BeatFiducials, Mapping[str, float]]:
    """The median of each fiducial over the used beats, where at least half of them show the wave.

    Parameters
    ----------
    waves : RecordingWaves
    used : ndarray of int64, shape (m,)
        Indices of the beats of the median beats.
    r_s : ndarray, shape (m,)
        Where each of them is aligned, in s.

    Returns
    -------
    fiducials : BeatFiducials
        In s from the alignment.
    spreads_ms : mapping of str to float
        Standard deviation over the beats of ``p_duration``, ``pr_interval``, ``qrs_duration``,
        ``qt_interval`` and ``jt_interval``.
    """
    begins, ends = waves.onset_s[used], waves.offset_s[used]
    overall = Fiducials(
        **{f"{wave.lower()}_onset_s": _usual(begins[:, i] - r_s) for i, wave in enumerate(WAVES)},
        **{f"{wave.lower()}_offset_s": _usual(ends[:, i] - r_s) for i, wave in enumerate(WAVES)},
    )
    by_lead = {lead.lead: _of_lead(lead, used, r_s) for lead in waves.leads}
    p, qrs, t = range(3)
    pairs = {
        "p_duration": (begins[:, p], ends[:, p]),
        "pr_interval": (begins[:, p], begins[:, qrs]),
        "qrs_duration": (begins[:, qrs], ends[:, qrs]),
        "qt_interval": (begins[:, qrs], ends[:, t]),
        "jt_interval": (ends[:, qrs], ends[:, t]),
    }
    return BeatFiducials(overall, by_lead), {
        name: spread
        for name, (begin, end) in pairs.items()
        if (spread := _spread_ms(end - begin)) is not None
    }


def moved(fiducials: BeatFiducials, moved_s: Mapping[str, float]) -> BeatFiducials:
    """With the fiducials of all leads that a clinician moved, by name (of `MOVABLE`), in s."""
    changes = {f"{name}_s": value for name, value in moved_s.items()}
    return replace(fiducials, overall=replace(fiducials.overall, **changes))


def _of_lead(lead: LeadWaves, used: NDArray[np.int64], r_s: Floats) -> Fiducials:
    found = {}
    for name, marks in (("onset", lead.onset), ("peak", lead.peak), ("offset", lead.offset)):
        for i, wave in enumerate(WAVES):
            if (wave, name) != ("QRS", "peak"):
                places = np.where(marks[used, i] < 0, np.nan, marks[used, i] / lead.fs)
                found[f"{wave.lower()}_{name}_s"] = _usual(places - r_s)
    return Fiducials(**found)


def _usual(times_s: Floats) -> float | None:
    known = times_s[np.isfinite(times_s)]
    return float(np.median(known)) if len(known) and len(known) >= _LEAST_SHARE * len(times_s) else None


def _spread_ms(lengths_s: Floats) -> float | None:
    known = lengths_s[np.isfinite(lengths_s)]
    return float(known.std(ddof=1)) * 1000 if len(known) > 1 else None
