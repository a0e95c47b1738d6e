"""An ECG and what was measured of it as a FHIR bundle."""

from __future__ import annotations

from uuid import UUID

from ecg_core.domain import User
from ecg_core.reports.fhir import MOST_S, MOST_SAMPLES
from ecg_core.reports.fhir import fhir_bundle as write_bundle
from ecg_core.services.audits import audit_action
from ecg_core.services.measurements import read_measurements, told
from ecg_core.services.recordings import get_ecg, read_windows
from ecg_core.services.reports import Download, report_name
from ecg_core.services.room import ReadingRoom, utc_now

MEDIA_TYPE = "application/fhir+json"


def fhir_bundle(room: ReadingRoom, user: User, ecg_id: UUID, *, address: str = "") -> Download | None:
    """The bundle; None while a long ECG is measured.

    Raises
    ------
    EcgNotFoundError
    """
    ecg = get_ecg(room, user, ecg_id)
    measured = read_measurements(room, user, ecg_id)
    if measured is None:
        return None
    names = [
        lead.name
        for lead in ecg.leads
        if lead.sampling_rate_hz is not None
        and lead.sampling_rate_hz * MOST_S <= MOST_SAMPLES
        and lead.is_ecg
    ]
    windows = read_windows(room, user, ecg_id, start=0.0, length=MOST_S, names=names)
    data = write_bundle(ecg, told(measured), [window.lead for window in windows], now=utc_now())
    with room.database.writing() as connection:
        audit_action(connection, user, "download", f"fhir {ecg.id}", address)
    return Download(report_name(ecg, "fhir").removesuffix(".csv") + ".json", iter([data]))
