"""What is written is what is read again: over generated recordings and every real file."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from ecg_core.domain import Annotation, Lead, Recording
from ecg_core.errors import EcgError, InvalidInputError, UnwritableError
from ecg_core.readers import read_recording
from ecg_core.readers.channels import lead_names
from ecg_core.readers.containers import Source, find_bundles
from ecg_core.writers import WRITERS, writer_named

KEEP_COUNTS = ("wfdb", "edf", "dicom")
#: What a format says of the patient.
PATIENT = {
    "wfdb": None,
    "edf": ("patient id", "name", "sex", "birth date"),
    "dicom": ("patient id", "name", "sex", "birth date", "age", "height", "weight", "history"),
    "csv": ("patient id", "name", "sex", "birth date", "age"),
    "json": (),
}
MARKS = {
    "wfdb": "text lead kind",
    "edf": "text lead duration",
    "dicom": "text lead duration",
}


def read_again(written):
    (bundle,) = find_bundles([Source.of(written.file_name, written.data)])
    return read_recording(bundle.load(), file_name=bundle.name, siblings=bundle.siblings())


def write_or_refuse(writer, recording, name="record"):
    try:
        return writer.write(recording, name=name)
    except UnwritableError as error:
        assert 0 < len(str(error)) < 500 and str(error).isprintable()
        return None


def mark_of(mark, parts):
    """The words that the format keeps, the start and the duration."""
    words = tuple(getattr(mark, part) for part in ("text", "lead", "kind") if part in parts)
    return words, mark.start_s, (mark.duration_s or 0.0) if "duration" in parts else 0.0


def check_same(writer, recording, again):
    """Everything that the format carries came back; ``recording`` has names as lead_names makes them."""
    names = [lead.name for lead in recording.leads]
    ascii_only = writer.name == "edf"
    assert [lead.name for lead in again.leads] == [n.replace("ä", "a") if ascii_only else n for n in names]
    for found, lead in zip(again.leads, recording.leads, strict=True):
        assert found.sampling_rate_hz == lead.sampling_rate_hz
        if lead.unit in ("V", "mV", "uV", "nV", None) or writer.name != "json":
            assert found.unit == lead.unit
        assert len(found.samples) == len(lead.samples)
        check_same_numbers(writer, found, lead)
    at = recording.recorded_at
    assert again.recorded_at == (at.replace(tzinfo=None) if at and writer.name in ("wfdb", "edf") else at)
    kept = PATIENT[writer.name]
    patient = {k: v for k, v in recording.patient.items() if kept is None or k in kept}
    if writer.name in ("edf", "dicom") and "sex" in patient:
        patient["sex"] = patient["sex"][0].upper()
    assert dict(again.patient) == patient
    if writer.name in MARKS:
        wanted, found = (
            sorted(mark_of(mark, MARKS[writer.name]) for mark in marks)
            for marks in (recording.annotations, again.annotations)
        )
        assert [words for words, *_ in found] == [words for words, *_ in wanted]
        for (_, *times), (_, *others) in zip(found, wanted, strict=True):
            assert times == pytest.approx(others, abs=1e-6 if writer.name == "wfdb" else 1e-9)


def check_same_numbers(writer, found, lead):
    physical, wanted = found.physical(), lead.physical()
    if writer.name not in KEEP_COUNTS:
        np.testing.assert_array_equal(physical, wanted)
    elif found.samples.dtype == lead.samples.dtype and (found.resolution, found.offset) == (
        lead.resolution,
        lead.offset,
    ):
        np.testing.assert_array_equal(found.samples, lead.samples)
    else:  # decimals counted in their last place, finer counts, a reciprocal: one rounding each
        size = np.nanmax(np.abs(wanted), initial=0.0) + abs(lead.offset)
        np.testing.assert_allclose(physical, wanted, rtol=1e-15, atol=1e-15 * size)


# --- generated recordings -----------------------------------------------------------------------------------

NAMES = [
    "I",
    "II",
    "III",
    "aVR",
    "-aVR",
    "V1",
    "V6",
    "X",
    "MLII",
    "ECG (2)",
    "Lead a",
    "Läad",
    "ABP",
    "a,b",
    "1",
    "7",
]
units = st.sampled_from(["mV", "uV", "V", "nV", "mmHg", None])
rates = st.sampled_from([500.0, 250.0, 360.0, 1000.0, 128.0, 257.0, 100.0, 1000 / 3, 999.96])
resolutions = st.one_of(
    st.sampled_from([1.0, 0.005, -0.005, 2.5, 1 / 204, 0.1, 10 / 65535, 1 / 1024, 4.88e-3, 3.125e-2]),
    st.floats(1e-6, 1e3),
)
texts = (
    st.text("abcXYZ 019äé(+", min_size=1, max_size=30).map(lambda text: " ".join(text.split())).filter(bool)
)
widths = st.sampled_from([7, 12, 15, 20, 23, 30, 31, 40])


@st.composite
def leads(draw, name, rate, length):
    unit = draw(units)
    kind = draw(st.sampled_from(["whole", "whole", "gaps", "decimals"]))
    bits = draw(widths)
    size = (1 << bits) - 1
    resolution = draw(resolutions) if unit else 1.0
    zero = draw(st.one_of(st.just(0), st.integers(-5000, 5000), st.sampled_from([0.5, -1.25])))
    offset = -zero * resolution if unit else 0.0
    numbers = draw(st.lists(st.integers(-size, size), min_size=length, max_size=length))
    samples = np.array(numbers, np.int64)
    if kind == "gaps":
        samples = samples.astype(float)
        samples[draw(st.lists(st.integers(0, length - 1), max_size=3))] = np.nan
    if kind == "decimals":
        digits = draw(st.integers(1, 4))
        samples = np.clip(samples, -(10**6), 10**6) / 10**digits
        resolution, offset = 1.0, 0.0
    return Lead(name, samples, rate, unit, resolution, offset)


@st.composite
def recordings(draw):
    length, rate = draw(st.integers(1, 40)), draw(rates)
    names = draw(st.lists(st.sampled_from(NAMES), min_size=1, max_size=4, unique=True))
    names = [found for found, name in zip(lead_names(names), names, strict=True) if found == name]
    assume(names)
    many = [draw(st.sampled_from([1, 1, 1, 2, 4])) for _ in names]
    made = tuple(draw(leads(n, rate * m, length * m)) for n, m in zip(names, many, strict=True))
    at = draw(st.none() | st.datetimes(datetime(1990, 1, 1), datetime(2080, 1, 1)))
    if at and draw(st.booleans()):
        at = at.replace(tzinfo=draw(st.sampled_from([UTC, timezone(timedelta(hours=5, minutes=30))])))
    patient = {
        "patient id": draw(st.sampled_from(["", "642341", "A-17"])),
        "name": draw(st.sampled_from(["", "Jane Doe", "Clark"])),
        "sex": draw(st.sampled_from(["", "F", "M"])),
        "birth date": draw(st.sampled_from(["", "1970-01-31"])),
        "age": draw(st.sampled_from(["", "54"])),
    }
    marks = []
    for _ in range(draw(st.integers(0, 4))):
        kind = draw(st.sampled_from(["beat", "rhythm", "note", "note"]))
        text = draw(st.sampled_from(["N", "V", "/ paced"]) if kind == "beat" else texts)
        start = (
            draw(st.integers(0, length)) / rate if draw(st.booleans()) else draw(st.integers(0, 999)) / 1000
        )
        lead = draw(st.sampled_from(["", *(name for name in names if name in ("I", "V1", "aVR"))]))
        marks.append(Annotation(start, text, kind, lead=lead))
    marks.sort(key=lambda mark: mark.start_s)
    return Recording(
        made,
        "test",
        recorded_at=at,
        patient={key: value for key, value in patient.items() if value},
        annotations=tuple(marks),
    )


@pytest.mark.parametrize("writer", WRITERS, ids=lambda writer: writer.name)
@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(recording=recordings())
def test_a_generated_recording_comes_back_or_is_refused(writer, recording):
    written = write_or_refuse(writer, recording)
    if written is not None:
        check_same(writer, recording, read_again(written))


# --- real recordings ----------------------------------------------------------------------------------------

FOLDERS = ("formats", "mitdb", "ludb", "challenge2021", "cpsc2021")
MOST_PER_FOLDER = 3


def real_recordings(real_data):
    for top in FOLDERS:
        for folder in sorted({path.parent for path in (real_data / top).rglob("*") if path.is_file()}):
            paths = sorted(path for path in folder.iterdir() if path.is_file())
            if top != "formats":
                stems = sorted({path.stem for path in paths if path.suffix == ".hea"})[-MOST_PER_FOLDER:]
                paths = [path for path in paths if path.stem in stems]
            sources = [Source.of(path.name, path.read_bytes()) for path in paths]
            for bundle in find_bundles(sources):
                try:
                    content = bundle.load()
                    yield (
                        read_recording(content, file_name=bundle.name, siblings=bundle.siblings()),
                        bundle.name,
                    )
                except EcgError:
                    continue


def test_every_real_recording_comes_back_or_is_refused(real_data):
    refused, written_by = [], dict.fromkeys((writer.name for writer in WRITERS), 0)
    for recording, name in real_recordings(real_data):
        short = shortened(recording)
        for writer in WRITERS:
            written = write_or_refuse(writer, short, name)
            if written is None:
                refused.append((name, writer.name))
                continue
            written_by[writer.name] += 1
            check_same(writer, short, read_again(written))
    assert written_by["json"] >= 20
    assert all(count >= 12 for count in written_by.values()), (written_by, refused)


def shortened(recording, seconds=60.0):
    """The first minute; the long records of MIT-BIH would take a minute themselves."""
    cut = tuple(
        Lead(
            **{
                **{key: getattr(lead, key) for key in lead.__dataclass_fields__},
                "samples": lead.samples[: round(seconds * (lead.sampling_rate_hz or 1000))],
            }
        )
        for lead in recording.leads
    )
    marks = tuple(mark for mark in recording.annotations if mark.start_s < seconds)
    return Recording(
        cut,
        recording.source_format,
        recording.recorded_at,
        recording.patient,
        recording.metadata,
        annotations=marks,
    )


# --- single facts -------------------------------------------------------------------------------------------


def simple(*leads, **rest):
    return Recording(leads, "test", **rest)


def ramp(length=20, **rest):
    return Lead("I", np.arange(length, dtype=np.int16), 500.0, "mV", 0.005, **rest)


@pytest.mark.parametrize("name", ["wfdb", "edf", "dicom"])
def test_an_unknown_rate_is_not_made_up(name):
    lead = Lead("I", np.arange(5), None, "mV")
    with pytest.raises(UnwritableError, match="needs a sampling rate, and that of lead 'I' is not known"):
        writer_named(name).write(simple(lead), name="x")


@pytest.mark.parametrize(
    "name, leads, reason",
    [
        ("edf", [Lead("I", np.array([1.0, np.nan]), 500.0, "mV")], "missing samples"),
        ("edf", [Lead("I", np.array([1 << 24, 0]), 500.0, "mV")], "beyond 24 bits"),
        ("edf", [Lead("I", np.array([0, 1]), 500.0, "mV", 2.9099542140071226e-05)], "8 characters"),
        ("edf", [ramp(20), Lead("II", np.arange(19), 500.0, "mV")], "do not end together"),
        ("wfdb", [ramp(20), Lead("II", np.arange(19), 500.0, "mV")], "do not end together"),
        ("wfdb", [Lead("I", np.array([1 << 31]), 500.0, "mV")], "beyond 32 bits"),
        ("wfdb", [Lead("I", np.array([1]), 500.0, None, 0.5)], "plain counts"),
        ("wfdb", [Lead("I", np.array([0.1, 1 / 3]), 500.0, "mV")], "too many digits"),
        ("dicom", [Lead("I", np.array([1]), 1000 / 3, "mV")], "16 characters"),
        ("csv", [ramp(20), Lead("II", np.arange(40), 1000.0, "mV")], "different sampling rates"),
        ("csv", [Lead("1.5", np.array([1]), 500.0)], "named by a number"),
        ("csv", [Lead("n", np.arange(9), 500.0)], "counts up by one"),
        ("csv", [Lead("I (mV)", np.array([1]), 500.0)], "ends like a unit"),
    ],
)
def test_what_a_format_cannot_hold_is_refused_with_the_reason(name, leads, reason):
    with pytest.raises(UnwritableError, match=reason):
        writer_named(name).write(simple(*leads), name="x")


def test_leads_of_any_length_and_rate_are_kept_by_json_and_dicom():
    recording = simple(ramp(20), Lead("ABP", np.arange(7), 125.0, "mmHg", 0.05, 20.0))
    for name in ("json", "dicom"):
        again = read_again(writer_named(name).write(recording, name="x"))
        assert [len(lead.samples) for lead in again.leads] == [20, 7]
        assert [lead.sampling_rate_hz for lead in again.leads] == [500.0, 125.0]


def test_edf_fills_up_the_last_record_and_says_so():
    lead = Lead("I", np.arange(1001, dtype=np.int16), 360.0, "mV", 0.005)
    written = writer_named("edf").write(simple(lead), name="x")
    assert b"Recording ends" in written.data
    (again,) = read_again(written).leads
    np.testing.assert_array_equal(again.samples, lead.samples)


def test_edf_becomes_bdf_where_16_bits_do_not_hold_the_samples():
    wide = writer_named("edf").write(simple(Lead("I", np.array([0, 40_000]), 500.0, "mV", 0.001)), name="x")
    assert wide.file_name == "x.bdf" and wide.data[:8] == b"\xffBIOSEMI"
    assert writer_named("edf").write(simple(ramp()), name="x").file_name == "x.edf"


@pytest.mark.parametrize(
    "largest, bits", [(32_767, 16), (32_768, 24), (8_388_607, 24), (8_388_608, 32), (2**31 - 1, 32)]
)
def test_wfdb_takes_the_narrowest_format(largest, bits):
    import io
    import zipfile

    lead = Lead("I", np.array([largest, -largest]), 500.0, "mV")
    written = writer_named("wfdb").write(simple(lead), name="x")
    header = zipfile.ZipFile(io.BytesIO(written.data)).read("x.hea").decode()
    assert header.splitlines()[1].split()[1] == str(bits)


@pytest.mark.parametrize("writer", WRITERS, ids=lambda writer: writer.name)
@pytest.mark.parametrize("name", ["../../etc/passwd", "a b/ä:*.hea", "", "...", "x" * 300, "100.dat"])
def test_names_of_files_are_safe(writer, name):
    file_name = writer.write(simple(ramp()), name=name).file_name
    assert 5 <= len(file_name) < 70 and file_name.isascii()
    assert not set(file_name) & set('/\\: *?"<>|') and not file_name.startswith(".")


@pytest.mark.parametrize("writer", WRITERS, ids=lambda writer: writer.name)
def test_the_same_recording_gives_the_same_bytes(writer):
    recording = simple(ramp(), recorded_at=datetime(2024, 3, 5, 14, 22, 11), patient={"name": "Jane"})
    first, second = (writer.write(recording, name="x") for _ in range(2))
    assert first == second and first.file_name.endswith(writer.extension)


def test_line_breaks_in_a_patient_field_add_no_lines():
    recording = simple(ramp(), patient={"name": "Jane\nx.dat 16 1 0 0\nDoe"})
    for name in ("wfdb", "csv", "edf", "dicom"):
        again = read_again(writer_named(name).write(recording, name="x"))
        assert len(again.leads) == 1 and len(again.leads[0].samples) == 20


def test_an_unknown_format_is_named():
    with pytest.raises(InvalidInputError, match="There is no writer 'pdf'; there are wfdb, edf"):
        writer_named("pdf")


# --- any text -----------------------------------------------------------------------------------------------

printable = st.text(
    st.one_of(
        st.sampled_from("IV1a,;\"'#:=@\\^()[]/%+-_. \u00b5"),
        st.characters(exclude_categories=["C", "Z"], codec="utf-8"),
    ),
    min_size=1,
    max_size=64,
)
words = printable.map(lambda text: " ".join(text.split())).filter(bool)


@pytest.mark.parametrize("writer", WRITERS, ids=lambda writer: writer.name)
@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    names=st.lists(words, min_size=1, max_size=3, unique=True),
    unit=st.none() | words.map(lambda text: text[:20].strip()).filter(bool),
    facts=st.dictionaries(
        st.sampled_from(["name", "patient id", "sex", "age", "height"]) | words, words, max_size=4
    ),
    note=words,
)
def test_no_text_changes_a_number(writer, names, unit, facts, note):
    numbers = np.array([3, -5, 8, 0, 2], np.int16)
    made = tuple(Lead(name, numbers + place, 500.0, unit) for place, name in enumerate(names))
    marks = (Annotation(0.002, note, "note", lead=names[0]),)
    recording = Recording(made, "test", patient=facts, metadata=facts, annotations=marks)
    written = write_or_refuse(writer, recording, note)
    if written is None:
        return
    again = read_again(written)
    assert len(again.leads) == len(names)
    for place, lead in enumerate(again.leads):
        np.testing.assert_array_equal(lead.samples, numbers + place)
        assert lead.sampling_rate_hz == 500.0
        assert (lead.resolution, lead.offset) == (1.0, 0.0)
