"""``users``: what the administrator's page does, for who has the server's environment at hand."""

from __future__ import annotations

import argparse
from collections.abc import Callable

from ecg_core.services import users
from ecg_core.services.room import ReadingRoom, open_reading_room
from ecg_core.settings import read_settings

_ADDRESS = "command line"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """``list``, ``register NAME`` (also a new token of a known name) and ``deactivate NAME``."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    actions.add_parser("list", help="print all users")
    register = actions.add_parser(
        "register", help="register a user, or give a known one a new token; prints the token, this once"
    )
    deactivate = actions.add_parser("deactivate", help="end a user's token and logins; the ECGs stay")
    for action in (register, deactivate):
        action.add_argument("username")


def run(arguments: argparse.Namespace) -> int:
    """Open this installation's database (``ECG_*`` settings) and do it."""
    action: Callable[[ReadingRoom, argparse.Namespace], None] = {
        "list": _list, "register": _register, "deactivate": _deactivate,
    }[arguments.action]  # fmt: skip
    room = open_reading_room(read_settings())
    try:
        action(room, arguments)
    finally:
        room.database.close()
    return 0


def _list(room: ReadingRoom, _: argparse.Namespace) -> None:
    for user in users.list_users(room):
        state = "active" if user.is_active else "deactivated"
        print(f"{user.username}\t{state}\tsince {user.created_at:%Y-%m-%d %H:%M} UTC")


def _register(room: ReadingRoom, arguments: argparse.Namespace) -> None:
    print(users.register(room, arguments.username, address=_ADDRESS))


def _deactivate(room: ReadingRoom, arguments: argparse.Namespace) -> None:
    users.deactivate(room, arguments.username, address=_ADDRESS)
    print(f"{arguments.username} is deactivated")
