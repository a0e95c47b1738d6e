"""The usual body in one pass: known keys and whole numbers, as programs send them.

Whatever is not that is left to the slower way, which also knows what to say of it.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import simdjson

from ecg_core.readers.json_signal import count_bytes
from ecg_core.readers.sample_buffer import narrowest_integers

#: Longer bodies are read lead by lead, since a parsed document takes twice its text's memory.
_LARGEST = 4_000_000

Members = dict[str, Any]


def decode_quickly(view: memoryview, colons: int) -> tuple[Members, list[Members]] | None:
    """The body's members but for the leads, and each lead's members with its signal as an array.

    Parameters
    ----------
    view : memoryview
        The text, without a byte order mark.
    colons : int
        How many the text has; each must be that of a key.

    Returns
    -------
    tuple or None
        None for any surprise: other than whole numbers, a list in a list, a repeated key, broken JSON.
    """
    if len(view) > _LARGEST:
        return None
    try:
        body = _members(simdjson.Parser().parse(bytes(view)))
        leads = [_members(lead) for lead in body.pop("leads")]
    except (ValueError, TypeError, KeyError, RuntimeError, AttributeError):
        return None
    keys = 1 + len(body) + sum(map(len, leads))
    if keys != colons or count_bytes(view, b"[") != 1 + len(leads):
        return None
    return body, leads


def _members(parsed: Any) -> Members:
    """An object's members; a list of whole numbers as an array, any other list only as ``leads``."""
    members: Members = {}
    for key in parsed.keys():  # noqa: SIM118 — the parser's object is no dict
        value = parsed[key]
        if key == "signal":
            numbers = np.frombuffer(value.as_buffer(of_type="i"), np.int64)
            value = narrowest_integers(numbers)
        elif isinstance(value, simdjson.Object) or (isinstance(value, simdjson.Array) and key != "leads"):
            raise TypeError(key)
        members[key] = value
    return members
