"""The scorer of carts' numbers: pairs, tolerances, and what is withheld counts as a miss."""

import json

import numpy as np
import pytest

from benchmarks.accuracy.carts import Pair, pairs_of, score
from ecg_core.domain import Lead, Recording
from ecg_core.signal.synthetic import TWELVE_LEADS, synthesize_ecg


def recording(**device):
    values = np.round(synthesize_ecg(10, 500, heart_rate_bpm=70) * 1000).astype(np.int16)
    leads = tuple(Lead(n, v, 500.0, "mV", 0.001) for n, v in zip(TWELVE_LEADS, values, strict=True))
    return Recording(leads, "json", device=device)


@pytest.mark.parametrize(
    "name, ours, device, is_within",
    [
        ("heart_rate", 72.0, 70.0, True),
        ("heart_rate", 72.1, 70.0, False),
        ("qrs_duration", 85.0, 100.0, True),
        ("qrs_duration", 84.0, 100.0, False),
        ("qrs_axis", -175.0, 175.0, True),
        ("qt_interval", None, 400.0, False),
    ],
)
def test_what_is_within(name, ours, device, is_within):
    assert Pair("file", name, device, ours).is_within == is_within


def test_only_what_the_device_gave_is_compared():
    found = pairs_of("x", recording(**{"heart rate": "70 /min", "QT interval": "900 ms", "P axis": "60°"}))
    assert [(pair.name, pair.is_within) for pair in found] == [("heart_rate", True), ("qt_interval", False)]
    assert pairs_of("x", recording()) == []


def test_a_folder_without_devices_has_no_rows(tmp_path):
    (tmp_path / "a.json").write_text(json.dumps({"leads": [{"name": "I", "signal": [1, 2, 3]}]}))
    assert score(tmp_path) == []


def test_carts_of_the_real_files(real_data):
    rows = {row.what: row.ours for row in score(real_data / "formats")}
    within, _, number = rows["device values: all"].partition(" of ")
    assert int(within) >= 28 and int(number) == 36
