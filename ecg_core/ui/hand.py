"""What the reader's hand does on the paper: calipers are kept, clicks and keys are answered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any
from uuid import UUID

import streamlit as st

from ecg_core.domain import RecordingSummary, User
from ecg_core.errors import ConflictError, InvalidInputError, NotFoundError
from ecg_core.figures.view import View
from ecg_core.services import marks as service
from ecg_core.services.marks import MeasuredMark
from ecg_core.ui.actions import act, caliper_is_in_hand
from ecg_core.ui.annotation_steps import step_annotations
from ecg_core.ui.companion import caliper_label, companion
from ecg_core.ui.drawn import Drawn
from ecg_core.ui.keys import OF_THE_CALIPER, SHORTCUTS
from ecg_core.ui.paging import Place, go_to
from ecg_core.ui.session import acting_user, address, room
from ecg_core.ui.stepping import point_at, pointed_at, step_crossings
from ecg_core.ui.view_state import ask_number, change_view

#: A long window draws no more.
MOST_CALIPERS = 400
_PROBLEM = "hand_problem"
_KEYS = [
    {"key": shortcut.key, "action": shortcut.action}
    for shortcut in SHORTCUTS
    if shortcut.action not in OF_THE_CALIPER
]


def hand_on_paper(
    ecg: RecordingSummary, drawn: Drawn, place: Place, view: View, marks: Sequence[MeasuredMark], group: int
) -> None:
    """Calipers, a zoom that survives, clicks and keys over the figure of a group of leads."""
    if problem := st.session_state.pop(_PROBLEM, ""):
        st.error(problem)
    is_sheet, lanes = drawn.shows_samples, drawn.facts["lanes"]
    calipers = [mark for mark in marks if mark.mark.kind == "caliper"]
    shown = calipers if is_sheet else calipers_in_window(calipers, drawn.facts, place)
    if said := _said_of_calipers(drawn.facts, calipers, place):
        st.caption(said)
    companion(
        chart_key=f"paper-{group}",
        facts=drawn.facts,
        calipers=[_caliper(mark) for mark in shown],
        tool="caliper" if lanes and caliper_is_in_hand() else "read",
        view_key=_what_is_shown(ecg, place, view),
        shortcuts=_KEYS if group == 0 else [],
        highlight=pointed_at(ecg),
        label=drawn.words,
        on_event=partial(_answer, ecg, place, is_sheet),
    )


def calipers_in_window(
    calipers: Sequence[MeasuredMark], facts: Mapping[str, Any], place: Place
) -> list[MeasuredMark]:
    """Those that a long window draws: of its leads, within it, the longest where there are too many."""
    leads = {lane["lead"] for lane in facts["lanes"]}
    found = [one for one in calipers if one.mark.lead in leads and _is_within(one, place)]
    longest = sorted(found, key=lambda one: one.mark.start_sample - one.mark.stop_sample)[:MOST_CALIPERS]
    return sorted(longest, key=lambda one: one.mark.start_sample)


def _is_within(one: MeasuredMark, place: Place) -> bool:
    if one.start_s is None or one.stop_s is None:
        return False
    return one.start_s < place.stop and one.stop_s >= place.start


def _said_of_calipers(facts: Mapping[str, Any], calipers: Sequence[MeasuredMark], place: Place) -> str:
    """What a reader must know of calipers on this figure."""
    if not facts["lanes"]:
        return "On leads over one another no caliper is drawn." if caliper_is_in_hand() else ""
    if not facts.get("is_band"):
        return ""
    parts = []
    leads = {lane["lead"] for lane in facts["lanes"]}
    here = sum(one.mark.lead in leads and _is_within(one, place) for one in calipers)
    if here > MOST_CALIPERS:
        parts.append(
            f"{here - MOST_CALIPERS:,} of {here:,} calipers, the shortest, are not drawn on this page."
        )
    if caliper_is_in_hand():
        parts.append(
            f"A pixel is {_pixel_text(facts['x_per_px'])} here, and a caliper drawn on this page is no more "
            "exact: it is for pauses and episodes. For intervals of a beat choose a page of some seconds."
        )
    return " ".join(parts)


def _pixel_text(seconds: float) -> str:
    return f"{seconds * 1000:.0f} ms" if seconds < 1 else f"{seconds:.1f} s"


def _what_is_shown(ecg: RecordingSummary, place: Place, view: View) -> str:
    """The zoom stays while this does: over the crossings, a filter, the paper, the notes."""
    shown = (
        place.start,
        place.span,
        view.mode,
        view.speed,
        view.gain,
        view.chest_gain,
        view.layout,
        view.order,
    )
    return repr((str(ecg.id), *shown, view.leads))


def _caliper(measured: MeasuredMark) -> dict[str, Any]:
    mark = measured.mark
    label = caliper_label(
        samples=mark.stop_sample - mark.start_sample,
        interval_ms=measured.interval_ms,
        rate_bpm=measured.rate_bpm,
        difference_mv=measured.difference_mv,
        difference=measured.difference,
        unit=measured.unit,
    )
    return {
        "id": str(mark.id), "lead": mark.lead, "start_sample": mark.start_sample,
        "stop_sample": mark.stop_sample, "name": mark.text, "label": label, "marches": mark.marches,
    }  # fmt: skip


def _answer(ecg: RecordingSummary, place: Place, is_sheet: bool, name: str, fields: dict[str, Any]) -> None:
    """Do what the browser told; what cannot be is said on the page."""
    user = acting_user()
    if user is None:
        return
    try:
        if name == "action":
            _act(ecg, place, fields["action"], fields["times"])
        elif name == "place":
            _click(ecg, place, is_sheet, fields["lead"], fields["sample"])
        else:
            _change_calipers(user, ecg, name, fields)
    except (InvalidInputError, ConflictError, NotFoundError) as error:
        st.session_state[_PROBLEM] = str(error)


def _act(ecg: RecordingSummary, place: Place, action: str, times: int) -> None:
    if action in ("next-crossing", "previous-crossing"):
        step_crossings(ecg, place, times if action == "next-crossing" else -times)
    elif action in ("next-mark", "previous-mark"):
        steps = times if action == "next-mark" else -times
        step_annotations(ecg.id, place.start, place.span, steps)
    else:
        act(action, times, place)


def _click(ecg: RecordingSummary, place: Place, is_sheet: bool, lead: str, sample: int) -> None:
    """On a sheet the place to step on from; in a long window the place to go to."""
    point_at(ecg, lead, sample)
    if is_sheet:
        return
    rate = next((one.sampling_rate_hz for one in ecg.leads if one.name == lead), None) or 1.0
    change_view(mode="paper")
    ask_number("span", None)
    go_to(max(0.0, sample / rate - 1.0), place.parameter)


def _change_calipers(user: User, ecg: RecordingSummary, name: str, fields: dict[str, Any]) -> None:
    if name == "caliper":
        service.add_caliper(room(), user, ecg.id, **fields, address=address())
        return
    mark_id = UUID(fields.pop("id"))
    if name == "deleted":
        service.delete_mark(room(), user, ecg.id, mark_id, address=address())
    else:  # moved, marched
        service.change_mark(room(), user, ecg.id, mark_id, **fields, address=address())
