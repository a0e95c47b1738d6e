"""Two ECGs beside each other: which two, whose they are, their median beats and their numbers."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import streamlit as st

from ecg_core.domain import RecordingSummary, User
from ecg_core.errors import InvalidInputError, NotFoundError
from ecg_core.figures import PLOTLY_CONFIG, ReadyFigure
from ecg_core.figures.compared_beats import NEWER, OLDER, compared_beat_parts, compared_beat_text
from ecg_core.figures.filters import filter_caption, st_warning
from ecg_core.figures.view import View
from ecg_core.services import comparison
from ecg_core.services.comparison import Candidate, ComparedBeats, Comparison
from ecg_core.services.median_beats import MedianBeats
from ecg_core.ui.paper_width import paper_width
from ecg_core.ui.session import room
from ecg_core.ui.text import duration, escape, leads_line, moment, rates_line

_WITH = "with"
_KEPT = 50
_MATCHES = {"same": "same patient", "different": "different patient", "unknown": "patient not known"}


def chosen_pair(user: User, ecg: RecordingSummary) -> Comparison:
    """The ECG and the other one of the address; the page ends here until there is one."""
    st.header("Compare two ECGs")
    link = f"Back to {escape(ecg.display_name)}"
    st.page_link("viewer.py", label=link, icon=":material/ecg:", query_params={"ecg": str(ecg.id)})
    candidates = comparison.list_comparable(room(), user, ecg)
    asked = st.query_params.get(_WITH, "")
    if not candidates and not asked:
        st.info("You have no other ECG to compare with.")
        st.stop()
    _choose_other(ecg, candidates, asked)
    if not asked:
        st.stop()
    return _existing_pair(user, ecg, asked)


def _choose_other(ecg: RecordingSummary, candidates: Sequence[Candidate], asked: str) -> None:
    labels = {str(candidate.ecg.id): _candidate_line(candidate) for candidate in candidates}
    options = list(labels)
    key = f"compare-{ecg.id}"
    st.selectbox(f"Compare {escape(ecg.display_name)} with", options, key=key, format_func=labels.__getitem__,
                 index=options.index(asked) if asked in options else None,
                 placeholder="Choose an ECG: those of the same patient are the first",
                 on_change=_choose, args=(key,))  # fmt: skip


def _candidate_line(candidate: Candidate) -> str:
    ecg = candidate.ecg
    return f"{ecg.display_name} · recorded {moment(ecg.recorded_at)} · {_MATCHES[candidate.match.kind]}"


def _choose(key: str) -> None:
    chosen = st.session_state.get(key)
    if chosen:
        st.query_params[_WITH] = chosen


def _existing_pair(user: User, ecg: RecordingSummary, asked: str) -> Comparison:
    try:
        return comparison.compare_ecgs(room(), user, ecg.id, UUID(asked))
    except InvalidInputError as error:
        st.error(escape(str(error)))
    except (ValueError, NotFoundError):
        st.error("You have no ECG with this address. It may have been deleted.")
    st.stop()


def show_whose(pair: Comparison) -> None:
    """Say whether it is one patient; two different ones are shown after a click only."""
    reason = escape(pair.match.reason)
    if pair.match.kind == "same":
        st.success(f"Same patient: {reason}.", icon=":material/person_check:")
    elif pair.match.kind == "unknown":
        st.warning(f"It is not known whether these ECGs are of one patient: {reason}.",
                   icon=":material/person_alert:")  # fmt: skip
    else:
        st.error(f"**Different patients**: {reason}. Do not read a change between them as a course.",
                 icon=":material/group_off:")  # fmt: skip
        _ask_to_show(pair)
    if not pair.order_is_known:
        st.caption("Which of the two is the older is not known: the times of recording do not tell.")


def _ask_to_show(pair: Comparison) -> None:
    key = f"different-{pair.older.id}-{pair.newer.id}"
    if not st.session_state.get(key):
        st.button("Show them all the same", key=f"show-{key}", on_click=_confirm, args=(key,))
        st.stop()


def _confirm(key: str) -> None:
    st.session_state[key] = True


def pair_names(pair: Comparison) -> tuple[str, str]:
    """What the two are called: by their dates or, where these do not tell them apart, their files."""
    dates = moment(pair.older.recorded_at), moment(pair.newer.recorded_at)
    if pair.order_is_known and dates[0] != dates[1]:
        return dates
    files = pair.older.display_name, pair.newer.display_name
    return files if files[0][:20] != files[1][:20] else ("first", "second")


def pair_titles(pair: Comparison) -> tuple[str, str]:
    """``Older`` and ``Newer``, unless that is not known."""
    return ("Older", "Newer") if pair.order_is_known else ("First", "Second")


def show_beats(user: User, pair: Comparison, view: View) -> ComparedBeats:
    """The median beats of the common leads over one another."""
    st.subheader("Median beats")
    if warning := st_warning(view):
        st.warning(warning, icon=":material/filter_alt:")
    names = pair_names(pair)
    drawn_of = repr((pair, view, names))
    beats = _beats(drawn_of, user, pair, view)
    if not beats.pairs:
        st.info("The two have no ECG lead in common.")
        return beats
    figure, words = _beats_figure(
        drawn_of, paper_width(), st.context.theme.type == "dark", beats, names, view
    )
    older, newer = pair_titles(pair)
    st.caption(
        f"{older} ({escape(names[0])}): {OLDER}. {newer} ({escape(names[1])}): {NEWER}. Aligned at R, "
        f"over the first 10 s of each. {escape(filter_caption(view))}."
    )
    st.plotly_chart(figure, width="content", theme=None, key="compared-beats", config=dict(PLOTLY_CONFIG),
                    alt=words)  # fmt: skip
    return beats


@st.cache_resource(max_entries=_KEPT, show_spinner=False)
def _beats(drawn_of: str, _user: User, _pair: Comparison, _view: View) -> ComparedBeats:
    """A stored signal never changes; all else is in ``drawn_of``. Whose ECGs they are was asked before."""
    return comparison.read_compared_beats(room(), _user, _pair, view=_view)


@st.cache_resource(max_entries=_KEPT, show_spinner=False)
def _beats_figure(
    drawn_of: str, width_px: int, dark: bool, _beats: ComparedBeats, _names: tuple[str, str], _view: View
) -> tuple[ReadyFigure, str]:
    parts = compared_beat_parts(_beats.pairs, names=_names, view=_view, width_px=width_px, dark=dark)
    return ReadyFigure(parts), compared_beat_text(_beats.pairs, names=_names)


def show_numbers(pair: Comparison, beats: ComparedBeats) -> None:
    """What is known of both, and their zero crossings by lead."""
    st.subheader("Numbers")
    titles = pair_titles(pair)
    sides = [_facts(pair.older, beats.older), _facts(pair.newer, beats.newer)]
    rows = [{"": what, titles[0]: sides[0][what], titles[1]: sides[1][what]} for what in sides[0]]
    st.dataframe(rows, hide_index=True, height="content", alt="What is known of the two ECGs")
    crossings = [
        {
            "lead": lead.name,
            f"{titles[0]}: zero crossings": lead.older.number_of_zero_crossings,
            f"{titles[1]}: zero crossings": lead.newer.number_of_zero_crossings,
            f"{titles[0]}: per second": lead.older.zero_crossings_per_second,
            f"{titles[1]}: per second": lead.newer.zero_crossings_per_second,
        }
        for lead in pair.leads
    ]
    rates = {f"{title}: per second": st.column_config.NumberColumn(format="%.4g") for title in titles}
    st.caption("Zero crossings of the whole stored recordings, as in the lead report.")
    st.dataframe(crossings, hide_index=True, height="content", placeholder="unknown", column_config=rates,
                 alt="Zero crossings of the common leads of both ECGs")  # fmt: skip


def _facts(ecg: RecordingSummary, beats: MedianBeats) -> dict[str, str]:
    rate = beats.heart_rate_bpm
    place = f"{beats.number_of_beats} beats on {beats.lead_of_beats}, first {beats.length_s:.3g} s"
    return {
        "ECG": ecg.display_name,
        "Recorded": moment(ecg.recorded_at),
        "Duration": duration(ecg.duration_s),
        "Sampling": rates_line(ecg.leads),
        "Heart rate": f"{rate:.0f} bpm (median RR of {place})"
        if rate
        else "not known: fewer than 3 beats found",
        "Leads": leads_line(ecg.leads),
    }
