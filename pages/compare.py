"""Serial comparison: two ECGs of one patient side by side, their median beats over one another."""

from __future__ import annotations

from ecg_core.ui.comparing import chosen_pair, show_beats, show_numbers, show_whose
from ecg_core.ui.comparing_sheets import show_sheets
from ecg_core.ui.session import require_user
from ecg_core.ui.view_state import current_view
from ecg_core.ui.viewing import chosen_ecg

user = require_user()
pair = chosen_pair(user, chosen_ecg(user))
show_whose(pair)
view = current_view()
beats = show_beats(user, pair, view)
show_sheets(user, pair, view)
show_numbers(pair, beats)
