"""Envelopes of long windows: every column has the extremes and crossings of the stored samples, no others."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest
from sqlalchemy import delete, func, select

from ecg_core.domain import Lead, Recording
from ecg_core.errors import EcgError, EcgNotFoundError
from ecg_core.services import derived, envelopes, recordings, uploads
from ecg_core.signal.synthetic import synthesize_ecg
from ecg_core.signal.zero_crossings import find_lead_zero_crossings
from ecg_core.storage.tables import PyramidRow

RATE = 250.0


def keep(room, user, *leads: Lead):
    """Store leads as a reader would give them."""
    recording = Recording(leads, "test")
    stored = uploads._summarize(recording, user, "", "0")
    uploads._insert(room, user, recording, stored, once=False, address="")
    return stored.id


def long_leads(minutes=30.0) -> tuple[Lead, ...]:
    """Whole numbers, turned round with an offset, and floats with gaps; of different lengths."""
    one, two, six = synthesize_ecg(minutes * 60, RATE, leads=("I", "II", "V6"), seed=3)
    six = six[: len(six) - 1234].copy()
    for start, stop in ((0, 700), (50_000, 50_001), (200_000, 290_011), (len(six) - 5, len(six))):
        six[start:stop] = np.nan
    return (
        Lead("I", np.round(one * 200).astype(np.int16), RATE, "mV", 0.005),
        Lead("II", np.round(two * -1000 + 300.5).astype(np.int32), RATE, "uV", -1.0, 300.0),
        Lead("V6", six, RATE, "mV"),
    )


def pyramid_rows(room) -> int:
    with room.database.reading() as connection:
        return connection.execute(select(func.count()).select_from(PyramidRow)).scalar_one()


def check(envelope, lead: Lead, first: int, last: int, columns: int) -> None:
    """Every column against the samples themselves."""
    width, begin, number = envelope.samples_per_column, envelope.first_sample, len(envelope.lowest)
    end = min(begin + number * width, len(lead.samples))
    assert begin % width == 0 and begin <= first and last <= end and begin > first - width
    assert number >= min(columns, max(0, last - first)) and end - last < width
    assert number <= 2 * columns + 2
    physical, found = lead.physical(), find_lead_zero_crossings(lead)
    for column in range(number):
        start, stop = begin + column * width, min(begin + (column + 1) * width, end)
        part = physical[start:stop]
        present = part[~np.isnan(part)]
        low, high = (present.min(), present.max()) if len(present) else (np.nan, np.nan)
        np.testing.assert_array_equal((envelope.lowest[column], envelope.highest[column]), (low, high))
        assert envelope.missing[column] == len(part) - len(present)
    for counts, rising in ((envelope.rising, True), (envelope.falling, False)):
        inside = found.indices[(found.rising == rising) & (found.indices >= begin) & (found.indices < end)]
        np.testing.assert_array_equal(counts, np.bincount((inside - begin) // width, minlength=number))


WINDOWS = (
    (0.0, 1800.0, 50), (0.0, 1800.0, 1200), (0.0, 1800.0, 20), (0.0, 1e9, 7), (100.0, 10.0, 1200),
    (777.7, 60.0, 1000), (123.456, 900.0, 333), (123.456, 900.0, 150), (795.0, 402.0, 10),
    (1799.0, 60.0, 100), (1, 1700, 1), (900.0, 0.0, 10), (5000.0, 10.0, 10),
)  # fmt: skip


def test_columns_are_the_signal_in_any_window(room, make_user):
    user, leads = make_user(), long_leads()
    ecg = keep(room, user, *leads)
    assert pyramid_rows(room) == 6  # three leads of two levels: 1,758 and 110 blocks
    for start, length, columns in WINDOWS:
        found = envelopes.read_envelopes(
            room, user, ecg, start=start, length=length, names=("V6", "I", "II"), columns=columns
        )
        assert [each.lead_name for each in found] == ["I", "II", "V6"]
        summaries = recordings.get_ecg(room, user, ecg).leads
        for envelope, summary, lead in zip(found, summaries, leads, strict=True):
            first, last = recordings.window_bounds(summary, start, length)
            check(envelope, lead, first, last, columns)


def test_paging_shows_the_same_columns(room, make_user):
    user = make_user()
    ecg = keep(room, user, *long_leads())
    pages = [
        envelopes.read_envelopes(room, user, ecg, start=start, length=600, names=("I",), columns=100)[0]
        for start in (300.0, 433.3)
    ]
    shift = (pages[1].first_sample - pages[0].first_sample) / pages[0].samples_per_column
    assert shift == int(shift) and pages[0].samples_per_column == pages[1].samples_per_column
    np.testing.assert_array_equal(pages[0].highest[int(shift) :][:90], pages[1].highest[:90])


def test_a_recording_from_before_is_reduced_on_first_need_and_once(room, make_user):
    user, leads = make_user(), long_leads()
    ecg = keep(room, user, *leads)
    with room.database.writing() as connection:
        connection.execute(delete(PyramidRow))
    for _ in range(2):
        (found,) = envelopes.read_envelopes(room, user, ecg, start=0, length=1800, names=("II",), columns=100)
        check(found, leads[1], 0, len(leads[1].samples), 100)
        assert pyramid_rows(room) == 2


def test_a_short_lead_has_none_and_its_columns_are_right_all_the_same(room, make_user):
    user, (one, *_) = make_user(), long_leads(6)
    ecg = keep(room, user, one)
    assert pyramid_rows(room) == 0
    (found,) = envelopes.read_envelopes(room, user, ecg, start=0, length=360, names=("I",), columns=40)
    assert found.samples_per_column > 256
    check(found, one, 0, 90_000, 40)


def test_derived_leads_are_reduced_too(room, make_user):
    user = make_user()
    one, two = (
        Lead(name, np.round(values * 200).astype(np.int16), RATE, "mV", 0.005)
        for name, values in zip(("I", "II"), synthesize_ecg(500, RATE, leads=("I", "II")), strict=True)
    )
    ecg = keep(room, user, one, two)
    before = pyramid_rows(room)
    derived.add_derived_leads(room, user, ecg)
    assert pyramid_rows(room) == 3 * before > 0


def test_damage_is_said_and_another_user_sees_nothing(room, make_user):
    user = make_user()
    ecg = keep(room, user, *long_leads(10))
    with room.database.writing() as connection:
        rows = connection.execute(select(PyramidRow.__table__)).all()
        for row in rows:
            bad = row.data[:20] + bytes([row.data[20] ^ 1]) + row.data[21:]
            connection.execute(
                PyramidRow.__table__.update()
                .where(PyramidRow.__table__.c.level == row.level)
                .values(data=bad)
            )
    window = {"start": 0, "length": 600, "names": ("I",), "columns": 50}
    with pytest.raises(EcgError, match="damaged"):
        envelopes.read_envelopes(room, user, ecg, **window)
    with pytest.raises(EcgNotFoundError):
        envelopes.read_envelopes(room, make_user("other"), ecg, **window)


def test_no_window_reads_the_whole_recording(room, make_user):
    """6 h at 250 Hz: 11 MB as they are stored, 43 MB as numbers; a page takes less than a third of it."""
    user, samples = make_user(), np.random.default_rng(2).integers(-500, 500, 6 * 900_000).astype(np.int16)
    ecg = keep(room, user, Lead("II", samples, RATE, "mV", 0.005))
    tracemalloc.start()
    try:
        for start, length in (
            (0.0, 10.0),
            (9999.0, 60.0),
            (7200.0, 600.0),
            (7200.0, 3600.0),
            (0.0, 21_600.0),
        ):
            (found,) = envelopes.read_envelopes(
                room, user, ecg, start=start, length=length, names=("II",), columns=1200
            )
            assert len(found.lowest) >= 1200
        assert tracemalloc.get_traced_memory()[1] < 12_000_000
    finally:
        tracemalloc.stop()
