"""The numeric variables of a MATLAB file (``.mat``) of version 4 or 5, within the memory that it may ask for.

Layouts after MathWorks, "MAT-File Format". scipy is not asked to read what people send: some damaged files of
version 5 make it end the whole process. It is the second source in the tests.
"""

from __future__ import annotations

import math
import re
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from ecg_core.errors import UnreadableFileError
from ecg_core.readers.excerpt import excerpt

_HEADER_5 = 128
_MATRIX, _COMPRESSED = 14, 15
#: Types of numbers in an element of version 5, by their number there.
_TYPES_5 = {
    1: "i1", 2: "u1", 3: "i2", 4: "u2", 5: "i4", 6: "u4", 7: "f4", 9: "f8", 12: "i8", 13: "u8",
}  # fmt: skip
#: Classes of arrays by their number in an element's flags; 6 to 15 are the numeric ones.
_CLASSES = {
    1: "cell",
    2: "structure",
    3: "object",
    4: "text",
    5: "sparse matrix",
    16: "function",
    17: "object",
}
_NUMERIC = range(6, 16)
_IS_COMPLEX = 0x800
_HEADER_4 = 20
_TYPES_4 = {0: "f8", 1: "f4", 2: "i4", 3: "i2", 4: "u2", 5: "u1"}
_NAME = re.compile(r"[A-Za-z]\w{0,62}", re.ASCII)
_MOST_VARIABLES = 10_000
_MOST_PER_COMPRESSED_BYTE = 200
_HDF5 = b"\x89HDF\r\n\x1a\n"


@dataclass(frozen=True)
class MatlabFile:
    """Numeric variables by their names, and what else there is by name and kind."""

    arrays: dict[str, NDArray[np.generic]] = field(default_factory=dict)
    others: dict[str, str] = field(default_factory=dict)

    def add(self, name: str, content: NDArray[np.generic] | str) -> None:
        """Keep numbers, or the kind of anything else."""
        if name in self.arrays or name in self.others:
            raise UnreadableFileError(f"The variable {excerpt(name)} occurs twice in the MATLAB file")
        if len(self.arrays) + len(self.others) >= _MOST_VARIABLES:
            raise UnreadableFileError(f"The MATLAB file has more than {_MOST_VARIABLES:,} variables")
        if isinstance(content, str):
            self.others[name] = content
        else:
            self.arrays[name] = content


def recognizes_mat(data: bytes | memoryview) -> bool:
    """Whether the content is a MATLAB file of any version, or HDF5, which version 7.3 is."""
    start = bytes(data[:_HEADER_5])
    if start.startswith((b"MATLAB 5.0", b"MATLAB 7.3", _HDF5)):
        return True
    return _order_4(memoryview(data)) is not None


def read_mat(view: memoryview) -> MatlabFile:
    """The variables of a MATLAB file.

    Raises
    ------
    UnreadableFileError
        Version 7.3, an element that is cut off or unpacks to too much, anything that is no MATLAB file.
    """
    start = bytes(view[:_HEADER_5])
    if start.startswith((b"MATLAB 7.3", _HDF5)):
        raise UnreadableFileError(
            "The file is HDF5, as MATLAB 7.3 writes it; saved with the option -v7 in MATLAB it would be read"
        )
    if start.startswith(b"MATLAB 5.0"):
        return _read_5(view, start)
    order = _order_4(view)
    if order is None:
        raise UnreadableFileError("The file does not begin like a MATLAB file")
    return _read_4(view, order)


def _read_5(view: memoryview, start: bytes) -> MatlabFile:
    order = {b"IM": "<", b"MI": ">"}.get(start[126:128])
    if order is None:
        raise UnreadableFileError("The MATLAB file does not state the order of its bytes; it may be cut off")
    file, room = MatlabFile(), _MOST_PER_COMPRESSED_BYTE * len(view) + 1_000_000
    for kind, content in _elements(view[_HEADER_5:], order):
        if kind == _COMPRESSED:
            content = _unpacked(content, room)
            room -= len(content)
            kind, content = next(_elements(content, order), (0, content))
        if kind != _MATRIX:
            raise UnreadableFileError("A variable of the MATLAB file is no array")
        if len(content):
            file.add(*_variable_5(content, order))
    return file


def _elements(view: memoryview, order: str) -> Iterator[tuple[int, memoryview]]:
    """Type and content of each data element; up to four bytes may stand in the tag itself."""
    at = 0
    while at < len(view):
        if len(view) - at < 8:
            raise UnreadableFileError("The MATLAB file is cut off within a data element")
        kind, size = struct.unpack(f"{order}II", view[at : at + 8])
        start, end = at + 8, at + 8 + size
        if kind >> 16:
            kind, size, start = kind & 0xFFFF, kind >> 16, at + 4
            end = at + 8
        if start + size > min(end, len(view)):
            raise UnreadableFileError("The MATLAB file is cut off within a data element")
        yield kind, view[start : start + size]
        at = end if kind == _COMPRESSED else end + -end % 8


def _unpacked(packed: memoryview, room: int) -> memoryview:
    try:
        content = zlib.decompressobj().decompress(packed, max(room, 1) + 1)
    except zlib.error:
        raise UnreadableFileError("A compressed variable of the MATLAB file is damaged") from None
    if len(content) > room:
        raise UnreadableFileError("The MATLAB file unpacks to too much for its size; that is not read")
    return memoryview(content)


def _variable_5(content: memoryview, order: str) -> tuple[str, NDArray[np.generic] | str]:
    """Name and numbers of an array, or what it is instead: flags, dimensions, name and numbers follow."""
    parts = _elements(content, order)
    flags, dimensions, name = (next(parts, (0, memoryview(b"")))[1] for _ in range(3))
    if len(flags) != 8 or len(dimensions) < 8 or len(dimensions) % 4 or len(dimensions) > 128:
        raise UnreadableFileError("A variable of the MATLAB file has no dimensions, or is cut off")
    title = _clean(bytes(name[:63]).decode("latin-1"))
    bits = struct.unpack(f"{order}II", flags)[0]
    if bits & 0xFF not in _NUMERIC:
        return title, _CLASSES.get(bits & 0xFF, "something unknown")
    if bits & _IS_COMPLEX:
        return title, "complex array"
    shape = struct.unpack(f"{order}{len(dimensions) // 4}i", dimensions)
    kind, numbers = next(parts, (0, memoryview(b"")))
    if min(shape) < 0 or kind not in _TYPES_5:
        raise UnreadableFileError(f"The variable {excerpt(title)} of the MATLAB file is damaged")
    dtype = np.dtype(order + _TYPES_5[kind])
    if len(numbers) != math.prod(shape) * dtype.itemsize:
        raise UnreadableFileError(
            f"The variable {excerpt(title)} of the MATLAB file has {len(numbers):,} bytes for "
            f"{' × '.join(f'{size:,}' for size in shape)} numbers"
        )
    return title, np.frombuffer(numbers, dtype).reshape(shape, order="F")


def _clean(name: str) -> str:
    return "".join(c for c in name if c.isprintable()).strip()


def _order_4(view: memoryview) -> str | None:
    """The order of bytes of a version 4 file; None for anything else."""
    return next((order for order in "<>" if _variable_4(view, 0, order)), None)


def _variable_4(view: memoryview, at: int, order: str) -> tuple[str, NDArray[np.generic] | str, int] | None:
    """Name, numbers (or what it is instead) and end of the variable at a place; None where there is none."""
    head = view[at : at + _HEADER_4]
    if len(head) < _HEADER_4:
        return None
    code, rows, columns, imaginary, name_size = struct.unpack(f"{order}5i", head)
    machine, zero, precision, kind = code // 1000, code // 100 % 10, code // 10 % 10, code % 10
    if machine != (order == ">") or zero or precision not in _TYPES_4 or kind > 2 or imaginary not in (0, 1):
        return None
    if min(rows, columns) < 0 or not 2 <= name_size <= 64:
        return None
    start, dtype = at + _HEADER_4 + name_size, np.dtype(order + _TYPES_4[precision])
    name = bytes(view[at + _HEADER_4 : start]).decode("latin-1")
    end = start + rows * columns * dtype.itemsize * (1 + imaginary)
    if name[-1:] != "\x00" or not _NAME.fullmatch(name.rstrip("\x00")) or end > len(view):
        return None
    what = "complex array" if imaginary else ("", "text", "sparse matrix")[kind]
    numbers = what or np.frombuffer(view[start:end], dtype).reshape((rows, columns), order="F")
    return name.rstrip("\x00"), numbers, end


def _read_4(view: memoryview, order: str) -> MatlabFile:
    file, at = MatlabFile(), 0
    while at < len(view):
        found = _variable_4(view, at, order)
        if found is None:
            raise UnreadableFileError(
                f"The MATLAB file has no variable at byte {at:,}; it may be cut off or damaged"
            )
        file.add(*found[:2])
        at = found[2]
    return file
