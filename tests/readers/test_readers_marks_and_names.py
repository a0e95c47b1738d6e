"""Marks that belong to a lead or to the end of a recording, and a name with a sign."""

from __future__ import annotations

import numpy as np
import pytest

from ecg_core.domain import Annotation, Lead, Recording
from ecg_core.readers import read_recording
from ecg_core.readers.channels import lead_names, standard_lead_name
from ecg_core.readers.containers import HEAD, Source, find_bundles
from ecg_core.readers.wfdb_annotations import recognizes_annotations
from ecg_core.writers import writer_named

LEADS = tuple(Lead(name, np.arange(1000, dtype=np.int16), 500.0, "mV", 0.005) for name in ("I", "V1"))


def edf(*marks):
    return writer_named("edf").write(Recording(LEADS, "test", annotations=marks), name="x").data


def test_minus_avr_is_not_avr():
    assert standard_lead_name("-aVR") == "-aVR" and standard_lead_name("aVR") == "aVR"
    assert lead_names(["-aVR", "aVR"]) == ["-aVR", "aVR"]


@pytest.mark.parametrize("text, lead", [("p", "V1"), ("P wave", "I"), ("a@@b", "V1")])
def test_a_mark_of_edf_names_its_lead(text, lead):
    (mark,) = read_recording(edf(Annotation(0.5, text, lead=lead))).annotations
    assert (mark.text, mark.lead) == (text, lead)


@pytest.mark.parametrize("text", ["mail me@@home", "@@V1", "x@@"])
def test_two_signs_without_a_lead_are_text(text):
    (mark,) = read_recording(edf(Annotation(0.5, text))).annotations
    assert (mark.text, mark.lead) == (text, "")


@pytest.mark.parametrize("end, kept", [(1.9, 950), (1.998, 999), (0.5, 1000), (2.1, 1000)])
def test_a_recording_of_edf_ends_where_it_says_within_the_last_data_record(end, kept):
    recording = read_recording(edf(Annotation(end, "Recording ends")))
    assert [len(lead.samples) for lead in recording.leads] == [kept, kept]
    assert len(recording.annotations) == (1 if kept == 1000 else 0)


def test_marks_with_texts_come_with_their_record():
    marks = tuple(Annotation(number / 500, "beat with words", "note") for number in range(900))
    written = writer_named("wfdb").write(Recording(LEADS, "test", annotations=marks), name="x")
    (bundle,) = find_bundles([Source.of(written.file_name, written.data)])
    content = bundle.siblings()["x.atr"]
    assert len(content) > HEAD and recognizes_annotations(content)
    assert not recognizes_annotations(content[: HEAD + 2])  # a whole file must have its end mark
    recording = read_recording(bundle.load(), siblings=bundle.siblings())
    assert len(recording.annotations) == 900


def test_marks_of_a_real_record_come_with_it(real_data):
    sources = [
        Source.of(path.name, path.read_bytes()) for path in sorted((real_data / "mitdb").glob("106.*"))
    ]
    (bundle,) = find_bundles(sources)
    assert len(read_recording(bundle.load(), siblings=bundle.siblings()).annotations) == 2098


def test_a_wfdb_header_says_who_the_patient_is():
    header = "x 1 500 4\nx.dat 16 200 16 0 0 0 0 I\n"
    header += "# patient id: A-17\n# patient name: Jane\n# age: 54\n# device: y\n"
    recording = read_recording(header.encode(), siblings={"x.dat": bytes(8)})
    assert recording.patient == {"patient id": "A-17", "name": "Jane", "age": "54"}
    assert recording.metadata["device"] == "y"
