"""What is kept of the patient, by the deployment's setting, before anything of a file is stored."""

from __future__ import annotations

from dataclasses import replace

from ecg_core.domain import Recording
from ecg_core.services.room import ReadingRoom

#: What tells which patient it is, in the order in which it is relied on.
_IDENTITIES = (("patient id",), ("name", "birth date"), ("first name", "last name", "birth date"), ("name",))
_CLINICAL = ("sex", "age")
_SPELLINGS = {
    "patient id": ("patientid", "patient number", "id", "mrn"),
    "name": ("patient", "patient name"),
    "last name": ("surname",),
    "first name": ("given name",),
    "birth date": ("date of birth", "birthdate", "birthday", "dob", "geburtsdatum"),
    "sex": ("gender", "geschlecht"),
    "age": ("alter",),
}
_STANDARD = {other: name for name, others in _SPELLINGS.items() for other in others}
NOTICES = {
    "keep": "Patient fields in the files are kept.",
    "pseudonymise": (
        "Patient fields in the files are replaced by a pseudonym, the same for the same patient; sex and "
        "age are kept. The files themselves and their free text are not kept. "
        "File names are: rename those that name a patient."
    ),
    "drop": (
        "Patient fields in the files are not kept, nor are the files themselves and their free text. "
        "File names are: rename those that name a patient."
    ),
}


def privacy_notice(room: ReadingRoom) -> str:
    """What becomes of patient fields here, to be read before a file is sent."""
    return NOTICES[room.settings.patient_fields]


def apply_privacy(room: ReadingRoom, recording: Recording) -> tuple[Recording, bool]:
    """The recording with what may be kept of its patient, and whether its file may be kept.

    Free text of the file (metadata, notes) may name the patient anywhere and goes with the patient fields, as
    do remarks that quote it; the device's measurements and the marks of beats and rhythms stay.
    """
    wanted = room.settings.patient_fields
    if wanted == "keep":
        return recording, True
    patient = _pseudonymous(room, recording) if wanted == "pseudonymise" else {}
    marks = tuple(mark for mark in recording.annotations if mark.kind != "note")
    quoted = [text for said in (recording.patient, recording.metadata) for text in said.values() if text]
    remarks = tuple(remark for remark in recording.remarks if not any(text in remark for text in quoted))
    kept = replace(recording, patient=patient, metadata={}, annotations=marks, remarks=remarks)
    return kept, False


def _pseudonymous(room: ReadingRoom, recording: Recording) -> dict[str, str]:
    lower = ((" ".join(name.lower().split()), text) for name, text in recording.patient.items())
    found = {_STANDARD.get(name, name): text for name, text in lower}
    kept = {name: found[name] for name in _CLINICAL if name in found}
    for names in _IDENTITIES:
        if all(found.get(name) for name in names):
            identity = "\n".join(" ".join(found[name].split()).casefold() for name in names)
            return {"pseudonym": room.keyed_hash(f"patient\n{identity}")[:16], **kept}
    return kept
