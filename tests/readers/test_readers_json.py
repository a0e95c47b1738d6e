# ruff: noqa: E501 — bodies and files on one line each
"""The JSON body: what is read, what is refused and with which words, and an oracle for the fast path."""

import json
import math
import tracemalloc
from datetime import UTC, datetime, timedelta, timezone

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecg_core.errors import InvalidInputError, UnreadableFileError
from ecg_core.readers import ReadOptions, json_reader, read_json, read_recording


def body(signal, **lead):
    return json.dumps({"leads": [{"name": "I", "signal": signal, **lead}]}).encode()


def raw_signal(text, name="I"):
    return f'{{"leads": [{{"name": "{name}", "signal": {text}}}]}}'.encode()


def samples(data):
    return read_json(data).leads[0].samples


def refusal(data):
    with pytest.raises(UnreadableFileError) as caught:
        read_json(data)
    return str(caught.value)


def test_the_contracts_own_example():
    recording = read_json(
        b'{"leads": [{"name": "I", "number_of_samples": 8, "signal": [1, 0, -1, 0, 1, 0, 0, 1]}]}'
    )
    (lead,) = recording.leads
    assert lead.name == "I"
    assert lead.samples.tolist() == [1, 0, -1, 0, 1, 0, 0, 1]
    assert lead.samples.dtype == np.int8
    assert (lead.sampling_rate_hz, lead.unit, recording.recorded_at) == (None, None, None)
    assert recording.source_format == "json"
    assert recording.remarks == ()


@pytest.mark.parametrize(
    ("signal", "dtype"),
    [
        ([], np.int8),
        ([127, -128], np.int8),
        ([128], np.int16),
        ([32767, -32768], np.int16),
        ([-32769], np.int32),
        ([2**31], np.int64),
        ([2**63 - 1, -(2**63)], np.int64),
        ([2**64], np.float64),
        ([1.0], np.float64),
        ([1, None], np.float64),
        ([2**53, 0.5], np.float64),
        ([2**60, 0.5], np.float64),
    ],
)
def test_the_narrowest_type_holds_the_samples_exactly(signal, dtype):
    found = samples(body(signal))
    assert found.dtype == dtype
    assert [None if math.isnan(x) else x for x in found.tolist()] == signal


def test_whitespace_signs_and_exponents():
    assert samples(raw_signal("[ 1 ,\n\t-0,  1e2 , -1.5E-1,null ]"))[:4].tolist() == [1, 0, 100, -0.15]
    assert samples(raw_signal("[ ]")).tolist() == []
    assert samples(raw_signal("[\r\n7\r\n]")).tolist() == [7]


def test_optional_fields_and_the_leads_own_win():
    recording = read_json(
        json.dumps(
            {
                "recorded_at": "2024-03-05T14:22:11.5+01:00",
                "sampling_rate": 500,
                "unit": "µV",
                "leads": [
                    {"name": "I", "signal": [1], "number_of_samples": None, "unit": None},
                    {"name": "II", "signal": [1, 2], "sampling_rate": 250.5, "unit": "millivolt"},
                ],
            }
        ).encode()
    )
    assert recording.recorded_at == datetime(2024, 3, 5, 14, 22, 11, 500_000, timezone(timedelta(hours=1)))
    assert [(x.sampling_rate_hz, x.unit) for x in recording.leads] == [(500.0, "uV"), (250.5, "mV")]


def test_a_zulu_time_has_a_zone_and_a_time_without_one_stays_naive():
    assert read_json(b'{"recorded_at": "2024-03-05T14:22:11Z", "leads": [{"name": "I", "signal": []}]}') \
        .recorded_at == datetime(2024, 3, 5, 14, 22, 11, tzinfo=UTC)  # fmt: skip
    assert read_json(b'{"recorded_at": "2024-03-05 14:22", "leads": [{"name": "I", "signal": []}]}') \
        .recorded_at == datetime(2024, 3, 5, 14, 22)  # fmt: skip


def test_unknown_keys_are_ignored_and_named():
    recording = read_json(b'{"leads": [{"name": "I", "signal": [1], "gain": 2}], "sampling_rate_hz": 500}')
    assert recording.leads[0].sampling_rate_hz is None
    assert recording.remarks == (
        "The JSON has keys with no meaning here, which were ignored: 'sampling_rate_hz', 'gain'.",
    )


def test_a_byte_order_mark_is_fine():
    assert samples(b"\xef\xbb\xbf" + body([1, 2])).tolist() == [1, 2]


def test_names_are_kept_but_for_spaces_around_them():
    assert read_json(raw_signal("[1]", name="  aVR ")).leads[0].name == "aVR"
    assert read_json(raw_signal("[1]", name="Ableitung \\u00e4")).leads[0].name == "Ableitung ä"


@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview])
def test_every_kind_of_bytes_is_read(kind):
    assert read_recording(kind(body([1, 2]))).leads[0].samples.tolist() == [1, 2]


# --- refusals: where, what, why ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("signal", "message"),
    [
        ("[1, NaN]", "Lead 'I': signal[1]: NaN is not a number; send null for a missing sample"),
        ("[1, 2, Infinity]", "Lead 'I': signal[2]: Infinity is not a number"),
        ("[-Infinity]", "Lead 'I': signal[0]: -Infinity is not a number"),
        ("[1, true]", "Lead 'I': signal[1] is true; a sample is a number, or null"),
        ("[false]", "Lead 'I': signal[0] is false"),
        ('[1, 2, "3"]', "Lead 'I': signal[2] is text"),
        ('["a,b", 1]', "Lead 'I': signal[0] is text"),
        ("[[1, 2]]", "Lead 'I': signal[0] is a list"),
        ("[1, {}]", "Lead 'I': signal[1] is an object"),
        ('[1, {"a": 1}]', "Lead 'I': signal[1] is an object"),
        ("[1, 1e999]", "Lead 'I': signal[1] is '1e999', beyond the range"),
        ("[-1e999, null]", "Lead 'I': signal[0] is '-1e999', beyond the range"),
        ("[1, 9007199254740993, 0.5]", "Lead 'I': signal[1]: 9007199254740993 cannot be kept exactly"),
        ("[9223372036854775809]", "Lead 'I': signal[0]: 9223372036854775809 cannot be kept exactly"),
        ("[1,,2]", "Lead 'I': signal[1]: "),
        ("[1, 01]", "Lead 'I': signal[1]: "),
        ("[1 2]", "Lead 'I': signal[0]: "),
        ("null", "Lead 'I': signal must be a list of numbers, not null"),
        ('"1,2"', "Lead 'I': signal must be a list of numbers, not text"),
        ("{}", "Lead 'I': signal must be a list of numbers, not an object"),
        ("5", "Lead 'I': signal must be a list of numbers, not the number '5'"),
    ],
)
def test_a_bad_sample_is_refused_with_lead_position_and_reason(signal, message):
    assert refusal(raw_signal(signal)).startswith(message)


def test_positions_are_right_far_into_a_long_signal():
    many = "1234, " * 200_000
    assert refusal(raw_signal(f"[{many}true, 1]")).startswith("Lead 'I': signal[200000] is true")
    assert refusal(raw_signal(f"[{many}NaN, 1]")).startswith("Lead 'I': signal[200000]: NaN")
    # exact as an integer, not beside the decimal that comes much later
    assert refusal(raw_signal(f"[1, 9007199254740993, {many} 0.5]")).startswith(
        "Lead 'I': signal[1]: 9007199"
    )


def test_the_lead_is_named_where_the_name_comes_after_the_signal_or_not_at_all():
    assert refusal(b'{"leads": [{"signal": [NaN], "name": "V2"}]}').startswith("Lead 'V2': signal[0]")
    assert refusal(b'{"leads": [{"signal": [1], "name": "V2"}, {"signal": [NaN]}]}') \
        .startswith("Lead number 2: signal[0]")  # fmt: skip


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "The file is empty"),
        ("{", "The JSON ends too early"),
        ('{"leads": [{"name": "I", "signal": [1, 2', "Lead 'I': signal[1]: "),
        ("nonsense", "This is not JSON"),
        ("[]", 'The JSON must be an object with "leads"'),
        ("{}", 'The JSON has no "leads"'),
        ('{"leads": null}', '"leads" must be a list'),
        ('{"leads": {}}', '"leads" must be a list'),
        ('{"leads": []}', '"leads" is empty'),
        ('{"leads": [1]}', "leads[0] must be an object with name and signal"),
        ('{"leads": [{"name": "I", "signal": []}, []]}', "leads[1] must be an object"),
        ('{"leads": [{"signal": [1]}]}', "leads[0] has no name"),
        ('{"leads": [{"name": null, "signal": [1]}]}', "leads[0] has no name"),
        ('{"leads": [{"name": "", "signal": [1]}]}', "leads[0]: name is empty"),
        ('{"leads": [{"name": "  ", "signal": [1]}]}', "leads[0]: name is empty"),
        ('{"leads": [{"name": 5, "signal": [1]}]}', "leads[0]: name must be text, not 5"),
        ('{"leads": [{"name": ["I"], "signal": [1]}]}', "leads[0]: name must be a single value"),
        ('{"leads": [{"name": "a\\u0000b", "signal": [1]}]}', "leads[0]: name contains a control character"),
        ('{"leads": [{"name": "a\\u202eb", "signal": [1]}]}', "leads[0]: name contains a control character"),
        ('{"leads": [{"name": "\\ud800", "signal": [1]}]}', "This is not JSON: unexpected end of hex"),
        ('{"leads": [{"name": "' + 65 * "x" + '", "signal": [1]}]}', "leads[0]: name is longer than 64"),
        ('{"leads": [{"name": "I"}]}', "Lead 'I' has no signal"),
        (
            '{"leads": [{"name": "I", "signal": [1]}, {"name": " I", "signal": [2]}]}',
            "leads[0] and leads[1] have the same name 'I'",
        ),
        (
            '{"leads": [{"name": "I", "signal": [1], "number_of_samples": 2}]}',
            "Lead 'I': number_of_samples is 2, but the signal has 1 samples",
        ),
        ('{"leads": [{"name": "I", "signal": [1], "number_of_samples": true}]}', "Lead 'I': number_of_samples"),
        ('{"leads": [{"name": "I", "signal": [1], "number_of_samples": 1.0}]}', "Lead 'I': number_of_samples"),
        ('{"leads": [{"name": "I", "signal": [1], "number_of_samples": "1"}]}', "Lead 'I': number_of_samples"),
        ('{"leads": [{"name": "I", "signal": [1], "signal": [2]}]}', "A key of the JSON occurs twice"),
        ('{"leads": [], "leads": [{"name": "I", "signal": [1]}]}', "A key of the JSON occurs twice"),
        ('{"sampling_rate": 0, "leads": [{"name": "I", "signal": []}]}', "The ECG: sampling_rate must be greater"),
        ('{"sampling_rate": -5, "leads": [{"name": "I", "signal": []}]}', "The ECG: sampling_rate must be"),
        ('{"sampling_rate": true, "leads": [{"name": "I", "signal": []}]}', "The ECG: sampling_rate must be a"),
        ('{"sampling_rate": "500", "leads": [{"name": "I", "signal": []}]}', "The ECG: sampling_rate must be a"),
        ('{"sampling_rate": 1e7, "leads": [{"name": "I", "signal": []}]}', "The ECG: sampling_rate must be at"),
        ('{"sampling_rate": 1e999, "leads": [{"name": "I", "signal": []}]}', "The ECG: sampling_rate"),
        ('{"leads": [{"name": "I", "signal": [], "sampling_rate": []}]}', "Lead 'I': sampling_rate must be a"),
        ('{"unit": "MV", "leads": [{"name": "I", "signal": []}]}', "The ECG: unit must be V, mV, uV"),
        ('{"leads": [{"name": "I", "signal": [], "unit": 5}]}', "Lead 'I': unit must be V, mV, uV"),
        ('{"recorded_at": "yesterday", "leads": [{"name": "I", "signal": []}]}', "The ECG: recorded_at must be"),
        ('{"recorded_at": "2024-03-05", "leads": [{"name": "I", "signal": []}]}', "The ECG: recorded_at must be"),
        ('{"recorded_at": 5, "leads": [{"name": "I", "signal": []}]}', "The ECG: recorded_at must be"),
    ],
)  # fmt: skip
def test_a_bad_body_is_refused(text, message):
    assert refusal(text.encode()).startswith(message)


def test_absurd_bodies_are_refused_and_cost_little():
    assert "nested too deeply" in refusal(b'{"leads": ' + b"[" * 1_000_000)
    assert "nested too deeply" in refusal(raw_signal("[" * 100_000 + "]" * 100_000))
    assert "100,000 objects" in refusal(b'{"leads": [' + b"{}," * 200_000 + b"{}]}")
    assert refusal(raw_signal(f"[1, {'1' * 500_000}]")).startswith("Lead 'I': ")
    assert refusal(raw_signal(f"[1, {'1' * 5000}]")).startswith("Lead 'I': signal[1] has 5,000 characters")
    many = ",".join(f'{{"name": "{i}", "signal": []}}' for i in range(1001))
    assert refusal(f'{{"leads": [{many}]}}'.encode()) == "There are 1,001 leads; at most 1,000 are read"


def test_what_is_not_utf8_is_refused():
    assert refusal(raw_signal("[1]").replace(b'"I"', b'"\xff"')).startswith("JSON must be UTF-8; byte 21")
    assert "UTF-8" in refusal(body([1]).decode().encode("utf-16"))


def test_messages_hold_only_an_excerpt_and_no_control_characters():
    text = refusal(raw_signal("[1]").replace(b'"I"', b'"' + b"\\u0007" * 500 + b'"'))
    assert len(text) < 200 and text.isprintable()
    assert len(refusal(b"{" + b"\x01" * 10_000)) < 250


def test_options_fill_in_and_win_with_a_remark():
    data = b'{"sampling_rate": 250, "leads": [{"name": "I", "signal": [1]}, {"name": "II", "signal": [], "unit": "V"}]}'
    recording = read_json(data, options=ReadOptions(sampling_rate_hz=500, unit="µV"))
    assert [(x.sampling_rate_hz, x.unit) for x in recording.leads] == [(500.0, "uV")] * 2
    assert recording.remarks == (
        "The file states a sampling rate of 250 Hz; 500 Hz was entered and is used.",
        "The file states the unit 'V'; uV was entered and is used.",
    )


@pytest.mark.parametrize(
    "options",
    [
        ReadOptions(sampling_rate_hz=0),
        ReadOptions(sampling_rate_hz=math.nan),
        ReadOptions(sampling_rate_hz=2e6),
        ReadOptions(unit="MV"),
        ReadOptions(unit="mmHg"),
        ReadOptions(encoding="no-such"),
        ReadOptions(encoding="base64"),
        ReadOptions(delimiter="ab"),
        ReadOptions(decimal="x"),
        ReadOptions(time_unit="hours"),
        ReadOptions(layout="diagonal"),
    ],
)
def test_impossible_options_are_refused(options):
    with pytest.raises(InvalidInputError) as caught:
        read_recording(body([1]), options=options)
    assert not isinstance(caught.value, UnreadableFileError)


# --- an oracle --------------------------------------------------------------------------------------

numbers = st.one_of(
    st.integers(-(2**53), 2**53),
    st.integers(-200, 200),
    st.integers(-(2**70), 2**70),
    st.floats(allow_nan=False, allow_infinity=False),
    st.none(),
)


def slow_samples(text):
    """The plain way: json, Python numbers, and the rules of the type in so many words."""
    values = json.loads(text)["leads"][0]["signal"]
    if all(isinstance(x, int) and -(2**63) <= x < 2**63 for x in values):
        return values
    if any(isinstance(x, int) and int(float(x)) != x for x in values):
        return None
    return [math.nan if x is None else float(x) for x in values]


@settings(max_examples=300, deadline=None)
@given(
    st.lists(numbers, max_size=40),
    st.sampled_from([None, 2]),
    st.sampled_from([(",", ":"), (" , ", " : "), (", ", ": ")]),
)
def test_the_fast_way_agrees_with_plain_python(signal, indent, separators):
    text = json.dumps(
        {"leads": [{"name": "I", "signal": signal}]}, indent=indent, separators=separators
    ).encode()
    expected = slow_samples(text)
    if expected is None:
        assert "cannot be kept exactly" in refusal(text)
        return
    found = samples(text)
    assert np.array_equal(found, np.array(expected, found.dtype), equal_nan=found.dtype.kind == "f")
    assert (found.dtype.kind == "i") == all(isinstance(x, int) for x in expected)


@pytest.mark.parametrize("tail", ["5", "0.5", "null", "70000", "9007199254740992"])
def test_pieces_join_without_a_seam(tail):
    values = [(k * 7919) % 4001 - 2000 for k in range(300_000)]
    found = samples(raw_signal("[" + ", ".join(map(str, values)) + f", {tail}]"))
    assert np.array_equal(found[:-1], values)
    last = json.loads(tail)
    assert math.isnan(found[-1]) if last is None else found[-1] == last


@pytest.mark.parametrize(("item", "at_most"), [("-1234", 1.0), ("0", 1.0), ("0.125", 2.0), ("null", 2.2)])
def test_memory_stays_near_the_samples_own_size(item, at_most):
    data = raw_signal("[" + ",".join([item] * (20_000_000 // (len(item) + 1))) + "]")
    tracemalloc.start()
    try:
        read_json(data)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < at_most * len(data) + 4e6


# --- The quick way ----------------------------------------------------------------------------------

NUMBERS = st.integers(-(2**63), 2**63 - 1) | st.integers(-300, 300)
LEAVES = st.none() | st.booleans() | st.floats() | st.text(max_size=8) | NUMBERS
ANY_LEAD = st.fixed_dictionaries(
    {"name": st.sampled_from(["I", "II", "Ä", "a:b", "x[", ""]), "signal": st.lists(NUMBERS, max_size=5)},
    optional={
        "number_of_samples": st.integers(0, 5),
        "sampling_rate": LEAVES,
        "unit": LEAVES,
        "other": LEAVES,
    },
)
BODIES = st.fixed_dictionaries(
    {"leads": st.lists(ANY_LEAD, max_size=3)},
    optional={
        "recorded_at": st.just("2026-03-05T14:22:11") | LEAVES,
        "sampling_rate": LEAVES,
        "unit": LEAVES,
    },
)


def outcome(data):
    try:
        recording = read_json(data)
    except UnreadableFileError as error:
        return str(error)
    leads = [
        (lead.name, lead.samples.dtype, lead.samples.tolist(), lead.sampling_rate_hz, lead.unit)
        for lead in recording.leads
    ]
    return leads, recording.recorded_at, recording.remarks


def slow_outcome(data):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(json_reader, "decode_quickly", lambda view, colons: None)
        return outcome(data)


@given(BODIES, st.sampled_from([None, (",", ":"), (", ", ": ")]))
def test_the_quick_way_and_the_slow_way_say_the_same(body, separators):
    data = json.dumps(body, separators=separators, ensure_ascii=False).encode("utf-8", "replace")
    assert outcome(data) == slow_outcome(data)


@pytest.mark.parametrize(
    "text",
    [
        '{"leads": [{"name": "I", "signal": [[1], 2]}]}',
        '{"leads": [{"name": "I", "signal": [1], "signal": [2]}]}',
        '{"leads": [{"name": "I", "signal": [1]}], "leads": [{"name": "II", "signal": [2]}]}',
        '{"leads": [{"name": "I", "signal": [1, 2,]}]}',
        '{"leads": [{"name": "I", "signal": [01]}]}',
        '{"leads": [{"name": "I", "signal": [-0, -9223372036854775808, 9223372036854775807]}]}',
        '{"leads": [{"name": "I", "signal": [9223372036854775808]}]}',
        '{"leads": [{"name": "I", "signal": [1]}]} x',
        '{"leads": [{"name": "I", "signal": [1]}, 2]}',
        '{"leads": [{"name": ["I"], "signal": [1]}]}',
        '{"leads": [{"name": "I", "signal": [1], "unit": {}}]}',
        '[{"name": "I", "signal": [1]}]',
        '"leads"',
        "",
    ],
)
def test_what_surprises_is_left_to_the_slow_way(text):
    assert outcome(text.encode()) == slow_outcome(text.encode())


def test_the_usual_body_goes_the_quick_way(monkeypatch):
    monkeypatch.setattr(json_reader, "_decode", lambda view: pytest.fail("not quick"))
    body = {"sampling_rate": 500, "unit": "uV", "leads": [{"name": "I", "signal": [1, 0, -1]}]}
    (lead,) = read_json(json.dumps(body).encode()).leads
    assert (lead.samples.tolist(), lead.sampling_rate_hz, lead.unit) == ([1, 0, -1], 500.0, "uV")
