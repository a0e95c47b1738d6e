"""Heart-rate variability of the same RR series by us and by NeuroKit2.

Where the definition is the same the number must be the same to 0.1 %; where it is another, the row says
which.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import wfdb

from ecg_core.signal import hrv, hrv_scaling, hrv_spectrum
from ecg_core.signal.nn_intervals import NnIntervals, nn_intervals

TOLERANCE = 0.001
_PEER = Path(__file__).with_name("hrv_peer.py")
_LEAST_BEATS = 1000
_ONE_SPECTRUM = "both from our resampled series, windows of 5 min, Hann, the same bins summed"
_BANDS = "theirs: windows of half the recording, only the mean taken off, bins inside the band summed"
_LOMB = "theirs: one window of all, power not scaled to ms²"
_TINN = "theirs: 0 where the least squared error is above 2**14, and one left foot tried only"
_EXACT = "theirs leaves out windows that a line fits exactly; same to 0.1 % otherwise"
OTHER_DEFINITIONS = {
    "hrv_dfa_alpha1": _EXACT,
    "hrv_tinn": _TINN,
    "hrv_vlf": _BANDS, "hrv_lf": _BANDS, "hrv_hf": _BANDS, "hrv_lf_hf": _BANDS,
    "hrv_vlf_lomb": _LOMB, "hrv_lf_lomb": _LOMB, "hrv_hf_lomb": _LOMB, "hrv_lf_hf_lomb": _LOMB,
}  # fmt: skip


@dataclass(frozen=True)
class HrvRow:
    """One number of one series. ``note`` is empty where both have the same definition."""

    series: str
    name: str
    ours: float
    theirs: float
    note: str

    @property
    def difference(self) -> float:
        """Relative to theirs."""
        return abs(self.ours - self.theirs) / abs(self.theirs) if self.theirs else abs(self.ours)

    @property
    def agrees(self) -> bool:
        return self.difference <= TOLERANCE


def read_series(folder: Path) -> Iterator[tuple[str, NnIntervals]]:
    """NN intervals of each record with 1,000 or more, put one after another as if nothing were between."""
    for header in sorted(folder.glob("*.hea")):
        if not header.with_suffix(".atr").exists():
            continue
        marks = wfdb.rdann(str(header.with_suffix("")), "atr")
        symbols = np.asarray(marks.symbol)
        beats = np.isin(symbols, list("NLRBAaJSVrFejnE/fQ?"))
        rate_hz = float(header.read_text().split()[2].split("/")[0])
        beats_s = np.asarray(marks.sample)[beats] / rate_hz
        nn = nn_intervals(beats_s, normal=np.isin(symbols[beats], list("NLR")))
        if len(nn.ms) >= _LEAST_BEATS and nn.share > 95:
            yield header.stem, joined(nn.ms)


def joined(ms: np.ndarray) -> NnIntervals:
    """A series without gaps."""
    follows = np.arange(len(ms)) > 0
    return NnIntervals(ms, np.cumsum(ms) / 1000.0, follows, len(ms))


def compare(series: Mapping[str, NnIntervals], peer_python: Path) -> list[HrvRow]:
    """Rows of each series; ``peer_python`` is of an environment with neurokit2 and astropy."""
    given = {
        name: {
            "ms": nn.ms.tolist(), "end_s": nn.end_s.tolist(), "even": hrv_spectrum.resampled(nn)[1].tolist(),
        }
        for name, nn in series.items()
    }  # fmt: skip
    done = subprocess.run(
        [peer_python, _PEER], input=json.dumps(given), capture_output=True, text=True, check=True
    )
    theirs = json.loads(done.stdout)
    return [
        HrvRow(name, measure, ours, theirs[name][measure], note(measure))
        for name, nn in series.items()
        for measure, ours in our_numbers(nn).items()
        if measure in theirs[name]
    ]


def note(measure: str) -> str:
    return OTHER_DEFINITIONS.get(measure, "")


def our_numbers(nn: NnIntervals) -> dict[str, float]:
    """The product's, on as much of the series as the peer is given where it is slow."""
    found = {each.name: each.value for each in hrv.hrv_measurements(nn) if each.value is not None}
    first = joined(nn.ms[:600])
    found["hrv_sd1"], found["hrv_sd2"] = hrv.poincare(first)
    found["hrv_sd1_sd2"] = found["hrv_sd1"] / found["hrv_sd2"]
    found["hrv_sample_entropy"] = hrv_scaling.sample_entropy(nn.ms[:500])
    spectrum = hrv_spectrum.welch_spectrum(nn, without_line=False)
    assert spectrum is not None
    for band in ("vlf", "lf", "hf"):
        found[f"{band} of one spectrum"] = _sum_of_bins(*spectrum, hrv_spectrum.BANDS_HZ[band])
    return found


def _sum_of_bins(frequencies: np.ndarray, density: np.ndarray, band_hz: tuple[float, float]) -> float:
    inside = (frequencies >= band_hz[0]) & (frequencies < band_hz[1])
    return float(np.trapezoid(density[inside], frequencies[inside]))
