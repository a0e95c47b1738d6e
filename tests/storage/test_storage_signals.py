"""Signals come back bit for bit; what is stored half, damaged or not one's own does not come back at all."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from sqlalchemy import delete, select, text, update

from ecg_core.domain import Lead, Recording
from ecg_core.errors import ConfigurationError, EcgError, StorageFullError
from ecg_core.services import recordings, uploads
from ecg_core.storage.database import Database
from ecg_core.storage.signals import CHUNK_SAMPLES, decode, encode, encode_signal
from ecg_core.storage.tables import ChunkRow, RecordingRow

DTYPES = ("int8", "uint8", "int16", "uint16", "int32", "uint32", "int64", "uint64", "float32", "float64")


def bits(samples: np.ndarray) -> bytes:
    return samples.tobytes()


def store(room, user, *leads: Lead):
    recording = Recording(leads, "test")
    stored = uploads._summarize(recording, user, "", "0")
    uploads._insert(room, user, recording, stored, once=False, address="")
    return stored.id


ARRAYS = st.sampled_from(DTYPES).flatmap(lambda dtype: hnp.arrays(dtype, st.integers(1, 300)))


@settings(deadline=None)
@given(ARRAYS)
def test_every_bit_comes_back_from_the_codec(samples):
    assert bits(decode(encode(samples), samples.dtype.name)) == bits(samples)


@settings(deadline=None)
@given(ARRAYS, st.data())
def test_one_wrong_bit_is_noticed(samples, data):
    stored = bytearray(encode(samples))
    wrong = data.draw(st.integers(0, 8 * len(stored) - 1))
    stored[wrong // 8] ^= 1 << wrong % 8
    with pytest.raises(EcgError, match="damaged"):
        decode(bytes(stored), samples.dtype.name)


@pytest.mark.parametrize("length", [0, 1, 3, 4, 5, -1])
def test_a_chunk_cut_short_is_noticed(length):
    with pytest.raises(EcgError, match="damaged"):
        decode(encode(np.arange(100))[:length], "int64")


def test_a_chunk_of_another_type_is_noticed():
    with pytest.raises(EcgError, match="int32, not int16"):
        decode(encode(np.arange(5, dtype=np.int32)), "int16")


@pytest.mark.parametrize("dtype", [">i2", ">u4", ">i8", ">f4", ">f8"])
def test_the_other_byte_order_and_strides_make_no_difference(dtype):
    samples = np.arange(-50, 50).astype(dtype)[::-3]
    came = decode(encode(samples), samples.dtype.name)
    assert came.dtype.name == samples.dtype.name and np.array_equal(came, samples)


def random_samples(dtype: str, length: int) -> np.ndarray:
    rng = np.random.default_rng(length)
    if np.dtype(dtype).kind == "f":
        samples = rng.normal(size=length).astype(dtype)
        samples[::7] = np.nan
        samples[1::11] = -0.0
        return samples
    limits = np.iinfo(dtype)
    return rng.integers(limits.min, limits.max, length, dtype, endpoint=True)


@pytest.mark.parametrize("dtype", DTYPES)
def test_every_bit_comes_back_from_the_database(room, make_user, dtype):
    user = make_user()
    lengths = (0, 1, CHUNK_SAMPLES - 1, CHUNK_SAMPLES, CHUNK_SAMPLES + 1, 3 * CHUNK_SAMPLES)
    leads = [Lead(f"L{n}", random_samples(dtype, n), 500.0) for n in lengths]
    ecg_id = store(room, user, *leads)
    for sent, (came, _) in zip(leads, recordings.iterate_leads(room, user, ecg_id), strict=True):
        assert came.samples.dtype == sent.samples.dtype and bits(came.samples) == bits(sent.samples)


def test_any_window_comes_back(room, make_user):
    user, rng = make_user(), np.random.default_rng(1)
    samples = random_samples("int16", 3 * CHUNK_SAMPLES + 17)
    ecg_id = store(room, user, Lead("I", samples))
    edges = [0, 1, CHUNK_SAMPLES - 1, CHUNK_SAMPLES, CHUNK_SAMPLES + 1, len(samples) - 1, len(samples)]
    for start, stop in [(a, b) for a in edges for b in edges] + rng.integers(
        0, len(samples), (20, 2)
    ).tolist():
        lead, _ = recordings.read_lead(room, user, ecg_id, "I", start=start, stop=max(start, stop))
        assert np.array_equal(lead.samples, samples[start : max(start, stop)])


def test_only_the_chunks_of_a_window_are_read(room, make_user):
    user = make_user()
    ecg_id = store(room, user, Lead("I", random_samples("int16", 3 * CHUNK_SAMPLES)))
    with room.database.writing() as connection:
        connection.execute(update(ChunkRow).where(ChunkRow.number == 2).values(data=b"damaged"))
    assert (
        len(recordings.read_lead(room, user, ecg_id, "I", stop=2 * CHUNK_SAMPLES)[0].samples)
        == 2 * CHUNK_SAMPLES
    )


def test_a_damaged_or_missing_chunk_is_said_not_shown(room, make_user):
    user = make_user()
    for damage in (
        update(ChunkRow).where(ChunkRow.number == 1).values(data=b"damaged"),
        update(ChunkRow).where(ChunkRow.number == 1).values(data=encode(np.zeros(5, np.int16))),
        delete(ChunkRow).where(ChunkRow.number == 1),
    ):
        ecg_id = store(room, user, Lead("I", random_samples("int16", 2 * CHUNK_SAMPLES + 5)))
        with room.database.writing() as connection:
            connection.execute(damage)
        with pytest.raises(EcgError, match="damaged"):
            recordings.read_lead(room, user, ecg_id, "I")


def test_a_failure_in_the_middle_leaves_nothing(room, make_user):
    user = make_user()
    recording = Recording((Lead("I", np.arange(10)),), "test")
    stored = uploads._summarize(recording, user, "", "0")
    with pytest.raises(RuntimeError), room.database.writing() as connection:
        from ecg_core.storage.recordings import insert_recording

        insert_recording(connection, stored, [encode_signal(np.arange(10))], owner_id=user.id, once=False)
        raise RuntimeError
    assert recordings.list_ecgs(room, user) == ([], 0)
    with room.database.reading() as connection:
        assert (
            connection.execute(select(ChunkRow.data)).all()
            == connection.execute(select(RecordingRow.id)).all()
            == []
        )


class TestSqlite:
    @pytest.fixture
    def database(self, tmp_path):
        opened = Database(f"sqlite:///{tmp_path / 'x.db'}")
        yield opened
        opened.close()

    def test_every_connection_is_durable(self, database):
        for opened in [database.engine.connect() for _ in range(5)]:
            found = {
                name: opened.execute(text(f"PRAGMA {name}")).scalar_one()
                for name in ("journal_mode", "synchronous", "foreign_keys")
            }
            assert found == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}
            opened.close()

    @pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:", "mysql://x/y", "nonsense"])
    def test_what_would_lose_ecgs_is_refused(self, url):
        with pytest.raises(ConfigurationError, match="ECG_DATABASE_URL"):
            Database(url)

    def test_a_full_database_stores_nothing_half_and_recovers(self, tmp_path):
        from ecg_core.services import users
        from ecg_core.services.room import open_reading_room
        from ecg_core.settings import Settings

        room = open_reading_room(Settings(data_dir=tmp_path, demo=False))
        user = users.user_of(room, users.register(room, "reader"))
        rng = np.random.default_rng(5)

        def body():
            signal = rng.integers(-9999, 9999, 60_000).tolist()
            return json.dumps({"leads": [{"name": "I", "signal": signal}]}).encode()

        def limit(pages: int) -> None:
            room.database.engine.dispose()
            with room.database.engine.connect() as connection:
                connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")

        limit(150)
        stored = []
        with pytest.raises(StorageFullError):
            for _ in range(50):
                stored.append(uploads.add_json(room, user, body()).id)
        assert len(stored) >= 1 and recordings.list_ecgs(room, user)[1] == len(stored)
        limit(10_000_000)
        uploads.add_json(room, user, body())
        assert recordings.list_ecgs(room, user)[1] == len(stored) + 1
        room.database.close()
