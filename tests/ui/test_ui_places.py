"""What a reader types as a time."""

from datetime import datetime

import pytest

from ecg_core.errors import InvalidInputError
from ecg_core.ui.places import parse_place, window_text

EVENING = datetime(2026, 11, 23, 22, 30, 0)


@pytest.mark.parametrize(
    "text, seconds",
    [("83", 83.0), ("83.5 s", 83.5), ("1,5", 1.5), ("1:23", 83.0), ("90:00", 5400.0), ("1:02:03", 3723.0)],
)
def test_elapsed_times(text, seconds):
    assert parse_place(text, 86_400.0) == seconds


@pytest.mark.parametrize(
    "text, seconds", [("22:30:00", 0.0), ("23:00:05", 1805.0), ("0:15:00", 6300.0), ("1:30", 90.0)]
)
def test_times_of_day_where_the_time_is_known(text, seconds):
    assert parse_place(text, 86_400.0, EVENING) == seconds


@pytest.mark.parametrize("text", ["", "soon", "-3", "1:2:3:4", "nan", "1e9", "90000"])
def test_what_is_no_time_of_the_recording_is_said(text):
    with pytest.raises(InvalidInputError, match=r"is no time|not within"):
        parse_place(text, 86_400.0)


def test_windows_in_words():
    assert [window_text(seconds) for seconds in (5, 60, 1800, 86_400)] == ["5 s", "1 min", "30 min", "24 h"]
