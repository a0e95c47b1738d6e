"""The pulse that a cart puts at the end of all leads: found, named, and measured as no beat."""

import numpy as np
import pytest

from ecg_core.domain import Lead
from ecg_core.signal.analyze import analyze
from ecg_core.signal.calibration_pulse import calibration_pulse, without_pulse
from ecg_core.signal.synthetic import TWELVE_LEADS, synthesize_ecg

FS = 500.0
TAIL = np.zeros(300)
TAIL[100:200] = 1.0


def leads(tail=TAIL, noise=0):
    rng = np.random.default_rng(3)
    values = [np.r_[lead, tail] * 200 for lead in synthesize_ecg(10, int(FS), heart_rate_bpm=60)]
    return [
        Lead(name, np.round(of + rng.integers(-noise, noise + 1, len(of))).astype(np.int16), FS, "uV", 5.0)
        for name, of in zip(TWELVE_LEADS, values, strict=True)
    ]


@pytest.mark.parametrize("noise", [0, 1])
def test_it_is_found_where_it_is_also_with_the_rounding_of_another_format(noise):
    pulse = calibration_pulse(leads(noise=noise))
    assert (pulse.start_s, pulse.duration_s) == (10.2, 0.2)
    assert {len(lead.samples) for lead in without_pulse(leads(noise=noise))} <= set(range(4950, 5001))


@pytest.mark.parametrize(
    "tail", [np.zeros(0), np.zeros(300), TAIL * 0.8, np.r_[TAIL, TAIL], np.r_[TAIL, 0.3 * TAIL]]
)
def test_what_is_no_rectangle_of_one_millivolt_is_none(tail):
    assert calibration_pulse(leads(tail)) is None
    assert [len(lead.samples) for lead in without_pulse(leads(tail))] == [5000 + len(tail)] * 12


def test_two_leads_or_an_unknown_rate_say_nothing():
    assert calibration_pulse(leads()[:2]) is None
    assert calibration_pulse([Lead(one.name, one.samples, None, "uV", 5.0) for one in leads()]) is None


def test_it_is_no_beat():
    found, plain = analyze(leads()), analyze(leads(np.zeros(0)))
    assert found.beats.tolist() == plain.beats.tolist()
    rates = [{one.name: one for one in of.measurements}["heart_rate"].value for of in (found, plain)]
    assert rates[0] == rates[1] == pytest.approx(60, abs=1)
