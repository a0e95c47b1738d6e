"""Results of analyses of whole recordings, each with the version of what made it."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, bindparam, delete, insert, select

from ecg_core.storage.signals import decode, encode
from ecg_core.storage.tables import AnalysisRow

_ANALYSIS = AnalysisRow.__table__
_OF_VERSION = select(_ANALYSIS.c.name, _ANALYSIS.c.data).where(
    _ANALYSIS.c.recording_number == bindparam("recording"), _ANALYSIS.c.version == bindparam("wanted")
)


def save_analyses(
    connection: Connection, recording_number: int, version: int, results: Mapping[str, NDArray[np.int64]]
) -> None:
    """Store results that are sample indices, by name; an older one of that name is replaced."""
    for name, indices in results.items():
        connection.execute(
            delete(_ANALYSIS).where(
                _ANALYSIS.c.recording_number == recording_number, _ANALYSIS.c.name == name
            )
        )
        row = {"recording_number": recording_number, "name": name, "version": version}
        connection.execute(insert(_ANALYSIS), {**row, "data": encode(indices)})


def load_analyses(
    connection: Connection, recording_number: int, version: int
) -> dict[str, NDArray[np.int64]]:
    """The stored results of one recording that are of a version, by name.

    Raises
    ------
    EcgError
        The stored data are damaged.
    """
    found = connection.execute(_OF_VERSION, {"recording": recording_number, "wanted": version})
    return {name: decode(data, "int64") for name, data in found}  # type: ignore[misc]  # the type is checked


def delete_analyses(connection: Connection, recording_number: int) -> None:
    """Forget the results of one recording: they are made again when they are wanted."""
    connection.execute(delete(_ANALYSIS).where(_ANALYSIS.c.recording_number == recording_number))
