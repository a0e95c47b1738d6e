# ruff: noqa: E501 — bodies and files on one line each
"""What holds for every reader and any bytes: our error or a sound recording, and nothing lost on the way."""

import csv
import io
import json
import math
import unicodedata

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ecg_core.errors import UnreadableFileError
from ecg_core.readers import READERS, ReadOptions, read_recording


def is_plain(text):
    return all(c.isprintable() or unicodedata.category(c) == "Zs" for c in text)


def check_contract(recording):
    """Every recording from any reader satisfies this."""
    names = [lead.name for lead in recording.leads]
    assert names and all(name and name == name.strip() and is_plain(name) for name in names)
    assert len(set(names)) == len(names)
    assert recording.source_format in {reader.name for reader in READERS}
    for lead in recording.leads:
        assert lead.samples.ndim == 1
        assert lead.samples.dtype.kind in "if"
        if lead.samples.dtype.kind == "f":
            assert lead.samples.dtype == np.float64
            assert not np.any(np.isinf(lead.samples))
        assert lead.sampling_rate_hz is None or 0 < lead.sampling_rate_hz <= 1e6
        assert lead.unit is None or lead.unit.strip()
    assert all(isinstance(remark, str) and remark for remark in recording.remarks)
    for texts in (recording.understood, recording.patient, recording.metadata):
        assert all(isinstance(x, str) for pair in texts.items() for x in pair)


def read_or_refuse(data, options=ReadOptions()):  # noqa: B008
    try:
        recording = read_recording(data, options=options)
    except UnreadableFileError as error:
        text = str(error)
        assert text and len(text) < 1500 and text.isprintable()
        return None
    check_contract(recording)
    return recording


SEEDS = [
    b'{"leads": [{"name": "I", "number_of_samples": 3, "signal": [1, 0, -1]}, {"name": "II", "signal": [1.5, null]}]}',
    b'{"recorded_at": "2024-03-05T14:22:11Z", "sampling_rate": 500, "unit": "mV", "leads": [{"name": "I", "signal": []}]}',
    b"I,II,III\n1,2,3\n4,5,6\n7,8,9\n",
    b"time (ms);I (mV);II [uV]\r\n0;1,5;2\r\n2;2,5;\r\n4;3,5;4\r\n",
    b"Name,Jane\nSample Rate,512 hertz\nLead,Lead I\nUnit,\xc2\xb5V\n\n-31.7\n-12.0\n3.5\n",
    b"lead,sample,value\nI,0,1\nI,1,2\nII,0,3\nII,1,4\n",
    b"lead\ttime\tvalue\nI\t0.000\t1\nI\t0.004\t2\nII\t0.000\t3\n",
    b"'Elapsed time','MLII'\n'hh:mm:ss.mmm','mV'\n'0:00.000',-0.145\n'0:00.004',-0.145\n",
    b"# fs = 250\n% note\n1 2\n3 4\n5 6\n",
    b"\xff\xfe" + "I;II;\n1;2;\n3;4;\n".encode("utf-16-le"),
    b'"t","I"\n"2024-03-05 12:00:00.000","1,5"\n"2024-03-05 12:00:00.002","2,5"\n',
]


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.binary(max_size=400))
def test_arbitrary_bytes(data):
    read_or_refuse(data)


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.text(alphabet="0123456789.,;:-+eE \t\n\r\"'#[]{}()IVlead/mVnaN_µ", max_size=200))
def test_arbitrary_text_of_the_usual_characters(text):
    read_or_refuse(text.encode())


@settings(max_examples=800, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(SEEDS), st.data())
def test_mutated_files(seed, data):
    content = bytearray(seed)
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, max(len(content) - 1, 0)))
        kind = data.draw(st.sampled_from(["set", "insert", "delete", "repeat", "cut"]))
        if kind == "set" and content:
            content[at] = data.draw(st.integers(0, 255))
        elif kind == "insert":
            content[at:at] = data.draw(
                st.sampled_from(
                    [
                        b",",
                        b"\n",
                        b'"',
                        b"'",
                        b"[",
                        b"NaN",
                        b"1e999",
                        b"-",
                        b"\x00",
                        b"\xb5",
                        b";",
                        b"9" * 400,
                        b":",
                        b"#",
                    ]
                )
            )
        elif kind == "delete":
            del content[at : at + data.draw(st.integers(1, 10))]
        elif kind == "repeat":
            content[at:at] = content[at : at + 20]
        else:
            del content[at:]
    read_or_refuse(bytes(content))


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.sampled_from(SEEDS),
    st.builds(
        ReadOptions,
        encoding=st.sampled_from([None, "utf-8", "latin-1", "utf-16", "ascii", "cp037"]),
        delimiter=st.sampled_from([None, ",", ";", "\t", " ", "|", ":", ""]),
        decimal=st.sampled_from([None, ".", ","]),
        header=st.sampled_from([None, True, False]),
        time_column=st.sampled_from([None, "", "1", "2", "I", "time", "99"]),
        time_unit=st.sampled_from([None, "s", "ms", "us", "sample", "clock"]),
        layout=st.sampled_from([None, "wide", "long"]),
        sampling_rate_hz=st.sampled_from([None, 500]),
        unit=st.sampled_from([None, "mV"]),
    ),
)
def test_any_options_on_any_file(seed, options):
    read_or_refuse(seed, options)


# --- round trips ------------------------------------------------------------------------------------

whole = st.integers(-(2**53), 2**53)
decimal = st.floats(allow_nan=False, allow_infinity=False)
columns = st.integers(1, 12).flatmap(
    lambda rows: st.lists(
        st.one_of(
            st.lists(whole, min_size=rows, max_size=rows),
            st.lists(decimal, min_size=rows, max_size=rows),
            st.lists(st.one_of(decimal, st.none()), min_size=rows, max_size=rows),
        ),
        min_size=2,
        max_size=5,
    )
)
dialects = st.fixed_dictionaries(
    {
        "delimiter": st.sampled_from([",", ";", "\t", "|"]),
        "decimal": st.sampled_from([".", ","]),
        "end": st.sampled_from(["\n", "\r\n"]),
        "quoting": st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
        "encoding": st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "cp1252"]),
        "missing": st.sampled_from(["", "NaN", "NA", "null"]),
        "above": st.sampled_from(["", "# fs = 250\n", "Sample Rate: 250 Hz\nUnit: mV\n\n"]),
    }
)


def written(leads, dialect):
    def cell(value):
        if value is None:
            return dialect["missing"]
        text = repr(value)
        return text.replace(".", dialect["decimal"]) if isinstance(value, float) else text

    out = io.StringIO()
    out.write(dialect["above"])
    writer = csv.writer(
        out, delimiter=dialect["delimiter"], lineterminator=dialect["end"], quoting=dialect["quoting"]
    )
    writer.writerow([f"Läad {i}" for i in range(len(leads))])
    writer.writerows([[cell(lead[row]) for lead in leads] for row in range(len(leads[0]))])
    return out.getvalue().encode(dialect["encoding"])


def same(found, expected):
    return len(found) == len(expected) and all(
        math.isnan(a) if b is None else a == b for a, b in zip(found.tolist(), expected, strict=True)
    )


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(columns, dialects)
def test_a_table_in_any_dialect_gives_every_sample_back(leads, dialect):
    if all(x is None for lead in leads for x in lead):
        return  # nothing shows that this is a table of numbers
    options = ReadOptions(delimiter=dialect["delimiter"], decimal=dialect["decimal"], time_column="")
    recording = read_recording(written(leads, dialect), options=options)
    check_contract(recording)
    assert [lead.name for lead in recording.leads] == [f"Läad {i}" for i in range(len(leads))]
    for found, expected in zip(recording.leads, leads, strict=True):
        assert same(found.samples, expected)
        assert found.sampling_rate_hz == (250 if dialect["above"] else None)
        if all(isinstance(x, int) for x in expected):
            assert found.samples.dtype.kind == "i"


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(columns)
def test_a_table_with_points_needs_no_options(leads):
    leads = [[float(x) if x is not None else None for x in lead] for lead in leads]
    dialect = {
        "delimiter": ",",
        "decimal": ".",
        "end": "\n",
        "quoting": 0,
        "encoding": "utf-8",
        "missing": "",
        "above": "",
    }
    if all(x is None for lead in leads for x in lead):
        return
    for found, expected in zip(read_recording(written(leads, dialect)).leads, leads, strict=True):
        assert same(found.samples, expected)


@settings(max_examples=200, deadline=None)
@given(columns)
def test_json_gives_every_sample_back(leads):
    try:
        text = json.dumps({"leads": [{"name": str(i), "signal": x} for i, x in enumerate(leads)]}).encode()
        recording = read_recording(text)
    except UnreadableFileError as error:
        pytest.fail(str(error))
    for found, expected in zip(recording.leads, leads, strict=True):
        assert same(found.samples, expected)
