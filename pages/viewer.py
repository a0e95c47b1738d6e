"""The viewer: one ECG on calibrated paper, its zero crossings, and its reports."""

from __future__ import annotations

import streamlit as st

from ecg_core.services.marks import list_marks
from ecg_core.ui.annotation_steps import annotation_stepper
from ecg_core.ui.downloads import download_links
from ecg_core.ui.measurement_summary import summary_place
from ecg_core.ui.measurements import measurements_panel, ready_measurements
from ecg_core.ui.notes import notes_panel
from ecg_core.ui.paper import draw_ecg
from ecg_core.ui.printing import print_links
from ecg_core.ui.session import require_user, room
from ecg_core.ui.toolbar import toolbar
from ecg_core.ui.view_state import show_in_address
from ecg_core.ui.viewing import (
    ask_for_missing,
    ask_for_other_channels,
    chosen_ecg,
    compare_link,
    counts_table,
    export_links,
    offer_derived_leads,
    show_definition,
    show_heading,
    show_said,
    show_second_count,
)

user = require_user()
ecg = chosen_ecg(user)

show_heading(ecg)
ask_for_missing(ecg)
view = toolbar(ecg)
show_others = ask_for_other_channels(ecg)
marks = list_marks(room(), user, ecg.id)
measured = ready_measurements(user, ecg)
summary = summary_place(ecg, measured)
reading = draw_ecg(user, ecg, view, marks, measured if view.waves else None, show_others=show_others)
show_in_address(view)
below_paper = st.container()
annotation_stepper(user, ecg, start=reading.place.start, span=reading.place.span)
with st.expander(f"Notes and calipers ({len(marks)})", icon=":material/edit_note:", expanded=bool(marks)):
    notes_panel(user, ecg, marks, start=reading.place.start, span=reading.place.span, leads=reading.leads)
offer_derived_leads(ecg)
show_definition()
show_second_count(reading.counts)
counts_table(ecg, reading.counts)
download_links(
    [
        ("Lead report (CSV)", f"/ecgs/{ecg.id}/reports/leads.csv"),
        ("Zero crossings (CSV)", f"/ecgs/{ecg.id}/reports/crossings.csv"),
        ("What the file and its readers say (CSV)", f"/ecgs/{ecg.id}/reports/details.csv"),
        ("Measurements (CSV)", f"/ecgs/{ecg.id}/reports/measurements.csv"),
        *(
            [("Variability by the hour (CSV)", f"/ecgs/{ecg.id}/reports/hrv_hourly.csv")]
            if (ecg.duration_s or 0.0) >= 3600
            else []
        ),
        ("Beats (CSV)", f"/ecgs/{ecg.id}/reports/beats.csv"),
        ("Waves (CSV)", f"/ecgs/{ecg.id}/reports/waves.csv"),
        ("FHIR bundle (JSON)", f"/ecgs/{ecg.id}/fhir"),
        *([("Uploaded file", f"/ecgs/{ecg.id}/original")] if ecg.number_of_files else []),
        ("All ECGs (CSV)", "/ecgs/reports/cohort.csv"),
    ]
)
print_links(ecg, view, reading.place)
export_links(ecg)
compare_link(ecg)
show_said(user, ecg)
with below_paper:  # the last to be made: the paper does not wait for it
    measurements_panel(user, ecg, view, measured, summary, start=reading.place.start)
