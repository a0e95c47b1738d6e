"""Corrections to how a file is read: what it does not state, and what was misread."""

from __future__ import annotations

from typing import Any

import streamlit as st

from ecg_core.services.uploads import ReadOptions

_CHOICES: dict[str, dict[str, Any]] = {
    "delimiter": {"as found": None, "comma": ",", "semicolon": ";", "tab": "\t", "spaces": " "},
    "decimal": {"as found": None, "point": ".", "comma": ","},
    "header": {"as found": None, "there is one": True, "there is none": False},
    "layout": {"as found": None, "one column a lead": "wide", "lead, sample, value": "long"},
    "time_unit": {
        "as found": None, "seconds": "s", "milliseconds": "ms", "microseconds": "us",
        "sample numbers": "sample", "clock time": "clock",
    },
}  # fmt: skip
_UNITS = {"as stated": None, "µV": "uV", "mV": "mV", "V": "V", "nV": "nV"}


def corrections(file_id: str, *, is_table: bool, missing: str) -> None:
    """A form that keeps what is entered for the file; the preview is then made again.

    ``missing`` is what the file does not state, in words.
    """
    label = f"Enter the {missing}" if missing else "Correct how it was read"
    with st.expander(label), st.form(f"form-{file_id}"):
        _missing_values(file_id)
        if is_table:
            _table_options(file_id)
        st.form_submit_button("Read again", on_click=_keep, args=(file_id,))


def chosen_options(file_id: str) -> ReadOptions:
    """What was entered for this file."""
    options: ReadOptions = st.session_state.get(f"corrections-{file_id}", ReadOptions())
    return options


def _keep(file_id: str) -> None:
    def entered(name: str) -> Any:
        return st.session_state.get(f"{name}-{file_id}")

    choices = {
        name: table[entered(name)]
        for name, table in {"unit": _UNITS, **_CHOICES}.items()
        if entered(name) is not None
    }
    column = (entered("time_column") or "").strip()
    time_column = "" if column == "-" else column or None
    st.session_state[f"corrections-{file_id}"] = ReadOptions(
        sampling_rate_hz=entered("rate"), time_column=time_column, **choices
    )


def _missing_values(file_id: str) -> None:
    with st.container(horizontal=True):
        st.number_input("Sampling rate in Hz", min_value=0.001, value=None, placeholder="as stated",
                        key=f"rate-{file_id}")  # fmt: skip
        st.selectbox("Unit of the samples", _UNITS, key=f"unit-{file_id}")


def _table_options(file_id: str) -> None:
    with st.container(horizontal=True):
        st.selectbox("Columns are separated by", _CHOICES["delimiter"], key=f"delimiter-{file_id}")
        st.selectbox("Decimal sign", _CHOICES["decimal"], key=f"decimal-{file_id}")
        st.selectbox("Row of names", _CHOICES["header"], key=f"header-{file_id}")
    with st.container(horizontal=True):
        st.selectbox("Layout", _CHOICES["layout"], key=f"layout-{file_id}")
        st.text_input("Time column", placeholder="as found; - for none", key=f"time_column-{file_id}")
        st.selectbox("Time is in", _CHOICES["time_unit"], key=f"time_unit-{file_id}")
