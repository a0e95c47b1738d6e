"""Reports of a user's ECGs as CSV; each download is in the audit table before its first byte."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from ecg_core.domain import RecordingSummary, User
from ecg_core.errors import ReportNotFoundError
from ecg_core.reports.columns import COHORT, CROSSINGS, LEADS, REPORTS, Report
from ecg_core.reports.csv_reports import cohort_csv, crossings_csv, leads_csv
from ecg_core.services.recordings import get_ecg, iterate_ecgs, iterate_leads
from ecg_core.services.room import ReadingRoom, utc_now
from ecg_core.storage import audit

__all__ = ["REPORTS", "Download", "Report", "cohort_report", "ecg_report"]


@dataclass(frozen=True)
class Download:
    """A file to send; its name says which ECG it is of."""

    file_name: str
    chunks: Iterator[bytes]


def ecg_report(room: ReadingRoom, user: User, ecg_id: UUID, report: str, *, address: str = "") -> Download:
    """The report ``leads`` or ``crossings`` of one ECG.

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
    else:
        raise ReportNotFoundError(
            f"There is no report {report!r} of an ECG; there are {LEADS.name!r} and {CROSSINGS.name!r}"
        )
    _audit(room, user, f"{report} {name}", address)
    return Download(_file_name(ecg, report), chunks)


def cohort_report(room: ReadingRoom, user: User, *, address: str = "") -> Download:
    """One report over all of the user's ECGs."""
    _audit(room, user, COHORT.name, address)
    return Download(f"all-ecgs_{utc_now():%Y-%m-%d}.csv", cohort_csv(iterate_ecgs(room, user)))


def _audit(room: ReadingRoom, user: User, target: str, address: str) -> None:
    with room.database.writing() as connection:
        audit.insert_audit(
            connection, at=utc_now(), actor=user.username, action="download", target=target, address=address
        )


def _file_name(ecg: RecordingSummary, report: str) -> str:
    """The uploaded file's name in plain letters, the id that tells equal names apart, and the report."""
    stem = re.sub(r"[^A-Za-z0-9._-]+", "-", ecg.file_name.rsplit(".", 1)[0]).strip("-.")[:60] or "ecg"
    return f"{stem}_{str(ecg.id)[:8]}_{report}.csv"
