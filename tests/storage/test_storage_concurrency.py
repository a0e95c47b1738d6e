"""Several processes on one database: nobody is registered twice, and only one of them starts it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest

from ecg_core.services import uploads, users
from ecg_core.services.room import open_reading_room
from ecg_core.services.start import start


def together(calls: list[Callable[[], Any]]) -> list[Any]:
    """What the calls return, or raise, when all begin at the same moment."""
    barrier, results = threading.Barrier(len(calls)), [None] * len(calls)

    def run(number: int) -> None:
        barrier.wait()
        try:
            results[number] = calls[number]()
        except Exception as error:
            results[number] = error

    threads = [threading.Thread(target=run, args=(number,)) for number in range(len(calls))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


@pytest.fixture
def rooms(settings):
    """Six processes' rooms over one database."""
    opened = [open_reading_room(settings) for _ in range(6)]
    yield opened
    for room in opened:
        room.database.close()


def test_only_one_of_many_is_the_first_to_start(rooms):
    results = together([lambda room=room: start(room) for room in rooms])
    assert [result for result in results if isinstance(result, Exception)] == []
    assert sum(result is not None for result in results) == 1


@pytest.mark.parametrize("attempt", range(4))
def test_a_name_registered_by_many_at_once_is_one_user_with_the_last_token(rooms, attempt):
    name = f"dr.meier{attempt}"
    tokens = together([lambda room=room: users.register(room, name) for room in rooms])
    assert [token for token in tokens if not isinstance(token, str)] == []
    assert [user.username for user in users.list_users(rooms[0])] == [name]
    assert sum(users.user_of(rooms[0], token) is not None for token in tokens) == 1


def test_a_file_sent_to_many_processes_is_stored_once(rooms):
    user = users.user_of(rooms[0], users.register(rooms[0], "reader"))
    data = b'{"leads": [{"name": "I", "signal": [1, -1, 1]}]}'
    added = together([lambda room=room: uploads.add_file(room, user, "a.json", data) for room in rooms])
    assert [result for result in added if isinstance(result, Exception)] == []
    assert len({result.ecg.id for result in added}) == 1 and sum(result.is_new for result in added) == 1
