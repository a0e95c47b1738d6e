"""The JSON body of ``POST /ecgs``, also as a file.

``{"leads": [{"name": "I", "signal": [1, 0, -1], "number_of_samples": 3}]}``, with optional
``recorded_at``, ``sampling_rate`` and ``unit`` for the ECG, the last two also for a lead, whose own wins.
Signals are skipped over in the first pass, which checks the syntax, and turned into arrays one by one.
"""

from __future__ import annotations

import codecs
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec
import numpy as np

from ecg_core.domain import Lead, Recording, voltage_unit
from ecg_core.errors import UnreadableFileError
from ecg_core.readers.excerpt import excerpt
from ecg_core.readers.json_faults import malformed
from ecg_core.readers.json_quick import decode_quickly
from ecg_core.readers.json_signal import count_bytes, parse_signal
from ecg_core.readers.lead_names import MOST_LEADS, check_distinct, name_problem
from ecg_core.readers.options import ReadOptions, check_options, sampling_rate_problem, with_overrides
from ecg_core.readers.unforeseen import only_our_errors

_BODY_KEYS = ("leads", "recorded_at", "sampling_rate", "unit")
_LEAD_KEYS = ("name", "signal", "number_of_samples", "sampling_rate", "unit")
_MOST_KEYS = 100_000
_BOM = b"\xef\xbb\xbf"
_LONGEST_VALUE = 10_000


class _Lead(msgspec.Struct, forbid_unknown_fields=True):
    name: msgspec.Raw = msgspec.Raw()
    signal: msgspec.Raw = msgspec.Raw()
    number_of_samples: msgspec.Raw = msgspec.Raw()
    sampling_rate: msgspec.Raw = msgspec.Raw()
    unit: msgspec.Raw = msgspec.Raw()


class _Body(msgspec.Struct, forbid_unknown_fields=True):
    leads: list[_Lead]
    recorded_at: msgspec.Raw = msgspec.Raw()
    sampling_rate: msgspec.Raw = msgspec.Raw()
    unit: msgspec.Raw = msgspec.Raw()


_Members = dict[str, Any]  # `msgspec.Raw`, or values that were decoded quickly
_known_body = msgspec.json.Decoder(_Body)
_any_object = msgspec.json.Decoder(dict[str, msgspec.Raw])
_any_objects = msgspec.json.Decoder(list[dict[str, msgspec.Raw]])


def recognizes_json(data: bytes | memoryview) -> bool:
    """Whether the content begins like a JSON object with leads, or like nothing but JSON."""
    start = bytes(data[:4096]).removeprefix(_BOM).lstrip()
    return start[:1] == b"{" or (start[:1] == b"[" and start[1:].lstrip()[:1] in (b"{", b"["))


def read_json(data: bytes | bytearray | memoryview, *, options: ReadOptions = ReadOptions()) -> Recording:  # noqa: B008
    """The recording in a JSON body.

    Integers stay integers in the narrowest type; a signal with decimals or nulls is float64, NaN where
    missing. Unknown keys are ignored and named in the remarks.

    Raises
    ------
    UnreadableFileError
        Naming the lead, the position and the reason.
    """
    options = check_options(options)
    with only_our_errors():
        return with_overrides(_read(memoryview(data)), options)


def _read(view: memoryview) -> Recording:
    colons = _check_text(view)
    if view[:3] == _BOM:
        view = view[3:]
    quick = decode_quickly(view, colons)
    body, members = quick or _decode(view)
    leads = _read_leads(body, members)
    if quick is None:
        _check_no_repeated_key(colons, body, members)
    return Recording(
        leads=leads,
        source_format="json",
        recorded_at=_recorded_at(body),
        remarks=_remarks_on_keys(body, members),
    )


def _check_text(view: memoryview) -> int:
    """Refuse what is not UTF-8, and more objects or keys than memory should be spent on; count the colons."""
    if not len(view):
        raise UnreadableFileError("The file is empty")
    _check_utf8(view)
    colons = count_bytes(view, b":")
    if max(colons, count_bytes(view, b"{")) > _MOST_KEYS:
        raise UnreadableFileError(f"The JSON has more than {_MOST_KEYS:,} objects or keys")
    return colons


def _check_utf8(view: memoryview) -> None:
    decoder = codecs.getincrementaldecoder("utf-8")()
    step = 1 << 20
    for at in range(0, len(view), step):
        piece = bytes(view[at : at + step])
        try:
            decoder.decode(piece, at + step >= len(view))
        except UnicodeDecodeError as error:
            place = max(at + error.start, 0)
            raise UnreadableFileError(f"JSON must be UTF-8; byte {place} is not part of it") from error


def _decode(view: memoryview) -> tuple[_Members, list[_Members]]:
    """The body's members but for the leads, and each lead's members."""
    try:
        return _decode_known(view)
    except RecursionError:
        raise UnreadableFileError("The JSON is nested too deeply; an ECG is at most 4 deep") from None
    except msgspec.ValidationError as error:
        raise UnreadableFileError(f"The JSON cannot be read: {str(error)[:200]}") from error
    except msgspec.DecodeError as error:
        raise malformed(view, str(error)) from error


def _decode_known(view: memoryview) -> tuple[_Members, list[_Members]]:
    try:
        known = _known_body.decode(view)
    except msgspec.ValidationError:  # an unknown key, or a fault that the slower way names
        return _decode_any(view)
    return _present(known, _BODY_KEYS[1:]), [_present(lead, _LEAD_KEYS) for lead in known.leads]


def _present(members: msgspec.Struct, keys: tuple[str, ...]) -> _Members:
    found = ((key, getattr(members, key)) for key in keys)
    return {key: raw for key, raw in found if len(memoryview(raw))}


def _decode_any(view: memoryview) -> tuple[_Members, list[_Members]]:
    if view[:1000].tobytes().lstrip()[:1] != b"{":
        raise UnreadableFileError('The JSON must be an object with "leads"')
    body = _any_object.decode(view)
    if "leads" not in body:
        raise UnreadableFileError('The JSON has no "leads"; a list of leads with name and signal is needed')
    raw = memoryview(body.pop("leads"))
    if raw[:1].tobytes() != b"[":
        raise UnreadableFileError('"leads" must be a list of leads')
    try:
        return body, _any_objects.decode(raw)
    except msgspec.ValidationError as error:
        place = str(error).rpartition("`$")[2].rstrip("`")
        raise UnreadableFileError(f"leads{place} must be an object with name and signal") from error


def _check_no_repeated_key(colons: int, body: _Members, leads: list[_Members]) -> None:
    """Every colon is either a found key's or inside a found value; one too many is a lost, repeated key.

    The signals have been read: numbers hold no colon.
    """
    expected = 1 + len(body) + sum(map(len, leads))
    for members in (body, *leads):
        expected += sum(
            key.count(":") + count_bytes(memoryview(raw), b":")
            for key, raw in members.items()
            if key != "signal" or members is body
        )
    if colons > expected:
        raise UnreadableFileError("A key of the JSON occurs twice in one object; each may occur once")


def _remarks_on_keys(body: _Members, leads: list[_Members]) -> tuple[str, ...]:
    unknown = [key for key in body if key not in _BODY_KEYS]
    in_leads = {key: None for lead in leads for key in lead if key not in _LEAD_KEYS}
    unknown += [key for key in in_leads if key not in unknown]
    if not unknown:
        return ()
    shown = ", ".join(excerpt(key) for key in unknown[:10]) + (" …" if len(unknown) > 10 else "")
    return (f"The JSON has keys with no meaning here, which were ignored: {shown}.",)


def _read_leads(body: _Members, leads: list[_Members]) -> tuple[Lead, ...]:
    if not leads:
        raise UnreadableFileError('"leads" is empty; at least one lead is needed')
    if len(leads) > MOST_LEADS:
        raise UnreadableFileError(f"There are {len(leads):,} leads; at most {MOST_LEADS:,} are read")
    names = [_name(lead, number) for number, lead in enumerate(leads)]
    check_distinct(names, [f"leads[{number}]" for number in range(len(leads))])
    rate, unit = _sampling_rate(body, "The ECG"), _unit(body, "The ECG")
    return tuple(_read_lead(lead, name, rate, unit) for lead, name in zip(leads, names, strict=True))


def _read_lead(members: _Members, name: str, rate: float | None, unit: str | None) -> Lead:
    place = f"Lead {excerpt(name)}"
    if "signal" not in members:
        raise UnreadableFileError(f"{place} has no signal; a list of numbers is needed")
    own_rate, own_unit = _sampling_rate(members, place), _unit(members, place)
    signal = members["signal"]
    samples = signal if isinstance(signal, np.ndarray) else parse_signal(memoryview(signal), lead=place)
    _check_length(members, place, len(samples))
    return Lead(
        name=name,
        samples=samples,
        sampling_rate_hz=own_rate or rate,
        unit=own_unit or unit,
    )


def _value(members: Mapping[str, msgspec.Raw], key: str, place: str) -> object:
    """A short value; None where it is absent or null."""
    found = members.get(key)
    if not isinstance(found, msgspec.Raw):  # absent, or decoded already
        return found
    raw = memoryview(found)
    if raw[:1].tobytes() in (b"[", b"{"):
        raise UnreadableFileError(f"{place}: {key} must be a single value, not a list or an object")
    if len(raw) > _LONGEST_VALUE:
        raise UnreadableFileError(f"{place}: {key} is {len(raw):,} characters long")
    try:
        value: object = msgspec.json.decode(raw)
    except (msgspec.DecodeError, ValueError) as error:
        raise UnreadableFileError(f"{place}: {key} cannot be read: {excerpt(raw)}") from error
    return value


def _name(members: _Members, number: int) -> str:
    place = f"leads[{number}]"
    value = _value(members, "name", place)
    if value is None:
        raise UnreadableFileError(f"{place} has no name")
    if not isinstance(value, str):
        raise UnreadableFileError(f"{place}: name must be text, not {excerpt(value)}")
    name = value.strip()
    problem = name_problem(name)
    if problem:
        raise UnreadableFileError(f"{place}: name {problem}")
    return name


def _sampling_rate(members: _Members, place: str) -> float | None:
    value = _value(members, "sampling_rate", place)
    if value is None:
        return None
    problem = sampling_rate_problem(value)
    if problem:
        raise UnreadableFileError(f"{place}: sampling_rate {problem}")
    return float(np.float64(value))  # type: ignore[arg-type]


def _unit(members: _Members, place: str) -> str | None:
    value = _value(members, "unit", place)
    if value is None:
        return None
    unit = voltage_unit(value) if isinstance(value, str) else None
    if unit is None:
        raise UnreadableFileError(f"{place}: unit must be V, mV, uV, µV or nV, not {excerpt(value)}")
    return unit


def _recorded_at(body: _Members) -> datetime | None:
    value = _value(body, "recorded_at", "The ECG")
    if value is None:
        return None
    try:
        if not isinstance(value, str) or len(value.strip()) <= len("2024-03-05"):
            raise ValueError("no date and time")
        return datetime.fromisoformat(value.strip())
    except ValueError:
        raise UnreadableFileError(
            f"The ECG: recorded_at must be an ISO 8601 date and time like 2024-03-05T14:22:11+01:00, "
            f"not {excerpt(value)}"
        ) from None


def _check_length(members: _Members, place: str, length: int) -> None:
    declared = _value(members, "number_of_samples", place)
    if declared is None:
        return
    if isinstance(declared, bool) or not isinstance(declared, int):
        raise UnreadableFileError(
            f"{place}: number_of_samples must be a whole number, not {excerpt(declared)}"
        )
    if declared != length:
        raise UnreadableFileError(
            f"{place}: number_of_samples is {excerpt(declared)}, but the signal has {length:,} samples"
        )
