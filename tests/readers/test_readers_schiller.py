"""Schiller XML. There is no real file here: the examples are generated after the sample of CardIO."""

import time
from datetime import datetime

import numpy as np
import pytest

from ecg_core.errors import UnreadableFileError
from ecg_core.readers import ReadOptions
from ecg_core.readers.schiller_reader import read_schiller, recognizes_schiller
from ecg_core.readers.table import read_recording
from tests.readers.cart_files import I_LEAD, II_LEAD, check_damaged, check_sound

ROOT = "com.xiriuz.sema.xml.schillerEDI.SchillerEDI"


def named(kind, rows):
    return "".join(f"<{kind}><name>{name}</name><value>{value}</value></{kind}>\n" for name, value in rows)


def channel(name, data, *, kind="COMMASEPARATE", count=None):
    data = data if isinstance(data, str) else "".join(f"{number}," for number in data)
    count = data.rstrip(",").count(",") + 1 if count is None else count
    marks = named("annotation_lead", [("R_AMPL", "0.73"), ("S-_AMPL", "-")])
    return (
        f"<channel>\n{marks}<name>{name}</name>\n<data>{data}</data>\n<datastype>{kind}</datastype>\n"
        f"<samplecount>{count}</samplecount>\n</channel>\n"
    )


def wave(*channels, kind="ECG_RHYTHMS", rate="500", exponent="1", per_bit="2.5", units="UV"):
    return (
        f"<wavedata>\n<type>{kind}</type>\n<resolution>\n<samplerate>\n<exponent>{exponent}</exponent>\n"
        f"<value>{rate}</value>\n</samplerate>\n<yres>\n<unitperbit>{per_bit}</unitperbit>\n"
        f"<units>{units}</units>\n</yres>\n</resolution>\n{''.join(channels)}"
        "<channelconfiguration>ECG_STANDARD</channelconfiguration>\n</wavedata>\n"
    )


BOTH = (channel("I", I_LEAD), channel("II", II_LEAD))
AVERAGE = wave(channel("I", range(100)), kind="ECG_AVERAGES")


def schiller_xml(*waves, date="20240305", clock="142211250", text="Sinus rhythm\nNormal ECG\n", root=ROOT):
    waves = waves or (AVERAGE, wave(*BOTH))
    measured = [("HR", 69), ("RR", 869), ("P", 108), ("PQ", 174), ("QRS", 94), ("QT", 370), ("QTC", 397)]
    measured += [("P_ON", 97), ("AXIS_QRS", 0), ("AXIS_T", "-"), ("BP_D", "-")]
    filters = [
        ("MAINS", 50),
        ("HIGHPASS_CUTOFF_FREQ", "0.05"),
        ("LOWPASS_CUTOFF_FREQ", 150),
        ("SMOOTHING", "OFF"),
    ]
    return (
        f'<?xml version="1.0"?>\n<{root}>\n<patdata>\n<id>4711</id>\n<lastname>M\xfcller</lastname>\n'
        "<firstname>Eva</firstname>\n<birthdate>19700131</birthdate>\n<gender>FEMALE</gender>\n"
        "<ethnic>UNDEFINED</ethnic>\n<weight>\n<value>61.0</value>\n<unit>kg</unit>\n</weight>\n<height>\n"
        "<value>0.0</value>\n<unit>cm</unit>\n</height>\n<pacemaker>\n<value>OFF</value>\n</pacemaker>\n"
        f"</patdata>\n<examdescript>\n<startdatetime>\n<date>{date}</date>\n<time>{clock}</time>\n"
        "</startdatetime>\n<rectype>RESTING_ECG</rectype>\n<aquiringdevice>\n<hardware>\n"
        "<vendor>Schiller</vendor>\n<model>AT-10P</model>\n</hardware>\n<software>\n<version>252</version>\n"
        "</software>\n</aquiringdevice>\n</examdescript>\n<eventdata>\n<event>\n<offset>0</offset>\n"
        f"{''.join(waves)}{named('annotation_global', measured)}"
        f"<filters_data>\n{named('filter', filters)}</filters_data>\n"
        "<textdata>\n<type>INTERPRETATION</type>\n"
        f"<textdata>{text}</textdata>\n</textdata>\n</event>\n</eventdata>\n</{root}>\n"
    ).encode()


def test_leads_and_all_that_is_told():
    content = schiller_xml()
    assert recognizes_schiller(content)
    recording = read_schiller(content)
    check_sound(recording, "schiller")
    assert [lead.name for lead in recording.leads] == ["I", "II", "III", "aVR", "aVL", "aVF"]
    assert np.array_equal(recording.leads[0].samples, I_LEAD) and recording.leads[0].samples.dtype == np.int16
    assert np.array_equal(recording.leads[1].samples, II_LEAD) and recording.leads[2].is_derived
    first = recording.leads[0]
    assert (first.sampling_rate_hz, first.unit, first.resolution, first.offset) == (500.0, "uV", 2.5, 0.0)
    assert recording.recorded_at == datetime(2024, 3, 5, 14, 22, 11, 250_000)
    assert recording.patient == {
        "patient id": "4711", "name": "Eva Müller", "sex": "F", "birth date": "1970-01-31",
        "weight": "61 kg", "pacemaker": "no",
    }  # fmt: skip
    assert recording.metadata == {
        "manufacturer": "Schiller", "model": "AT-10P", "software version": "252",
        "acquisition type": "RESTING_ECG", "channel configuration": "ECG_STANDARD", "notch filter": "50 Hz",
        "high-pass filter": "0.05 Hz", "low-pass filter": "150 Hz",
    }  # fmt: skip
    assert recording.device == {
        "heart rate": "69 /min", "RR interval": "869 ms", "P duration": "108 ms", "PR interval": "174 ms",
        "QRS duration": "94 ms", "QT interval": "370 ms", "QTc": "397 ms", "QRS axis": "0°",
        "statement 1": "Sinus rhythm", "statement 2": "Normal ECG",
    }  # fmt: skip
    assert recording.remarks == ("The average beat that the file holds beside the recording was left out.",)


def test_the_table_of_readers_finds_it():
    assert read_recording(schiller_xml()).source_format == "schiller"


def test_leads_in_capitals_and_all_twelve():
    names = ("I", "II", "III", "AVR", "AVL", "AVF", "V1", "V2", "V3", "V4", "V5", "V6")
    recording = read_schiller(schiller_xml(wave(*(channel(name, I_LEAD) for name in names))))
    assert [lead.name for lead in recording.leads[:6]] == ["I", "II", "III", "aVR", "aVL", "aVF"]
    assert recording.leads[3].original_name == "AVR"
    assert len(recording.leads) == 12 and not any(lead.is_derived for lead in recording.leads)


@pytest.mark.parametrize(
    "changes, expected, remark",
    [
        ({"units": "MV", "per_bit": "0.005"}, (500.0, "mV", 0.005), "millivolt"),
        ({"units": ""}, (500.0, None, 1.0), None),
        ({"per_bit": "0"}, (500.0, None, 1.0), None),
        ({"rate": "257.5"}, (257.5, "uV", 2.5), None),
        ({"rate": ""}, (None, "uV", 2.5), None),
        ({"exponent": "2"}, (None, "uV", 2.5), "exponent '2'"),
        ({"exponent": ""}, (500.0, "uV", 2.5), None),
    ],
)
def test_rate_and_scale_are_stated_or_unknown(changes, expected, remark):
    recording = read_schiller(schiller_xml(wave(*BOTH, **changes)))
    lead = recording.leads[0]
    assert (lead.sampling_rate_hz, lead.unit, lead.resolution) == expected
    assert not remark if not recording.remarks else remark in recording.remarks[0]


@pytest.mark.parametrize(
    "data, expected",
    [
        ("1,2,3,", [1, 2, 3]),
        ("1,2,3", [1, 2, 3]),
        (" 1 ,\n-2, +3 ,\n", [1, -2, 3]),
        ("1,,3,", [1, np.nan, 3]),
        ("1.5,2,-3e1", [1.5, 2, -30]),
        ("100000,2", [100000, 2]),
    ],
)
def test_samples(data, expected):
    found = read_schiller(schiller_xml(wave(channel("V1", data)))).leads[0].samples
    assert np.array_equal(found, expected, equal_nan=True)


def test_remarks_on_what_does_not_fit():
    leads = (channel("V1", "1,2,3,", count=5), channel("V2", ""), channel("V3", "1,2,3,"))
    recording = read_schiller(schiller_xml(wave(*leads), wave(*BOTH)))
    assert [lead.name for lead in recording.leads] == ["V1", "V3"]
    assert recording.remarks == (
        "Leads without samples were left out: V2.",
        "Lead 'V1' has 3 samples, but the file states 5.",
        "The file holds 2 recordings, of which the first is shown.",
    )


@pytest.mark.parametrize(
    "date, clock", [("19700101", "000000000"), ("", ""), ("20241305", "120000"), ("20240305", "")]
)
def test_no_time(date, clock):
    assert read_schiller(schiller_xml(date=date, clock=clock)).recorded_at is None


@pytest.mark.parametrize(
    "content, reason",
    [
        (schiller_xml(AVERAGE), "no <wavedata> of the type ECG_RHYTHMS.*ECG_AVERAGES"),
        (schiller_xml(wave()), "no <channel> with samples"),
        (schiller_xml(wave(channel("V1", "1,x,3"))), "'V1'.*sample 2: 'x'"),
        (schiller_xml(wave(channel("V1", "1,nan,3"))), "'nan'"),
        (schiller_xml(wave(channel("V1", "1,1_0,3"))), "'1_0'"),
        (schiller_xml(wave(channel("V1", "1,1e999,3"))), "infinite"),
        (schiller_xml(wave(channel("V1", "9" * 6000))), "infinite|beyond"),
        (schiller_xml(wave(channel("V1", "AQI=", kind="BASE64"))), "'BASE64'"),
        (schiller_xml(wave(*BOTH, rate="0")), "greater than 0"),
        (schiller_xml(wave(channel("V1", "1," * 5_000_001))), "more than 5,000,000 samples"),
        (schiller_xml(wave(*(channel("", "1,") for _ in range(1001)))), "1,001 leads"),
        (schiller_xml()[:-10], "malformed"),
        (schiller_xml().replace(b"?>", b'?><!DOCTYPE a [<!ENTITY b "c">]>', 1), "document type"),
    ],
)
def test_impossible_files(content, reason):
    began = time.perf_counter()
    with pytest.raises(UnreadableFileError, match=reason):
        read_schiller(content)
    assert time.perf_counter() - began < 2


def test_many_empty_channels_do_not_take_long():
    began = time.perf_counter()
    leads = [channel("V1", "1,")] * 900 + ["<channel/>"] * 100_000
    assert len(read_schiller(schiller_xml(wave(*leads))).leads) == 900
    assert time.perf_counter() - began < 5


def test_damaged():
    check_damaged(schiller_xml(wave(channel("I", I_LEAD[:30]))), read_schiller, "schiller", flips=400)


def test_a_persons_rate_wins():
    recording = read_schiller(schiller_xml(), options=ReadOptions(sampling_rate_hz=1000))
    assert recording.leads[0].sampling_rate_hz == 1000


@pytest.mark.parametrize("content", [b"", b"<ECG/>", b"<RestingECG/>", b"SchillerEDI", b"\0" * 99])
def test_other_files_are_not_taken_for_it(content):
    assert not recognizes_schiller(content)
