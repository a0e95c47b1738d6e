"""DICOM files whose data set is deflated as a whole (transfer syntax 1.2.840.10008.1.2.1.99; PS3.5, A.5).

After the file meta information follows a raw deflate stream (RFC 1951) of the data set in explicit little
endian. It is inflated here, as libraries do so without a limit.
"""

from __future__ import annotations

import struct
import zlib

from ecg_core.errors import UnreadableFileError

_DEFLATED = b"1.2.840.10008.1.2.1.99"
_EXPLICIT_LITTLE_ENDIAN = b"1.2.840.10008.1.2.1\0"
_META = 132  # after the preamble and "DICM"
_TRANSFER_SYNTAX = (2, 0x10)
_LONG_FORMS = (b"OB", b"OD", b"OF", b"OL", b"OV", b"OW", b"SQ", b"SV", b"UC", b"UN", b"UR", b"UT", b"UV")
_MOST_BYTES = 300_000_000
#: Deflated samples of an ECG take a fifth to a half of their size; only what is flat shrinks much further.
_GREATEST_RATIO = 200
_SURELY_FEW = 10_000_000
_PIECE = 1_000_000


def inflated(content: bytes) -> bytes:
    """The file in explicit little endian; the content itself where it is not deflated.

    Raises
    ------
    UnreadableFileError
        The stream is damaged, cut off, or grows beyond any ECG.
    """
    if _DEFLATED not in content:
        return content
    syntax, end = _transfer_syntax(content)
    if syntax != _DEFLATED:
        raise UnreadableFileError(
            "The DICOM file names the transfer syntax of deflated files, but not where its header has it"
        )
    data = _inflate(content[end:])
    if _DEFLATED in data:
        raise UnreadableFileError("The DICOM file is deflated twice; once would be read")
    element = struct.pack("<HH2sH", *_TRANSFER_SYNTAX, b"UI", len(_EXPLICIT_LITTLE_ENDIAN))
    return content[:_META] + element + _EXPLICIT_LITTLE_ENDIAN + data


def _transfer_syntax(content: bytes) -> tuple[bytes, int]:
    """The transfer syntax, empty where there is none, and where the file meta information ends."""
    syntax, at = b"", _META
    while content[at : at + 2] == b"\2\0" and at + 8 <= len(content):
        group, element, form, size = struct.unpack_from("<HH2sH", content, at)
        at += 8
        if form in _LONG_FORMS:
            size = int.from_bytes(content[at : at + 4], "little")
            at += 4
        if (group, element) == _TRANSFER_SYNTAX:
            syntax = content[at : at + size].rstrip(b"\0 ")
        at += size
    return syntax, at


def _inflate(packed: bytes) -> bytes:
    most = min(_MOST_BYTES, max(_SURELY_FEW, _GREATEST_RATIO * len(packed)))
    stream = zlib.decompressobj(-zlib.MAX_WBITS)
    data = bytearray()
    rest = packed
    try:
        while not stream.eof:
            piece = stream.decompress(rest, _PIECE)
            rest = stream.unconsumed_tail
            data += piece
            if len(data) > most:
                raise UnreadableFileError(
                    f"The deflated DICOM file of {len(packed):,} bytes grows beyond {most:,} bytes; "
                    "no ECG is so large"
                )
            if not piece and not rest and not stream.eof:
                raise UnreadableFileError("The deflated data of the DICOM file is cut off")
    except zlib.error as error:
        raise UnreadableFileError(f"The deflated data of the DICOM file is damaged ({error})") from error
    return bytes(data)
