"""GE MUSE, Philips Sierra, HL7 aECG and Mortara: XML that carts write."""

import time
from datetime import datetime

import numpy as np
import pytest

from ecg_core.errors import UnreadableFileError
from ecg_core.readers import ReadOptions
from ecg_core.readers.aecg_reader import read_aecg, recognizes_aecg
from ecg_core.readers.mortara_reader import read_mortara, recognizes_mortara
from ecg_core.readers.muse_reader import read_muse, recognizes_muse
from ecg_core.readers.sierra_reader import read_sierra, recognizes_sierra
from tests.readers.cart_files import (
    I_LEAD,
    II_LEAD,
    aecg_xml,
    check_damaged,
    check_sound,
    mortara_xml,
    muse_xml,
    sierra_xml,
)

FORMATS = {
    "muse": (recognizes_muse, read_muse, muse_xml),
    "aecg": (recognizes_aecg, read_aecg, aecg_xml),
    "sierra": (recognizes_sierra, read_sierra, sierra_xml),
    "mortara": (recognizes_mortara, read_mortara, mortara_xml),
}
WHEN = datetime(2024, 3, 5, 14, 22, 11)


def by_name(recording):
    return {lead.name: lead for lead in recording.leads}


@pytest.mark.parametrize("name", FORMATS)
def test_each_format_is_recognized_by_its_own_reader_alone(name):
    content = FORMATS[name][2]()
    assert [other for other, (recognizes, _, _) in FORMATS.items() if recognizes(content)] == [name]
    as_utf16 = content.decode("latin-1").replace("UTF-8", "UTF-16").replace("ISO-8859-1", "UTF-16")
    assert FORMATS[name][0](as_utf16.encode("utf-16"))
    for foreign in (b"", b"<", b"<html><ECG/></html>", b"I,II\n1,2\n", b"\xff\xfe", b"<?xml", b"\0" * 200):
        assert not FORMATS[name][0](foreign)


@pytest.mark.parametrize("name", FORMATS)
def test_first_lead_time_and_contract(name):
    recording = FORMATS[name][1](FORMATS[name][2]())
    check_sound(recording, name)
    assert recording.recorded_at == WHEN
    assert recording.leads[0].samples.dtype == np.int16
    assert np.array_equal(recording.leads[0].samples, I_LEAD)


@pytest.mark.parametrize("name", FORMATS)
def test_damaged_files(name):
    check_damaged(FORMATS[name][2](), FORMATS[name][1], name)


@pytest.mark.parametrize("name", FORMATS)
def test_a_persons_rate_and_unit_win(name):
    recording = FORMATS[name][1](FORMATS[name][2](), options=ReadOptions(sampling_rate_hz=128, unit="mV"))
    assert {(lead.sampling_rate_hz, lead.unit) for lead in recording.leads} == {(128.0, "mV")}
    assert any("128 Hz was entered" in remark for remark in recording.remarks)


# --- GE MUSE ----------------------------------------------------------------------------------------


def test_muse_scale_patient_device():
    recording = read_muse(muse_xml())
    lead = by_name(recording)["V1"]
    assert (lead.sampling_rate_hz, lead.unit, lead.resolution, lead.is_derived) == (500.0, "uV", 4.88, False)
    assert recording.patient == {"patient id": "4711", "name": "Müller", "sex": "F", "age": "54"}
    assert recording.device["QRS duration"] == "92 ms"
    assert recording.device["QTc"] == "410 ms"
    assert recording.device["statement 1"] == "Normal sinus rhythm"
    assert recording.metadata["high-pass filter"] == "0.05 Hz"


def test_muse_limb_leads_are_derived_exactly_and_marked():
    leads = by_name(read_muse(muse_xml()))
    assert list(leads) == ["I", "II", "III", "aVR", "aVL", "aVF", "V1"]
    assert {name for name, lead in leads.items() if lead.is_derived} == {"III", "aVR", "aVL", "aVF"}
    assert all(lead.samples.dtype.kind == "i" for lead in leads.values())
    one, two = I_LEAD * 4.88, II_LEAD * 4.88
    for name, wanted in {
        "III": two - one,
        "aVR": -(one + two) / 2,
        "aVL": one - two / 2,
        "aVF": two - one / 2,
    }.items():
        assert np.allclose(leads[name].physical(), wanted, rtol=0, atol=1e-9)


def test_muse_stored_limb_leads_are_not_derived_again():
    leads = by_name(read_muse(muse_xml(lead_ids=("I", "II", "III"))))
    assert not leads["III"].is_derived and np.array_equal(leads["III"].samples, I_LEAD)


@pytest.mark.parametrize(
    "base, exponent, rate", [("250", "0", 250.0), ("5", "2", 500.0), ("499.7", "0", 499.7)]
)
def test_muse_rate_is_base_times_power_of_ten(base, exponent, rate):
    assert read_muse(muse_xml(base=base, exponent=exponent)).leads[0].sampling_rate_hz == rate


def test_muse_without_a_unit_stays_in_counts_and_says_so():
    recording = read_muse(muse_xml(units=""))
    assert {(lead.unit, lead.resolution) for lead in recording.leads if not lead.is_derived} == {(None, 1.0)}
    assert any("raw counts" in remark for remark in recording.remarks)


def test_muse_wrong_checksum_is_a_remark():
    content = muse_xml().replace(b"<LeadDataCRC32>", b"<LeadDataCRC32>1", 1)
    assert any("CRC32" in remark for remark in read_muse(content).remarks)


def test_muse_that_lies_about_its_length_is_refused():
    content = muse_xml().replace(b"<LeadSampleCountTotal>500<", b"<LeadSampleCountTotal>501<", 1)
    with pytest.raises(UnreadableFileError, match="501"):
        read_muse(content)


# --- XML that is no friend --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "content, reason",
    [
        (b'<!DOCTYPE RestingECG [<!ENTITY a "b">]><RestingECG>&a;</RestingECG>', "document type"),
        (b'<!DOCTYPE RestingECG [<!ENTITY a SYSTEM "file:///etc/passwd">]><RestingECG/>', "document type"),
        (b"<RestingECG>" + b"<a>" * 5000, "deep"),
        (b"<RestingECG>" + b"<a/>" * 1_100_000, "elements"),
        (b"<RestingECG><b></RestingECG>", "mismatched tag in line 1"),
    ],
)
def test_unsafe_xml_is_refused(content, reason):
    with pytest.raises(UnreadableFileError, match=reason):
        read_muse(content)


def test_text_that_is_not_in_the_declared_encoding_is_not_lost():
    content = muse_xml().replace(b"ISO-8859-1", b"UTF-8")
    assert read_muse(content).patient["name"] == "Müller"


def test_control_characters_do_not_come_through():
    recording = read_mortara(mortara_xml().replace(b"Doe", b"D&#9;oe&#x202e;"))
    assert recording.patient["name"] == "Jane D oe"


# --- HL7 aECG ---------------------------------------------------------------------------------------


def test_aecg_fractional_rate():
    recording = read_aecg(aecg_xml(increment="0.0027777"))
    assert recording.leads[0].sampling_rate_hz == pytest.approx(1 / 0.0027777, rel=1e-12)
    assert not any("rounded" in remark for remark in recording.remarks)


def test_aecg_decimals_stay_decimals_and_great_numbers_are_not_rounded():
    assert read_aecg(aecg_xml(digits="1.5 2 -3")).leads[0].samples.tolist() == [1.5, 2.0, -3.0]
    assert read_aecg(aecg_xml(digits=f"{2**53} 1")).leads[0].samples.tolist() == [2**53, 1]
    assert read_aecg(aecg_xml(digits=f"{2**60 + 1} 1")).leads[0].samples.tolist() == [2**60 + 1, 1]
    for digits in (f"{2**63} 1", "inf 1", "1 x"):
        with pytest.raises(UnreadableFileError):
            read_aecg(aecg_xml(digits=digits))


def aecg_sets(*heads):
    """A series of one set per head of time, each with leads of its own."""
    content = aecg_xml().decode()
    begin, end = content.index("<component><sequenceSet>"), content.index("</sequenceSet></component>") + 26
    sets = [
        content[begin:end].replace("20240305142211", head).replace("LEAD_I", f"LEAD_V{number}")
        for number, head in enumerate(heads, 1)
    ]
    return (content[:begin] + "".join(sets) + content[end:]).encode()


def test_aecg_sets_that_begin_later_are_missing_until_then():
    recording = read_aecg(aecg_sets("20240305142211", "20240305142211.500"))
    check_sound(recording, "aecg")
    first, late = recording.leads
    assert (first.name, late.name, late.original_name) == ("V1", "V2", "MDC_ECG_LEAD_V2")
    assert np.array_equal(first.samples, I_LEAD)
    assert np.isnan(late.samples[:250]).all() and np.array_equal(late.samples[250:], I_LEAD)


def test_aecg_sets_of_different_days_are_shown_from_a_common_start():
    recording = read_aecg(aecg_sets("20240305142211", "20240405142211"))
    assert [len(lead.samples) for lead in recording.leads] == [500, 500]
    assert any("apart" in remark for remark in recording.remarks)


def test_aecg_a_lead_without_digits_does_not_cost_the_others():
    empty = aecg_sets("20240305142211", "20240305142211").replace(
        f"<digits>{' '.join(map(str, I_LEAD))}</digits>".encode(), b"<digits/>", 1
    )
    recording = read_aecg(empty)
    assert [lead.name for lead in recording.leads] == ["V2"]
    assert any("MDC_ECG_LEAD_V1" in remark for remark in recording.remarks)


def test_aecg_time_from_the_sequence_where_there_is_no_other():
    content = aecg_xml().replace(b'<effectiveTime><low value="20240305142211"/></effectiveTime>', b"")
    assert read_aecg(content).recorded_at == WHEN


def test_aecg_without_an_increment_has_no_rate():
    assert read_aecg(aecg_xml(increment="0")).leads[0].sampling_rate_hz is None
    assert read_aecg(aecg_xml().replace(b'unit="s"', b'unit="furlong"')).leads[0].sampling_rate_hz is None


def test_aecg_of_another_makers_codes():
    lead = read_aecg(aecg_xml(code="MINDRAY_ECG_LEAD_aVR")).leads[0]
    assert (lead.name, lead.original_name, lead.is_ecg) == ("aVR", "MINDRAY_ECG_LEAD_aVR", True)
    lead = read_aecg(aecg_xml(code="MDC_PRESS_BLD_ART", unit="mm[Hg]")).leads[0]
    assert (lead.unit, lead.is_ecg) == ("mm[Hg]", False)


def test_aecg_without_a_unit_is_in_counts():
    lead = read_aecg(aecg_xml(unit="")).leads[0]
    assert (lead.unit, lead.resolution) == (None, 1.0)


def test_the_aecg_and_sierra_files_of_one_recording_agree(real_data):
    sierra = read_sierra((real_data / "formats/philips-sierra/ad4d3d80-d165_1-04_orig.xml").read_bytes())
    aecg = read_aecg((real_data / "formats/hl7-aecg/philips_ad4d3d80-d165_1-04_converted.xml").read_bytes())
    twins = by_name(aecg)
    assert list(by_name(sierra)) == ["I", "II", "III", "aVR", "aVL", "aVF", *(f"V{n}" for n in range(1, 7))]
    for lead in sierra.leads:
        twin = twins[lead.name]
        assert len(lead.samples) == 5500 and lead.sampling_rate_hz == twin.sampling_rate_hz == 500
        assert lead.unit == twin.unit == "uV" and len(twin.samples) == 5500
        # The converted file went through a filter: 20 µV apart at most, on waves of up to 3 mV.
        assert np.abs(lead.physical() - twin.physical()).max() <= 20
    assert sierra.recorded_at == aecg.recorded_at == datetime(2008, 12, 23, 19, 44, 46)
    for name in ("heart rate", "RR interval", "PR interval", "QRS duration", "QT interval"):
        assert sierra.device[name] == aecg.device[name]


@pytest.mark.parametrize(
    "path, rate, samples",
    [
        ("hl7-aecg/fda_subject1_0.xml", 500, 5000),
        ("philips-sierra/129DYPRG.XML", 500, 5500),
        ("philips-sierra/3191723_ZZDEMOPTONLY_1-04_orig.xml", 500, 5500),
        ("philips-sierra/ad4d3d80-d165_1-04_orig.xml", 500, 5500),
    ],
)
def test_real_files_hold_einthovens_and_goldbergers_relations(real_data, path, rate, samples):
    content = (real_data / "formats" / path).read_bytes()
    recording = read_aecg(content) if recognizes_aecg(content) else read_sierra(content)
    check_sound(recording, "aecg" if recognizes_aecg(content) else "sierra")
    leads = {lead.name: lead.physical() for lead in recording.leads}
    assert len(leads) == 12 and all(len(signal) == samples for signal in leads.values())
    assert {lead.sampling_rate_hz for lead in recording.leads} == {rate}
    count = recording.leads[0].resolution
    heart = slice(0, 5000)  # a cart's calibration pulse comes after 10 s
    assert np.abs(leads["II"] - leads["I"] - leads["III"])[heart].max() <= 2 * count
    assert np.abs(leads["aVR"] + leads["aVL"] + leads["aVF"])[heart].max() <= 3 * count
    assert 0.2e3 < np.ptp(leads["II"]) < 10e3


def test_an_aecg_at_100_hz(real_data):
    recording = read_aecg((real_data / "formats/hl7-aecg/liryc_hl7aecg_example.xml").read_bytes())
    check_sound(recording, "aecg")
    assert {(len(lead.samples), lead.sampling_rate_hz) for lead in recording.leads} == {(1000, 100.0)}
    assert recording.device["statement 1"] == "Rythme sinusal avec ESA"


def test_sierra_calibration_pulse_is_named(real_data):
    recording = read_sierra((real_data / "formats/philips-sierra/129DYPRG.XML").read_bytes())
    (pulse,) = recording.annotations
    assert (pulse.start_s, pulse.duration_s, pulse.text) == (10.7, 0.2, "calibration pulse of 1 mV")
    assert any("10.7 s" in remark for remark in recording.remarks)
    assert not read_sierra(sierra_xml()).annotations


def test_sierra_statements_and_measurements(real_data):
    recording = read_sierra((real_data / "formats/philips-sierra/129DYPRG.XML").read_bytes())
    assert recording.device["QRS duration"] == "135 ms"
    assert recording.device["statement 4"] == ">>> Acute MI <<<"
    assert recording.patient == {"patient id": "1112010721168bdc", "sex": "M", "age": "50"}


# --- Philips Sierra ---------------------------------------------------------------------------------


def test_sierra_second_lead_and_scale():
    leads = by_name(read_sierra(sierra_xml()))
    assert np.array_equal(leads["II"].samples, II_LEAD)
    assert (leads["II"].unit, leads["II"].resolution, leads["II"].sampling_rate_hz) == ("uV", 5.0, 500.0)


def lzw_bomb(codes):
    """XLI data whose every code is the longest string so far: 1.25 bytes for hundreds."""
    stream = [0] + [min(256 + index, 1022) for index in range(codes)]
    bits = "".join(f"{code:010b}" for code in stream)
    packed = int(bits.ljust(-(-len(bits) // 8) * 8, "0"), 2).to_bytes(-(-len(bits) // 8), "big")
    return (len(packed).to_bytes(4, "little") + bytes(4) + packed) * 2


def test_sierra_a_bomb_is_refused_before_it_unfolds():
    began = time.perf_counter()
    content = sierra_xml(waveform=lzw_bomb(60_000), attributes='dataencoding="Base64" compression="XLI"')
    with pytest.raises(UnreadableFileError, match="no ECG is so long"):
        read_sierra(content)
    assert time.perf_counter() - began < 2


def test_sierra_unknown_lead_names_are_kept():
    assert list(by_name(read_sierra(sierra_xml(labels="foo II")))) == ["foo", "II"]


# --- Mortara ----------------------------------------------------------------------------------------


def test_mortara_scale_patient_device():
    recording = read_mortara(mortara_xml())
    lead = recording.leads[0]
    assert (lead.unit, lead.resolution, lead.sampling_rate_hz) == ("uV", 2.5, 1000.0)
    assert recording.patient == {"patient id": "17", "name": "Jane Doe", "sex": "F"}
    assert recording.device["heart rate"] == "72 /min"
    assert recording.device["statement 1"] == "SINUS RHYTHM"
