"""The comparison of heart-rate variability: rows, tolerance, and the peer where it is installed."""

import os
from pathlib import Path

import numpy as np
import pytest

from benchmarks.accuracy.hrv import HrvRow, compare, joined, our_numbers


def made(count=1600):
    rng = np.random.default_rng(0)
    slow = np.cumsum(rng.standard_normal(count))
    at = 0.9 * np.arange(count)
    return joined(900 + 30 * np.sin(0.6 * at) + 20 * np.sin(1.6 * at) + 8 * rng.standard_normal(count) + slow)


def test_a_row_agrees_to_a_tenth_of_a_percent():
    assert HrvRow("a", "x", 100.09, 100.0, "").agrees and not HrvRow("a", "x", 100.2, 100.0, "").agrees
    assert HrvRow("a", "x", 0.0, 0.0, "").agrees and not HrvRow("a", "x", 1.0, 0.0, "").agrees


def test_our_numbers_are_the_products():
    nn = made()
    found = our_numbers(nn)
    assert found["hrv_sdnn"] == pytest.approx(nn.ms.std(ddof=1))
    assert found["hf of one spectrum"] == pytest.approx(found["hrv_hf"], rel=0.1)


def test_same_definitions_give_the_same_numbers():
    peer = os.environ.get("ECG_NEUROKIT_PYTHON", "")
    if not peer or not Path(peer).exists():
        pytest.skip("ECG_NEUROKIT_PYTHON names no interpreter with neurokit2 and astropy")
    rows = compare({"made": made()}, Path(peer))
    assert len(rows) == 25
    assert [row for row in rows if not row.note and not row.agrees] == []
