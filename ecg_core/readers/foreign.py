"""Naming what a file is when it is certainly no ECG that is read here."""

from __future__ import annotations

_SIGNATURES = (
    (b"%PDF-", "a PDF document"),
    (b"\x89PNG", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF8", "a GIF image"),
    (b"II*\x00", "a TIFF image"),
    (b"MM\x00*", "a TIFF image"),
    (b"PK\x03\x04", "a ZIP archive"),
    (b"\x1f\x8b", "compressed with gzip"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive"),
    (b"Rar!", "a RAR archive"),
    (b"\xd0\xcf\x11\xe0", "an old Office document (save the sheet as CSV)"),
    (b"\x7fELF", "a program"),
    (b"MZ", "a program"),
    (b"SQLite format 3", "an SQLite database"),
    (b"MATLAB 5.0", "a MATLAB file"),
    (b"{\\rtf", "an RTF document"),
)
_MARKUP = ((b"<!doctype html", "an HTML page"), (b"<html", "an HTML page"), (b"<?xml", "an XML document"))


def foreign_format(start: bytes) -> str | None:
    """What the first bytes of a file say it is, None where they say nothing."""
    for signature, name in _SIGNATURES:
        if start.startswith(signature) and (signature != b"MZ" or b"\x00" in start):
            return name
    text = start.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    return next((name for signature, name in _MARKUP if text.startswith(signature)), None)
