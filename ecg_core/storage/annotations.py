"""A recording's annotations as one compressed text: a day of beats is a hundred thousand of them."""

from __future__ import annotations

import json
import zlib
from collections.abc import Sequence

from ecg_core.domain import Annotation
from ecg_core.errors import EcgError
from ecg_core.storage.signals import CHECKSUM_BYTES, checksum


def encode_annotations(annotations: Sequence[Annotation]) -> bytes:
    """Compress annotations, after a checksum."""
    rows = [(each.start_s, each.text, each.kind, each.duration_s, each.lead) for each in annotations]
    compressed = zlib.compress(json.dumps(rows, separators=(",", ":")).encode())
    return checksum(compressed) + compressed


def decode_annotations(data: bytes) -> list[Annotation]:
    """What `encode_annotations` was given.

    Raises
    ------
    EcgError
        The data are damaged.
    """
    compressed = data[CHECKSUM_BYTES:]
    if checksum(compressed) != data[:CHECKSUM_BYTES]:
        raise EcgError("The stored annotations are damaged: they are not what was stored")
    return [Annotation(*row) for row in json.loads(zlib.decompress(compressed))]
