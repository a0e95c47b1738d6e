"""NeuroKit2's heart-rate variability of RR series given as JSON; run in an environment of its own.

    /path/to/its/python benchmarks/accuracy/hrv_peer.py < series.json

Input: ``{"name": {"ms": [...], "end_s": [...], "even": [...]}}``, output: ``{"name": {"measure": value}}``.
"""

from __future__ import annotations

import json
import sys
import warnings

import neurokit2 as nk
import numpy as np

_SHORT, _LONG = np.arange(4, 17), np.arange(16, 65)
_BANDS = {"vlf": (0.0033, 0.04), "lf": (0.04, 0.15), "hf": (0.15, 0.4)}


def measure(ms: np.ndarray, end_s: np.ndarray, even: np.ndarray) -> dict[str, float]:
    intervals = {"RRI": ms, "RRI_Time": end_s}
    in_time = nk.hrv_time(intervals).iloc[0]
    x1, x2 = nk.hrv_nonlinear({"RRI": ms[:600], "RRI_Time": end_s[:600]}).iloc[0][["HRV_SD1", "HRV_SD2"]]
    found = {
        "hrv_mean_nn": in_time["HRV_MeanNN"], "hrv_sdnn": in_time["HRV_SDNN"],
        "hrv_rmssd": in_time["HRV_RMSSD"], "hrv_sdsd": in_time["HRV_SDSD"],
        "hrv_pnn50": in_time["HRV_pNN50"], "hrv_pnn20": in_time["HRV_pNN20"],
        "hrv_triangular_index": in_time["HRV_HTI"], "hrv_tinn": in_time["HRV_TINN"],
        "hrv_sd1": x1, "hrv_sd2": x2, "hrv_sd1_sd2": x1 / x2,
        "hrv_dfa_alpha1": nk.fractal_dfa(ms, scale=_SHORT)[0],
        "hrv_dfa_alpha2": nk.fractal_dfa(ms, scale=_LONG)[0],
        "hrv_sample_entropy": nk.entropy_sample(
            ms[:500], dimension=2, tolerance=0.2 * np.std(ms[:500], ddof=1)
        )[0],
    }  # fmt: skip
    density = nk.signal_psd(even, sampling_rate=4, method="welch", window=300, normalize=False)
    for band, (low, high) in _BANDS.items():
        inside = (density["Frequency"] >= low) & (density["Frequency"] < high)
        found[f"{band} of one spectrum"] = np.trapezoid(
            density["Power"][inside], density["Frequency"][inside]
        )
    for suffix, options in (
        ("", {"psd_method": "welch", "interpolation_rate": 4}),
        ("_lomb", {"psd_method": "lomb", "interpolation_rate": None}),
    ):
        whole = nk.hrv_frequency(intervals, normalize=False, silent=True, **options).iloc[0]
        for band in _BANDS:
            found[f"hrv_{band}{suffix}"] = whole[f"HRV_{band.upper()}"]
        found[f"hrv_lf_hf{suffix}"] = whole["HRV_LFHF"]
    return {name: float(value) for name, value in found.items()}


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    series = json.load(sys.stdin)
    json.dump(
        {
            name: measure(*(np.array(each[key]) for key in ("ms", "end_s", "even")))
            for name, each in series.items()
        },
        sys.stdout,
    )
