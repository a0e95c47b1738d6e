"""Notes and calipers beside the paper: a table of them, one to change, a form for a new note."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count
from typing import Any
from uuid import UUID

import streamlit as st

from ecg_core.domain import LeadSummary, RecordingSummary, User
from ecg_core.errors import ConflictError, InvalidInputError, NotFoundError
from ecg_core.services import marks as service
from ecg_core.services.marks import LONGEST_TEXT, MOST_MARKS, MeasuredMark
from ecg_core.ui.paging import go_to
from ecg_core.ui.session import acting_user, address, room
from ecg_core.ui.text import escape, unit_name

_PROBLEM, _CHOSEN = "notes_problem", "notes_chosen"
_ALL = ""  # the lead of a note about all leads; no lead is called so
_AHEAD = 0.25  # of the page: what is gone to stands there


def notes_panel(
    user: User,
    ecg: RecordingSummary,
    marks: Sequence[MeasuredMark],
    *,
    start: float,
    span: float,
    leads: Sequence[LeadSummary],
) -> None:
    """The table of notes and calipers, the editor of one of them, and the form for a new note.

    Parameters
    ----------
    marks : sequence of MeasuredMark
        All of the ECG, as `list_marks` gives them; the notes are numbered in this order.
    start, span : float
        What the page shows, in seconds (samples where the leads have no sampling rate).
    leads : sequence of LeadSummary
        Those that a new note may be about.
    """
    if problem := st.session_state.pop(_PROBLEM, ""):
        st.error(escape(problem))
    if marks:
        _table(ecg, marks)
        _editor(ecg, marks, start, span)
    if leads:
        _new_note_form(ecg, start, span, leads)


def _table(ecg: RecordingSummary, marks: Sequence[MeasuredMark]) -> None:
    st.dataframe(
        [_row(number, measured) for number, measured in _numbered(marks)],
        hide_index=True,
        height="content" if len(marks) <= 12 else 420,
        placeholder="–",
        alt=f"{len(marks)} notes and calipers of {ecg.display_name}",
        column_config={
            "at": st.column_config.NumberColumn(format="%.3f", help="In seconds, or the sample"),
            "Δt (ms)": st.column_config.NumberColumn(format="%.0f"),
            "bpm": st.column_config.NumberColumn(format="%.0f"),
            "Δ": st.column_config.NumberColumn(
                format="%.4g", help="The stored signal at the end less that at the start"
            ),
        },
    )


def _numbered(marks: Sequence[MeasuredMark]) -> list[tuple[int | None, MeasuredMark]]:
    """Each mark, and of a note the number of its flag on the paper; a caliper has a name."""
    number = count(1)
    return [(next(number) if measured.mark.kind == "note" else None, measured) for measured in marks]


def _row(number: int | None, measured: MeasuredMark) -> dict[str, Any]:
    mark = measured.mark
    in_millivolts = measured.difference_mv is not None
    unit = "mV" if in_millivolts else unit_name(measured.unit) if measured.unit else "counts"
    return {
        "note": number,
        "kind": mark.kind,
        "text": " ".join(mark.text.split()),
        "lead": "all" if mark.is_about_all_leads else mark.lead,
        "at": float(mark.start_sample) if measured.start_s is None else measured.start_s,
        "Δt (ms)": measured.interval_ms,
        "bpm": measured.rate_bpm,
        "Δ": measured.difference_mv if in_millivolts else measured.difference,
        "unit": unit if measured.difference is not None else None,
        "repeated": "yes" if mark.marches else "",
        "author": mark.author,
        "made": mark.created_at,
    }


def _editor(ecg: RecordingSummary, marks: Sequence[MeasuredMark], start: float, span: float) -> None:
    """Choose a note or caliper; go to it, change it, delete it."""
    by_id = {measured.mark.id: (number, measured) for number, measured in _numbered(marks)}
    if st.session_state.get(_CHOSEN) not in by_id:
        st.session_state[_CHOSEN] = _nearest(marks, start, span).mark.id
    chosen = st.selectbox(
        "Note or caliper", list(by_id), key=_CHOSEN, format_func=lambda one: _name(*by_id[one])
    )
    _, measured = by_id[chosen]
    mark = measured.mark
    keys = _keys(measured)
    with st.form(f"mark-{keys['text']}", border=True):
        if mark.kind == "caliper":
            st.text_input("Name", mark.text, key=keys["text"], max_chars=LONGEST_TEXT)
            st.toggle("Repeat the interval along the strip", mark.marches, key=keys["marches"])
        else:
            st.text_area("Text", mark.text, key=keys["text"], max_chars=LONGEST_TEXT)
        with st.container(horizontal=True, gap="small"):
            st.form_submit_button("Save", on_click=_save, args=(ecg.id, mark.id, keys))
            st.form_submit_button("Go to", on_click=go_to, args=(_ahead(measured, span),))
            st.form_submit_button("Delete", on_click=_delete, args=(ecg.id, mark.id))


def _keys(measured: MeasuredMark) -> dict[str, str]:
    """New ones after each change: a widget never holds what the mark was before."""
    mark = measured.mark
    return {name: f"{name}-{mark.id}-{mark.changed_at.timestamp()}" for name in ("text", "marches")}


def _place(measured: MeasuredMark) -> float:
    return float(measured.mark.start_sample) if measured.start_s is None else measured.start_s


def _ahead(measured: MeasuredMark, span: float) -> float:
    return max(0.0, _place(measured) - _AHEAD * span)


def _nearest(marks: Sequence[MeasuredMark], start: float, span: float) -> MeasuredMark:
    return min(marks, key=lambda measured: abs(_place(measured) - start - span / 2))


def _name(number: int | None, measured: MeasuredMark) -> str:
    """In the list of choices, which shows text as it is."""
    text = " ".join(measured.mark.text.split())
    kind = "caliper" if number is None else f"note {number}"
    return f"{kind} · {text if len(text) <= 60 else text[:59] + '…'}"


def _save(ecg_id: UUID, mark_id: UUID, keys: dict[str, str]) -> None:
    user = acting_user()
    if user is None:
        return
    try:
        service.change_mark(
            room(),
            user,
            ecg_id,
            mark_id,
            text=st.session_state.get(keys["text"]),
            marches=st.session_state.get(keys["marches"]),
            address=address(),
        )
    except (InvalidInputError, NotFoundError, ConflictError) as error:
        st.session_state[_PROBLEM] = str(error)


def _delete(ecg_id: UUID, mark_id: UUID) -> None:
    user = acting_user()
    if user is None:
        return
    try:
        service.delete_mark(room(), user, ecg_id, mark_id, address=address())
    except NotFoundError as error:  # deleted in another tab
        st.session_state[_PROBLEM] = str(error)


def _new_note_form(ecg: RecordingSummary, start: float, span: float, leads: Sequence[LeadSummary]) -> None:
    """A note at a point or over a span of the leads of the page."""
    timed = leads[0].sampling_rate_hz is not None
    unit, step = ("s", 0.01) if timed else ("sample", 1.0)
    with st.form(f"note-{ecg.id}", clear_on_submit=True):
        st.selectbox(
            "New note about",
            [_ALL, *(lead.name for lead in leads)],
            key="note-lead",
            format_func=lambda name: name or "All leads",
        )
        middle = round(start + span / 2, 3 if timed else 0)
        st.number_input(
            f"At or from ({unit})", min_value=0.0, value=middle, step=step, key="note-from",
            format="%.3f" if timed else "%.0f",
        )  # fmt: skip
        st.number_input(
            f"To ({unit}), for a span", min_value=0.0, value=None, step=step, key="note-to",
            format="%.3f" if timed else "%.0f",
        )  # fmt: skip
        st.text_area("Text of the note", key="note-text", max_chars=LONGEST_TEXT)
        st.form_submit_button("Keep the note", on_click=_add, args=(ecg.id, tuple(leads)))
    st.caption(f"Kept with the ECG, found by the search of the library, and part of its report. "
               f"At most {MOST_MARKS} notes and calipers an ECG.")  # fmt: skip


def _add(ecg_id: UUID, leads: tuple[LeadSummary, ...]) -> None:
    user, state = acting_user(), st.session_state
    if user is None:
        return
    about = state.get("note-lead") or _ALL
    lead = next((lead for lead in leads if lead.name == about), leads[0])
    first, last = (_sample(lead, state.get(key)) for key in ("note-from", "note-to"))
    try:
        if first is None:
            raise InvalidInputError("Say where the note is")
        kept = service.add_note(
            room(), user, ecg_id, lead=lead.name, start_sample=first, stop_sample=last,
            text=state.get("note-text") or "", is_about_all_leads=about == _ALL, address=address(),
        )  # fmt: skip
    except (InvalidInputError, NotFoundError, ConflictError) as error:
        state[_PROBLEM] = str(error)
    else:
        state[_CHOSEN] = kept.mark.id


def _sample(lead: LeadSummary, at: float | None) -> int | None:
    """The sample nearest to a time (to a number where no rate is known); the end of the lead is its last."""
    if at is None:
        return None
    rate, total = lead.sampling_rate_hz or 1.0, lead.number_of_samples
    sample = round(at * rate)
    return total - 1 if sample == total else sample
