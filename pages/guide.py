"""The user guide."""

from __future__ import annotations

import streamlit as st

from ecg_core.ui.guide import show_guide
from ecg_core.ui.session import require_user

require_user()
with st.container(width=880):  # lines of a length that reads
    show_guide()
