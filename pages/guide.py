"""The user guide."""

from __future__ import annotations

from ecg_core.ui.guide import show_guide
from ecg_core.ui.session import require_user

require_user()
show_guide()
