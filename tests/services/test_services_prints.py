"""Prints of stored ECGs: the same as of the file, audited, with the marks of readers."""

from __future__ import annotations

import json
import re

import numpy as np
import pytest
from sqlalchemy import text as sql

from ecg_core.errors import EcgNotFoundError
from ecg_core.figures.view import View
from ecg_core.services import marks, uploads
from ecg_core.services.prints import PrintRequest, print_ecg
from ecg_core.signal.synthetic import TWELVE_LEADS, synthesize_ecg
from tests.reports.printed import longest, pdf_of, pdf_paths, pdf_texts, recording


@pytest.fixture
def user(make_user):
    return make_user()


@pytest.fixture
def ecg(room, user):
    signals = synthesize_ecg(10, 500).round(3)
    leads = [{"name": name, "signal": row.tolist()} for name, row in zip(TWELVE_LEADS, signals, strict=True)]
    body = json.dumps({"leads": leads, "sampling_rate": 500, "unit": "mV"}).encode()
    return uploads.add_json(room, user, body)


def pdf(room, user, ecg, **view) -> bytes:
    download, media_type = print_ecg(room, user, ecg.id, PrintRequest(View(**view)), "pdf")
    assert media_type == "application/pdf" and download.file_name.endswith(".pdf")
    return b"".join(download.chunks)


@pytest.mark.parametrize(
    "view", [{}, {"filter": "0.5-40", "notch": "50"}, {"baseline": True, "layout": "12x1"}]
)
def test_the_stored_ecg_is_drawn_as_its_file(room, user, ecg, view):
    signals = synthesize_ecg(10, 500).round(3)
    of = recording(dict(zip(TWELVE_LEADS, signals, strict=True)))
    stored = pdf(room, user, ecg, crossings="off", **view)
    direct = pdf_of(of, PrintRequest(View(crossings="off", **view)))
    traces = [longest(pdf_paths(data), "#111111") for data in (stored, direct)]
    across = [points - points[1] for points in traces]
    assert np.allclose(*across, atol=0.03, equal_nan=True)
    counts = [re.search(r"II \d+ of \d+", pdf_texts(data)[0])[0] for data in (stored, direct)]
    assert counts[0] == counts[1]


def test_marks_are_in_the_print(room, user, ecg):
    marks.add_caliper(room, user, ecg.id, lead="II", start_sample=500, stop_sample=900, name="RR")
    marks.add_note(room, user, ecg.id, lead="V2", start_sample=1000, text="ST?")
    text = " ".join(pdf_texts(pdf(room, user, ecg))[0].split())
    assert "C1. Caliper, lead II, 1.000 s–1.800 s: RR · 800 ms · 75 bpm" in text
    assert "1. Note, lead V2, 2.000 s: ST?" in text


def test_a_print_is_audited_and_only_for_its_owner(room, user, ecg, make_user):
    pdf(room, user, ecg)
    with room.database.reading() as connection:
        actions = connection.execute(sql("SELECT action, target FROM audit ORDER BY id")).all()
    assert ("download", f"print pdf {ecg.id}") in [tuple(row) for row in actions]
    with pytest.raises(EcgNotFoundError):
        pdf(room, make_user("other"), ecg)
