"""Files in which the samples of the leads stand plainly: these are not kept a second time.

Such a file is a head, data records of one size, and a tail. What is kept of it has zeros where samples are;
they are filled in again from the leads, a group of data records at a time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

_GROUP_BYTES = 1 << 20

#: ``samples(position, start, stop)``: a stretch of the lead at a position.
Samples = Callable[[int, int, int], NDArray[Any]]


@dataclass(frozen=True)
class Place:
    """A lead's samples in each data record, little-endian integers of ``width`` bytes."""

    offset: int
    samples: int
    width: int
    position: int


@dataclass(frozen=True)
class Layout:
    """Where samples stand: ``records`` data records of ``record_bytes`` each from ``offset`` on."""

    offset: int
    record_bytes: int
    records: int
    places: tuple[Place, ...]

    @classmethod
    def of(cls, stored: Sequence[Any]) -> Layout:
        """What `to_json` gave."""
        offset, record_bytes, records, places = stored
        return cls(offset, record_bytes, records, tuple(Place(*place) for place in places))

    def to_json(self) -> list[Any]:
        places = [[place.offset, place.samples, place.width, place.position] for place in self.places]
        return [self.offset, self.record_bytes, self.records, places]

    def pieces(self, data: memoryview) -> Iterator[memoryview]:
        """The head, groups of data records, the tail."""
        end = self.offset + self.records * self.record_bytes
        step = max(1, _GROUP_BYTES // self.record_bytes) * self.record_bytes
        yield data[: self.offset]
        for at in range(self.offset, end, step):
            yield data[at : min(at + step, end)]
        yield data[end:]

    def emptied(self, piece: memoryview, at: int) -> bytes:
        """A piece that begins at a byte of the file, with zeros in the place of samples."""
        return self._replaced(piece, at, lambda position, start, stop: np.zeros(stop - start, np.int8))

    def filled(self, piece: bytes | memoryview, at: int, samples: Samples) -> bytes:
        """A piece that was emptied as it was."""
        return self._replaced(piece, at, samples)

    def _replaced(self, piece: bytes | memoryview, at: int, samples: Samples) -> bytes:
        first, rest = divmod(at - self.offset, self.record_bytes)
        number = len(piece) // self.record_bytes
        if rest or not 0 <= first < self.records or first + number > self.records:
            return bytes(piece)
        records = np.frombuffer(piece, np.uint8).reshape(number, self.record_bytes).copy()
        for place in self.places:
            values = samples(place.position, first * place.samples, (first + number) * place.samples)
            end = place.offset + place.samples * place.width
            records[:, place.offset : end] = _little_endian(values, place.width).reshape(number, -1)
        return records.tobytes()


def _little_endian(values: NDArray[Any], width: int) -> NDArray[np.uint8]:
    whole = values.astype("<i4").view(np.uint8).reshape(-1, 4)
    return np.ascontiguousarray(whole[:, :width])
