"""What is measured of an ECG, and what clinicians corrected of it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cache, lru_cache, partial
from itertools import pairwise
from threading import Lock
from uuid import UUID, uuid4

from ecg_core.domain import Correction, Lead, Measurement, User
from ecg_core.errors import CorrectionNotFoundError, InvalidInputError
from ecg_core.services.audits import audit_action
from ecg_core.services.packed_analysis import pack_analysis, unpack_analysis
from ecg_core.services.recordings import get_ecg, iterate_leads
from ecg_core.services.room import ReadingRoom, utc_now
from ecg_core.signal.analysis import ANALYSIS_VERSION, EcgAnalysis
from ecg_core.signal.analyze import analyze
from ecg_core.signal.beat_fiducials import MOVABLE
from ecg_core.signal.corrected import tell_corrected
from ecg_core.storage import corrections as store
from ecg_core.storage.analyses import load_result, save_result
from ecg_core.storage.marks import lock_recording
from ecg_core.storage.recordings import StoredLead, get_leads

__all__ = [
    "MOVABLE", "MeasuredEcg", "automatic_places_ms", "list_corrections", "move_fiducial", "places_ms",
    "read_measurements", "reject_beat", "told", "undo_correction",
]  # fmt: skip

#: An ECG that is longer than this is analyzed beside the request.
LONG_S = 120.0
_AUTOMATIC, _CORRECTED = "measurements", "corrected"
_SIGNATURE_BYTES = 32
_KEPT = 8  # analyses in memory; one of 24 hours and three leads takes some 30 MB


@dataclass(frozen=True, eq=False)
class MeasuredEcg:
    """The analysis of an ECG and what clinicians made of it.

    Attributes
    ----------
    analysis : EcgAnalysis
        Automatic; its fiducials and measurements too.
    measurements : tuple of Measurement
        As corrected: those of the analysis where nothing was corrected.
    corrections : tuple of Correction
        All, those taken back too, in the order in which they were made.
    """

    analysis: EcgAnalysis
    measurements: tuple[Measurement, ...]
    corrections: tuple[Correction, ...] = ()

    @property
    def rejected(self) -> frozenset[int]:
        """R peaks of the beats that were left out, in samples of the first ECG lead; no beats too."""
        return self._samples("beat", "no beat")

    @property
    def no_beats(self) -> frozenset[int]:
        """Those of `rejected` where, as a clinician says, there is no beat."""
        return self._samples("no beat")

    def _samples(self, *kinds: str) -> frozenset[int]:
        return frozenset(
            one.beat_sample
            for one in self.corrections
            if one.counts and one.kind in kinds and one.beat_sample is not None
        )


def read_measurements(
    room: ReadingRoom, user: User, ecg_id: UUID, *, wait: bool = False, make: bool = True
) -> MeasuredEcg | None:
    """The measurements of an ECG, made now if there are none; None while those of a long one are being made.

    Parameters
    ----------
    wait : bool
        Until a long one is done.
    make : bool
        False: only those that were made already; None if there are none.

    Raises
    ------
    EcgNotFoundError
    """
    with room.database.reading() as connection:
        leads = get_leads(connection, user.id, ecg_id)
        corrections = tuple(store.list_corrections(connection, user.id, ecg_id))
    in_force = tuple(one for one in corrections if one.counts)
    result = partial(_result, room, user, ecg_id, leads, wait=wait, make=make)
    automatic = result(())
    corrected = result(in_force) if in_force and automatic else automatic
    if automatic is None or corrected is None:
        return None
    return MeasuredEcg(automatic, corrected.measurements, corrections)


def told(measured: MeasuredEcg) -> tuple[Measurement, ...]:
    """The measurements as corrected, each changed one with the automatic value in its reason."""
    return tell_corrected(measured.analysis.measurements, measured.measurements)


def list_corrections(room: ReadingRoom, user: User, ecg_id: UUID) -> list[Correction]:
    """All corrections of an ECG in the order in which they were made, those taken back too.

    Raises
    ------
    EcgNotFoundError
    """
    with room.database.reading() as connection:
        get_leads(connection, user.id, ecg_id)
        return store.list_corrections(connection, user.id, ecg_id)


def _result(
    room: ReadingRoom, user: User, ecg_id: UUID, leads: Sequence[StoredLead],
    corrections: tuple[Correction, ...], *, wait: bool, make: bool,
) -> EcgAnalysis | None:  # fmt: skip
    """The stored analysis under these corrections, or one that is made now, or later."""
    name = _CORRECTED if corrections else _AUTOMATIC
    making = _Making(
        room, user, ecg_id, leads[0].recording_number, name, _signature(leads, corrections), corrections
    )
    with suppress(_NotMadeError):
        return _stored(room, ecg_id, making.recording_number, name, making.signature)
    if not make:
        return None
    is_long = max((lead.summary.duration_s or 0.0) for lead in leads) > LONG_S
    if not is_long:
        return making()
    future = _later(making)
    return future.result() if wait or future.done() else None


class _NotMadeError(Exception):
    """Nothing is stored under this signature."""


@lru_cache(maxsize=_KEPT)
def _stored(
    room: ReadingRoom, ecg_id: UUID, recording_number: int, name: str, signature: bytes
) -> EcgAnalysis:
    """What is stored, unpacked once for all pages of an ECG.

    The id of the ECG is there because the database gives the number of a deleted recording away again.
    """
    with room.database.reading() as connection:
        data = load_result(connection, recording_number, name, ANALYSIS_VERSION)
    if data is None or data[:_SIGNATURE_BYTES] != signature:
        raise _NotMadeError
    return unpack_analysis(data[_SIGNATURE_BYTES:])


def _signature(leads: Sequence[StoredLead], corrections: Sequence[Correction]) -> bytes:
    """Of all that the result depends on, besides the samples, which never change."""
    facts = [
        (of.name, of.sampling_rate_hz, of.unit, of.resolution, of.offset, of.number_of_samples)
        for of in (lead.summary for lead in leads)
    ]
    return hashlib.sha256(repr((facts, [str(one.id) for one in corrections])).encode()).digest()


@dataclass(frozen=True)
class _Making:
    """An analysis that is to be made and stored."""

    room: ReadingRoom
    user: User
    ecg_id: UUID
    recording_number: int
    name: str
    signature: bytes
    corrections: tuple[Correction, ...]

    def __call__(self) -> EcgAnalysis:
        ecg = get_ecg(self.room, self.user, self.ecg_id)
        leads = [
            replace(lead, is_ecg=of.is_ecg, is_derived=of.is_derived)
            for lead, of in iterate_leads(self.room, self.user, self.ecg_id)
        ]
        analysis = _analyze(leads, ecg.metadata, self.corrections)
        with self.room.database.writing() as connection:
            lock_recording(connection, self.user.id, self.ecg_id)  # deleted meanwhile: nothing is stored
            data = self.signature + pack_analysis(analysis)
            save_result(connection, self.recording_number, self.name, ANALYSIS_VERSION, data)
        return analysis


def _analyze(
    leads: Sequence[Lead], metadata: Mapping[str, str], corrections: Sequence[Correction]
) -> EcgAnalysis:
    rejected, no_beats = (
        {one.beat_sample for one in corrections if one.kind == kind and one.beat_sample is not None}
        for kind in ("beat", "no beat")
    )
    moved_s = {
        one.fiducial: one.offset_ms / 1000.0
        for one in corrections
        if one.fiducial and one.offset_ms is not None
    }
    return analyze(leads, metadata=metadata, rejected=rejected, no_beats=no_beats, moved_s=moved_s)


@cache
def _worker() -> ThreadPoolExecutor:
    """One long analysis at a time: the others wait, and pages go on."""
    return ThreadPoolExecutor(1, "analysis")


_running: dict[tuple[UUID, bytes], Future[EcgAnalysis]] = {}
_running_lock = Lock()


def _later(make: _Making) -> Future[EcgAnalysis]:
    """The same analysis is made once, however often it is asked for."""
    key = (make.ecg_id, make.signature)
    with _running_lock:
        if key not in _running:
            future = _running[key] = _worker().submit(make)
            future.add_done_callback(lambda _: _forget(key))
        return _running[key]


def _forget(key: tuple[UUID, bytes]) -> None:
    with _running_lock:
        _running.pop(key, None)


def reject_beat(
    room: ReadingRoom,
    user: User,
    ecg_id: UUID,
    beat_sample: int,
    *,
    is_beat: bool = True,
    address: str = "",
) -> Correction:
    """Leave a beat out of the measurements.

    Parameters
    ----------
    beat_sample : int
        Its R peak, in samples of the first ECG lead.
    is_beat : bool
        True: there is a beat, but it is not to be used, nor the RR intervals on either side of it. False:
        there is none, and the RR interval goes from the beat before to the next.

    Raises
    ------
    EcgNotFoundError
    InvalidInputError
        No beat is there, or it is left out already.
    """
    measured = read_measurements(room, user, ecg_id, wait=True)
    assert measured is not None
    if beat_sample in measured.rejected:
        raise InvalidInputError(f"The beat at sample {beat_sample} is left out already")
    if beat_sample not in measured.analysis.beats:
        raise InvalidInputError(
            f"No beat was found at sample {beat_sample} of {measured.analysis.lead or 'this ECG'}; "
            "give the sample of one in the list of beats"
        )
    kind = "beat" if is_beat else "no beat"
    return _insert(
        room, user, ecg_id, Correction(uuid4(), kind, user.username, utc_now(), beat_sample), address
    )


def move_fiducial(
    room: ReadingRoom, user: User, ecg_id: UUID, fiducial: str, offset_ms: float, *, address: str = ""
) -> Correction:
    """Move an onset or offset of all leads to a time from the R peak of the median beat.

    Raises
    ------
    EcgNotFoundError
    InvalidInputError
        It is not one of ``p_onset``, ``p_offset``, ``qrs_onset``, ``qrs_offset``, ``t_offset``, there are no
        beats, or it would lie on the wrong side of another one.
    """
    if fiducial not in MOVABLE:
        raise InvalidInputError(f"{fiducial!r} cannot be moved; what can: {', '.join(MOVABLE)}")
    measured = read_measurements(room, user, ecg_id, wait=True)
    assert measured is not None
    if not len(measured.analysis.beats):
        raise InvalidInputError("No beats were found, so there is no median beat to move a fiducial of")
    _check_order(places_ms(measured) | {fiducial: offset_ms}, fiducial)
    correction = Correction(
        uuid4(), "fiducial", user.username, utc_now(), fiducial=fiducial, offset_ms=float(offset_ms)
    )
    return _insert(room, user, ecg_id, correction, address)


def automatic_places_ms(measured: MeasuredEcg) -> dict[str, float]:
    """Where the fiducials of all leads were found, in ms from R; those that are there."""
    overall = measured.analysis.fiducials.overall
    found = {name: getattr(overall, f"{name}_s") for name in MOVABLE}
    return {name: value * 1000.0 for name, value in found.items() if value is not None}


def places_ms(measured: MeasuredEcg) -> dict[str, float]:
    """Where the fiducials of all leads are, in ms from R, as corrected; those that are there."""
    places = automatic_places_ms(measured)
    for one in measured.corrections:
        if one.counts and one.fiducial and one.offset_ms is not None:
            places[one.fiducial] = one.offset_ms
    return places


def _check_order(places: dict[str, float], moved: str) -> None:
    in_order = [name for name in MOVABLE if name in places]
    for before, after in pairwise(in_order):
        if places[before] >= places[after] and moved in (before, after):
            where = " and ".join(f"{name} at {places[name]:g} ms" for name in (before, after))
            raise InvalidInputError(f"{moved} cannot be there: {where} from R would not be in this order")


def undo_correction(
    room: ReadingRoom, user: User, ecg_id: UUID, correction_id: UUID, *, address: str = ""
) -> None:
    """Take a correction back; it stays in the list, with who did it and when.

    Raises
    ------
    EcgNotFoundError, CorrectionNotFoundError
    """
    with room.database.writing() as connection:
        lock_recording(connection, user.id, ecg_id)
        if not store.undo_correction(
            connection, user.id, ecg_id, correction_id, at=utc_now(), by=user.username
        ):
            raise CorrectionNotFoundError(correction_id)
        audit_action(connection, user, "undo correction", f"{ecg_id} {correction_id}", address)


def _insert(room: ReadingRoom, user: User, ecg_id: UUID, correction: Correction, address: str) -> Correction:
    """A fiducial that was moved before is moved again: the earlier move is taken back."""
    with room.database.writing() as connection:
        lock_recording(connection, user.id, ecg_id)
        for one in store.list_corrections(connection, user.id, ecg_id):
            if one.counts and correction.fiducial and one.fiducial == correction.fiducial:
                store.undo_correction(
                    connection, user.id, ecg_id, one.id, at=correction.created_at, by=user.username
                )
        store.insert_correction(connection, user.id, ecg_id, correction)
        audit_action(connection, user, f"correct {correction.kind}", f"{ecg_id} {correction.id}", address)
    return correction
