"""Reports of a user's ECGs as CSV; each download is in the audit table before its first byte."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from ecg_core.domain import Measurement, RecordingSummary, User
from ecg_core.errors import EcgNotFoundError, ReportNotFoundError
from ecg_core.reports.columns import COHORT, CROSSINGS, DETAILS, LEADS, OF_ONE_ECG, REPORTS
from ecg_core.reports.csv_reports import cohort_csv, crossings_csv, details_csv, leads_csv
from ecg_core.reports.measurement_columns import BEATS, HRV_HOURLY, MEASUREMENTS, MEASUREMENTS_WIDE, WAVES
from ecg_core.reports.measurement_csv import beats_csv, hourly_csv, measurements_csv, waves_csv, wide_csv
from ecg_core.reports.report import Report
from ecg_core.services.audits import audit_action
from ecg_core.services.marks import list_marks
from ecg_core.services.measurements import list_corrections, read_measurements, told
from ecg_core.services.recordings import get_ecg, iterate_ecgs, iterate_leads, list_annotations
from ecg_core.services.room import ReadingRoom, utc_now
from ecg_core.signal.hourly import hourly_variability
from ecg_core.storage import originals

__all__ = [
    "OF_ONE_ECG", "REPORTS", "Download", "Report", "cohort_measurements", "cohort_report", "ecg_report",
    "original_file",
]  # fmt: skip


@dataclass(frozen=True)
class Download:
    """A file to send; its name says which ECG it is of."""

    file_name: str
    chunks: Iterator[bytes]


def ecg_report(room: ReadingRoom, user: User, ecg_id: UUID, report: str, *, address: str = "") -> Download:
    """A report of one ECG, of `OF_ONE_ECG`; those of measurements wait until a long ECG is measured.

    Raises
    ------
    EcgNotFoundError, ReportNotFoundError
    """
    ecg = get_ecg(room, user, ecg_id)
    if report not in OF_ONE_ECG:
        known = ", ".join(map(repr, OF_ONE_ECG))
        raise ReportNotFoundError(f"There is no report {report!r} of an ECG; there are {known}")
    chunks = _chunks(room, user, ecg, report)
    _audit(room, user, f"{report} {ecg.id}", address)
    return Download(report_name(ecg, report), chunks)


def _chunks(room: ReadingRoom, user: User, ecg: RecordingSummary, report: str) -> Iterator[bytes]:
    name = str(ecg.id)
    if report == LEADS.name:
        return leads_csv((name, lead) for lead in ecg.leads)
    if report == CROSSINGS.name:
        return crossings_csv((name, lead) for lead, _ in iterate_leads(room, user, ecg.id))
    if report == DETAILS.name:
        annotations, marks = list_annotations(room, user, ecg.id), list_marks(room, user, ecg.id)
        return details_csv(ecg, annotations, marks, list_corrections(room, user, ecg.id))
    return _measured_chunks(room, user, ecg, report)


def _measured_chunks(room: ReadingRoom, user: User, ecg: RecordingSummary, report: str) -> Iterator[bytes]:
    name, measured = str(ecg.id), read_measurements(room, user, ecg.id, wait=True)
    assert measured is not None  # it was waited for
    if report == BEATS.name:
        return beats_csv([(name, measured.analysis)], measured.rejected, measured.no_beats)
    if report == HRV_HOURLY.name:
        rejected, no_beats = measured.rejected, measured.no_beats
        length = ecg.duration_s or 0.0
        hours = hourly_variability(measured.analysis, length, rejected=rejected, no_beats=no_beats)
        return hourly_csv(name, hours)
    if report == WAVES.name:
        return waves_csv([(name, measured.analysis)])
    write = {MEASUREMENTS.name: measurements_csv, MEASUREMENTS_WIDE.name: wide_csv}[report]
    return write([(name, told(measured))])


def original_file(room: ReadingRoom, user: User, ecg_id: UUID, *, address: str = "") -> Download:
    """The uploaded file byte for byte; a zip archive where several belong together.

    Raises
    ------
    EcgNotFoundError, ReportNotFoundError
        The second where the file was not kept, or the ECG came without one.
    """
    ecg = get_ecg(room, user, ecg_id)
    with room.database.reading() as connection:
        files = originals.list_originals(connection, user.id, ecg_id)
    if not files:
        raise ReportNotFoundError("The uploaded file of this ECG was not kept")
    _audit(room, user, f"original {ecg.id}", address)
    if len(files) == 1:
        return Download(files[0].name or f"ecg_{ecg.id}", _pieces(room, files[0]))
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as packed:
        for file in files:
            packed.writestr(file.name, b"".join(_pieces(room, file)))
    return Download(report_name(ecg, "original").removesuffix(".csv") + ".zip", iter([archive.getvalue()]))


def _pieces(room: ReadingRoom, file: originals.StoredOriginal) -> Iterator[bytes]:
    with room.database.reading() as connection:
        yield from originals.read_original(connection, file)


def cohort_report(room: ReadingRoom, user: User, *, address: str = "") -> Download:
    """One report over all of the user's ECGs."""
    _audit(room, user, COHORT.name, address)
    return Download(f"all-ecgs_{utc_now():%Y-%m-%d}.csv", cohort_csv(iterate_ecgs(room, user)))


def cohort_measurements(room: ReadingRoom, user: User, *, address: str = "") -> Download:
    """What is measured of each of the user's ECGs, one row each; they are measured as the file is read."""
    _audit(room, user, "measurements of all", address)
    name = f"all-measurements_{utc_now():%Y-%m-%d}.csv"
    return Download(name, wide_csv(_all_measured(room, user)))


def _all_measured(room: ReadingRoom, user: User) -> Iterator[tuple[str, tuple[Measurement, ...]]]:
    for ecg in iterate_ecgs(room, user):
        try:
            measured = read_measurements(room, user, ecg.id, wait=True)
        except EcgNotFoundError:  # deleted while the file is read
            continue
        assert measured is not None
        yield str(ecg.id), measured.measurements


def _audit(room: ReadingRoom, user: User, target: str, address: str) -> None:
    with room.database.writing() as connection:
        audit_action(connection, user, "download", target, address)


def report_name(ecg: RecordingSummary, report: str) -> str:
    """The uploaded file's name in plain letters, the id that tells equal names apart, and the report."""
    stem = re.sub(r"[^A-Za-z0-9._-]+", "-", ecg.file_name.rsplit(".", 1)[0]).strip("-.")[:60] or "ecg"
    return f"{stem}_{str(ecg.id)[:8]}_{report}.csv"
