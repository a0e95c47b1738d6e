"""Every ECG can be exported, and what is exported is read again as the same ECG."""

import json

import numpy as np
import pytest

from ecg_core.errors import EcgNotFoundError, InvalidInputError, UnwritableError
from ecg_core.readers.containers import Source, find_bundles
from ecg_core.services import exports, recordings, uploads

WAVE = np.round(900 * np.sin(np.arange(4000) / 30)).astype(int)
BODY = {
    "sampling_rate": 500,
    "unit": "uV",
    "recorded_at": "2026-03-05T14:22:11",
    "leads": [{"name": "I", "signal": WAVE.tolist()}, {"name": "II", "signal": (2 * WAVE).tolist()}],
}


@pytest.fixture
def user(make_user):
    return make_user()


@pytest.mark.parametrize("writer", exports.WRITERS, ids=lambda writer: writer.name)
def test_what_is_exported_is_read_again(room, user, writer):
    ecg = uploads.add_json(room, user, json.dumps(BODY).encode())
    download, media_type = exports.export_ecg(room, user, ecg.id, writer.name)
    assert media_type == writer.media_type and str(ecg.id)[:8] in download.file_name
    (bundle,) = find_bundles([Source.of(download.file_name, b"".join(download.chunks))])
    again = uploads.add_bundle(room, user, bundle).added.ecg
    assert again.id != ecg.id and again.recorded_at == ecg.recorded_at
    for (one, _), (other, _) in zip(
        recordings.iterate_leads(room, user, ecg.id),
        recordings.iterate_leads(room, user, again.id),
        strict=True,
    ):
        assert (one.name, one.sampling_rate_hz) == (other.name, other.sampling_rate_hz)
        assert np.allclose(
            one.physical() * one.millivolts_per_unit,
            other.physical() * other.millivolts_per_unit,
            rtol=0,
            atol=1e-12,
        )


def test_what_cannot_be_written_is_said(room, user, make_user):
    body = {"leads": [{"name": "I", "signal": [1, 2, 3]}]}
    ecg = uploads.add_json(room, user, json.dumps(body).encode())
    with pytest.raises(UnwritableError, match="sampling rate"):
        exports.export_ecg(room, user, ecg.id, "wfdb")
    with pytest.raises(InvalidInputError, match="no writer 'docx'"):
        exports.export_ecg(room, user, ecg.id, "docx")
    with pytest.raises(EcgNotFoundError):
        exports.export_ecg(room, make_user("other"), ecg.id, "json")
