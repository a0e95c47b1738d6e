"""A recording's annotations as one compressed text: a day of beats is a hundred thousand of them."""

from __future__ import annotations

import json
import zlib
from collections.abc import Sequence
from dataclasses import dataclass

from ecg_core.domain import Annotation
from ecg_core.errors import EcgError
from ecg_core.storage.signals import CHECKSUM_BYTES, checksum


def encode_annotations(annotations: Sequence[Annotation]) -> bytes:
    """Compress annotations, after a checksum."""
    rows = [(each.start_s, each.text, each.kind, each.duration_s, each.lead) for each in annotations]
    compressed = zlib.compress(json.dumps(rows, separators=(",", ":")).encode())
    return checksum(compressed) + compressed


@dataclass(frozen=True)
class AnnotationColumns:
    """Annotations as they are stored, column by column: no object for each, of which a day has many."""

    starts_s: list[float]
    texts: list[str]
    kinds: list[str]
    durations_s: list[float | None]
    leads: list[str]


def decode_columns(data: bytes) -> AnnotationColumns:
    """What `encode_annotations` was given, as columns.

    Raises
    ------
    EcgError
        The data are damaged.
    """
    rows = _rows(data)
    return AnnotationColumns(*([row[place] for row in rows] for place in range(5)))


def decode_annotations(data: bytes) -> list[Annotation]:
    """What `encode_annotations` was given.

    Raises
    ------
    EcgError
        The data are damaged.
    """
    return [Annotation(*row) for row in _rows(data)]


def _rows(data: bytes) -> list[tuple[float, str, str, float | None, str]]:
    compressed = data[CHECKSUM_BYTES:]
    if checksum(compressed) != data[:CHECKSUM_BYTES]:
        raise EcgError("The stored annotations are damaged: they are not what was stored")
    rows: list[tuple[float, str, str, float | None, str]] = json.loads(zlib.decompress(compressed))
    return rows
