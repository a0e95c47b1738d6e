"""Damage that files suffer, and that an attacker does to them: bytes, numbers, text, structure."""

from __future__ import annotations

import base64
import binascii
import random
import re
import struct
from collections.abc import Callable

from benchmarks.seeds import Seed

Mutation = Callable[[bytearray, random.Random], bytes | bytearray]

_EXTREMES = [
    0, 1, -1, 2, 7, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF,
    0x7FFFFFFFFFFFFFFF, 0x8000000000000000, 0x100000, 0x10000000,
]  # fmt: skip
_NUMBERS = [
    b"0", b"-1", b"1", b"-0", b"0.0000001", b"1e308", b"1e-320", b"1e999", b"-1e999", b"nan", b"inf",
    b"9" * 8, b"9" * 30, b"2147483648", b"-2147483648", b"9223372036854775808", b"65536", b"1e6", b"0x10",
    b"1/0", b"", "٣".encode(), b"1_0", b" ", b"1,5", b"1e7", b"4294967297",
]  # fmt: skip
_TEXTS = [
    b"", b"\x00", b"\xff\xfe", b"\xed\xa0\x80", b"../../etc/passwd", b"A" * 5000, b"%s%n", b"\r\n", b"\t",
    b"~", "\u202e\u200b\u0301".encode(), b"-", b"/", b":", b"NaN", b"null", b"I", b"II", b'"', b"'",
    b"\x1b[31m", b"&#0;", b"\x14\x00", b"\x15", b"{", b"[" * 2000, b",", b";" * 300, b"\xef\xbb\xbf",
    b"&lt;", b"\x85\xa0", b"0" * 3000,
]  # fmt: skip
_ENTITIES = (
    b'<!DOCTYPE a [<!ENTITY b "cccccccccc"><!ENTITY d "&b;&b;&b;&b;&b;&b;&b;&b;">]>',
    b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]>',
    b'<!DOCTYPE a SYSTEM "http://127.0.0.1:9/a.dtd">',
)
_PAYLOAD = re.compile(rb"[A-Za-z0-9+/\r\n]{200,}={0,2}")
_NUMBER = re.compile(rb"[-+]?\d+(?:\.\d+)?")


def _place(data: bytearray, chance: random.Random) -> int:
    """Half of the places lie near the beginning, where headers are."""
    if not data:
        return 0
    end = len(data) if chance.random() < 0.5 else min(len(data), chance.choice((16, 128, 1024, 4096)))
    return chance.randrange(end)


def flip(data: bytearray, chance: random.Random) -> bytearray:
    for _ in range(chance.choice((1, 1, 2, 4, 16)) if data else 0):
        at = _place(data, chance)
        choices = (0, 255, 128, 0x20, data[at] ^ (1 << chance.randrange(8)), chance.randrange(256))
        data[at] = chance.choice(choices)
    return data


def insert(data: bytearray, chance: random.Random) -> bytearray:
    at = _place(data, chance)
    data[at:at] = chance.choice((bytes(chance.randrange(1, 64)), chance.randbytes(chance.randrange(1, 64))))
    return data


def delete(data: bytearray, chance: random.Random) -> bytearray:
    at = _place(data, chance)
    del data[at : at + chance.choice((1, 2, 3, 4, 16, 512, 5000))]
    return data


def truncate(data: bytearray, chance: random.Random) -> bytearray:
    """At any place, or at the end of a block or a line."""
    at, block = _place(data, chance), chance.choice((1, 2, 256, 512, 4096, 0))
    return data[: at // block * block] if block else data[: data.find(b"\n", at) + 1]


def repeat(data: bytearray, chance: random.Random) -> bytearray:
    at = _place(data, chance)
    span = data[at : at + chance.choice((1, 4, 16, 100, 512, 5000))]
    data[at:at] = span * chance.choice((1, 1, 2, 50))
    return data


def move(data: bytearray, chance: random.Random) -> bytearray:
    """A span of the file copied over another place of it."""
    here, there = _place(data, chance), _place(data, chance)
    span = data[here : here + chance.choice((2, 4, 8, 64, 512))]
    data[there : there + len(span)] = span
    return data


def extreme(data: bytearray, chance: random.Random) -> bytearray:
    """An extreme integer at an aligned offset."""
    width = chance.choice((1, 2, 4, 8))
    at = _place(data, chance) // chance.choice((1, width)) * width
    value = chance.choice(_EXTREMES) & (256**width - 1)
    if at + width <= len(data):
        data[at : at + width] = value.to_bytes(width, chance.choice(("little", "big")))
    return data


def number(data: bytearray, chance: random.Random) -> bytearray:
    """A number that is written in digits becomes another, in the same width or not."""
    found = _NUMBER.search(data, _place(data, chance))
    if found:
        other = chance.choice(_NUMBERS)
        width = found.end() - found.start()
        data[found.start() : found.end()] = other.ljust(width)[:width] if chance.random() < 0.5 else other
    return data


def text(data: bytearray, chance: random.Random) -> bytearray:
    at = _place(data, chance)
    data[at : at + chance.choice((0, 0, 1, 8))] = chance.choice(_TEXTS)
    return data


def lines(data: bytearray, chance: random.Random) -> bytes:
    """A line more, less, twice or elsewhere."""
    parts = bytes(data).split(b"\n")
    one, other = chance.randrange(len(parts)), chance.randrange(len(parts))
    kind = chance.randrange(4)
    if kind == 0:
        del parts[one]
    elif kind == 1:
        parts[one:one] = [parts[other]] * chance.choice((1, 2, 300))
    elif kind == 2:
        parts[one], parts[other] = parts[other], parts[one]
    else:
        words = parts[one].split(b" ")
        words[chance.randrange(len(words))] = chance.choice(_NUMBERS + _TEXTS)
        parts[one] = b" ".join(words)
    return b"\n".join(parts)


def xml_text(data: bytearray, chance: random.Random) -> bytearray:
    """The text of an element, or the value of an attribute, becomes another."""
    pattern = chance.choice((rb">([^<>]{1,400})<", rb'="([^"]*)"'))
    found = re.compile(pattern).search(data, _place(data, chance))
    if found:
        data[found.start(1) : found.end(1)] = chance.choice(_NUMBERS + _TEXTS)
    return data


def xml_element(data: bytearray, chance: random.Random) -> bytearray:
    """An element less, many times, or deep within itself."""
    found = re.compile(rb"<([A-Za-z:]+)[^<>]*>[^<>]*</\1>").search(data, _place(data, chance))
    if not found:
        return data
    element = found[0]
    times = chance.choice((2, 100, 3000))
    nested = (b"<%s>" % found[1]) * times + element + (b"</%s>" % found[1]) * times
    data[found.start() : found.end()] = chance.choice((b"", element * times, nested))
    return data


def xml_entity(data: bytearray, chance: random.Random) -> bytearray:
    at = max(data.find(b"?>") + 2, 0) if data.startswith(b"<?xml") else 0
    data[at:at] = chance.choice(_ENTITIES)
    found = data.find(b">", chance.randrange(len(data)))
    data[found + 1 : found + 1] = b"&d;"
    return data


def xml_payload(data: bytearray, chance: random.Random) -> bytearray:
    """Bytes within what an XML file holds in base64, so that the inner format is reached."""
    found = list(_PAYLOAD.finditer(data))
    if not found:
        return data
    one = chance.choice(found)
    try:
        inner = bytearray(base64.b64decode(one[0], validate=False))
    except binascii.Error:
        return data
    for _ in range(chance.randint(1, 3)):
        inner = bytearray(chance.choice(BYTES)(inner, chance))
    data[one.start() : one.end()] = base64.b64encode(inner)
    return data


BYTES: tuple[Mutation, ...] = (flip, flip, insert, delete, truncate, repeat, move, extreme, extreme)
TEXT: tuple[Mutation, ...] = (number, number, text, lines)
XML: tuple[Mutation, ...] = (xml_text, xml_text, xml_element, xml_payload, xml_payload)


def _is_text(data: bytes) -> bool:
    return b"\x00" not in data[:2000]


def mutate(seed: Seed, others: list[Seed], chance: random.Random) -> Seed:
    """The files of a recording with one to four changes; ``others`` lend parts to be spliced in."""
    files = {seed.name: seed.data, **seed.siblings}
    for _ in range(chance.choice((1, 1, 2, 3, 4))):
        name = seed.name if chance.random() < 0.5 else chance.choice(list(files))
        files[name] = _changed(files[name], others, chance)
    if seed.siblings and chance.random() < 0.05:
        del files[chance.choice([name for name in files if name != seed.name])]
    data = files.pop(seed.name)
    if seed.reader == "kardia" and chance.random() < 0.8:
        data = with_checksums(data)
    return Seed(seed.reader, seed.name, data, files)


def _changed(data: bytes, others: list[Seed], chance: random.Random) -> bytes:
    kinds = list(BYTES)
    if data[:300].lstrip(b"\xef\xbb\xbf \r\n").startswith(b"<"):
        kinds += 3 * XML
        if chance.random() < 0.02:
            kinds = [xml_entity]
    if _is_text(data):
        kinds += 2 * TEXT
    if chance.random() < 0.05:
        return _spliced(data, chance.choice(others).data, chance)
    return bytes(chance.choice(kinds)(bytearray(data), chance))


def _spliced(data: bytes, other: bytes, chance: random.Random) -> bytes:
    return data[: _place(bytearray(data), chance)] + other[_place(bytearray(other), chance) :]


def with_checksums(data: bytes) -> bytes:
    """A Kardia file refuses a block of a wrong checksum, so that nothing behind it would be tried."""
    out, at = bytearray(data), 12
    while at + 8 <= len(out):
        end = at + 8 + int.from_bytes(out[at + 4 : at + 8], "little")
        if end + 4 > len(out):
            break
        struct.pack_into("<I", out, end, sum(out[at:end]) & 0xFFFFFFFF)
        at = end + 4
    return bytes(out)
