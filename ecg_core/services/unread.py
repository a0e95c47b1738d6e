"""Files that could not be read: kept with the reason, given back, deleted, or read again after an update."""

from __future__ import annotations

import io
import zipfile
from uuid import UUID, uuid4

from ecg_core.domain import UnreadFile, User
from ecg_core.readers.containers import Bundle, Source, find_bundles
from ecg_core.services.audits import audit_action
from ecg_core.services.reports import Download
from ecg_core.services.room import ReadingRoom, utc_now
from ecg_core.services.uploads import FileResult, ReadOptions, add_bundle
from ecg_core.storage import unread as store
from ecg_core.storage.originals import encode_original


def add_or_keep(
    room: ReadingRoom, user: User, bundle: Bundle, *, options: ReadOptions | None = None, address: str = ""
) -> FileResult:
    """Store the ECG of a bundle, or keep its file for later where it cannot be read.

    Files are kept only where patient fields are: what is in a file that cannot be read is not known.
    """
    result = add_bundle(room, user, bundle, options=options, address=address)
    if result.added is None and not bundle.problem and room.settings.patient_fields == "keep":
        _keep(room, user, bundle, result.problem)
    return result


def _keep(room: ReadingRoom, user: User, bundle: Bundle, reason: str) -> None:
    name, data = bundle.file_name, bundle.load()
    if bundle.partners:
        name, data = f"{name}.zip", _archive(bundle)
    file = encode_original(name[:255], data)
    with room.database.writing() as connection:
        store.keep_unread(connection, user.id, uuid4(), file, reason=reason, now=utc_now())


def _archive(bundle: Bundle) -> bytes:
    """The same bytes for the same files, so that they are kept once."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in {bundle.file_name: bytes(bundle.load()), **bundle.siblings()}.items():
            archive.writestr(zipfile.ZipInfo(name), data)
    return packed.getvalue()


def list_unread(room: ReadingRoom, user: User) -> list[UnreadFile]:
    """The user's files that could not be read, newest first."""
    with room.database.reading() as connection:
        return store.list_unread(connection, user.id)


def unread_file(room: ReadingRoom, user: User, unread_id: UUID, *, address: str = "") -> Download:
    """The file as it was uploaded.

    Raises
    ------
    EcgNotFoundError
    """
    with room.database.writing() as connection:
        file = store.get_unread(connection, user.id, unread_id)
        audit_action(connection, user, "download", f"unread {unread_id}", address)
    with room.database.reading() as connection:
        data = b"".join(store.read_unread(connection, user.id, file))
    return Download(file.name or f"unread_{file.id}", iter([data]))


def delete_unread(room: ReadingRoom, user: User, unread_id: UUID, *, address: str = "") -> None:
    """Delete it.

    Raises
    ------
    EcgNotFoundError
    """
    with room.database.writing() as connection:
        store.delete_unread(connection, user.id, unread_id)
        audit_action(connection, user, "delete", f"unread {unread_id}", address)


def read_again(room: ReadingRoom, user: User, unread_id: UUID, *, address: str = "") -> list[FileResult]:
    """Try again, as after an update; a file that is read now is an ECG and no longer in the list.

    Raises
    ------
    EcgNotFoundError
    """
    with room.database.reading() as connection:
        file = store.get_unread(connection, user.id, unread_id)
        data = b"".join(store.read_unread(connection, user.id, file))
    bundles = find_bundles([Source.of(file.name, data)])
    results = [add_bundle(room, user, bundle, address=address) for bundle in bundles]
    with room.database.writing() as connection:
        if all(result.added for result in results):
            store.delete_unread(connection, user.id, unread_id)
        else:
            reason = "; ".join(result.problem for result in results if result.problem)
            store.update_reason(connection, user.id, unread_id, reason)
    return results
