"""Prints of stored ECGs: the same as of the file, audited, with the marks of readers."""

from __future__ import annotations

import json
import re

import numpy as np
import pytest
from sqlalchemy import text as sql

from ecg_core.domain import Annotation
from ecg_core.errors import EcgNotFoundError
from ecg_core.figures.view import View
from ecg_core.services import marks, measurements, uploads
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


MARKS = (
    Annotation(1.0, "N", "beat"),
    Annotation(1.5, "V", "beat", lead="II"),
    Annotation(4.0, "(AFIB", "rhythm"),
    Annotation(6.0, "noise", "note", 0.8),
)


@pytest.mark.parametrize(
    "kind, view",
    [
        ("page", {"dead_band": 0.05, "detrend": True, "beats": True}),
        ("page", {"mode": "overlay", "beats": True, "filter": "0.5-40"}),
        ("page", {"mode": "disclosure", "dead_band": 0.05}),
        ("envelope", {"dead_band": 0.05, "beats": True}),
    ],
)
def test_the_stored_ecg_says_what_its_file_says(room, user, kind, view):
    signals = (synthesize_ecg(40, 250) * 1000).round().astype(np.int16)
    of = recording(
        dict(zip(TWELVE_LEADS, signals, strict=True)), rate=250.0, resolution=0.001, annotations=MARKS
    )
    stored = uploads._summarize(of, user, "test.ecg", "0")
    uploads._insert(room, user, of, stored, once=False, address="")
    request = PrintRequest(View(**view), stretches=((0.0, 20.0),), kind=kind)
    download, _ = print_ecg(room, user, stored.id, request, "pdf")
    texts = [
        re.sub(r"printed .*? UTC", "", " ".join(" ".join(pdf_texts(data)).split()))
        for data in (b"".join(download.chunks), pdf_of(of, request))
    ]
    assert texts[0] == texts[1]


def test_notes_stand_on_an_envelope(room, user):
    leads = [{"name": "II", "signal": np.tile(synthesize_ecg(10, 100)[1].round(3), 30).tolist()}]
    body = json.dumps({"leads": leads, "sampling_rate": 100, "unit": "mV"}).encode()
    ecg = uploads.add_json(room, user, body)
    marks.add_note(room, user, ecg.id, lead="II", start_sample=15_000, text="ST?")
    marks.add_caliper(room, user, ecg.id, lead="II", start_sample=500, stop_sample=900, name="RR")
    download, _ = print_ecg(room, user, ecg.id, PrintRequest(kind="envelope"), "pdf")
    data = b"".join(download.chunks)
    text = " ".join(pdf_texts(data)[0].split())
    assert "1. Note, lead II, 2:30: ST?" in text and "Not on this page: the places of calipers" in text
    band = longest(pdf_paths(data), "#111111")
    upright = [p for colour, p in pdf_paths(data) if colour == "#111111" and len(p) == 3]
    places = [p[1, 0] for p in upright if np.ptp(p[1:, 0]) < 0.01 and np.ptp(p[1:, 1]) > 20]
    middle = (np.nanmin(band[:, 0]) + np.nanmax(band[:, 0])) / 2
    assert places == pytest.approx([middle], abs=0.5)


def first_page(data) -> str:
    return " ".join(pdf_texts(data)[0].split())


def test_the_measurements_are_in_the_print_as_they_were_corrected(room, user, ecg):
    measured = measurements.read_measurements(room, user, ecg.id)
    value = {one.name: one.value for one in measured.measurements}
    before = first_page(pdf(room, user, ecg))
    assert f"Measured, not diagnosed — Heart rate {value['heart_rate']:.0f} bpm" in before
    for label, name in (("PR", "pr_interval"), ("QRS", "qrs_duration"), ("QT", "qt_interval")):
        assert f" {label} {value[name]:.0f} ms · " in before
    offset = measurements.places_ms(measured)["qrs_offset"]
    measurements.move_fiducial(room, user, ecg.id, "qrs_offset", offset + 20)
    after = first_page(pdf(room, user, ecg))
    assert f" QRS {value['qrs_duration'] + 20:.0f} ms* · " in after
    assert f"* QRS: corrected; automatic: {value['qrs_duration']:.0f} ms" in after


def test_a_print_says_why_nothing_was_measured(room, user):
    body = json.dumps({"leads": [{"name": "II", "signal": [0, 5, 9, -4, 2] * 200}]}).encode()
    text = first_page(pdf(room, user, uploads.add_json(room, user, body)))
    assert "Not measured: the sampling rate is unknown" in text


def test_a_print_does_not_wait_for_the_measurements_of_a_long_ecg(room, user):
    signal = (synthesize_ecg(150, 250, leads=("II",))[0] * 1000).round().tolist()
    body = {"leads": [{"name": "II", "signal": signal}], "sampling_rate": 250, "unit": "uV"}
    stored = uploads.add_json(room, user, json.dumps(body).encode())
    assert "Not measured yet: this long ECG is being measured" in first_page(pdf(room, user, stored))
    measurements.read_measurements(room, user, stored.id, wait=True)
    assert "Measured, not diagnosed — Heart rate" in first_page(pdf(room, user, stored))
