"""Corrections to how a file is read: what it does not state, and what was misread."""

from __future__ import annotations

from typing import Any

import streamlit as st

_DELIMITERS = {"as found": None, "comma": ",", "semicolon": ";", "tab": "\t", "spaces": " "}
_DECIMALS = {"as found": None, "point": ".", "comma": ","}
_HEADERS = {"as found": None, "there is one": True, "there is none": False}
_TIME_UNITS = {"as found": None, "seconds": "s", "milliseconds": "ms", "microseconds": "us",
               "sample numbers": "sample", "clock time": "clock"}  # fmt: skip
_LAYOUTS = {"as found": None, "one column a lead": "wide", "lead, sample, value": "long"}
_UNITS = {"as stated": None, "µV": "uV", "mV": "mV", "V": "V", "nV": "nV"}


def corrections(file_id: str, *, is_table: bool) -> None:
    """A form that keeps what is entered for the file; the preview is then made again."""
    with st.expander("Enter what is missing, or correct what was misread"), st.form(f"form-{file_id}"):
        entered = _missing_values()
        if is_table:
            entered |= _table_options()
        if st.form_submit_button("Read again"):
            kept = {name: value for name, value in entered.items() if value is not None}
            st.session_state[f"corrections-{file_id}"] = kept
            st.rerun()


def _missing_values() -> dict[str, Any]:
    with st.container(horizontal=True):
        rate = st.number_input("Sampling rate in Hz", min_value=0.001, value=None, placeholder="as stated")
        unit = st.selectbox("Unit of the samples", _UNITS)
    return {"sampling_rate_hz": rate, "unit": _UNITS[unit]}


def _table_options() -> dict[str, Any]:
    with st.container(horizontal=True):
        delimiter = st.selectbox("Columns are separated by", _DELIMITERS)
        decimal = st.selectbox("Decimal sign", _DECIMALS)
        header = st.selectbox("Row of names", _HEADERS)
    with st.container(horizontal=True):
        layout = st.selectbox("Layout", _LAYOUTS)
        column = st.text_input("Time column", placeholder="as found; - for none")
        time_unit = st.selectbox("Time is in", _TIME_UNITS)
    return {
        "delimiter": _DELIMITERS[delimiter],
        "decimal": _DECIMALS[decimal],
        "header": _HEADERS[header],
        "layout": _LAYOUTS[layout],
        "time_column": "" if column.strip() == "-" else column.strip() or None,
        "time_unit": _TIME_UNITS[time_unit],
    }
