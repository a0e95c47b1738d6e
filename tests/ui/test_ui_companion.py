"""What a browser may tell of a chart, and what a caliper says."""

import pytest

from ecg_core.ui.companion import caliper_label
from ecg_core.ui.companion_events import read_events

KNOWN = {"leads": {"I", "II"}, "ids": {"c1"}, "actions": {"next"}}
CALIPER = {"name": "caliper", "lead": "II", "start_sample": 10, "stop_sample": 410}


def read(*events, run="r"):
    return read_events({"run": run, "events": list(events)}, **KNOWN)


def test_events_are_read_in_the_order_of_their_numbers():
    told = read({"n": 2, "name": "deleted", "id": "c1"}, {"n": 1, **CALIPER, "more": "ignored"})
    fields = {"lead": "II", "start_sample": 10, "stop_sample": 410}
    assert told == ("r", [(1, "caliper", fields), (2, "deleted", {"id": "c1"})])


@pytest.mark.parametrize(
    "event",
    [
        {"name": "place", "lead": "I", "sample": 0},
        {"name": "moved", "id": "c1", "start_sample": 1, "stop_sample": 2},
        {"name": "marched", "id": "c1", "marches": True},
        {"name": "action", "action": "next", "times": 100},
    ],
)
def test_every_event_is_known(event):
    name = event["name"]
    assert read({"n": 1, **event}) == ("r", [(1, name, {k: v for k, v in event.items() if k != "name"})])


@pytest.mark.parametrize(
    "fault",
    [
        {"name": "__import__"},
        {"name": ["caliper"]},
        {"lead": "V9"},
        {"lead": ["II"]},
        {"lead": None},
        {"start_sample": -1},
        {"start_sample": 1.5},
        {"start_sample": True},
        {"start_sample": "10"},
        {"start_sample": float("nan")},
        {"stop_sample": 2**60},
        {"stop_sample": float("inf")},
        {"stop_sample": None},
    ],
)
def test_what_is_not_right_is_had_and_does_nothing(fault):
    assert read({"n": 7, **CALIPER, **fault}) == ("r", [(7, "", {})])


@pytest.mark.parametrize("times", [0, 101, -3, True, "2"])
def test_a_key_was_pressed_a_plausible_number_of_times(times):
    assert read({"n": 1, "name": "action", "action": "next", "times": times}) == ("r", [(1, "", {})])


@pytest.mark.parametrize(
    "sent",
    [None, [], "x", {"run": 3, "events": []}, {"run": "r" * 65, "events": []}, {"run": "r", "events": {}}],
)
def test_what_is_no_message_holds_no_event(sent):
    assert read_events(sent, **KNOWN)[1] == []


@pytest.mark.parametrize("number", [None, "1", True, 1.5, -1])
def test_an_event_without_a_number_is_none(number):
    assert read({"n": number, **CALIPER}) == ("r", [])


def test_only_so_many_events_at_once():
    assert len(read(*({"n": n, **CALIPER} for n in range(1, 500)))[1]) == 100


def label(**given):
    fields = {"interval_ms": None, "rate_bpm": None, "difference_mv": None, "difference": None, "unit": None}
    return caliper_label(samples=400, **{**fields, **given})


def test_a_caliper_says_what_is_known():
    assert label(interval_ms=800.0, rate_bpm=75.0, difference_mv=0.1249) == "800 ms · 75 bpm · Δ +0.12 mV"
    assert label(interval_ms=88.9, rate_bpm=675.0, difference_mv=-1.5) == "88.9 ms · 675 bpm · Δ −1.50 mV"
    assert label(interval_ms=800.0, rate_bpm=75.0) == "800 ms · 75 bpm"
    assert label(interval_ms=9_999.0, rate_bpm=6.0) == "9999 ms · 6 bpm"
    assert label(interval_ms=12_340.0, rate_bpm=4.9, difference_mv=0.5) == "12.3 s · Δ +0.50 mV"
    assert label(interval_ms=59_960.0) == "1 min 0.0 s"
    assert label(interval_ms=751_250.0, rate_bpm=0.08) == "12 min 31.3 s"
    assert label(interval_ms=3_723_000.0) == "1 h 2 min 3.0 s"
    assert label(difference=-12.0) == "400 samples · Δ −12 counts"
    assert label(difference=0.126, unit="mmHg") == "400 samples · Δ +0.13 mmHg"
