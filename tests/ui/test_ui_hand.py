"""Which calipers a long window draws."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import uuid4

from ecg_core.domain import LeadSummary, Mark
from ecg_core.signal.marks import MeasuredMark, measure_mark
from ecg_core.ui.hand import MOST_CALIPERS, calipers_in_window
from ecg_core.ui.paging import Place

RATE = 250.0
FACTS = {"lanes": [{"lead": "II"}, {"lead": "V1"}]}
HOUR = Place(start=3600.0, span=3600.0, total=86_400.0, timed=True)


def caliper(start_s: float, length_s: float, lead: str = "II", rate: float | None = RATE) -> MeasuredMark:
    now = datetime(2026, 11, 24, tzinfo=UTC)
    ends = round(start_s * RATE), round((start_s + length_s) * RATE)
    mark = Mark(uuid4(), "caliper", "eve", now, now, lead, *ends, "c")
    return measure_mark(
        mark,
        LeadSummary(lead, 86_400 * 250, rate, "mV", 0.005, 0.0, 0, 0, 0.0, 0.0, 0.0, 0.0, 0, 1),
        0.0,
        0.0,
    )


def test_those_that_reach_into_the_window_on_its_leads():
    inside = [caliper(3590.0, 20.0), caliper(4000.0, 0.8, "V1"), caliper(100.0, 20_000.0)]
    outside = [
        caliper(100.0, 1.0), caliper(7200.0, 1.0), caliper(4000.0, 1.0, "V5"), caliper(4000.0, 1.0, rate=None)
    ]  # fmt: skip
    found = calipers_in_window([*outside, *inside], FACTS, HOUR)
    assert [one.mark.id for one in found] == [one.mark.id for one in (inside[2], inside[0], inside[1])]


def test_of_too_many_the_longest_are_drawn():
    many = [caliper(3600.0 + n, 0.4 if n % 10 else 5.0) for n in range(MOST_CALIPERS + 60)]
    found = calipers_in_window(many, FACTS, HOUR)
    assert len(found) == MOST_CALIPERS
    assert sum(one.interval_ms == 5000.0 for one in found) == 46  # all of them
    assert [one.start_s for one in found] == sorted(one.start_s for one in found)
