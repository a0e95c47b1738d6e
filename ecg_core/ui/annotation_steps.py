"""From one mark of the file to the next: choose a kind, step on or back."""

from __future__ import annotations

from uuid import UUID

import streamlit as st

from ecg_core.domain import RecordingSummary, User
from ecg_core.services.annotations import (
    SAME_TIME_S,
    annotation_kinds,
    annotation_texts,
    count_annotations_until,
    find_annotation,
)
from ecg_core.ui.paging import go_to
from ecg_core.ui.session import acting_user, room

Choice = tuple[str, str]  # a kind and a text; empty is any
_ANY: Choice = ("", "")
_MOST_TEXTS = 40
_CHOICE, _AT = "annotation_choice", "annotation_at"
_MIDDLE = 0.5  # of the page: what is stepped to stands there


def annotation_stepper(user: User, ecg: RecordingSummary, *, start: float, span: float) -> None:
    """A choice of what to step through, two buttons, and which of how many the last step came to.

    Parameters
    ----------
    start, span : float
        What the page shows, in seconds.
    """
    if not ecg.number_of_annotations:
        return
    counts = _choices(user, ecg.id)
    if st.session_state.get(_CHOICE) not in counts:
        st.session_state[_CHOICE] = _ANY
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall", key="annotation_steps"):
        choice = st.selectbox(
            "Annotations to step through", list(counts), key=_CHOICE, width=220, label_visibility="collapsed",
            format_func=lambda one: _choice_text(one, counts[one]),
        )  # fmt: skip
        for label, steps in (("‹ Previous annotation", -1), ("Next annotation ›", 1)):
            st.button(label, on_click=step_annotations, args=(ecg.id, start, span, steps))
        st.caption(_position(user, ecg, choice, counts[choice], start, span), width="content")


def _choices(user: User, ecg_id: UUID) -> dict[Choice, int]:
    """All, each kind, and the most frequent texts of kinds that have several, with their numbers."""
    kinds = annotation_kinds(room(), user, ecg_id)
    texts = list(annotation_texts(room(), user, ecg_id).items())[:_MOST_TEXTS]
    several = {kind for kind in kinds if sum(choice[0] == kind for choice, _ in texts) > 1}
    found: dict[Choice, int] = {_ANY: sum(kinds.values())}
    for kind, number in kinds.items():
        found[kind, ""] = number
        found |= {choice: count for choice, count in texts if choice[0] == kind and kind in several}
    return found


def _choice_text(choice: Choice, count: int) -> str:
    """In the list of choices, which shows text as it is."""
    kind, text = choice
    return f"{f'{kind} {text[:40]}'.strip() or 'all annotations'} ({count:,})"


def _here(start: float, span: float, *, backwards: bool) -> float:
    """Where a step begins: at the last one while it is on the page, else at the page's edge."""
    at = st.session_state.get(_AT)
    if at is not None and start - SAME_TIME_S <= at <= start + span:
        return float(at)
    return start + span if backwards else start - 2 * SAME_TIME_S


def step_annotations(ecg_id: UUID, start: float, span: float, steps: int) -> None:
    """So many of the chosen marks on, or back where negative; the page turns to the last of them."""
    user = acting_user()
    if user is None:
        return
    kind, text = st.session_state.get(_CHOICE, _ANY)
    here = _here(start, span, backwards=steps < 0)
    for _ in range(abs(steps)):
        found = find_annotation(room(), user, ecg_id, after_s=here, kind=kind, text=text, backwards=steps < 0)
        if found is None:
            break
        here = st.session_state[_AT] = found.start_s
        go_to(here - _MIDDLE * span)


def _position(
    user: User, ecg: RecordingSummary, choice: Choice, count: int, start: float, span: float
) -> str:
    """Which of how many the last step came to, or how many there are before the page."""
    kind, text = choice
    at = st.session_state.get(_AT)
    shown = at is not None and start - SAME_TIME_S <= at <= start + span
    until = float(at) if shown and at is not None else start - 2 * SAME_TIME_S
    number = count_annotations_until(room(), user, ecg.id, until, kind=kind, text=text)
    return f"{number:,} of {count:,}, at {until:.3f} s" if shown and number else f"{count:,} annotations"
