"""What the page says of its filter: always, and only what is true."""

from __future__ import annotations

import pytest

from ecg_core.figures.filters import filter_caption, st_warning
from ecg_core.figures.view import FILTERS, NOTCHES, View


@pytest.mark.parametrize(
    "view, words",
    [
        (View(), "No filter"),
        (View(filter="0.5-40", notch="50"), "0.5–40 Hz · 50 Hz notch · zero-phase"),
        (View(filter="0.05-150"), "0.05–150 Hz · zero-phase"),
        (View(notch="60"), "60 Hz notch · zero-phase"),
        (View(baseline=True), "baseline removed (0.67 Hz high-pass) · zero-phase"),
        (
            View(filter="0.05-40", notch="60", baseline=True),
            "0.05–40 Hz · 60 Hz notch · baseline removed (0.67 Hz high-pass) · zero-phase",
        ),
        (View(dead_band=0.05, detrend=True), "No filter"),  # these change a count, not what is drawn
    ],
)
def test_caption(view, words):
    assert filter_caption(view) == words
    assert filter_caption(view, sampling_rates_hz=[500, 1000.0]) == words


@pytest.mark.parametrize(
    "rates_hz, words",
    [
        ([100.0], "0.05–150 Hz · 50 Hz notch · zero-phase · "
         "without 150 Hz low-pass and 50 Hz notch at 100 samples/s"),
        ([250.0, 500.0], "0.05–150 Hz · 50 Hz notch · zero-phase · without 150 Hz low-pass at 250 samples/s"),
        ([None, 500.0], "0.05–150 Hz · 50 Hz notch · zero-phase · "
         "not filtered where the sampling rate is unknown"),
        ([None], "No filter: the sampling rate is unknown"),
        ([50_000.0], "0.05–150 Hz · 50 Hz notch · zero-phase · without 0.05 Hz high-pass at 50000 samples/s"),
    ],
)  # fmt: skip
def test_what_was_left_out_is_said(rates_hz, words):
    assert filter_caption(View(filter="0.05-150", notch="50"), sampling_rates_hz=rates_hz) == words


def test_other_channels_are_said_to_be_as_they_are():
    words = filter_caption(View(notch="50"), has_other_channels=True)
    assert words == "50 Hz notch · zero-phase · other channels not filtered"
    assert filter_caption(View(), has_other_channels=True) == "No filter"


@pytest.mark.parametrize("notch", NOTCHES)
@pytest.mark.parametrize(
    "name, baseline, reasons",
    [
        ("none", False, []),
        ("0.05-150", False, []),
        ("0.05-40", False, ["40 Hz low-pass"]),
        ("0.5-40", False, ["40 Hz low-pass"]),  # zero-phase: 0.5 Hz is under the limit of 0.67 Hz
        ("none", True, ["removing the baseline"]),
        ("0.5-40", True, ["40 Hz low-pass", "removing the baseline"]),
    ],
)
def test_st_warning(name, notch, baseline, reasons):
    words = st_warning(View(filter=name, notch=notch, baseline=baseline))
    assert all(reason in words for reason in reasons)
    assert bool(words) == bool(reasons) and words.count(";") == max(0, len(reasons) - 1)
    assert not reasons or words.startswith("Do not judge the ST segment or amplitudes here: ")


def test_every_filter_has_a_caption():
    assert (
        len({filter_caption(View(filter=name, notch=notch)) for name in FILTERS for notch in NOTCHES}) == 12
    )
