"""Users: register, give a new token, deactivate. The administrator sees no ECG."""

from __future__ import annotations

import streamlit as st

from ecg_core.services import users
from ecg_core.ui.session import require_admin, room
from ecg_core.ui.user_list import registration, show_new_token, user_row

require_admin()
st.title("Users")
st.caption("The administrator registers users and sees no ECG.")
registration()
show_new_token()
registered = users.list_users(room())
st.subheader(f"{len(registered)} user{'s' * (len(registered) != 1)}")
for user in registered:
    user_row(user)
