"""Reports: one over all of the user's ECGs, and what the columns of every report mean."""

from __future__ import annotations

import streamlit as st

from ecg_core.services import recordings
from ecg_core.services.reports import REPORTS
from ecg_core.ui.downloads import column_list, download_links
from ecg_core.ui.session import require_user, room

user = require_user()
st.title("Reports")

_, total = recordings.list_ecgs(room(), user, limit=1)
st.subheader("All of your ECGs")
if total:
    st.write(f"One CSV file with a row for each lead of your {total:,} ECG{'s' * (total != 1)}.")
    download_links(
        [
            ("Report over all ECGs (CSV)", "/ecgs/reports/cohort.csv"),
            ("Measurements, one row an ECG (CSV)", "/ecgs/reports/measurements.csv"),
        ]
    )
else:
    st.info("No ECG yet: upload one in the library.")
st.write("The lead report and the list of zero crossings of a single ECG are in the viewer, under the ECG.")

st.subheader("What the columns mean")
st.write("Unknown is an empty cell. The files open in Excel, pandas and R alike.")
for report in REPORTS.values():
    with st.expander(f"{report.title}: {report.description}", expanded=report.name == "leads"):
        column_list(report)
