"""Every query names the owner, and what a file may state fits into either database."""

from __future__ import annotations

import json
from uuid import uuid4

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from ecg_core.domain import Lead, Recording
from ecg_core.errors import EcgNotFoundError
from ecg_core.services import recordings, uploads
from ecg_core.storage import recordings as store
from ecg_core.storage.signals import CHUNK_SAMPLES, STORABLE

BODY = {"leads": [{"name": "I", "signal": [1, -1]}]}
LONGEST_TIME = "2024-03-05T14:22:11.123456+01:00:00.123456"


def add(room, user, **fields):
    return uploads.add_json(room, user, json.dumps({**BODY, **fields}).encode())


def keep(room, user, *leads: Lead):
    """Store leads as a reader would give them."""
    recording = Recording(leads, "test")
    stored = uploads._summarize(recording, user, "", "0")
    uploads._insert(room, user, recording, stored, once=False, address="")
    return stored.id


@pytest.mark.parametrize("query", ["get_recording", "get_leads", "update_duration", "delete_recording"])
def test_with_another_owner_there_is_no_such_recording(room, make_user, query):
    owner, other = make_user("owner"), make_user("other")
    ecg = add(room, owner)
    for owner_id, ecg_id in ((other.id, ecg.id), (owner.id, uuid4()), (0, ecg.id), (-1, ecg.id)):
        with pytest.raises(EcgNotFoundError, match=str(ecg_id)), room.database.writing() as connection:
            getattr(store, query)(connection, owner_id, ecg_id)
    with room.database.reading() as connection:
        assert store.get_recording(connection, owner.id, ecg.id) == ecg


def test_with_another_owner_lists_and_files_are_empty(room, make_user):
    owner, other = make_user("owner"), make_user("other")
    ecg = add(room, owner)
    with room.database.reading() as connection:
        assert store.find_file(connection, owner.id, ecg.sha256) == ecg.id
        assert store.find_file(connection, other.id, ecg.sha256) is None
        assert store.list_recordings(connection, other.id) == ([], 0)
        assert store.list_after(connection, other.id, 0) == ([], 0)


@pytest.mark.parametrize(
    "time",
    [LONGEST_TIME, "0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59.999999-23:59", "2024-03-05T14:22"],
)
def test_a_time_of_any_length_comes_back_with_its_zone(room, make_user, time):
    user = make_user()
    ecg = add(room, user, recorded_at=time)
    came = recordings.get_ecg(room, user, ecg.id).recorded_at
    assert came.isoformat() == ecg.recorded_at.isoformat()
    assert came.utcoffset() == ecg.recorded_at.utcoffset()


def test_the_longest_names_and_texts_fit(room, make_user):
    user = make_user()
    table = "\n\n".join([f"Name,{'Ä' * 9000}", f"{'𝄞' * 64} (mV),II\n1,2\n3,4\n5,6\n7,9\n"])
    ecg = uploads.add_file(room, user, "𝄞" * 400, table.encode()).ecg
    assert recordings.get_ecg(room, user, ecg.id) == ecg
    assert [lead.name for lead in ecg.leads] == ["𝄞" * 64, "II"] and ecg.file_name == "𝄞" * 255
    names = [f"L{n}" for n in range(1000)]
    many = {"leads": [{"name": name, "signal": [n, -n]} for n, name in enumerate(names)]}
    ecg = uploads.add_json(room, user, json.dumps(many).encode())
    assert [lead.name for lead in recordings.get_ecg(room, user, ecg.id).leads] == names


EXTREMES = {
    "float32": [np.nan, -0.0, 0.0, 1e-45, -1e-45, 3.4028235e38, -3.4028235e38, np.inf, -np.inf],
    "float64": [np.nan, -0.0, 5e-324, -5e-324, 1.7976931348623157e308, -1.7976931348623157e308, np.inf],
}


@pytest.mark.parametrize("dtype", STORABLE)
def test_the_extremes_of_every_type_come_back(room, make_user, dtype):
    user = make_user()
    limits = EXTREMES.get(dtype) or [np.iinfo(dtype).min, 0, np.iinfo(dtype).max]
    samples = np.resize(np.array(limits, dtype), CHUNK_SAMPLES + len(limits))
    ecg_id = keep(room, user, Lead("I", samples))
    ((lead, summary),) = recordings.iterate_leads(room, user, ecg_id)
    assert lead.samples.dtype == samples.dtype and lead.samples.tobytes() == samples.tobytes()
    assert summary.number_of_samples == len(samples)


ARRAYS = st.sampled_from(STORABLE).flatmap(lambda dtype: hnp.arrays(dtype, st.integers(0, 200)))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(ARRAYS, min_size=1, max_size=4), st.integers(-5, 205), st.integers(-5, 205))
def test_any_signals_and_any_window_of_them_come_back(room, make_user, signals, start, length):
    user = make_user()
    leads = [Lead(f"L{number}", samples) for number, samples in enumerate(signals)]
    ecg_id = keep(room, user, *leads)
    for sent, (came, _) in zip(leads, recordings.iterate_leads(room, user, ecg_id), strict=True):
        assert came.samples.tobytes() == sent.samples.tobytes()
    names = {lead.name for lead in leads}
    windows = recordings.read_windows(room, user, ecg_id, start=start, length=length, names=names)
    for sent, window in zip(leads, windows, strict=True):
        expected = sent.samples[max(0, start) : max(0, start + length)]
        assert window.lead.samples.tobytes() == expected.tobytes()
