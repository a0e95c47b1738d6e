"""Log in with a token."""

from __future__ import annotations

import streamlit as st

from ecg_core.ui.login_form import login_form, problem_of_last_try

with st.container(horizontal=True, horizontal_alignment="center"), st.container(width=480):
    st.title("ECG Reading Room")
    st.write("Read ECGs on calibrated paper, with their zero crossings, and download the reports.")
    problem = problem_of_last_try()
    if problem:
        st.error(problem)
    login_form()
    st.caption("Your administrator gives you a token. It is sent once and not kept in this browser.")
