"""Median beats made of known curves, for the tests of what is measured on them."""

from __future__ import annotations

import numpy as np

from ecg_core.signal.axes import DIRECTIONS
from ecg_core.signal.fiducials import BeatFiducials, Fiducials
from ecg_core.signal.median_beat import MedianBeat

FS = 500.0
R = 200
TIMES = (np.arange(500) - R) / FS
AT = Fiducials(-0.20, -0.15, -0.10, -0.05, 0.05, 0.16, 0.26, 0.36)
FIDUCIALS = BeatFiducials(AT)


def beat(values, fs=FS, r_index=R):
    return MedianBeat(np.asarray(values, float), fs, 9, 1, r_index)


def half_sine(onset_s, offset_s, height=1.0, times=TIMES):
    """A half wave of a sine between two times, 0 elsewhere; its mean is 2/pi of its height."""
    share = (times - onset_s) / (offset_s - onset_s)
    return np.where((share >= 0) & (share <= 1), height * np.sin(np.pi * share), 0.0)


def frontal_beats(p_deg=50.0, qrs_deg=30.0, t_deg=45.0, leads=tuple(DIRECTIONS), gain=1.0):
    """Limb leads of three vectors: P 0.1, QRS 1.0 and T 0.3 mV high."""
    waves = ((p_deg, half_sine(AT.p_onset_s, AT.p_offset_s, 0.1)),
             (qrs_deg, half_sine(AT.qrs_onset_s, AT.qrs_offset_s, 1.0)),
             (t_deg, half_sine(AT.t_onset_s, AT.t_offset_s, 0.3)))  # fmt: skip
    left = sum(np.cos(np.radians(deg)) * wave for deg, wave in waves)
    down = sum(np.sin(np.radians(deg)) * wave for deg, wave in waves)
    return {lead: beat(gain * (DIRECTIONS[lead][0] * left + DIRECTIONS[lead][1] * down)) for lead in leads}
