"""The marks of P, QRS and T move as physics says."""

import numpy as np
import pytest
from scipy.signal import resample_poly

import ecg_core.signal.waves as waves_module
from ecg_core.signal.global_intervals import beat_intervals_ms, global_intervals
from ecg_core.signal.wave_peaks import qrs_peaks
from ecg_core.signal.wave_spans import spans_of_beats
from ecg_core.signal.waves import QRS, P, T, delineate

FS = 500.0


def an_ecg(*, p_wave: bool = True, seconds: float = 10.0) -> tuple[np.ndarray, np.ndarray]:
    """Three leads of one beat a second: P of 100 ms, QRS of 90 ms, T that ends 400 ms after QRS begins."""
    t = np.arange(round(seconds * FS)) / FS
    beats = np.arange(0.6, seconds - 0.5, 1.0)
    one = np.zeros_like(t)
    bumps = [(-0.004, 0.010, 1.2), (-0.025, 0.006, -0.12), (0.022, 0.008, -0.3), (0.27, 0.045, 0.3)]
    for at, width, height in bumps + ([(-0.16, 0.022, 0.12)] if p_wave else []):
        one += sum(height * np.exp(-0.5 * ((t - b - at) / width) ** 2) for b in beats)
    noise = np.random.default_rng(3).normal(0, 0.003, (3, len(t)))
    return np.array([0.8, 1.0, 0.5])[:, None] * one + noise, np.rint(beats * FS).astype(np.int64)


def test_the_waves_are_where_they_were_drawn() -> None:
    values, beats = an_ecg()
    waves = delineate(values, FS, beats)
    assert waves.onset.shape == (3, 9, 3)
    for wave, at_ms in ((P, -160), (T, 270)):
        off_ms = (waves.peak[..., wave] - beats) * 1000 / FS - at_ms
        assert np.median(np.abs(off_ms[:, 1:-1])) <= 10
    inner = waves.onset[:, 1:-1] >= 0
    assert inner.mean() >= 0.95
    assert np.all(waves.onset <= waves.peak) and np.all(waves.peak <= waves.offset)
    assert np.median(waves.amplitude_mv[1, :, QRS]) == pytest.approx(1.2, abs=0.15)
    found = {name: each.value_ms for name, each in global_intervals(waves).items()}
    assert found["p_duration"] == pytest.approx(105, abs=25)
    assert found["pr_interval"] == pytest.approx(165, abs=25)
    assert found["qrs_duration"] == pytest.approx(90, abs=20)
    assert found["qt_interval"] == pytest.approx(410, abs=40)


@pytest.mark.parametrize("gain", [0.1, 3.0, 1000.0])
def test_gain_and_offset_move_no_mark_and_amplitudes_follow(gain: float) -> None:
    values, beats = an_ecg()
    one, other = delineate(values, FS, beats), delineate(gain * values + 7.0, FS, beats)
    np.testing.assert_allclose(one.onset, other.onset, atol=1)
    np.testing.assert_allclose(one.heart_offset, other.heart_offset, atol=0.5)
    np.testing.assert_allclose(one.amplitude_mv * gain, other.amplitude_mv, rtol=0.05, atol=0.02 * gain)


def test_an_inverted_recording_has_the_same_intervals() -> None:
    values, beats = an_ecg()
    one, other = (
        beat_intervals_ms(delineate(values, FS, beats)),
        beat_intervals_ms(delineate(-values, FS, beats)),
    )
    for name, limit_ms in (
        ("p_duration", 25),
        ("pr_interval", 25),
        ("qrs_duration", 20),
        ("qt_interval", 30),
    ):
        assert abs(np.nanmedian(one[name]) - np.nanmedian(other[name])) <= limit_ms, name


@pytest.mark.parametrize(("up", "down"), [(1, 2), (2, 1), (18, 25)])
def test_another_sampling_rate_gives_the_same_times(up: int, down: int) -> None:
    values, beats = an_ecg()
    fs = FS * up / down
    other = delineate(
        resample_poly(values, up, down, axis=1), fs, np.rint(beats * up / down).astype(np.int64)
    )
    one = delineate(values, FS, beats)
    both = (one.onset >= 0) & (other.onset >= 0)
    assert (one.onset >= 0).sum() - both.sum() <= 2
    ms = np.abs(one.onset / FS - other.onset / fs)[both] * 1000
    assert np.percentile(ms, 95) <= 6


def test_a_time_shift_shifts_the_marks() -> None:
    values, beats = an_ecg()
    shift = 250
    one = delineate(values, FS, beats)
    other = delineate(values[:, shift:], FS, beats[1:] - shift)
    moved = np.where(other.onset >= 0, other.onset + shift, -1)[:, 1:-1]
    np.testing.assert_allclose(one.onset[:, 2:-1], moved, atol=3)


def test_a_long_recording_is_read_in_windows_without_seams() -> None:
    values, beats = an_ecg(seconds=47)
    waves = delineate(values, FS, beats)
    inner = waves.onset[:, 1:-1]
    assert (inner >= 0).mean() > 0.97
    relative = np.where(inner >= 0, inner - beats[1:-1, None], np.nan)
    assert np.nanstd(relative, axis=1).max() <= 8


def test_p_waves_that_are_not_there_are_withheld_with_the_reason() -> None:
    values, beats = an_ecg(p_wave=False)
    waves = delineate(values, FS, beats)
    assert (waves.onset[..., P] == -1).all() and np.isnan(waves.heart_onset[:, P]).all()
    withheld = global_intervals(waves)["pr_interval"]
    assert withheld.value_ms is None and withheld.beats_used == 0 and "P waves" in withheld.reason


def test_missing_samples_flat_leads_and_no_beats() -> None:
    values, beats = an_ecg()
    values[0, 1000:1200] = np.nan
    values[2] = 0.0
    waves = delineate(values, FS, beats)
    assert (waves.onset[1, 1:-1, QRS] >= 0).all()
    assert (waves.onset[2] == -1).all() and np.isnan(waves.amplitude_mv[2]).all()
    assert (waves.onset[0, 2, QRS] == -1) == bool(np.isnan(values[0, beats[2] - 30 : beats[2] + 30]).any())
    empty = delineate(values, FS, np.empty(0, np.int64))
    assert empty.onset.shape == (3, 0, 3) and global_intervals(empty)["qrs_duration"].value_ms is None
    short = delineate(values[:, 200:500], FS, np.array([100]))
    assert (short.onset == -1).all() and np.isnan(short.heart_onset).all()
    nothing = delineate(np.full((2, 5000), np.nan), FS, beats)
    assert (nothing.onset == -1).all() and np.isnan(nothing.heart_onset).all()
    with pytest.raises(ValueError, match=r"not \(0, 5000\)"):
        delineate(values[:0], FS, beats)
    with pytest.raises(ValueError, match="not at 50 Hz"):
        delineate(values, 50.0, beats)


def test_boundaries_lie_where_the_logit_is_zero() -> None:
    logits = np.full((1, 3, 200), -2.0, np.float32)
    logits[0, 1, 90:110], logits[0, 2, 130:170], logits[0, 0, 60:75] = 2.0, 6.0, 2.0
    spans = spans_of_beats(logits, np.array([100.0]))
    np.testing.assert_allclose(spans[0, 0], [[59.5, 74.5], [89.5, 109.5], [129.25, 169.75]])


def test_q_r_s_and_r_prime() -> None:
    shape = np.array([[0, -1, 0, 5, 0, -3, 0, 2, 0, 0.0], [0, -1, -5, -3, -1, 0, 0, 0, 0, 0]])
    on, off = np.array([[0], [0]]), np.array([[9], [9]])
    peak, named = qrs_peaks(shape, on, off, np.zeros((2, 1)))
    assert named[:, 0].tolist() == [[1, 3, 5, 7], [2, -1, -1, -1]]
    assert peak[:, 0].tolist() == [3, 2]


def test_a_very_long_recording_has_the_marks_carried_to_its_beats(monkeypatch: pytest.MonkeyPatch) -> None:
    values, beats = an_ecg(seconds=130)
    odd = beats[70]
    values[:, odd - 40 : odd + 40] = -np.roll(values[:, odd - 40 : odd + 40], 9, axis=1)  # another shape
    windows = delineate(values, FS, beats)
    monkeypatch.setattr(waves_module, "_LONG_LEAD_S", 0.0)
    carried = delineate(values, FS, beats)
    assert (carried.onset[:, 70] == -1).all()
    others = np.arange(2, 128) != 70
    one, other = windows.onset[:, 2:128][:, others], carried.onset[:, 2:128][:, others]
    both = (one >= 0) & (other >= 0)
    assert both.mean() > 0.95
    assert np.median(np.abs(one - other)[both]) * 1000 / FS <= 8
    found, carried_found = global_intervals(windows), global_intervals(carried)
    for name, limit_ms in (
        ("p_duration", 15),
        ("pr_interval", 12),
        ("qrs_duration", 12),
        ("qt_interval", 20),
    ):
        assert abs((found[name].value_ms or 0) - (carried_found[name].value_ms or 0)) <= limit_ms, name
