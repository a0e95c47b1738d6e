"""Reports of a user's ECGs as CSV; each download is in the audit table before its first byte."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from ecg_core.domain import RecordingSummary, User
from ecg_core.errors import ReportNotFoundError
from ecg_core.reports.columns import COHORT, CROSSINGS, DETAILS, LEADS, REPORTS, Report
from ecg_core.reports.csv_reports import cohort_csv, crossings_csv, details_csv, leads_csv
from ecg_core.services.audits import audit_action
from ecg_core.services.marks import list_marks
from ecg_core.services.recordings import get_ecg, iterate_ecgs, iterate_leads, list_annotations
from ecg_core.services.room import ReadingRoom, utc_now
from ecg_core.storage import originals

__all__ = ["REPORTS", "Download", "Report", "cohort_report", "ecg_report", "original_file"]


@dataclass(frozen=True)
class Download:
    """A file to send; its name says which ECG it is of."""

    file_name: str
    chunks: Iterator[bytes]


def ecg_report(room: ReadingRoom, user: User, ecg_id: UUID, report: str, *, address: str = "") -> Download:
    """The report ``leads``, ``crossings`` or ``details`` of one ECG.

    Raises
    ------
    EcgNotFoundError, ReportNotFoundError
    """
    ecg = get_ecg(room, user, ecg_id)
    name = str(ecg.id)
    if report == LEADS.name:
        chunks = leads_csv((name, lead) for lead in ecg.leads)
    elif report == CROSSINGS.name:
        chunks = crossings_csv((name, lead) for lead, _ in iterate_leads(room, user, ecg_id))
    elif report == DETAILS.name:
        annotations, marks = list_annotations(room, user, ecg_id), list_marks(room, user, ecg_id)
        chunks = details_csv(ecg, annotations, marks)
    else:
        known = ", ".join(repr(each.name) for each in (LEADS, CROSSINGS, DETAILS))
        raise ReportNotFoundError(f"There is no report {report!r} of an ECG; there are {known}")
    _audit(room, user, f"{report} {name}", address)
    return Download(_file_name(ecg, report), chunks)


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
    return Download(_file_name(ecg, "original").removesuffix(".csv") + ".zip", iter([archive.getvalue()]))


def _pieces(room: ReadingRoom, file: originals.StoredOriginal) -> Iterator[bytes]:
    with room.database.reading() as connection:
        yield from originals.read_original(connection, file)


def cohort_report(room: ReadingRoom, user: User, *, address: str = "") -> Download:
    """One report over all of the user's ECGs."""
    _audit(room, user, COHORT.name, address)
    return Download(f"all-ecgs_{utc_now():%Y-%m-%d}.csv", cohort_csv(iterate_ecgs(room, user)))


def _audit(room: ReadingRoom, user: User, target: str, address: str) -> None:
    with room.database.writing() as connection:
        audit_action(connection, user, "download", target, address)


def _file_name(ecg: RecordingSummary, report: str) -> str:
    """The uploaded file's name in plain letters, the id that tells equal names apart, and the report."""
    stem = re.sub(r"[^A-Za-z0-9._-]+", "-", ecg.file_name.rsplit(".", 1)[0]).strip("-.")[:60] or "ecg"
    return f"{stem}_{str(ecg.id)[:8]}_{report}.csv"
