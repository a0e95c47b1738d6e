"""What the fuzzer (``python -m benchmarks.fuzz``) once found, each as small as it could be made."""

import pytest

from ecg_core.errors import UnreadableFileError
from ecg_core.readers.channels import lead_names
from ecg_core.readers.csv_reader import read_csv
from ecg_core.readers.json_reader import read_json
from ecg_core.readers.mortara_reader import read_mortara
from ecg_core.readers.muse_reader import read_muse
from ecg_core.readers.wfdb_reader import read_wfdb
from tests.readers.cart_files import I_LEAD, mortara_xml, muse_xml
from tests.readers.soundness import check_sound


def test_a_long_name_is_not_cut_after_a_space():
    assert lead_names(["a" * 63 + " b"]) == ["a" * 63]


@pytest.mark.parametrize("encoding", ["GB2312", "Shift_JIS", "nonsense", "idna", "hex"])
def test_an_encoding_that_the_xml_parser_does_not_know(encoding):
    text = mortara_xml().decode().replace("UTF-8", encoding)
    codec = "ascii" if encoding in ("nonsense", "idna", "hex") else encoding
    recording = read_mortara(text.encode(codec))
    check_sound(recording)
    assert recording.leads[0].samples.tolist() == I_LEAD.tolist()


@pytest.mark.parametrize("encoding, name", [("GB2312", "王"), ("Shift_JIS", "山")])
def test_names_in_such_an_encoding(encoding, name):
    text = mortara_xml().decode().replace("UTF-8", encoding).replace("Doe", name)
    assert name in " ".join(read_mortara(text.encode(encoding)).patient.values())


def test_a_date_that_nanoseconds_cannot_tell():
    table = b'"t","I"\n"2024-03-05 12:00:00.000","1,5"\n"6553-03-05 12:00:00.002","2,5"\n'
    with pytest.raises(UnreadableFileError, match=r"Row 3, column 't': '6553-03-05"):
        read_csv(table)


def test_a_unit_of_control_characters_is_none():
    recording = read_wfdb(b"r 1 250 2\nr.dat 80 200(0)/\x07 12 0 0 0 0 II\n", siblings={"r.dat": b"\x81\x82"})
    check_sound(recording)
    assert recording.leads[0].unit is None


def test_a_rate_beyond_all_floats():
    content = f'{{"sampling_rate": 1{"0" * 400}, "leads": [{{"name": "I", "signal": [1]}}]}}'
    with pytest.raises(UnreadableFileError, match="must be at most 1,000,000 Hz"):
        read_json(content.encode())


@pytest.mark.parametrize("form, content", [("516", b"fLaC" + bytes(60)), ("508", b"")])
def test_a_damaged_flac_file_is_told_as_such(form, content):
    header = f"r 1 250 2\nr.d {form} 200 12 0 0 0 0 II\n"
    with pytest.raises(UnreadableFileError, match=r"'r\.d'"):
        read_wfdb(header.encode(), siblings={"r.d": content})


def test_a_time_step_that_no_float_can_tell_from_zero_leaves_the_rate_unknown():
    recording = read_csv(b"time,I\n0,5\n1e-320,7\n2e-320,6\n")
    assert recording.leads[-1].sampling_rate_hz is None


def test_a_muse_rate_that_is_no_number():
    with pytest.raises(UnreadableFileError, match=r"sampling rate.*must be a number"):
        read_muse(muse_xml(exponent="x"))
