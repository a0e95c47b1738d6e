"""What a browser may tell of a chart, checked: whatever comes from there may be anything."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

_MOST_EVENTS = 100
_MOST_TIMES = 100
_LARGEST_SAMPLE = 2**53

Event = tuple[int, str, dict[str, Any]]


def read_events(
    sent: Any, *, leads: Collection[str], ids: Collection[str], actions: Collection[str]
) -> tuple[str, list[Event]]:
    """Which page load told, and its events.

    Parameters
    ----------
    sent : object
        From the browser: ``{"run": str, "events": [{"n": int, "name": str, ...}, ...]}``.
    leads, ids, actions : collection of str
        Those that can be told of.

    Returns
    -------
    run : str
        Empty where nothing of it can be read.
    events : list of (int, str, dict)
        Number, name and fields, in the order of their numbers. The name is empty where the event is not one
        that may be told: its number is had, and nothing happens.
    """
    if not isinstance(sent, Mapping) or not isinstance(sent.get("run"), str) or len(sent["run"]) > 64:
        return "", []
    told = sent.get("events")
    if not isinstance(told, list):
        return "", []
    events = [
        (one["n"], *_read(one, leads, ids, actions))
        for one in told[:_MOST_EVENTS]
        if isinstance(one, Mapping) and _is_whole(one.get("n"))
    ]
    return sent["run"], sorted(events, key=lambda event: event[0])


def _read(
    event: Mapping[str, Any], leads: Collection[str], ids: Collection[str], actions: Collection[str]
) -> tuple[str, dict[str, Any]]:
    def is_in(known: Collection[str]) -> Callable[[Any], bool]:
        return lambda value: isinstance(value, str) and value in known

    ends = {"start_sample": _is_whole, "stop_sample": _is_whole}
    fields: dict[str, dict[str, Callable[[Any], bool]]] = {
        "caliper": {"lead": is_in(leads), **ends},
        "moved": {"id": is_in(ids), **ends},
        "deleted": {"id": is_in(ids)},
        "marched": {"id": is_in(ids), "marches": lambda value: isinstance(value, bool)},
        "place": {"lead": is_in(leads), "sample": _is_whole},
        "action": {
            "action": is_in(actions),
            "times": lambda value: _is_whole(value) and 1 <= value <= _MOST_TIMES,
        },
    }
    name = event.get("name")
    wanted = fields.get(name) if isinstance(name, str) else None
    if wanted is None or not all(is_right(event.get(field)) for field, is_right in wanted.items()):
        return "", {}
    return str(name), {field: _plain(event[field]) for field in wanted}


def _is_whole(value: Any) -> bool:
    """A number that is an integer, also as JSON's 3.0; no boolean."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return 0 <= value < _LARGEST_SAMPLE and float(value).is_integer()


def _plain(value: Any) -> Any:
    return int(value) if isinstance(value, float) else value
