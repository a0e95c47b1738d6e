"""Storing what a user sends: the body of ``POST /ecgs``, or a file."""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath
from types import MappingProxyType
from uuid import uuid4

from ecg_core.domain import Recording, RecordingSummary, User
from ecg_core.errors import AlreadyStoredError, UnreadableFileError
from ecg_core.readers import READERS, ReadOptions, read_json, read_recording, recognized_format
from ecg_core.readers.containers import Bundle, Source, find_bundles
from ecg_core.services.audits import audit_action
from ecg_core.services.kept_files import encode_files
from ecg_core.services.overview import VERSION as OVERVIEW_VERSION
from ecg_core.services.overview import analyze_recording
from ecg_core.services.privacy import apply_privacy
from ecg_core.services.pyramids import encode_lead
from ecg_core.services.room import ReadingRoom, utc_now
from ecg_core.signal.derived_leads import check_limb_leads
from ecg_core.signal.statistics import summarize_lead
from ecg_core.storage import recordings as store
from ecg_core.storage.analyses import save_analyses
from ecg_core.storage.originals import EncodedOriginal

__all__ = [
    "Added", "Bundle", "FileResult", "Preview", "ReadOptions", "Source", "add_bundle", "add_file", "add_json",
    "find_bundles", "is_table", "preview", "supported_formats",
]  # fmt: skip


_SHARE_OF_A_FAULT = 0.05  # a calibration pulse at the end of a cart's ten seconds is 2 % of them


@dataclass(frozen=True)
class Added:
    """The stored ECG, and whether it is new or had been here before."""

    ecg: RecordingSummary
    is_new: bool


def add_json(
    room: ReadingRoom, user: User, body: bytes | memoryview, *, address: str = ""
) -> RecordingSummary:
    """Store the body of ``POST /ecgs``; sent again, it is stored again, since a body is no file.

    Raises
    ------
    UnreadableFileError
        The text names the lead, the position and the fault.
    """
    recording, _ = apply_privacy(room, read_json(body))
    stored = _summarize(recording, user, "", _sha256(body))
    _insert(room, user, recording, stored, once=False, address=address)
    return stored


def add_file(
    room: ReadingRoom,
    user: User,
    file_name: str,
    data: bytes | memoryview,
    *,
    siblings: Mapping[str, bytes] = MappingProxyType({}),
    options: ReadOptions | None = None,
    address: str = "",
) -> Added:
    """Store an uploaded file, or find the ECG that this user already has of the same bytes.

    Parameters
    ----------
    siblings : mapping of str to bytes
        The files that belong to it, by name: the signal files of a WFDB header.
    options : ReadOptions, optional
        What the user says about the file, such as a sampling rate that it lacks.

    Raises
    ------
    UnreadableFileError
        The file is none that can be read; the text says where and why.
    """
    options = options or ReadOptions()
    sha256 = _sha256(data, siblings)
    if known := _find(room, user, sha256):
        return Added(known, is_new=False)
    recording = read_recording(data, file_name=file_name, options=options, siblings=siblings)
    recording, keeps_files = apply_privacy(room, recording)
    stored = _mark_entered(_summarize(recording, user, file_name, sha256), options)
    originals = encode_files(stored.file_name, data, siblings, recording) if keeps_files else []
    stored = replace(stored, number_of_files=len(originals))
    try:
        _insert(room, user, recording, stored, once=True, address=address, originals=originals)
    except AlreadyStoredError:  # the same file arrived twice at the same moment
        if known := _find(room, user, sha256):
            return Added(known, is_new=False)
        raise
    return Added(stored, is_new=True)


@dataclass(frozen=True)
class FileResult:
    """What became of one file of an upload: an ECG, new or known, or the reason why there is none."""

    name: str
    added: Added | None = None
    problem: str = ""


def add_bundle(
    room: ReadingRoom,
    user: User,
    bundle: Bundle,
    *,
    options: ReadOptions | None = None,
    address: str = "",
) -> FileResult:
    """Store the ECG of a bundle; what is wrong with the file is said in the result."""
    try:
        if bundle.problem:
            raise UnreadableFileError(bundle.problem)
        data, siblings = bundle.load(), bundle.siblings()
        added = add_file(
            room, user, bundle.file_name, data, siblings=siblings, options=options, address=address
        )
    except UnreadableFileError as error:
        return FileResult(bundle.name, problem=str(error))
    return FileResult(bundle.name, added)


def _find(room: ReadingRoom, user: User, sha256: str) -> RecordingSummary | None:
    with room.database.reading() as connection:
        ecg_id = store.find_file(connection, user.id, sha256)
        return store.get_recording(connection, user.id, ecg_id) if ecg_id else None


def _sha256(data: bytes | memoryview, siblings: Mapping[str, bytes] = MappingProxyType({})) -> str:
    """Of the file; with siblings, of the list of all their names and hashes."""
    digest = hashlib.sha256(data).hexdigest()
    if not siblings:
        return digest
    lines = [digest] + [f"{hashlib.sha256(siblings[name]).hexdigest()} {name}" for name in sorted(siblings)]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def _summarize(recording: Recording, user: User, file_name: str, sha256: str) -> RecordingSummary:
    return RecordingSummary(
        id=uuid4(),
        owner=user.username,
        file_name=_clean_file_name(file_name),
        source_format=recording.source_format,
        sha256=sha256,
        uploaded_at=utc_now(),
        recorded_at=recording.recorded_at,
        leads=tuple(summarize_lead(lead) for lead in recording.leads),
        patient=_printable(recording.patient),
        metadata=_printable(recording.metadata),
        remarks=recording.remarks + _limb_lead_remarks(recording),
        device=_printable(recording.device),
        number_of_annotations=len(recording.annotations),
    )


def _limb_lead_remarks(recording: Recording) -> tuple[str, ...]:
    """What a broken relation between the limb leads says: a wrong unit, label or shift of some lead."""
    check = check_limb_leads(recording.leads)
    if check is None or check.holds or check.share < _SHARE_OF_A_FAULT:
        return ()
    deviation, rounding = f"{check.largest_mv:.3g} mV", f"{check.tolerance_mv:.2g} mV"
    return (
        f"The limb leads contradict {check.relation} by up to {deviation}, more than the rounding of the "
        f"samples explains ({rounding}): a lead may have a wrong label, scale or time shift.",
    )


def _mark_entered(stored: RecordingSummary, options: ReadOptions) -> RecordingSummary:
    """Note which values came from the person, so that they can be corrected later."""
    rate, unit = options.sampling_rate_hz is not None, options.unit is not None
    leads = tuple(replace(lead, rate_was_entered=rate, unit_was_entered=unit) for lead in stored.leads)
    return replace(stored, leads=leads)


def _clean_file_name(name: str) -> str:
    """The last part of a name without control characters; it is shown, never used as a path."""
    last = PurePosixPath(name.replace("\\", "/")).name
    return "".join(c for c in last if unicodedata.category(c)[0] != "C").strip()[:255]


def _printable(fields: Mapping[str, str]) -> dict[str, str]:
    """Text of a file without the control characters that a database may refuse."""
    return {_printable_text(k): _printable_text(v) for k, v in fields.items()}


def _printable_text(text: str) -> str:
    return "".join(c for c in text if unicodedata.category(c) not in ("Cc", "Cs"))


def _insert(
    room: ReadingRoom,
    user: User,
    recording: Recording,
    stored: RecordingSummary,
    *,
    once: bool,
    address: str,
    originals: Sequence[EncodedOriginal] = (),
) -> None:
    signals = [encode_lead(lead) for lead in recording.leads]  # before the transaction: it is short
    results = analyze_recording(recording)
    with room.database.writing() as connection:
        number = store.insert_recording(
            connection,
            stored,
            signals,
            owner_id=user.id,
            once=once,
            annotations=recording.annotations,
            originals=originals,
        )
        save_analyses(connection, number, OVERVIEW_VERSION, results)
        audit_action(connection, user, "upload", stored.id, address)


def supported_formats() -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Title and usual file extensions of every format that can be read."""
    return tuple((reader.title, reader.extensions) for reader in READERS)


@dataclass(frozen=True)
class Preview:
    """What a file would become, and how it was understood; or the ECG that it is already."""

    ecg: RecordingSummary
    understood: Mapping[str, str] = field(default_factory=dict)
    is_known: bool = False


def is_table(bundle: Bundle) -> bool:
    """Whether the file is a text table, whose reading a person can correct."""
    return not bundle.problem and recognized_format(bundle.load()) == "csv"


def preview(room: ReadingRoom, user: User, bundle: Bundle, options: ReadOptions) -> Preview:
    """Read the ECG of a bundle without storing it, or find it among the user's.

    Raises
    ------
    UnreadableFileError
    """
    if bundle.problem:
        raise UnreadableFileError(bundle.problem)
    data, siblings = bundle.load(), bundle.siblings()
    if known := _find(room, user, _sha256(data, siblings)):
        return Preview(known, is_known=True)
    name = bundle.file_name
    recording = read_recording(data, file_name=name, options=options, siblings=siblings)
    kept, _ = apply_privacy(room, recording)
    return Preview(_summarize(kept, user, name, ""), recording.understood)
