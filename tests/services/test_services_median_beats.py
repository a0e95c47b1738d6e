"""Median beats of stored ECGs: of what is in view, with a reason where there are none."""

from __future__ import annotations

import json

import numpy as np
import pytest

from ecg_core.errors import EcgNotFoundError
from ecg_core.services import uploads
from ecg_core.services.median_beats import read_median_beats
from ecg_core.signal.synthetic import TWELVE_LEADS, synthesize_ecg


def add(room, user, signals, *, names=TWELVE_LEADS, **fields):
    leads = [{"name": n, "signal": np.rint(s * 1000).tolist()} for n, s in zip(names, signals, strict=True)]
    fields = {"sampling_rate": 500, "unit": "uV", **fields}
    return uploads.add_json(room, user, json.dumps({"leads": leads, **fields}).encode())


def test_every_lead_has_the_same_beats(room, make_user):
    user = make_user()
    ecg = add(room, user, synthesize_ecg(30.0, 500.0))
    found = read_median_beats(room, user, ecg.id, start=10.0, length=15.0)
    assert [lead.name for lead in found.leads] == list(TWELVE_LEADS)
    assert (found.lead_of_beats, found.start_s, found.length_s) == ("II", 10.0, 15.0)
    assert 60 < found.heart_rate_bpm < 72 and 15 <= found.number_of_beats <= 18
    counts = {(lead.beat.number_of_beats, lead.beat.number_left_out) for lead in found.leads}
    assert len(counts) == 1 and sum(*counts) == found.number_of_beats
    by_name = {lead.name: lead for lead in found.leads}
    assert by_name["II"].unit == "uV" and 900 < by_name["II"].beat.values.max() < 1300
    one, two, three = (by_name[name].beat.values for name in ("I", "II", "III"))
    assert np.std(one + three - two) < 8  # Einthoven's law, but for noise: they are of the same beats
    assert by_name["II"].beat.values.argmax() == by_name["II"].beat.r_index


def test_the_same_for_leads_of_different_rates(room, make_user):
    user = make_user()
    (two,) = synthesize_ecg(20.0, 500.0, leads=("II",), noise_mv=0.0)
    leads = [
        {"name": "II", "signal": np.rint(two * 1000).tolist(), "sampling_rate": 500},
        {"name": "V5", "signal": np.rint(two[::4] * 1000).tolist(), "sampling_rate": 125},
    ]
    ecg = uploads.add_json(room, user, json.dumps({"leads": leads, "unit": "uV"}).encode())
    found = read_median_beats(room, user, ecg.id, start=3.333, length=10.0)
    fast, slow = (lead.beat for lead in found.leads)
    assert (fast.fs, slow.fs) == (500.0, 125.0)
    at = fast.r_index + 4 * (np.arange(len(slow.values)) - slow.r_index)
    inside = (at >= 0) & (at < len(fast.values))
    assert np.corrcoef(fast.values[at[inside]], slow.values[inside])[0, 1] > 0.98


@pytest.mark.parametrize(
    "start, length, expected",
    [(0.0, 2.0, (0.0, 10.0)), (89.0, 1.0, (80.0, 10.0)), (5.0, 80.0, (5.0, 60.0)), (1e9, 10.0, (80.0, 10.0))],
)
def test_a_short_stretch_is_widened_and_a_long_one_cut(room, make_user, start, length, expected):
    user = make_user()
    ecg = add(room, user, synthesize_ecg(90.0, 250.0, leads=("I",)), names=("I",), sampling_rate=250)
    found = read_median_beats(room, user, ecg.id, start=start, length=length)
    assert (found.start_s, found.length_s) == expected and found.lead_of_beats == "I"
    assert found.leads[0].beat.number_of_beats >= 7


@pytest.mark.parametrize(
    "fields, seconds, reason",
    [
        ({"sampling_rate": None}, 10.0, "its sampling rate is unknown"),
        ({"sampling_rate": 40}, 10.0, "its sampling rate of 40 Hz is below 50 Hz"),
        ({}, 1.0, "1 beat found here; 3 are needed"),
    ],
)
def test_where_there_is_none_the_reason_is_said(room, make_user, fields, seconds, reason):
    user = make_user()
    ecg = add(room, user, synthesize_ecg(seconds, 500.0, leads=("I", "II")), names=("I", "II"), **fields)
    found = read_median_beats(room, user, ecg.id)
    assert [(lead.beat, lead.reason) for lead in found.leads] == [(None, reason)] * 2
    assert found.heart_rate_bpm is None


def test_only_the_leads_that_were_asked_for(room, make_user):
    user = make_user()
    ecg = add(room, user, synthesize_ecg(10.0, 500.0))
    found = read_median_beats(room, user, ecg.id, names=["V1"])
    assert [lead.name for lead in found.leads] == ["V1"] and found.lead_of_beats == "II"


def test_nobody_elses(room, make_user):
    ecg = add(room, make_user(), synthesize_ecg(10.0, 500.0))
    with pytest.raises(EcgNotFoundError):
        read_median_beats(room, make_user("other"), ecg.id)
