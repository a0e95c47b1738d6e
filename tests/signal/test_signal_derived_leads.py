"""The limb leads that follow from I and II, and the check of the recorded ones."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecg_core.domain import Lead
from ecg_core.signal.derived_leads import check_limb_leads, derive_limb_leads


def lead(name, samples, dtype=np.int16, **more):
    settings = {"sampling_rate_hz": 500.0, "unit": "mV", "resolution": 0.005} | more
    return Lead(name, np.asarray(samples, dtype), **settings)


def limb_leads(resolution=0.001, count=500, shift=0.0):
    """Six leads of one heart, each rounded by itself."""
    time = np.arange(count) / 50
    first, second = np.sin(time), 1.5 * np.sin(time + 0.3)
    exact = {
        "I": first,
        "II": second,
        "III": second - first,
        "aVR": -(first + second) / 2,
        "aVL": first - second / 2,
        "aVF": second - first / 2 + shift,
    }
    return [
        lead(name, np.round(values / resolution), resolution=resolution) for name, values in exact.items()
    ]


# --- derived ----------------------------------------------------------------------------------------


def exactly(one):
    """Each sample in its unit, as a fraction."""
    resolution, offset = Fraction(one.resolution), Fraction(one.offset)
    return [int(x) * resolution + offset for x in one.samples]


samples = st.lists(st.tuples(*[st.integers(-(2**61), 2**61)] * 2), max_size=20)


@given(samples, st.integers(-20, 20), st.integers(-1000, 1000))
def test_derived_leads_are_exact(pairs, exponent, offset):
    more = {"resolution": 2.0**exponent, "offset": float(offset)}
    first, second = (
        lead(name, [x[i] for x in pairs], np.int64, **more) for i, name in enumerate(("I", "II"))
    )
    derived = {x.name: x for x in derive_limb_leads([first, second])}
    assert list(derived) == ["III", "aVR", "aVL", "aVF"]
    a, b = exactly(first), exactly(second)
    expected = {
        "III": [y - x for x, y in zip(a, b, strict=True)],
        "aVR": [-(x + y) / 2 for x, y in zip(a, b, strict=True)],
        "aVL": [x - y / 2 for x, y in zip(a, b, strict=True)],
        "aVF": [y - x / 2 for x, y in zip(a, b, strict=True)],
    }
    for name, one in derived.items():
        assert exactly(one) == expected[name]
        assert one.is_derived and one.samples.dtype.kind == "i"
        assert (one.unit, one.sampling_rate_hz) == ("mV", 500)


def test_the_smallest_type_that_holds_them():
    derived = derive_limb_leads([lead("I", [1, -2], np.int8), lead("II", [127, 100], np.int8)])
    assert [(x.name, x.samples.tolist(), x.samples.dtype, x.resolution) for x in derived] == [
        ("III", [126, 102], np.int8, 0.005),
        ("aVR", [-128, -98], np.int8, 0.0025),
        ("aVL", [-125, -104], np.int8, 0.0025),
        ("aVF", [253, 202], np.int16, 0.0025),
    ]


def test_missing_samples_stay_missing():
    derived = derive_limb_leads([lead("I", [1.0, np.nan], np.float64), lead("II", [3, 4])])
    assert derived[0].samples[0] == 2 and np.isnan(derived[0].samples[1])


def test_what_the_file_holds_is_not_derived():
    held = [lead("I", [1]), lead("II", [3]), lead("III", [9]), lead("aVF", [9])]
    assert [x.name for x in derive_limb_leads(held)] == ["aVR", "aVL"]


@pytest.mark.parametrize(
    "change",
    [
        {"sampling_rate_hz": 250.0},
        {"sampling_rate_hz": None},
        {"unit": "uV"},
        {"unit": None},
        {"resolution": 0.001},
        {"offset": 1.0},
        {"samples": np.array([1, 2, 3])},
        {"samples": np.array([2**62, 0])},
        {"is_ecg": False},
        {"name": "V1"},
    ],
)
def test_nothing_is_derived_from_leads_that_differ(change):
    first, second = lead("I", [1, 2]), lead("II", [3, 4])
    assert derive_limb_leads([first, replace(second, **change)]) == ()


def test_counts_may_be_derived_too():
    first, second = (replace(lead(name, [1, 2]), unit=None, resolution=1.0) for name in ("I", "II"))
    assert [x.unit for x in derive_limb_leads([first, second])] == [None] * 4


# --- checked ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("resolution", [0.0005, 0.001, 0.0049, 0.1])
def test_rounding_is_tolerated(resolution):
    found = check_limb_leads(limb_leads(resolution))
    assert found.holds
    assert 0 < found.largest_mv <= 1.5 * resolution < found.tolerance_mv


def test_a_file_may_state_finer_counts_than_its_device_had():
    leads = [replace(x, samples=np.int16(5) * x.samples, resolution=0.001) for x in limb_leads(0.005)]
    found = check_limb_leads(leads)
    assert found.holds and found.largest_mv > 0.003


def test_a_wrong_lead_is_named_with_its_deviation():
    leads = limb_leads()
    leads[5].samples[123] += 200
    found = check_limb_leads(leads)
    assert not found.holds
    assert found.relation in ("aVF = II - I / 2", "aVR + aVL + aVF = 0")
    assert found.sample == 123
    assert found.largest_mv == pytest.approx(0.2, abs=0.002)


def test_exchanged_arm_electrodes_of_one_lead_only_are_seen():
    leads = limb_leads()
    leads[0] = replace(leads[0], samples=-leads[0].samples)
    found = check_limb_leads(leads)
    assert not found.holds and found.relation in ("III = II - I", "aVL = I - II / 2")
    assert found.largest_mv == pytest.approx(2, abs=0.01)


def test_units_are_brought_to_millivolts():
    leads = [
        replace(x, unit="uV", resolution=x.resolution * 1000) if i % 2 else x
        for i, x in enumerate(limb_leads())
    ]
    assert check_limb_leads(leads).holds


def test_decimals_have_the_step_that_their_values_show():
    leads = [replace(x, samples=x.physical(), resolution=1.0) for x in limb_leads(0.01)]
    found = check_limb_leads(leads)
    assert found.holds and found.tolerance_mv < 0.031
    leads[2].samples[7] += 0.05
    assert not check_limb_leads(leads).holds


def test_missing_samples_are_passed_over():
    leads = [replace(x, samples=x.samples.astype(np.float64)) for x in limb_leads()]
    leads[1].samples[:100] = np.nan
    assert check_limb_leads(leads).holds
    leads[1].samples[:] = np.nan
    assert check_limb_leads(leads).relation == "aVR + aVL + aVF = 0"


def test_derived_leads_say_nothing_and_absent_ones_neither():
    leads = limb_leads()
    assert check_limb_leads([replace(x, is_derived=x.name not in ("I", "II")) for x in leads]) is None
    assert check_limb_leads(leads[:2]) is None
    assert check_limb_leads([]) is None
    assert check_limb_leads([replace(x, unit=None) for x in leads]) is None
    assert check_limb_leads([replace(x, samples=x.samples[: 100 + i]) for i, x in enumerate(leads)]) is None
    assert check_limb_leads([replace(x, samples=x.samples[:0]) for x in leads]) is None
    assert check_limb_leads(leads[:3]).relation == "III = II - I"


@pytest.mark.parametrize("record", ["E07500", "HR06000", "JS20000"])
def test_real_twelve_lead_records_keep_the_relations(real_data, record):
    wfdb = pytest.importorskip("wfdb")
    found = list((real_data / "challenge2021").rglob(f"{record}.hea"))
    if not found:
        pytest.skip(f"{record} is not there")
    read = wfdb.rdrecord(str(found[0].with_suffix("")), physical=False)
    leads = [
        lead(name, read.d_signal[:, i], resolution=1 / read.adc_gain[i])
        for i, name in enumerate(read.sig_name)
    ]
    assert check_limb_leads(leads).holds
    recorded = {x.name: x for x in leads}
    for derived in derive_limb_leads(leads[:2]):
        assert np.abs(derived.physical() - recorded[derived.name].physical()).max() < 0.008
