"""Other people's programs read what is written: wfdb, pyedflib, pydicom, pandas."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import datetime

import numpy as np
import pandas as pd
import pytest

from ecg_core.domain import Annotation, Lead, Recording
from ecg_core.writers import writer_named

RATE, LENGTH = 360.0, 3601
MARKS = (
    Annotation(0.5, "(AFIB", "rhythm"),
    Annotation(180 / RATE, "N", "beat"),
    Annotation(3601 / RATE, "V", "beat"),
    Annotation(3700 / RATE, "watch this", "note"),
)


@pytest.fixture
def recording():
    chance = np.random.default_rng(1)
    counts = chance.integers(-900, 900, (2, LENGTH), dtype=np.int16)
    leads = (
        Lead("II", counts[0], RATE, "mV", 0.005, 0.32),
        Lead("V1", counts[1], RATE, "uV", 2.5),
    )
    return Recording(
        leads,
        "test",
        recorded_at=datetime(2024, 3, 5, 14, 22, 11, 250_000),
        patient={"patient id": "A-17", "name": "Jane Doe", "sex": "F", "birth date": "1970-01-31"},
        annotations=MARKS,
    )


def unpacked(written, folder):
    zipfile.ZipFile(io.BytesIO(written.data)).extractall(folder)
    return str(folder / "x")


def test_wfdb_reads_the_record_and_its_marks(recording, tmp_path):
    import wfdb

    path = unpacked(writer_named("wfdb").write(recording, name="x"), tmp_path)
    record = wfdb.rdrecord(path, physical=False)
    assert (record.fs, record.sig_len, record.sig_name) == (RATE, LENGTH, ["II", "V1"])
    assert record.units == ["mV", "uV"] and record.fmt == ["16", "16"]
    assert record.base_datetime == recording.recorded_at
    assert record.calc_checksum() == [checksum % 65536 for checksum in record.checksum]
    for number, lead in enumerate(recording.leads):
        np.testing.assert_array_equal(record.d_signal[:, number], lead.samples)
        assert record.init_value[number] == lead.samples[0]
    physical = wfdb.rdrecord(path).p_signal
    np.testing.assert_allclose(physical[:, 0], recording.leads[0].physical(), atol=1e-12)
    marks = wfdb.rdann(path, "atr")
    assert list(marks.sample) == [180, 180, 3601, 3700]
    assert marks.symbol == ["+", "N", "V", '"']
    assert marks.aux_note == ["(AFIB", "", "", "watch this"]


@pytest.mark.parametrize("largest", [30_000, 3_000_000, 2_000_000_000])
def test_wfdb_reads_every_width_with_missing_samples_and_two_rates(largest, tmp_path):
    import wfdb

    slow = np.array([1.0, np.nan, largest, -largest])
    fast = np.arange(8) * largest // 8
    leads = (Lead("II", slow, 250.0, "mV"), Lead("ABP", fast, 500.0, "mmHg", 0.5, 10.0))
    path = unpacked(writer_named("wfdb").write(Recording(leads, "test"), name="x"), tmp_path)
    record = wfdb.rdrecord(path, smooth_frames=False)
    np.testing.assert_array_equal(record.e_p_signal[0], slow)
    np.testing.assert_allclose(record.e_p_signal[1], fast * 0.5 + 10)
    assert record.samps_per_frame == [1, 2] and record.fs == 250


def test_marks_between_samples_state_their_resolution(tmp_path, recording):
    import wfdb

    marks = (Annotation(0.0005, "N", "beat"), Annotation(3000.123, "V", "beat"))
    changed = Recording(recording.leads, "test", annotations=marks)
    path = unpacked(writer_named("wfdb").write(changed, name="x"), tmp_path)
    found = wfdb.rdann(path, "atr")
    assert found.fs == 10_000 and list(found.sample) == [5, 30_001_230]


def test_pyedflib_reads_the_signals_header_and_marks(recording, tmp_path):
    import pyedflib

    path = tmp_path / "x.edf"
    path.write_bytes(writer_named("edf").write(recording, name="x").data)
    with pyedflib.EdfReader(str(path)) as found:
        assert found.getSignalLabels() == ["II", "V1"]
        assert list(found.getSampleFrequencies()) == [RATE, RATE]
        assert [found.getPhysicalDimension(i) for i in range(2)] == ["mV", "uV"]
        for number, lead in enumerate(recording.leads):
            np.testing.assert_array_equal(found.readSignal(number, digital=True)[:LENGTH], lead.samples)
            np.testing.assert_allclose(found.readSignal(number)[:LENGTH], lead.physical(), atol=1e-9)
        assert found.getStartdatetime().replace(microsecond=0) == recording.recorded_at.replace(microsecond=0)
        assert found.starttime_subsecond == 2_500_000  # of 100 ns
        assert (found.getPatientCode(), found.getPatientName()) == ("A-17", "Jane Doe")
        assert found.getSex() == "Female" and found.getBirthdate() == "31 jan 1970"
        times, _, words = found.readAnnotations()
        assert list(words) == ["(AFIB", "N", "V", "watch this", "Recording ends"]
        np.testing.assert_allclose(times[:4], [mark.start_s for mark in MARKS], atol=1e-6)
        assert times[4] == pytest.approx(LENGTH / RATE)


def test_pyedflib_reads_bdf(tmp_path):
    import pyedflib

    lead = Lead("I", np.array([-8_000_000, 8_000_000, 5] * 100), 1000.0, "V", 3.125e-8)
    path = tmp_path / "x.bdf"
    path.write_bytes(writer_named("edf").write(Recording((lead,), "test"), name="x").data)
    with pyedflib.EdfReader(str(path)) as found:
        np.testing.assert_array_equal(found.readSignal(0, digital=True)[:300], lead.samples)
        np.testing.assert_allclose(found.readSignal(0)[:300], lead.physical(), rtol=1e-9)


def test_pydicom_reads_the_waveform(recording):
    import pydicom

    found = pydicom.dcmread(io.BytesIO(writer_named("dicom").write(recording, name="x").data))
    assert found.SOPClassUID.name == "12-lead ECG Waveform Storage"
    for number, lead in enumerate(recording.leads):
        np.testing.assert_allclose(found.waveform_array(0)[:, number], lead.physical(), rtol=1e-12)
    (group,) = found.WaveformSequence
    source = group.ChannelDefinitionSequence[0].ChannelSourceSequence[0]
    assert (source.CodeValue, source.CodingSchemeDesignator, source.CodeMeaning) == ("2:2", "MDC", "Lead II")
    assert (found.PatientID, str(found.PatientName), found.PatientSex) == ("A-17", "Jane Doe", "F")
    assert found.AcquisitionDateTime == "20240305142211.250000"
    positions = {
        item.UnformattedTextValue: item.ReferencedSamplePositions for item in found.WaveformAnnotationSequence
    }
    assert positions == {"(AFIB": 181, "N": 181, "V": 3602, "watch this": 3701}


def test_pydicom_finds_nothing_wrong_with_values(recording):
    import pydicom

    content = writer_named("dicom").write(recording, name="x").data
    before = pydicom.config.settings.reading_validation_mode
    pydicom.config.settings.reading_validation_mode = pydicom.config.RAISE
    try:
        found = pydicom.dcmread(io.BytesIO(content))
        assert str(found)
    finally:
        pydicom.config.settings.reading_validation_mode = before


def test_pandas_and_json_read_the_tables(recording):
    table = pd.read_csv(io.BytesIO(writer_named("csv").write(recording, name="x").data), comment="#")
    assert list(table.columns) == ["time (s)", "II (mV)", "V1 (uV)"] and len(table) == LENGTH
    np.testing.assert_allclose(table["time (s)"], np.arange(LENGTH) / RATE, atol=1e-9)
    np.testing.assert_allclose(table["II (mV)"], recording.leads[0].physical(), rtol=1e-15)
    body = json.loads(writer_named("json").write(recording, name="x").data)
    assert body["recorded_at"] == "2024-03-05T14:22:11.250000"
    assert [lead["number_of_samples"] for lead in body["leads"]] == [LENGTH, LENGTH]
    assert body["leads"][1]["signal"] == recording.leads[1].physical().tolist()
