"""EDF and BDF files are kept without their samples and given back byte for byte; others are kept whole."""

from __future__ import annotations

import numpy as np
import pytest
from sqlalchemy import func, select, update

from ecg_core.domain import Lead, Recording
from ecg_core.services import recordings, reports, uploads
from ecg_core.services.kept_files import encode_files
from ecg_core.services.verify import verify
from ecg_core.storage.tables import ChunkRow, OriginalChunkRow, OriginalRow
from tests.readers.test_readers_edf import edf, marks, signal

RECORDS = 5_000


def numbers(samples, most, seed=0):
    values = np.random.default_rng(seed).integers(-most, most, samples * RECORDS).tolist()
    return [-most, most - 1, *values[2:]]


def annotated(*, width=2, most=2000, tail=b"", kind="EDF+C", records=RECORDS, stated=None):
    """Two leads around a signal of annotations, of different rates."""
    times = [f"+{n}\x14\x14\0".encode() for n in range(records)]
    times[1] += b"+1.5\x14a note\x14\0"
    signals = [
        signal("ECG I", 30, numbers(30, most)),
        marks(*times),
        signal("ECG II", 7, numbers(7, most, 1)),
    ]
    return edf(signals, records=records, width=width, kind=kind, stated=stated) + tail


def kept_bytes(room) -> tuple[int, list]:
    with room.database.reading() as connection:
        size = connection.execute(select(func.sum(func.length(OriginalChunkRow.data)))).scalar_one()
        return size, connection.execute(select(OriginalRow.layout)).scalar_one()


@pytest.mark.parametrize(
    "data",
    [
        annotated(),
        annotated(most=100),  # kept as 8-bit integers
        annotated(width=3, most=2**22, kind="BDF+C"),
        annotated(tail=b"more than the header states"),
        annotated(stated=-1, kind="", tail=b"x"),
    ],
    ids=["EDF+", "8 bits", "BDF+", "tail", "records not stated"],
)
def test_the_file_comes_back_though_its_samples_are_kept_once(room, make_user, data):
    user = make_user()
    ecg = uploads.add_file(room, user, "a.edf", data).ecg
    size, layout = kept_bytes(room)
    assert layout and size < len(data) / 8
    assert b"".join(reports.original_file(room, user, ecg.id).chunks) == data
    assert [found.damage for found in verify(room)] == [()]


def test_an_interrupted_file_is_kept_whole(room, make_user):
    user = make_user()
    times = [b"+0\x14\x14\0", b"+1\x14\x14\0", b"+9\x14\x14\0"]
    signals = [signal("ECG I", 3, list(range(9))), marks(*times)]
    data = edf(signals, records=3, kind="EDF+D")
    ecg = uploads.add_file(room, user, "a.edf", data).ecg
    assert kept_bytes(room)[1] == []
    assert b"".join(reports.original_file(room, user, ecg.id).chunks) == data


def test_samples_that_are_not_those_of_the_file_do_not_pass(room):
    data = annotated()
    one, two = np.array(numbers(30, 2000), np.int16), np.array(numbers(7, 2000, 1), np.int16)
    good = Recording((Lead("I", one), Lead("II", two)), "edf")
    assert encode_files("a.edf", data, {}, good)[0].layout is not None
    wrong = one.copy()
    wrong[77_777] += 1
    changed = Recording((Lead("I", wrong), Lead("II", two)), "edf")
    assert encode_files("a.edf", data, {}, changed)[0].layout is None
    short = Recording((Lead("I", one[:-1]), Lead("II", two)), "edf")
    assert encode_files("a.edf", data, {}, short)[0].layout is None


def test_damage_of_a_lead_is_damage_of_its_file(room, make_user):
    user = make_user()
    uploads.add_file(room, user, "a.edf", annotated())
    with room.database.writing() as connection:
        row = connection.execute(select(ChunkRow.data).where(ChunkRow.position == 1)).scalars().first()
        bad = row[:40] + bytes([row[40] ^ 4]) + row[41:]
        connection.execute(update(ChunkRow).where(ChunkRow.position == 1).values(data=bad))
    (found,) = verify(room)
    assert [text.split(":")[0] for text in found.damage] == ["lead II", "file a.edf"]


def test_what_is_read_is_the_same_as_ever(room, make_user):
    user = make_user()
    ecg = uploads.add_file(room, user, "a.edf", annotated()).ecg
    lead, _ = recordings.read_lead(room, user, ecg.id, "I")
    assert lead.samples.tolist() == numbers(30, 2000)
