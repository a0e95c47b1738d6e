"""What cannot be read is kept with its reason, for its owner alone."""

import io
import zipfile

import pytest

from ecg_core.errors import EcgNotFoundError
from ecg_core.readers.containers import Source, find_bundles
from ecg_core.services import recordings, unread, uploads
from ecg_core.services.room import open_reading_room
from tests.services.test_services_files import JANE, uploads_user

BAD = b'{"leads": []}'


def send(room, user, *files):
    bundles = find_bundles([Source.of(name, data) for name, data in files])
    return [unread.add_or_keep(room, user, bundle) for bundle in bundles]


def test_it_is_kept_with_the_reason_and_given_back(room, make_user):
    user, other = make_user("reader"), make_user("other")
    good, bad = send(room, user, ("good.csv", JANE), ("bad.json", BAD))
    assert good.added and not bad.added and '"leads" is empty' in bad.problem
    (kept,) = unread.list_unread(room, user)
    assert (kept.name, kept.size, kept.reason) == ("bad.json", len(BAD), bad.problem)
    assert b"".join(unread.unread_file(room, user, kept.id).chunks) == BAD
    assert unread.list_unread(room, other) == []
    for forbidden in (unread.unread_file, unread.delete_unread, unread.read_again):
        with pytest.raises(EcgNotFoundError):
            forbidden(room, other, kept.id)
    unread.delete_unread(room, user, kept.id)
    assert unread.list_unread(room, user) == []


def test_the_same_file_is_kept_once(room, make_user):
    user = make_user()
    send(room, user, ("a.json", BAD))
    send(room, user, ("b.json", BAD))
    assert [file.name for file in unread.list_unread(room, user)] == ["a.json"]


def test_files_that_belong_together_are_kept_together(room, make_user):
    user = make_user()
    header = b"r 1 100 3\nr.dat 16 200 16 0 1 6 0 II\n"
    (result,) = send(room, user, ("r.hea", header), ("r.dat", b"\1\0"))
    assert result.added is None
    (kept,) = unread.list_unread(room, user)
    with zipfile.ZipFile(io.BytesIO(b"".join(unread.unread_file(room, user, kept.id).chunks))) as archive:
        assert {name: archive.read(name) for name in archive.namelist()} == {
            "r.hea": header,
            "r.dat": b"\1\0",
        }


def test_what_can_be_read_now_becomes_an_ecg(room, make_user, monkeypatch):
    """As after an update: the file was kept by a version that could not read it."""
    user = make_user()
    (bundle,) = find_bundles([Source.of("jane.csv", JANE)])
    unread._keep(room, user, bundle, "an older version could not read it")
    (kept,) = unread.list_unread(room, user)
    (result,) = unread.read_again(room, user, kept.id)
    assert result.added and unread.list_unread(room, user) == []
    assert recordings.get_ecg(room, user, result.added.ecg.id).file_name == "jane.csv"


def test_what_still_cannot_be_read_says_the_new_reason(room, make_user):
    user = make_user()
    (bundle,) = find_bundles([Source.of("bad.json", BAD)])
    unread._keep(room, user, bundle, "an old reason")
    (kept,) = unread.list_unread(room, user)
    assert unread.read_again(room, user, kept.id)[0].added is None
    assert '"leads" is empty' in unread.list_unread(room, user)[0].reason


@pytest.mark.parametrize("wanted", ["pseudonymise", "drop"])
def test_nothing_is_kept_where_patient_fields_are_not(settings, wanted):
    room = open_reading_room(settings.model_copy(update={"patient_fields": wanted}))
    user = uploads_user(room)
    (result,) = send(room, user, ("bad.json", BAD))
    assert result.problem and unread.list_unread(room, user) == []
    assert uploads.add_file(room, user, "good.csv", JANE).is_new
    room.database.close()
