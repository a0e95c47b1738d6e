"""The scorer of the AF indicator, by hand and on real records."""

import numpy as np
import pytest

from benchmarks.accuracy.af import (
    AfRecord,
    AfRow,
    beat_labels,
    count_windows,
    read_halves,
    rhythm_spans,
    score,
    score_record,
    total,
    window_truth,
)


def test_rhythm_holds_until_the_next_label():
    spans = rhythm_spans(np.array([1.0, 2.0, 5.0]), ["(AFIB", "", "(N"], 9.0)
    assert spans == [(1.0, 5.0, "(AFIB"), (5.0, 9.0, "(N")]
    assert rhythm_spans(np.array([1.0]), [""], 9.0) == []
    beats = np.array([0.5, 1.0, 4.9, 5.0, 8.0])
    assert beat_labels(beats, spans).tolist() == [0, 1, 1, 0, 0]
    assert beat_labels(beats, [(0.0, 6.0, "(AFL")]).tolist() == [2, 2, 2, 2, 0]


def test_most_beats_decide_a_window():
    labels = np.array([[1] * 6 + [0] * 4, [1] * 5 + [0] * 5, [0] * 9 + [2], [1] * 6 + [2] * 4, [0] * 10])
    assert window_truth(labels).tolist() == [1, 0, 2, 1, 0]


def test_counts_sensitivity_and_specificity():
    truth = np.array([1, 1, 1, 0, 0, 0, 0, 2, 2])
    logits = np.array([1.0, 2.0, np.nan, -1.0, -2.0, np.nan, 3.0, 1.0, -1.0])
    row = count_windows("x", truth, logits, 10)
    assert row == AfRow("x", 10, found=2, missed=1, rejected=3, false=1, flutter=2, flutter_indicated=1)
    assert row.sensitivity == pytest.approx(200 / 3) and row.specificity == 75.0
    assert total("all", [row, row]) == AfRow("all", 10, 4, 2, 6, 2, 4, 2)
    assert np.isnan(AfRow("none", 10, 0, 0, 5, 0).sensitivity)


def test_a_record_is_cut_into_windows_without_overlap():
    rng = np.random.default_rng(1)
    beats = np.cumsum(np.r_[np.full(60, 0.8), rng.uniform(0.4, 1.2, 60)])
    record = AfRecord(
        "made", "1", 250.0, ("II",), np.zeros((1, 40_000)), beats, np.ones(120, bool),
        [(0.0, beats[60], "(N"), (beats[60], 200.0, "(AFIB")],
    )  # fmt: skip
    ten, sixty = score_record(record, with_p=False, lengths=(10, 60))
    assert (ten.found + ten.missed, ten.rejected + ten.false) == (6, 6)
    assert (sixty.found, sixty.missed, sixty.rejected, sixty.false) == (1, 0, 1, 0)
    assert ten.found >= 5 and ten.rejected == 6
    assert (
        record.is_odd and not AfRecord("c", "data_8_3", 200.0, (), np.zeros((0, 0)), beats, beats > 0).is_odd
    )


def test_windows_of_ten_beats_reach_the_target_on_records_not_fitted_to(real_data):
    row = score(real_data / "mitdb", held_out=True, lengths=(10,))[-1]
    assert row.name == "mitdb" and row.sensitivity >= 95 and row.specificity >= 95
    assert set(read_halves()) == {"odd", "even"}
