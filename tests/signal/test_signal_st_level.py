"""ST levels: known steps and slopes, and the filters that make them worthless."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from ecg_core.signal.fiducials import BeatFiducials
from ecg_core.signal.filters import filter_parts
from ecg_core.signal.st_level import RecordedFilter, recorded_filter, st_filter_clause, st_levels
from tests.median_beats import AT, FIDUCIALS, TIMES, beat

KNOWN = RecordedFilter(0.05, 150.0)


def levels(values, fiducials=FIDUCIALS, **options):
    return {m.name: m for m in st_levels({"V2": beat(values)}, fiducials, **options)}


def sloping(gain=1.0, baseline=0.0):
    """0.1 mV at J (0.05 s), rising by 2 mV/s; the level before the QRS complex is ``baseline``."""
    return baseline + gain * np.where(TIMES >= 0.045, 0.1 + 2.0 * (TIMES - 0.05), 0.0)


def test_levels_and_slope_of_a_known_segment():
    found = levels(sloping())
    assert found["st_j:V2"].value == pytest.approx(0.1, abs=1e-3)
    assert found["st_j60:V2"].value == pytest.approx(0.22, abs=1e-3)
    assert found["st_j80:V2"].value == pytest.approx(0.26, abs=1e-3)
    assert found["st_slope:V2"].value == pytest.approx(2.0, abs=1e-3)
    assert (found["st_slope:V2"].unit, found["st_j:V2"].unit) == ("mV/s", "mV")
    assert found["st_j:V2"].beats_used == 9 and found["st_j:V2"].leads == ("V2",)


@pytest.mark.parametrize("gain", [-1.0, 0.5, 3.0])
def test_gain_scales_and_the_baseline_does_not_matter(gain):
    plain, scaled = levels(sloping()), levels(sloping(gain, baseline=0.7))
    for name, each in plain.items():
        assert scaled[name].value == pytest.approx(gain * each.value, abs=1e-3)


def test_withheld_with_a_reason():
    assert (
        "J) is unknown" in levels(sloping(), BeatFiducials(replace(AT, qrs_offset_s=None)))["st_j:V2"].reason
    )
    assert (
        "before the QRS"
        in levels(sloping(), BeatFiducials(replace(AT, qrs_onset_s=None)))["st_j60:V2"].reason
    )
    late = levels(sloping(), BeatFiducials(replace(AT, qrs_offset_s=0.54)))
    assert late["st_j:V2"].is_measured and late["st_j80:V2"].reason == "the median beat ends before it"


def test_what_a_file_says_of_its_filter():
    assert recorded_filter({"high-pass filter": "0.05 Hz", "low-pass filter": "150 Hz"}) == KNOWN
    assert recorded_filter({"high-pass filter": "50 mHz"}).high_pass_hz == pytest.approx(0.05)
    assert recorded_filter({"high-pass filter": "0,5 Hz, zero-phase"}) == RecordedFilter(0.5, None, True)
    assert recorded_filter({"notch filter": "50 Hz"}) == RecordedFilter()


@pytest.mark.parametrize(
    ("recorded", "band", "said"),
    [
        (KNOWN, "none", ""),
        (RecordedFilter(0.5, 150.0, True), "none", ""),
        (RecordedFilter(), "none", "filter of the recording is unknown"),
        (RecordedFilter(0.56, 35.0), "none", "0.56 Hz high-pass, not known to be zero-phase"),
        (RecordedFilter(0.56, 35.0), "none", "35 Hz low-pass"),
        (RecordedFilter(0.7, 150.0, True), "none", "0.7 Hz high-pass, which moves"),
        (KNOWN, "0.5-40", "chosen 40 Hz low-pass"),
        (KNOWN, "0.05-150", ""),
    ],
)
def test_filters_that_invalidate_st_are_said(recorded, band, said):
    clause = st_filter_clause(recorded, filter_parts(band=band))
    assert said in clause if said else clause == ""
    assert levels(sloping(), filter_clause=clause)["st_j:V2"].reason == clause


def test_removing_the_baseline_is_warned_of():
    assert "0.67 Hz high-pass moves" in st_filter_clause(KNOWN, filter_parts(band="none", baseline=True))
