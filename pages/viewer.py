"""The viewer: one ECG on calibrated paper, its zero crossings, and its reports."""

from __future__ import annotations

import streamlit as st

from ecg_core.ui.downloads import download_links
from ecg_core.ui.paper import draw_ecg
from ecg_core.ui.session import require_user
from ecg_core.ui.viewing import (
    ask_for_missing,
    ask_for_other_channels,
    chosen_ecg,
    counts_table,
    export_links,
    offer_derived_leads,
    show_definition,
    show_heading,
    show_said,
)

user = require_user()
ecg = chosen_ecg(user)

show_heading(ecg)
ask_for_missing(ecg)
show_crossings = st.toggle("Highlight zero crossings", value=True, key="show_crossings")
show_others = ask_for_other_channels(ecg)
draw_ecg(user, ecg, show_crossings=show_crossings, show_others=show_others)
offer_derived_leads(ecg)
show_definition()
counts_table(ecg)
download_links(
    [
        ("Lead report (CSV)", f"/ecgs/{ecg.id}/reports/leads.csv"),
        ("Zero crossings (CSV)", f"/ecgs/{ecg.id}/reports/crossings.csv"),
        ("What the file says (CSV)", f"/ecgs/{ecg.id}/reports/details.csv"),
        *([("Uploaded file", f"/ecgs/{ecg.id}/original")] if ecg.number_of_files else []),
        ("All ECGs (CSV)", "/ecgs/reports/cohort.csv"),
    ]
)
export_links(ecg)
show_said(user, ecg)
