"""The small network that says where P, QRS and T are; in numpy.

A one-dimensional U-Net (Ronneberger et al., MICCAI 2015; for ECG Moskalenko et al., 2019) at 250 Hz.
Each lead is read by the same filters; at each layer the mean over the leads is filtered too and added to all,
so that a noisy lead profits from the others and any number of leads in any order will do. It was trained with
`training/waves.py` on the Lobachevsky University Database (LUDB: Kalyakulina et al., IEEE Access
2020;8:186181; PhysioNet, doi:10.13026/eegm-h675; ODC-By 1.0).
"""

from __future__ import annotations

from fractions import Fraction
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.signal import butter, resample_poly, sosfiltfilt

#: Sampling frequency at which the network reads.
NETWORK_HZ = 250.0
_WEIGHTS = Path(__file__).with_name("wave_network.npz")
_DILATIONS = (1, 2, 4, 8, 4, 1)
_HIGH_PASS_HZ = 0.5
_SCALE_SAMPLES = 375  # 1.5 s hold a QRS complex at any rate above 40 a minute

Weights = dict[str, NDArray[np.float32]]
Array = NDArray[np.float32]


@cache
def read_weights(path: Path = _WEIGHTS) -> Weights:
    """The trained filters by layer, shape (outputs, inputs, taps), and their biases."""
    with np.load(path) as stored:
        return {name: stored[name].astype(np.float32) for name in stored.files}


def prepare(values_mv: NDArray[np.float64], fs: float, *, high_pass: bool = True) -> Array:
    """Bring leads to what the network reads.

    Parameters
    ----------
    values_mv : ndarray, shape (..., n)
        Signals in any unit; NaN is a missing sample, bridged by a straight line.
    fs : float
        Sampling frequency in Hz.
    high_pass : bool
        Off for a mean beat, which is too short for the filter and has no baseline wander.

    Returns
    -------
    ndarray of float32, shape (..., m)
        At 250 Hz, above 0.5 Hz (zero phase), in multiples of the usual height of a QRS complex. Sample j
        lies at j / 250 s.
    """
    x = _bridged(np.asarray(values_mv, np.float64))
    x = x - np.median(x, axis=-1, keepdims=True)
    ratio = Fraction(NETWORK_HZ / fs).limit_denominator(500)
    if ratio != 1:
        x = resample_poly(x, ratio.numerator, ratio.denominator, axis=-1, padtype="line")
    if high_pass:
        sos = butter(2, _HIGH_PASS_HZ, "highpass", fs=NETWORK_HZ, output="sos")
        x = sosfiltfilt(sos, x, axis=-1, padlen=min(x.shape[-1] - 1, 750))
    return np.asarray(x / _scale(x), np.float32)


def _bridged(values: NDArray[np.float64]) -> NDArray[np.float64]:
    present = np.isfinite(values)
    if present.all():
        return values
    rows, known = values.reshape(-1, values.shape[-1]), present.reshape(-1, values.shape[-1])
    at = np.arange(values.shape[-1])
    filled = np.zeros_like(rows)
    for row, good, out in zip(rows, known, filled, strict=True):
        if good.any():
            out[:] = np.interp(at, at[good], row[good])
    return filled.reshape(values.shape)


def _scale(x: NDArray[np.float64]) -> NDArray[np.float64]:
    """Middle of the heights of the blocks of 1.5 s; 1 for a flat lead."""
    size = min(_SCALE_SAMPLES, x.shape[-1])
    blocks = x[..., : x.shape[-1] // size * size].reshape(*x.shape[:-1], -1, size)
    height = np.median(np.ptp(blocks, axis=-1), axis=-1)
    return np.where(height > 1e-6, height, 1.0)[..., None]


def wave_logits(prepared: Array, weights: Weights | None = None) -> tuple[Array, Array]:
    """Where P, QRS and T are, as logits: positive where a wave is more likely than not.

    Parameters
    ----------
    prepared : ndarray of float32, shape (segments, leads, m)
        As `prepare` returns it; the segments are read each on its own.
    weights : dict, optional
        Other filters than those of the package.

    Returns
    -------
    of_leads : ndarray, shape (segments, leads, 3, m)
    of_all : ndarray, shape (segments, 3, m)
        Of the whole heart: the spans in which at least two leads show the wave.
    """
    w = read_weights() if weights is None else weights
    n = prepared.shape[-1]
    x = np.pad(prepared, ((0, 0), (0, 0), (0, -n % 8)), mode="edge")
    x0 = _relu(_lead_conv(w, "stem", np.stack([x, np.arcsinh(20 * x) / 4])))
    x1 = _relu(_lead_conv(w, "down1", x0, stride=2))
    x1 += _relu(_lead_conv(w, "block1", x1))
    x2 = _relu(_lead_conv(w, "down2", x1, stride=2))
    x2 += _relu(_lead_conv(w, "block2", x2))
    x3 = _relu(_lead_conv(w, "down3", x2, stride=2))
    for i, dilation in enumerate(_DILATIONS):
        x3 += _relu(_lead_conv(w, f"deep{i}", x3, dilation=dilation))
    x2 += _doubled(_conv(x3, w["up2_own"]) + _column(w["up2_bias"]))
    x2 += _relu(_lead_conv(w, "mix2", x2))
    x1 += _doubled(_conv(x2, w["up1_own"]) + _column(w["up1_bias"]))
    x1 += _relu(_lead_conv(w, "mix1", x1))
    x0 += _doubled(_conv(x1, w["up0_own"]) + _column(w["up0_bias"]))
    x0 += _relu(_lead_conv(w, "mix0", x0))
    of_leads = _conv(x0, w["head_own"]) + _column(w["head_bias"])
    return np.moveaxis(of_leads, 0, 2)[..., :n], np.moveaxis(_of_all(w, x0, of_leads), 0, 1)[..., :n]


def _of_all(w: Weights, features: Array, of_leads: Array) -> Array:
    """Logits (3, segments, m) from what the leads have in common and the two leads that say most."""
    leads = of_leads.shape[2]
    top = np.partition(of_leads, (leads - min(2, leads), leads - 1), axis=2)
    parts = [features.mean(2), features.max(2), of_leads.mean(2), top[:, :, -1], top[:, :, -min(2, leads)]]
    g = np.concatenate(parts)[:, :, None]
    for name in ("all1", "all2"):
        g = _relu(_conv(g, w[f"{name}_own"]) + _column(w[f"{name}_bias"]))
    out: Array = (_conv(g, w["all3_own"]) + _column(w["all3_bias"]))[:, :, 0]
    return out


def _lead_conv(w: Weights, name: str, x: Array, *, stride: int = 1, dilation: int = 1) -> Array:
    """Filter each lead, and the mean of the leads, which is added to all: (channels, segments, leads, m)."""
    mean = x.mean(axis=2, keepdims=True)
    own = _conv(x, w[f"{name}_own"], stride=stride, dilation=dilation)
    shared = _conv(mean, w[f"{name}_mean"], stride=stride, dilation=dilation)
    own += shared + _column(w[f"{name}_bias"])
    return own


def _conv(x: Array, kernel: Array, *, stride: int = 1, dilation: int = 1) -> Array:
    """Correlate with the kernel as one matrix product; zeros beyond the ends, which keep the length."""
    outputs, inputs, taps = kernel.shape
    if taps == 1:
        return (kernel[:, :, 0] @ x.reshape(inputs, -1)).reshape(outputs, *x.shape[1:])
    m = x.shape[-1] // stride
    reach = dilation * (taps - 1) // 2
    padded = np.pad(x, ((0, 0), (0, 0), (0, 0), (reach, reach)))
    columns = np.empty((taps, inputs, *x.shape[1:-1], m), np.float32)
    for tap in range(taps):
        begin = tap * dilation
        columns[tap] = padded[..., begin : begin + stride * (m - 1) + 1 : stride]
    flat = kernel.transpose(0, 2, 1).reshape(outputs, -1)
    return (flat @ columns.reshape(taps * inputs, -1)).reshape(outputs, *x.shape[1:-1], m)


def _doubled(x: Array) -> Array:
    """Twice the rate: the new samples lie at one and three quarters of the way."""
    before = np.concatenate([x[..., :1], x[..., :-1]], axis=-1)
    after = np.concatenate([x[..., 1:], x[..., -1:]], axis=-1)
    out = np.empty((*x.shape[:-1], 2 * x.shape[-1]), np.float32)
    out[..., 0::2] = 0.75 * x + 0.25 * before
    out[..., 1::2] = 0.75 * x + 0.25 * after
    return out


def _relu(x: Array) -> Array:
    return np.maximum(x, 0, out=x)


def _column(bias: Array) -> Array:
    return bias[:, None, None, None]
