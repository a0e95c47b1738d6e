"""An ECG written as a file of another format, as it is stored."""

from __future__ import annotations

from uuid import UUID

from ecg_core.domain import Recording, User
from ecg_core.services.audits import audit_action
from ecg_core.services.recordings import get_ecg, iterate_leads, list_annotations
from ecg_core.services.reports import Download
from ecg_core.services.room import ReadingRoom
from ecg_core.writers import WRITERS, Writer, writer_named

__all__ = ["WRITERS", "Writer", "export_ecg"]


def export_ecg(
    room: ReadingRoom, user: User, ecg_id: UUID, format_name: str, *, address: str = ""
) -> tuple[Download, str]:
    """The file, and its media type.

    Raises
    ------
    EcgNotFoundError
    InvalidInputError
        There is no such format.
    UnwritableError
        The format cannot hold this ECG without changing it; the text says why.
    """
    ecg = get_ecg(room, user, ecg_id)
    writer = writer_named(format_name)
    recording = Recording(
        leads=tuple(lead for lead, _ in iterate_leads(room, user, ecg_id)),
        source_format=ecg.source_format,
        recorded_at=ecg.recorded_at,
        patient=ecg.patient,
        metadata=ecg.metadata,
        device=ecg.device,
        annotations=tuple(list_annotations(room, user, ecg_id)),
    )
    stem = ecg.file_name.rsplit(".", 1)[0][:40] or "ecg"
    file = writer.write(recording, name=f"{stem}_{str(ecg.id)[:8]}")
    with room.database.writing() as connection:
        audit_action(connection, user, "download", f"{writer.name} {ecg.id}", address)
    return Download(file.file_name, iter([file.data])), writer.media_type
