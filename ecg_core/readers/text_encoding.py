"""From the bytes of a text file to UTF-8 bytes, and the name of the encoding found."""

from __future__ import annotations

import codecs
import io
from dataclasses import dataclass

from ecg_core.errors import UnreadableFileError
from ecg_core.readers.excerpt import excerpt

_STEP = 1 << 20
_BOMS = (
    (codecs.BOM_UTF8, "utf-8", "UTF-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le", "UTF-16"),
    (codecs.BOM_UTF16_BE, "utf-16-be", "UTF-16"),
)


@dataclass(frozen=True)
class Utf8Text:
    """The text as UTF-8 without byte order mark, and what it was before."""

    content: memoryview
    encoding: str
    guessed: bool


def to_utf8(data: memoryview, encoding: str | None = None) -> Utf8Text:
    """The text of a file; UTF-8 is not copied.

    Without ``encoding``, the byte order mark decides, then a pattern of zero bytes (UTF-16), then whether
    all is UTF-8; anything else is read as Windows-1252, which Latin-1 text nearly always is.

    Raises
    ------
    UnreadableFileError
        Where the bytes are not in the encoding asked for, or are no text.
    """
    for mark, codec, title in _BOMS:
        if data[: len(mark)] == mark and encoding is None:
            return _text(data[len(mark) :], codec, title)
    if encoding is not None:
        return _text(data, codecs.lookup(encoding).name, encoding)
    wide = _wide_encoding(bytes(data[:2000]))
    if wide:
        return _text(data, wide, "UTF-16", guessed=True)
    if _is_utf8(data):
        return _text(data, "utf-8", "UTF-8")
    return _text(data, "cp1252", "Windows-1252", guessed=True)


def looks_like_text(start: bytes) -> bool:
    """Whether the first bytes of a file hold no control characters but those of text."""
    if start[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE) or _wide_encoding(start):
        return True
    control = bytes(c for c in range(32) if c not in b"\t\n\r\f\x1a") + b"\x7f"
    return len(start.translate(None, control)) == len(start)


def _text(data: memoryview, codec: str, title: str, *, guessed: bool = False) -> Utf8Text:
    is_utf8 = codec in ("utf-8", "ascii") and _is_utf8(data)
    content = data if is_utf8 else _recode(data, codec, title)
    if content[:3].tobytes() == codecs.BOM_UTF8:
        content = content[3:]
    _refuse_null(content)
    return Utf8Text(content, title, guessed)


def _recode(data: memoryview, codec: str, title: str) -> memoryview:
    # Latin-1 for the five bytes that Windows-1252 leaves open
    decoder = codecs.getincrementaldecoder(codec)("replace" if codec == "cp1252" else "strict")
    out = io.BytesIO()
    for at in range(0, max(len(data), 1), _STEP):
        try:
            text = decoder.decode(data[at : at + _STEP].tobytes(), at + _STEP >= len(data))
            out.write(text.encode())
        except UnicodeError as error:
            raise UnreadableFileError(
                f"The file is not {excerpt(title)} text (near byte {at:,}); choose another encoding"
            ) from error
    return memoryview(out.getvalue())


def _is_utf8(data: memoryview) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for at in range(0, len(data), _STEP):
            decoder.decode(data[at : at + _STEP], at + _STEP >= len(data))
    except UnicodeDecodeError:
        return False
    return True


def _wide_encoding(start: bytes) -> str | None:
    """UTF-16 without a byte order mark: text in which nearly every second byte is zero."""
    pairs = len(start) // 2
    if pairs < 4:
        return None
    even, odd = start[0 : 2 * pairs : 2].count(0), start[1 : 2 * pairs : 2].count(0)
    if odd > 0.8 * pairs and even == 0:
        return "utf-16-le"
    return "utf-16-be" if even > 0.8 * pairs and odd == 0 else None


def _refuse_null(content: memoryview) -> None:
    for at in range(0, len(content), _STEP):
        if b"\x00" in content[at : at + _STEP].tobytes():
            raise UnreadableFileError("The file is binary data (it holds zero bytes), not a table of numbers")
