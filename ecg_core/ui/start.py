"""Opening the reading room when the server starts."""

from __future__ import annotations

import gc
import os
import socket
import sys
from importlib import import_module

from streamlit import config

from ecg_core.errors import EcgError
from ecg_core.services.room import reading_room
from ecg_core.services.start import start, welcome

# What the pages need and takes long to import: the first visitor need not wait for it.
_HEAVY = ("ecg_core.figures", "plotly.io", "pandas", "pyarrow")


def open_for_visitors() -> None:
    """Migrate the database, make the first tokens and print them; stop the server if a setting is wrong."""
    try:
        room = reading_room()
        config.set_option("server.maxUploadSize", room.settings.max_upload_mb)
        first = start(room)
        for name in _HEAVY:
            import_module(name)
    except EcgError as error:
        print(f"\nECG Reading Room does not start: {error}\n", file=sys.stderr, flush=True)
        os._exit(2)
    if first is not None:
        print(welcome(first, f"http://localhost:{config.get_option('server.port')}"), flush=True)


def answer_without_delay() -> None:
    """Turn Nagle's algorithm off for every connection to come.

    asyncio does so itself, but not for connections of a socket that was made without naming TCP, as
    Streamlit's is: an answer in two parts then waits some 40 ms for the other side's acknowledgement.
    Connections inherit the option from the socket that listens, which Streamlit keeps to itself.
    """
    for found in gc.get_objects():
        if isinstance(found, socket.socket) and found.fileno() >= 0 and _listens_to_tcp(found):
            found.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


def _listens_to_tcp(found: socket.socket) -> bool:
    is_tcp = found.family in (socket.AF_INET, socket.AF_INET6) and found.type == socket.SOCK_STREAM
    return is_tcp and bool(found.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN))
