"""The uploaded file is given back, damage is named, and patient fields are kept only where that is wanted."""

import io
import zipfile

import pytest
from sqlalchemy import delete, select, update

from ecg_core.command_line import main
from ecg_core.errors import EcgNotFoundError, ReportNotFoundError
from ecg_core.services import recordings, reports, uploads
from ecg_core.services.privacy import NOTICES, privacy_notice
from ecg_core.services.room import open_reading_room
from ecg_core.services.verify import verify
from ecg_core.storage.originals import encode_originals
from ecg_core.storage.tables import AnnotationsRow, ChunkRow, OriginalChunkRow, RecordingRow

JANE = (
    b"Name,Jane Roe\nDate of Birth,1970-01-31\nSex,F\nDevice,Watch of Jane Roe\nSample Rate,512 hertz\n"
    b"\nI\n1\n-1\n2\n"
)


def contents(download):
    return b"".join(download.chunks)


def everything(room):
    """All text that the database holds of recordings and files."""
    with room.database.reading() as connection:
        rows = connection.execute(select(*RecordingRow.__table__.c)).all()
        files = connection.execute(select(OriginalChunkRow.data)).all()
    return repr(rows), files


def test_the_uploaded_file_comes_back_byte_for_byte(room, make_user):
    user, other = make_user("reader"), make_user("other")
    data = JANE + b"3\n" * 1_500_000
    ecg = uploads.add_file(room, user, "jane.csv", data).ecg
    download = reports.original_file(room, user, ecg.id)
    assert (download.file_name, contents(download)) == ("jane.csv", data)
    with pytest.raises(EcgNotFoundError):
        reports.original_file(room, other, ecg.id)
    body = uploads.add_json(room, user, b'{"leads": [{"name": "I", "signal": [1]}]}')
    with pytest.raises(ReportNotFoundError, match="not kept"):
        reports.original_file(room, user, body.id)


def test_files_that_belong_together_come_back_as_an_archive(room, make_user):
    user = make_user()
    originals = encode_originals("a.csv", JANE, {"b.dat": b"\0\1", "c.atr": b""})
    recording = uploads.read_recording(JANE)
    stored = uploads._summarize(recording, user, "a.csv", "0" * 64)
    uploads._insert(room, user, recording, stored, once=True, address="", originals=originals)
    download = reports.original_file(room, user, stored.id)
    assert download.file_name.endswith(".zip")
    with zipfile.ZipFile(io.BytesIO(contents(download))) as archive:
        assert {name: archive.read(name) for name in archive.namelist()} == {
            "a.csv": JANE, "b.dat": b"\0\1", "c.atr": b"",
        }  # fmt: skip


def test_everything_goes_with_the_ecg(room, make_user):
    user = make_user()
    ecg = uploads.add_file(room, user, "jane.csv", JANE).ecg
    recordings.delete_ecg(room, user, ecg.id)
    assert everything(room) == ("[]", [])


def test_damage_is_found_and_named(room, make_user):
    user = make_user()
    whole = uploads.add_file(room, user, "whole.csv", JANE).ecg
    signal = uploads.add_file(room, user, "signal.csv", JANE + b"4\n").ecg
    file = uploads.add_file(room, user, "file.csv", JANE + b"5\n").ecg
    assert [found.damage for found in verify(room)] == [(), (), ()]
    with room.database.writing() as connection:
        numbers = [
            connection.execute(select(RecordingRow.number).where(RecordingRow.id == ecg.id)).scalar_one()
            for ecg in (signal, file)
        ]
        connection.execute(
            update(ChunkRow).where(ChunkRow.recording_number == numbers[0]).values(data=b"12345")
        )
        connection.execute(delete(OriginalChunkRow).where(OriginalChunkRow.recording_number == numbers[1]))
    found = {each.ecg_id: each.damage for each in verify(room)}
    assert found[whole.id] == ()
    assert len(found[signal.id]) == 1 and "lead I" in found[signal.id][0]
    assert len(found[file.id]) == 1 and "file.csv" in found[file.id][0]


def test_the_command_says_what_is_damaged(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("ECG_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("ECG_DEMO", "0")
    assert main(["verify"]) == 0
    assert capsys.readouterr().out == "0 ECGs checked, 0 damaged\n"


def test_annotations_are_checked_too(room, make_user):
    user = make_user()
    uploads.add_file(room, user, "a.csv", JANE)
    with room.database.writing() as connection:
        number = connection.execute(select(RecordingRow.number)).scalar_one()
        connection.execute(AnnotationsRow.__table__.insert().values(recording_number=number, data=b"xxxxx"))
    (found,) = verify(room)
    assert found.damage == ("annotations: The stored annotations are damaged: they are not what was stored",)


@pytest.mark.parametrize("wanted", ["keep", "pseudonymise", "drop"])
def test_patient_fields_are_kept_as_the_setting_says(settings, wanted):
    room = open_reading_room(settings.model_copy(update={"patient_fields": wanted}))
    assert privacy_notice(room) == NOTICES[wanted]
    user = uploads_user(room)
    ecg = uploads.add_file(room, user, "a.csv", JANE).ecg
    again = uploads.add_file(room, user, "b.csv", JANE.replace(b"Jane Roe", b" JANE  roe") + b"4\n").ecg
    text, files = everything(room)
    assert recordings.get_ecg(room, user, ecg.id).leads[0].number_of_samples == 3
    assert ecg.leads[0].sampling_rate_hz == 512
    if wanted == "keep":
        assert ecg.patient["Name"] == "Jane Roe" and files and ecg.number_of_files == 1
    else:
        assert "Jane" not in text and "1970" not in text and "roe" not in text.lower() and files == []
        assert (ecg.number_of_files, ecg.metadata) == (0, {})
    if wanted == "pseudonymise":
        assert (
            ecg.patient == again.patient and ecg.patient["sex"] == "F" and len(ecg.patient["pseudonym"]) == 16
        )
        assert room.keyed_hash("x") and ecg.patient["pseudonym"] not in room.keyed_hash("Jane Roe")
    if wanted == "drop":
        assert ecg.patient == {}
    room.database.close()


def uploads_user(room):
    from ecg_core.services import users

    return users.user_of(room, users.register(room, "reader"))
