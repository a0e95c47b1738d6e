"""The guide inside the app: the text of docs/guide.md, and tables made from the code itself."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from ecg_core.services.reports import REPORTS
from ecg_core.services.uploads import supported_formats
from ecg_core.ui.downloads import column_list

_GUIDE = Path(__file__).parents[2] / "docs" / "guide.md"


def show_guide() -> None:
    """The guide, the formats that can be read and the columns of the reports."""
    st.markdown(_GUIDE.read_text(encoding="utf-8"))
    st.header("Formats that can be read")
    st.table([{"format": title, "usual names": ", ".join(endings)} for title, endings in supported_formats()])
    st.header("Columns of the reports")
    for report in REPORTS.values():
        with st.expander(report.title):
            column_list(report)
    st.header("For programs")
    st.write("The same through HTTP: see [the API's documentation](/docs).")
