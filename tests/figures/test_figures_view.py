"""A view survives its address."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecg_core.figures.view import (
    CROSSING_FORMS,
    FILTERS,
    GAINS_MM_MV,
    LAYOUTS,
    MODES,
    NOTCHES,
    ORDERS,
    PAPER_SPEEDS_MM_S,
    PAPERS,
    View,
    parse_view,
    view_parameters,
)  # fmt: skip

views = st.builds(
    View,
    mode=st.sampled_from(list(MODES)),
    speed=st.sampled_from(PAPER_SPEEDS_MM_S),
    gain=st.sampled_from(GAINS_MM_MV),
    chest_gain=st.sampled_from((0.0, *GAINS_MM_MV)),
    layout=st.sampled_from(list(LAYOUTS)),
    order=st.sampled_from(list(ORDERS)),
    leads=st.lists(st.sampled_from(["I", "aVR", "V1", "X"]), unique=True).map(tuple),
    paper=st.sampled_from(list(PAPERS)),
    crossings=st.sampled_from(list(CROSSING_FORMS)),
    filter=st.sampled_from(list(FILTERS)),
    notch=st.sampled_from(list(NOTCHES)),
    baseline=st.booleans(),
    dead_band=st.sampled_from([0.0, 0.03, 0.1, 1.5]),
    detrend=st.booleans(),
    beats=st.booleans(),
    marks=st.booleans(),
)


@given(views)
def test_a_view_comes_back_from_its_address(view):
    assert parse_view(view_parameters(view)) == view


def test_the_usual_view_adds_nothing_to_the_address():
    assert view_parameters(View()) == {}


@pytest.mark.parametrize(
    "parameters",
    [
        {"speed": "33"}, {"speed": "fast"}, {"gain": "nan"}, {"layout": "7x7"}, {"paper": "<b>"},
        {"dead_band": "-1"}, {"dead_band": "11"}, {"ecg": "other"}, {"filter": ""},
    ],
)  # fmt: skip
def test_what_an_address_says_wrongly_is_as_usual(parameters):
    assert parse_view(parameters) == View()


def test_a_filtered_view_says_so():
    assert not View().is_filtered
    assert all(replace(View(), **change).is_filtered for change in
               ({"filter": "0.5-40"}, {"notch": "50"}, {"baseline": True}))  # fmt: skip
