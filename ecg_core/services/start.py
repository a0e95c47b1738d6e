"""What happens when the service starts: the administrator's token and, on an empty database, the demo."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ecg_core.services.room import ReadingRoom
from ecg_core.services.uploads import add_file
from ecg_core.services.users import new_token, register, user_of
from ecg_core.storage import users as store

EXAMPLES = Path(__file__).parents[2] / "examples"
DEMO_USER = "demo"


@dataclass(frozen=True)
class FirstStart:
    """What is shown once: tokens that were made just now (None: the operator set it, or there is no demo)."""

    admin_token: str | None
    demo_token: str | None


def start(room: ReadingRoom) -> FirstStart | None:
    """Make sure that there is an administrator; on an empty database add the demo, unless it is off.

    Returns
    -------
    FirstStart or None
        None on any start but the first.
    """
    with room.database.starting() as connection:  # of several processes that start together one is first
        stored = store.get_admin_token_hash(connection)
        is_first = stored is None and store.count_users(connection) == 0
        made, token_hash = _admin_token(room, stored)
        if token_hash != stored:
            store.set_admin_token_hash(connection, token_hash)
    if not is_first:
        return None
    return FirstStart(made, add_demo(room) if room.settings.demo else None)


def _admin_token(room: ReadingRoom, stored: str | None) -> tuple[str | None, str]:
    """A token made now, if one had to be, and the hash of the one that is to be in force."""
    if room.settings.admin_token is not None:
        return None, room.keyed_hash(room.settings.admin_token.get_secret_value())
    if stored is not None:
        return None, stored
    token = new_token("ecga")
    return token, room.keyed_hash(token)


def add_demo(room: ReadingRoom) -> str:
    """Register the user ``demo`` with the example ECGs and return the token."""
    token = register(room, DEMO_USER, actor="(first start)")
    user = user_of(room, token)
    assert user is not None
    for path in sorted([*EXAMPLES.glob("*.csv"), *EXAMPLES.glob("*.json")], reverse=True):
        add_file(room, user, path.name, path.read_bytes())
    return token


def welcome(first: FirstStart, url: str) -> str:
    """What the terminal shows on the first start, and never again."""
    admin = first.admin_token or "as set in ECG_ADMIN_TOKEN"
    lines = ["", "  ECG Reading Room is ready. These tokens are shown this once:", ""]
    if first.demo_token:
        lines += [f"    demo user      {first.demo_token}"]
    lines += [f"    administrator  {admin}", ""]
    lines += [f"  Open {url}"]
    if first.demo_token:
        lines += ["  and paste the demo user's token: example ECGs are waiting in its library."]
    lines += ["  The administrator's token registers users; they upload and read ECGs.", ""]
    return "\n".join(lines)
