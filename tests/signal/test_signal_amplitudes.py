"""Amplitudes: waves of known height, the names of QRS deflections, and the voltage sums."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecg_core.signal.amplitudes import qrs_deflections, voltage_sums, wave_amplitudes
from ecg_core.signal.fiducials import BeatFiducials, Fiducials
from tests.median_beats import AT, FIDUCIALS, beat, half_sine

P, T = half_sine(-0.20, -0.10, 0.12), half_sine(0.16, 0.36, 0.35)


def qrs(*heights):
    """Deflections of equal length, in mV, from QRS onset to offset."""
    length = 0.1 / len(heights)
    return sum(half_sine(-0.05 + i * length, -0.05 + (i + 1) * length, h) for i, h in enumerate(heights))


def amplitudes(lead_values, fiducials=FIDUCIALS):
    found = wave_amplitudes({lead: beat(v) for lead, v in lead_values.items()}, fiducials)
    return {m.name: m for m in found}


def test_waves_of_known_height():
    found = amplitudes({"V5": P + T + qrs(-0.1, 1.2, -0.3)})
    told = {name.partition("_amplitude")[0]: m.value for name, m in found.items()}
    assert told == pytest.approx(
        {"p": 0.12, "q": -0.1, "r": 1.2, "s": -0.3, "r_prime": None, "t": 0.35}, abs=0.006
    )
    assert found["r_prime_amplitude:V5"].status == "not applicable"
    assert found["r_amplitude:V5"].unit == "mV" and found["r_amplitude:V5"].beats_used == 9


@settings(max_examples=20, deadline=None)
@given(st.sampled_from([0.5, -1.0, 2.0]), st.floats(-2, 2))
def test_gain_scales_amplitudes_and_a_level_does_not_matter(gain, level):
    plain = amplitudes({"V1": P + T + qrs(0.3, -0.9)})
    scaled = amplitudes({"V1": gain * (P + T + qrs(0.3, -0.9)) + level})
    for name in ("p_amplitude:V1", "t_amplitude:V1"):
        assert scaled[name].value == pytest.approx(gain * plain[name].value, abs=2e-3)
    first, second = ("r", "s") if gain > 0 else ("q", "r")
    assert scaled[f"{first}_amplitude:V1"].value == pytest.approx(gain * 0.3, abs=0.01)
    assert scaled[f"{second}_amplitude:V1"].value == pytest.approx(gain * -0.9, abs=0.01)


@pytest.mark.parametrize(
    ("heights", "names"),
    [
        ((1.0,), "r"),
        ((-1.0,), "q"),
        ((0.3, -1.0), "r s"),
        ((-0.2, 1.0), "q r"),
        ((0.3, -0.5, 0.8), "r s r_prime"),
        ((-0.2, 0.4, -0.5, 0.8), "q r s r_prime"),
        ((0.01, -1.0), "q"),  # 10 uV are no wave
    ],
)
def test_the_names_of_the_deflections(heights, names):
    part = qrs(*heights)[175:226]
    assert list(qrs_deflections(part, 500.0)) == names.split()


def test_a_qs_is_said_and_counts_as_s_in_the_sums():
    found = amplitudes(
        {"V1": qrs(-1.5), "V5": qrs(1.0), "V6": qrs(1.4), "aVL": qrs(0.6), "V3": qrs(0.2, -1.1)}
    )
    assert found["q_amplitude:V1"].reason == "a QS complex"
    sokolow, cornell = voltage_sums(tuple(found.values()))
    assert (sokolow.name, cornell.name) == ("sokolow_lyon", "cornell")
    assert sokolow.value == pytest.approx(1.5 + 1.4, abs=0.01)
    assert cornell.value == pytest.approx(0.6 + 1.1, abs=0.01)
    assert (sokolow.unit, sokolow.beats_used, sokolow.reason) == ("mV", 9, "")


def test_sums_without_their_leads():
    sokolow, cornell = voltage_sums(tuple(amplitudes({"V1": qrs(0.2, -1.0), "V5": qrs(1.0)}).values()))
    assert sokolow.value == pytest.approx(2.0, abs=0.01) and sokolow.reason == "of V5 alone"
    assert (cornell.status, cornell.reason) == ("withheld", "aVL and V3 are needed")


def test_absent_and_unknown_waves():
    no_p = replace(AT, p_onset_s=None, p_peak_s=None, p_offset_s=None, t_offset_s=None)
    found = amplitudes({"II": qrs(1.0)}, BeatFiducials(no_p))
    assert (found["p_amplitude:II"].status, found["p_amplitude:II"].reason) == (
        "not applicable",
        "there is no P wave",
    )
    assert (found["t_amplitude:II"].status, found["t_amplitude:II"].value) == ("withheld", None)
    nothing = amplitudes({"II": qrs(1.0)}, BeatFiducials(Fiducials()))
    assert {m.status for m in nothing.values()} == {"withheld", "not applicable"}


def test_a_lead_is_measured_between_its_own_fiducials():
    own = BeatFiducials(AT, {"II": replace(AT, qrs_offset_s=0.0)})
    values = qrs(1.0, -0.5)
    assert amplitudes({"II": values}, own)["s_amplitude:II"].status == "not applicable"
    assert amplitudes({"III": values}, own)["s_amplitude:III"].value == pytest.approx(-0.5, abs=0.01)


def test_missing_samples_in_the_qrs_are_never_bridged():
    values = qrs(1.0)
    values[200] = np.nan
    assert amplitudes({"II": values})["r_amplitude:II"].status == "withheld"
