"""MATLAB files (``.mat``) of version 4 or 5: one matrix, or vectors of one length, are the leads."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from ecg_core.domain import Lead, Recording
from ecg_core.errors import UnreadableFileError
from ecg_core.readers.channels import is_ecg_channel, lead_names
from ecg_core.readers.excerpt import excerpt
from ecg_core.readers.guarded import guarded
from ecg_core.readers.lead_names import MOST_LEADS
from ecg_core.readers.matlab_file import read_mat, recognizes_mat
from ecg_core.readers.options import sampling_rate_problem
from ecg_core.readers.sample_buffer import narrowest_integers

_RATE_NAMES = frozenset(
    (
        "fs",
        "samplingrate",
        "samplerate",
        "samplingfrequency",
        "samplefrequency",
        "samplingratehz",
        "sfreq",
        "srate",
    )
)
_TIME_NAMES = frozenset(("t", "time", "times", "timestamp", "timestamps", "tm"))

_Arrays = dict[str, NDArray[np.generic]]


def recognizes_matlab(data: bytes | memoryview) -> bool:
    """Whether the content is a MATLAB file of any version, also one that is refused."""
    return recognizes_mat(data)


@guarded
def read_matlab(data: bytes | bytearray | memoryview) -> Recording:
    """The leads in a MATLAB file: the shorter side of its one matrix, or its longest vectors.

    The unit is unknown, and the sampling rate as well unless a variable is named after it (``fs``).

    Raises
    ------
    UnreadableFileError
        Version 7.3, no or several matrices, a square one, numbers beyond 64 bits.
    """
    return _read(memoryview(data))


def _read(view: memoryview) -> Recording:
    file = read_mat(view)
    remarks: list[str] = []
    rate = _sampling_rate(file.arrays, remarks)
    signals, from_where = _signals(file.arrays, file.others)
    if len(signals) > MOST_LEADS:
        raise UnreadableFileError(
            f"The MATLAB file has {len(signals):,} leads; at most {MOST_LEADS:,} are read"
        )
    used = {from_where} if from_where else set(signals)
    left = [name for name in (*file.arrays, *file.others) if name not in used and not _is_rate(name)]
    if left:
        remarks.append(f"These variables of the MATLAB file were left out: {_listed(left)}.")
    leads = _leads(signals, rate, remarks)
    how = {
        "leads": from_where
        and f"{'rows' if _has_rows(file.arrays[from_where]) else 'columns'} of {from_where}"
    }
    return Recording(
        leads=leads,
        source_format="matlab",
        understood={key: value for key, value in how.items() if value},
        remarks=tuple(remarks),
    )


def _signals(arrays: _Arrays, others: dict[str, str]) -> tuple[_Arrays, str]:
    """The leads by what the file calls them, and the matrix they are from (empty for vectors)."""
    candidates = {
        name: array
        for name, array in arrays.items()
        if not _is_rate(name) and name.lower() not in _TIME_NAMES
    }
    matrices = [name for name, array in candidates.items() if array.ndim == 2 and min(array.shape) > 1]
    if len(matrices) > 1:
        raise UnreadableFileError(
            f"The MATLAB file has several matrices ({_listed(matrices)}); one, with a row or column "
            "for each lead, is needed"
        )
    if matrices:
        return _split(matrices[0], arrays[matrices[0]]), matrices[0]
    vectors = {
        name: array.reshape(-1) for name, array in candidates.items() if array.ndim == 2 and array.size > 1
    }
    if not vectors:
        has = _listed([f"{name} ({kind})" for name, kind in others.items()] + list(arrays))
        raise UnreadableFileError(
            f"The MATLAB file has no matrix or vector of numbers{f', only {has}' if has else ''}; "
            "a matrix with a row or column for each lead is needed"
        )
    longest = max(map(len, vectors.values()))
    return {name: vector for name, vector in vectors.items() if len(vector) == longest}, ""


def _split(name: str, matrix: NDArray[np.generic]) -> _Arrays:
    rows, columns = matrix.shape
    if rows == columns:
        raise UnreadableFileError(
            f"The matrix {excerpt(name)} is {rows:,} × {columns:,}: whether its rows or its columns "
            "are the leads is open"
        )
    return {f"channel {i}": lead for i, lead in enumerate(matrix if _has_rows(matrix) else matrix.T, 1)}


def _has_rows(matrix: NDArray[np.generic]) -> bool:
    rows, columns = matrix.shape
    return int(rows) < int(columns)


def _leads(signals: _Arrays, rate: float | None, remarks: list[str]) -> tuple[Lead, ...]:
    leads = []
    for (original, values), name in zip(signals.items(), lead_names(list(signals)), strict=True):
        if values.dtype.kind == "f" and np.isinf(values).any():
            remarks.append(f"Infinite values of {excerpt(original)} are taken as missing.")
        leads.append(
            Lead(
                name=name,
                samples=_samples(values, original),
                sampling_rate_hz=rate,
                original_name=original if original != name else "",
                is_ecg=is_ecg_channel(original, None),
            )
        )
    return tuple(leads)


def _samples(values: NDArray[np.generic], name: str) -> NDArray[np.generic]:
    if values.dtype.kind == "f":
        numbers = values.astype(np.float64)
        numbers[np.isinf(numbers)] = np.nan
        return numbers
    if values.dtype.kind == "u" and int(values.max()) > np.iinfo(np.int64).max:
        raise UnreadableFileError(f"The variable {excerpt(name)} has numbers of more than 63 bits")
    return narrowest_integers(values.astype(np.int64))


def _is_rate(name: str) -> bool:
    return name.lower().replace("_", "") in _RATE_NAMES


def _sampling_rate(arrays: _Arrays, remarks: list[str]) -> float | None:
    """The one number that variables named after it state."""
    stated = {
        name: float(np.ravel(array)[0])
        for name, array in arrays.items()
        if _is_rate(name) and array.size == 1
    }
    rates = set(stated.values())
    problem = sampling_rate_problem(next(iter(rates))) if len(rates) == 1 else "is stated differently"
    if not rates:
        return None
    if problem:
        remarks.append(f"The sampling rate in {_listed(stated)} {problem}; it is not used.")
        return None
    return rates.pop()


def _listed(names: Iterable[str]) -> str:
    shown = [excerpt(name) for name in names]
    return ", ".join(shown[:10]) + (" …" if len(shown) > 10 else "")
