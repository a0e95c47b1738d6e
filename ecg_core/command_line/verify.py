"""``verify``: look for damage in all that this installation has stored."""

from __future__ import annotations

import argparse

from ecg_core.services.room import open_reading_room
from ecg_core.services.verify import verify
from ecg_core.settings import read_settings


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """No options: everything is checked."""


def run(_: argparse.Namespace) -> int:
    """Name what is damaged.

    Returns
    -------
    int
        0, or 1 where something is damaged.
    """
    room = open_reading_room(read_settings())
    checked = damaged = 0
    try:
        for found in verify(room):
            checked += 1
            damaged += bool(found.damage)
            for damage in found.damage:
                print(f"{found.ecg_id}: {damage}")
    finally:
        room.database.close()
    print(f"{checked:,} ECGs checked, {damaged:,} damaged")
    return 1 if damaged else 0
