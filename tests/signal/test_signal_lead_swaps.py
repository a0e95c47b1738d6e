"""Swapped electrodes: on real ECGs whose leads are swapped, and the algebra of swaps."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice

import numpy as np
import pytest

from ecg_core.signal.fiducials import BeatFiducials
from ecg_core.signal.lead_swaps import suspected_swaps
from ecg_core.signal.swap_scores import LIMB_SWAPS, rearranged, swap_parameters
from tests.median_beats import AT, FIDUCIALS, beat, frontal_beats, half_sine
from training.lead_swaps import read_records

V = {
    "V1": (0.25, -1.1),
    "V2": (0.5, -1.5),
    "V3": (0.8, -0.9),
    "V4": (1.5, -0.5),
    "V5": (1.3, -0.2),
    "V6": (1.0, -0.05),
}


def usual_ecg():
    """Twelve leads of a usual ECG: P 50, QRS 40, T 45 degrees and a usual progression of R."""
    p, t = half_sine(AT.p_onset_s, AT.p_offset_s), half_sine(AT.t_onset_s, AT.t_offset_s)
    r, s = half_sine(-0.05, 0.01), half_sine(0.01, 0.05)
    chest = {
        lead: beat(up * r + down * s + 0.08 * p + (0.05 if lead == "V1" else 0.35) * t)
        for lead, (up, down) in V.items()
    }
    return frontal_beats(50.0, 40.0, 45.0) | chest


def swapped(beats, names):
    return beats | {to: beats[of] for to, of in names.items()}


def arms_swapped(beats):
    made = swapped(beats, {"II": "III", "III": "II", "aVR": "aVL", "aVL": "aVR"})
    return made | {"I": beat(-beats["I"].values)}


def test_a_usual_ecg_is_not_suspected():
    limb, leg, chest = suspected_swaps(usual_ecg(), FIDUCIALS)
    assert (limb.name, leg.name, chest.name) == ("limb_lead_swap", "right_leg_swap", "chest_lead_swap")
    assert limb.value < 0 and leg.value < 0 and chest.value < 0
    assert (limb.reason, leg.reason, chest.reason) == ("", "", "")
    assert "Kors" in limb.method and "sensitivity" in limb.method and "Jekova" in chest.method


def test_swapped_arms_are_suspected():
    limb = suspected_swaps(arms_swapped(usual_ecg()), FIDUCIALS)[0]
    assert limb.value > 0 and limb.reason == "suspected: RA/LA swapped"


def test_swapped_chest_leads_are_suspected():
    chest = suspected_swaps(swapped(usual_ecg(), {"V1": "V6", "V6": "V1"}), FIDUCIALS)[2]
    assert chest.value > 0 and chest.reason == "suspected: V1/V6 swapped"


def test_an_arm_electrode_on_the_right_leg_leaves_a_flat_lead():
    beats = usual_ecg()
    beats |= {"II": beat(0.02 * beats["II"].values), "I": beat(-beats["III"].values)}
    limb, leg, _ = suspected_swaps(beats, FIDUCIALS)
    assert leg.value > 0 and leg.reason == "suspected: RA/RL swapped, lead II is nearly flat"
    assert limb.status == "withheld"


def test_dextrocardia_is_considered_where_the_chest_leads_agree():
    beats = arms_swapped(usual_ecg())
    beats |= {lead: beat(-0.4 * beats[lead].values) for lead in ("V4", "V5", "V6")}
    assert "dextrocardia" in suspected_swaps(beats, FIDUCIALS)[0].reason


def test_without_leads_or_fiducials_it_is_withheld():
    limb_only = suspected_swaps(frontal_beats(), FIDUCIALS)
    assert limb_only[0].reason == "two limb leads and V1 to V6 are needed" and limb_only[1].is_measured
    unknown = suspected_swaps(usual_ecg(), BeatFiducials(replace(AT, qrs_onset_s=None)))
    assert {m.status for m in unknown} == {"withheld"}
    flat = suspected_swaps(usual_ecg() | {"V3": beat(np.zeros(500))}, FIDUCIALS)
    assert flat[2].reason == "V3 without a QRS complex"


@pytest.mark.parametrize("gain", [0.5, 2.0])
def test_gain_does_not_matter_to_the_scores(gain):
    plain, scaled = (
        suspected_swaps({n: beat(g * b.values) for n, b in usual_ecg().items()}, FIDUCIALS)
        for g in (1.0, gain)
    )
    assert scaled[0].value == pytest.approx(plain[0].value, abs=0.01)
    assert scaled[2].value == pytest.approx(plain[2].value, abs=0.01)


def test_swaps_undo_themselves_and_three_turns_are_none():
    vector = np.random.default_rng(0).standard_normal((2, 50))
    for swap in ("RA/LA", "LA/LL", "RA/LL"):
        assert np.allclose(rearranged(rearranged(vector, swap), swap), vector)
    turned = vector
    for _ in range(3):
        turned = rearranged(turned, "RA to LA to LL")
    assert np.allclose(turned, vector)


def test_swapping_the_arms_makes_i_negative_and_exchanges_ii_and_iii():
    beats = frontal_beats()
    made = rearranged(np.array([beats["I"].values, beats["aVF"].values * 2 / np.sqrt(3)]), "RA/LA")
    assert np.allclose(made[0], -beats["I"].values)
    assert np.allclose(0.5 * made[0] + np.sqrt(3) / 2 * made[1], beats["III"].values)


def test_what_is_printed_of_the_test_was_measured_on_records_it_was_not_fitted_to():
    tested = swap_parameters()["tested"]
    assert set(LIMB_SWAPS) <= set(tested)
    assert tested["RA/LA"]["sensitivity"] >= 80 and tested["any limb"]["specificity"] >= 98
    assert tested["any chest"]["specificity"] >= 98


def test_real_ecgs_with_swapped_arms(real_data):
    some = list(islice(read_records(real_data / "ludb", real_data / "none"), 12))[1::2]
    before = [suspected_swaps(beats, fiducials)[0] for _, _, beats, fiducials in some]
    after = [suspected_swaps(arms_swapped(beats), fiducials)[0] for _, _, beats, fiducials in some]
    assert len(some) == 6 and all(m.value < 0 for m in before)
    assert sum("RA/LA" in m.reason for m in after) >= 5
