"""The CSV reports, as streams of bytes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ecg_core.domain import Annotation, Correction, Lead, LeadSummary, RecordingSummary
from ecg_core.reports.cells import Cell, rows_of_csv, with_mark_if_needed
from ecg_core.reports.columns import (
    COHORT,
    CROSSINGS,
    DETAIL_COLUMNS,
    DETAILS,
    LEAD_COLUMNS,
    LEADS,
    RECORDING_COLUMNS,
)
from ecg_core.reports.report import Report
from ecg_core.signal.marks import MeasuredMark
from ecg_core.signal.zero_crossings import find_lead_zero_crossings

#: Rows in one chunk of a stream.
CHUNK_ROWS = 8192

#: Columns of the lead report that are attributes of `LeadSummary` (after recording and lead).
_MEASURED = tuple(column.name for column in LEAD_COLUMNS[2:])
#: Columns of the details report that only a note or a caliper fills.
_COLUMNS_OF_MARKS = len(DETAIL_COLUMNS) - 7
_OF_RECORDING = tuple(column.name for column in RECORDING_COLUMNS)


def leads_csv(leads: Iterable[tuple[str, LeadSummary]]) -> Iterator[bytes]:
    """The lead report: one row a lead.

    Parameters
    ----------
    leads : iterable of (str, LeadSummary)
        What to call the recording (its id, or its path), and one of its leads.

    Yields
    ------
    bytes
        The next piece of the file.
    """
    return csv_file(LEADS, chunks_of_csv(lead_row(recording, lead) for recording, lead in leads))


def cohort_csv(recordings: Iterable[RecordingSummary]) -> Iterator[bytes]:
    """The report over many recordings: the lead report, and then what is known of each recording.

    Parameters
    ----------
    recordings : iterable of RecordingSummary
        Taken one by one, as the file is read.

    Yields
    ------
    bytes
        The next piece of the file.
    """
    return csv_file(COHORT, chunks_of_csv(row for recording in recordings for row in _cohort_rows(recording)))


def crossings_csv(leads: Iterable[tuple[str, Lead]]) -> Iterator[bytes]:
    """The list of single zero crossings, lead by lead.

    Parameters
    ----------
    leads : iterable of (str, Lead)
        What to call the recording, and one of its leads; taken one by one, as the file is read.

    Yields
    ------
    bytes
        The next piece of the file.
    """
    return csv_file(
        CROSSINGS, (chunk for recording, lead in leads for chunk in crossing_rows(recording, lead))
    )


def details_csv(
    recording: RecordingSummary,
    annotations: Iterable[Annotation],
    marks: Iterable[MeasuredMark] = (),
    corrections: Iterable[Correction] = (),
) -> Iterator[bytes]:
    """What the file of a recording says, and what its readers noted, measured and corrected.

    Parameters
    ----------
    recording : RecordingSummary
    annotations : iterable of Annotation
        Of the file.
    marks : iterable of MeasuredMark
        Notes and calipers of readers.
    corrections : iterable of Correction
        Of measurements, those taken back too.

    Yields
    ------
    bytes
        The next piece of the file.
    """
    return csv_file(DETAILS, chunks_of_csv(_detail_rows(recording, annotations, marks, corrections)))


def csv_file(report: Report, chunks: Iterable[bytes]) -> Iterator[bytes]:
    """A whole file: the header row, and then rows that are CSV already."""

    def whole() -> Iterator[bytes]:
        yield rows_of_csv([[column.name for column in report.columns]])
        yield from chunks

    return with_mark_if_needed(whole())


def chunks_of_csv(rows: Iterable[list[Cell]]) -> Iterator[bytes]:
    """Rows as CSV, some thousand at a time."""
    waiting: list[list[Cell]] = []
    for row in rows:
        waiting.append(row)
        if len(waiting) == CHUNK_ROWS:
            yield rows_of_csv(waiting)
            waiting.clear()
    if waiting:
        yield rows_of_csv(waiting)


def lead_row(recording: str, lead: LeadSummary) -> list[Cell]:
    """Of the lead report."""
    return [recording, lead.name, *(getattr(lead, name) for name in _MEASURED)]


def _cohort_rows(recording: RecordingSummary) -> Iterator[list[Cell]]:
    known: list[Cell] = [getattr(recording, name) for name in _OF_RECORDING]
    for lead in recording.leads:
        yield lead_row(str(recording.id), lead) + known


def _detail_rows(
    recording: RecordingSummary,
    annotations: Iterable[Annotation],
    marks: Iterable[MeasuredMark],
    corrections: Iterable[Correction],
) -> Iterator[list[Cell]]:
    name = str(recording.id)
    said = {"patient": recording.patient, "file": recording.metadata, "device": recording.device}
    not_a_mark: list[Cell] = [None] * _COLUMNS_OF_MARKS
    for section, fields in said.items():
        for what, text in fields.items():
            yield [name, section, what, text, None, None, None, *not_a_mark]
    for each in annotations:
        at = (each.start_s, each.duration_s, each.lead)
        yield [name, "annotation", each.kind, each.text, *at, *not_a_mark]
    for measured in marks:
        yield [name, *_mark_row(measured)]
    first = next((lead for lead in recording.leads if lead.is_ecg), None)
    for correction in corrections:
        yield [name, *_correction_row(correction, first)]


def _mark_row(measured: MeasuredMark) -> list[Cell]:
    mark, is_caliper = measured.mark, measured.mark.kind == "caliper"
    interval_ms = measured.interval_ms
    return [
        mark.kind,
        *((mark.text, "") if is_caliper else ("", mark.text)),
        measured.start_s,
        None if interval_ms is None else interval_ms / 1000.0,
        "" if mark.is_about_all_leads else mark.lead,
        mark.author,
        mark.created_at,
        mark.lead,
        mark.start_sample,
        mark.stop_sample,
        interval_ms if is_caliper else None,
        measured.rate_bpm,
        measured.difference_mv,
        measured.difference,
        measured.unit if is_caliper else None,
    ]


def _correction_row(correction: Correction, first: LeadSummary | None) -> list[Cell]:
    """``first`` is the ECG lead in whose samples the beats count."""
    sample, is_beat = correction.beat_sample, correction.kind != "fiducial"
    rate = first.sampling_rate_hz if first else None
    return [
        "correction",
        "beat" if is_beat else correction.fiducial,
        correction_text(correction),
        sample / rate if sample is not None and rate else None,
        None,
        "",
        correction.author,
        correction.created_at,
        first.name if first and is_beat else None,
        sample,
        sample,
        *[None] * (_COLUMNS_OF_MARKS - 5),
    ]


def correction_text(correction: Correction) -> str:
    """What a correction says, and whether it was taken back."""
    of_beats = {"beat": "left out", "no beat": "no beat there"}
    said = of_beats.get(correction.kind) or f"moved to {correction.offset_ms:g} ms from R"
    if correction.counts:
        return said
    return f"{said}; taken back by {correction.undone_by} at {correction.undone_at:%Y-%m-%d %H:%M:%S}"


def crossing_rows(recording: str, lead: Lead) -> Iterator[bytes]:
    """The rows of one lead. Two cells are the same in every row, so only the numbers are written anew."""
    found = find_lead_zero_crossings(lead)
    start = rows_of_csv([[recording, lead.name]]).removesuffix(b"\r\n").decode() + ","
    for first in range(0, len(found.indices), CHUNK_ROWS):
        part = slice(first, first + CHUNK_ROWS)
        times = (found.positions[part] / lead.sampling_rate_hz).tolist() if lead.sampling_rate_hz else None
        samples = found.indices[part].tolist()
        ends = (",rising\r\n" if rising else ",falling\r\n" for rising in found.rising[part].tolist())
        texts = map(repr, times) if times else [""] * len(samples)
        rows = [
            f"{start}{sample},{time}{end}" for sample, time, end in zip(samples, texts, ends, strict=True)
        ]
        yield "".join(rows).encode()
