"""Results of analyses of whole recordings, each with the version of what made it."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, bindparam, delete, insert, select

from ecg_core.errors import EcgError
from ecg_core.storage.signals import CHECKSUM_BYTES, checksum, decode, encode
from ecg_core.storage.tables import AnalysisRow

_ANALYSIS = AnalysisRow.__table__
_OF_VERSION = select(_ANALYSIS.c.name, _ANALYSIS.c.data).where(
    _ANALYSIS.c.recording_number == bindparam("recording"),
    _ANALYSIS.c.version == bindparam("wanted"),
    _ANALYSIS.c.name.in_(bindparam("names", expanding=True)),
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
    connection: Connection, recording_number: int, version: int, names: Collection[str]
) -> dict[str, NDArray[np.int64]]:
    """Those of some results of one recording, all sample indices, that are stored and of a version.

    Raises
    ------
    EcgError
        The stored data are damaged.
    """
    values = {"recording": recording_number, "wanted": version, "names": list(names)}
    found = connection.execute(_OF_VERSION, values)
    return {name: decode(data, "int64") for name, data in found}  # type: ignore[misc]  # the type is checked


def save_result(connection: Connection, recording_number: int, name: str, version: int, data: bytes) -> None:
    """Store any other result, after a checksum; an older one of that name is replaced."""
    row = {"recording_number": recording_number, "name": name, "version": version}
    connection.execute(
        delete(_ANALYSIS).where(_ANALYSIS.c.recording_number == recording_number, _ANALYSIS.c.name == name)
    )
    connection.execute(insert(_ANALYSIS), {**row, "data": checksum(data) + data})


def load_result(connection: Connection, recording_number: int, name: str, version: int) -> bytes | None:
    """The stored result of a name and version; None where there is none.

    Raises
    ------
    EcgError
        The stored data are damaged.
    """
    query = select(_ANALYSIS.c.data).where(
        _ANALYSIS.c.recording_number == recording_number,
        _ANALYSIS.c.name == name,
        _ANALYSIS.c.version == version,
    )
    found: bytes | None = connection.execute(query).scalar_one_or_none()
    if found is None:
        return None
    data = bytes(found[CHECKSUM_BYTES:])
    if checksum(data) != found[:CHECKSUM_BYTES]:
        raise EcgError("A stored result of the analysis is damaged: it is not what was stored")
    return data


def delete_analyses(connection: Connection, recording_number: int) -> None:
    """Forget the results of one recording: they are made again when they are wanted."""
    connection.execute(delete(_ANALYSIS).where(_ANALYSIS.c.recording_number == recording_number))
