"""Opening the reading room when the server starts."""

from __future__ import annotations

import os
import sys

from streamlit import config

from ecg_core.errors import EcgError
from ecg_core.services.room import reading_room
from ecg_core.services.start import start, welcome


def open_for_visitors() -> None:
    """Migrate the database, make the first tokens and print them; stop the server if a setting is wrong."""
    try:
        room = reading_room()
        config.set_option("server.maxUploadSize", room.settings.max_upload_mb)
        first = start(room)
    except EcgError as error:
        print(f"\nECG Reading Room does not start: {error}\n", file=sys.stderr, flush=True)
        os._exit(2)
    if first is not None:
        print(welcome(first, f"http://localhost:{config.get_option('server.port')}"), flush=True)
