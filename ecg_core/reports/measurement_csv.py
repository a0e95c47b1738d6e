"""The CSV reports of what was measured: measurements, beats and waves."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from ecg_core.domain import Measurement
from ecg_core.reports.cells import Cell, rows_of_csv
from ecg_core.reports.csv_reports import CHUNK_ROWS, chunks_of_csv, csv_file
from ecg_core.reports.measurement_columns import (
    BEATS,
    HRV_HOURLY,
    MEASUREMENTS,
    MEASUREMENTS_WIDE,
    WAVES,
    WIDE_COLUMNS,
)
from ecg_core.reports.report import Report
from ecg_core.signal.analysis import BEAT_KINDS, EcgAnalysis, LeadWaves
from ecg_core.signal.analysis import WAVES as WAVE_NAMES
from ecg_core.signal.corrected import counted_rr_ms

LEFT_OUT, NO_BEAT = "left out", "no beat"
_WIDE_NAMES = tuple(column.name for column in WIDE_COLUMNS[1:])


def measurements_csv(recordings: Iterable[tuple[str, Sequence[Measurement]]]) -> Iterator[bytes]:
    """The measurements, one row each.

    Parameters
    ----------
    recordings : iterable of (str, sequence of Measurement)
        What to call the recording, and what was measured of it; taken one by one, as the file is read.

    Yields
    ------
    bytes
        The next piece of the file.
    """
    return csv_file(
        MEASUREMENTS, (chunk for each in recordings for chunk in chunks_of_csv(measurement_rows(*each)))
    )


def wide_csv(recordings: Iterable[tuple[str, Sequence[Measurement]]]) -> Iterator[bytes]:
    """The measurements of whole recordings, one row a recording; parameters as `measurements_csv`."""
    return csv_file(MEASUREMENTS_WIDE, (rows_of_csv([wide_row(*each)]) for each in recordings))


def beats_csv(
    recordings: Iterable[tuple[str, EcgAnalysis]],
    rejected: Collection[int] = (),
    no_beats: Collection[int] = (),
) -> Iterator[bytes]:
    """The beats, one row each.

    Parameters
    ----------
    recordings : iterable of (str, EcgAnalysis)
        What to call the recording, and its analysis; taken one by one, as the file is read.
    rejected : collection of int
        R peaks that a reader left out.
    no_beats : collection of int
        Those of them that are none, as the reader says.

    Yields
    ------
    bytes
        The next piece of the file.
    """
    return csv_file(
        BEATS, (chunk for name, of in recordings for chunk in beat_rows(name, of, rejected, no_beats))
    )


def waves_csv(recordings: Iterable[tuple[str, EcgAnalysis]]) -> Iterator[bytes]:
    """The waves of each lead and beat, one row each; parameters as `beats_csv`."""
    return csv_file(WAVES, (chunk for name, of in recordings for chunk in wave_rows(name, of)))


def hourly_csv(
    recording: str, hours: Iterable[tuple[float, float, Sequence[Measurement]]]
) -> Iterator[bytes]:
    """Measurements of hours (begin and end in s, and what was measured), one row each."""
    return csv_file(HRV_HOURLY, chunks_of_csv(_hourly_rows(recording, hours)))


def _hourly_rows(
    recording: str, hours: Iterable[tuple[float, float, Sequence[Measurement]]]
) -> Iterator[list[Cell]]:
    for start, stop, measurements in hours:
        for one in measurements:
            yield [
                recording, start, stop, one.name, one.value, one.unit, one.status, one.reason, one.beats_used
            ]  # fmt: skip


def header_row(report: Report) -> bytes:
    """The first row of a report."""
    return rows_of_csv([[column.name for column in report.columns]])


def measurement_rows(recording: str, measurements: Iterable[Measurement]) -> Iterator[list[Cell]]:
    for one in measurements:
        yield [
            recording, one.name, one.value, one.unit, one.status, one.reason, one.method, one.beats_used,
            one.spread,
        ]  # fmt: skip


def wide_row(recording: str, measurements: Iterable[Measurement]) -> list[Cell]:
    values = {one.name: one.value for one in measurements}
    return [recording, *(values.get(name) for name in _WIDE_NAMES)]


def beat_rows(
    recording: str, analysis: EcgAnalysis, rejected: Collection[int] = (), no_beats: Collection[int] = ()
) -> Iterator[bytes]:
    """The rows of one recording as CSV."""
    start, beats = _start(recording), analysis.beats.tolist()
    rr_ms = counted_rr_ms(analysis.beats, analysis.fs, rejected=rejected, no_beats=no_beats).tolist()
    out = dict.fromkeys(rejected, LEFT_OUT) | dict.fromkeys(no_beats, NO_BEAT)
    kinds = [BEAT_KINDS[kind] for kind in analysis.kinds.tolist()]
    rows = []
    for number, (sample, rr, kind) in enumerate(zip(beats, rr_ms, kinds, strict=True)):
        time, rr_text = sample / analysis.fs, "" if rr != rr else repr(rr)
        rows.append(f"{start}{number},{sample},{time!r},{rr_text},{out.get(sample, kind)}\r\n")
        if len(rows) == CHUNK_ROWS:
            yield "".join(rows).encode("utf-8", "backslashreplace")
            rows.clear()
    if rows:
        yield "".join(rows).encode("utf-8", "backslashreplace")


def wave_rows(recording: str, analysis: EcgAnalysis) -> Iterator[bytes]:
    """The rows of one recording as CSV, lead by lead."""
    for lead in analysis.waves:
        start = _start(recording, lead.lead)
        for first in range(0, len(lead.onset), CHUNK_ROWS):
            yield "".join(_rows_of_lead(start, lead, first)).encode("utf-8", "backslashreplace")


def _rows_of_lead(start: str, lead: LeadWaves, first: int) -> Iterator[str]:
    part = slice(first, first + CHUNK_ROWS)
    onset, peak, offset = (_texts(marks[part]) for marks in (lead.onset, lead.peak, lead.offset))
    for number, marks in enumerate(zip(onset, peak, offset, strict=True), first):
        for wave, places in zip(WAVE_NAMES, zip(*marks, strict=True), strict=True):
            if any(places):
                yield f"{start}{number},{wave},{','.join(places)}\r\n"


def _texts(marks: NDArray[np.int64]) -> list[list[str]]:
    """A mark that is not there is an empty cell."""
    return [["" if place < 0 else str(place) for place in row] for row in marks.tolist()]


def _start(*cells: str) -> str:
    """The cells that are the same in every row."""
    return rows_of_csv([cells]).removesuffix(b"\r\n").decode("utf-8") + ","
