"""Trains the network of ``ecg_core/signal/waves.py`` on LUDB: ``python -m training.waves LUDB OUT.npz``.

Takes about a quarter of an hour on one core. The shipped weights learned from records 1 to 100; with
``--records odd`` or ``even`` come those of `benchmarks/accuracy/halves`, by which they are judged.

Not imported by the product; needs torch (2.13.0 was used), wfdb and scipy. The data are those of the
Lobachevsky University Database (Kalyakulina et al., IEEE Access 2020;8:186181; PhysioNet,
doi:10.13026/eegm-h675), Open Data Commons Attribution License 1.0: 10 s ECGs of 12 leads at 500 Hz, in each
lead of which cardiologists marked onset, peak and offset of P, QRS and T.
"""

from __future__ import annotations

import argparse
import math
import time
from pathlib import Path

import numpy as np
import torch
from scipy.signal import butter, firwin, sosfiltfilt
from torch import nn
from torch.nn import functional

from benchmarks.accuracy.ludb import Marks, global_marks, read_ludb

CROP = 1024  # samples at 250 Hz
CHANNELS = (12, 20, 32, 48)
DILATIONS = (1, 2, 4, 8, 4, 1)
cross_entropy = functional.binary_cross_entropy_with_logits


class LeadConv(nn.Module):
    """A convolution of each lead, and another of the mean over the leads, added to all of them."""

    def __init__(self, inputs: int, outputs: int, kernel: int, *, stride: int = 1, dilation: int = 1) -> None:
        super().__init__()
        pad = dilation * (kernel - 1) // 2
        kwargs = {"stride": stride, "dilation": dilation, "padding": pad, "bias": False}
        self.own = nn.Conv1d(inputs, outputs, kernel, **kwargs)
        self.mean = nn.Conv1d(inputs, outputs, kernel, **kwargs)
        nn.init.normal_(self.mean.weight, std=0.3 * (inputs * kernel) ** -0.5)
        self.norm = nn.BatchNorm1d(outputs, momentum=0.05)

    def forward(self, x: torch.Tensor, leads: int) -> torch.Tensor:
        mean = self.mean(x.unflatten(0, (-1, leads)).mean(1))
        return self.norm(self.own(x) + mean.repeat_interleave(leads, 0))


class Network(nn.Module):
    """Logits of P, QRS and T at 250 Hz: of each lead, and of all leads together."""

    def __init__(self) -> None:
        super().__init__()
        a, b, c, d = CHANNELS
        self.stem = LeadConv(2, a, 7)
        self.down1, self.block1 = LeadConv(a, b, 5, stride=2), LeadConv(b, b, 5)
        self.down2, self.block2 = LeadConv(b, c, 5, stride=2), LeadConv(c, c, 3)
        self.down3 = LeadConv(c, d, 3, stride=2)
        self.deep = nn.ModuleList(LeadConv(d, d, 3, dilation=k) for k in DILATIONS)
        self.up2, self.mix2 = nn.Conv1d(d, c, 1), LeadConv(c, c, 3)
        self.up1, self.mix1 = nn.Conv1d(c, b, 1), LeadConv(b, b, 5)
        self.up0, self.mix0 = nn.Conv1d(b, a, 1), LeadConv(a, a, 5)
        self.head = nn.Conv1d(a, 3, 1)
        self.all1, self.all2 = nn.Conv1d(2 * a + 9, 16, 5, padding=2), nn.Conv1d(16, 16, 5, padding=2)
        self.all3 = nn.Conv1d(16, 3, 1)

    def forward(self, x: torch.Tensor, leads: int) -> tuple[torch.Tensor, torch.Tensor]:
        x0 = torch.relu(self.stem(x, leads))
        x1 = torch.relu(self.down1(x0, leads))
        x1 = x1 + torch.relu(self.block1(x1, leads))
        x2 = torch.relu(self.down2(x1, leads))
        x2 = x2 + torch.relu(self.block2(x2, leads))
        x3 = torch.relu(self.down3(x2, leads))
        for layer in self.deep:
            x3 = x3 + torch.relu(layer(x3, leads))
        x2 = x2 + doubled(self.up2(x3))
        x2 = x2 + torch.relu(self.mix2(x2, leads))
        x1 = x1 + doubled(self.up1(x2))
        x1 = x1 + torch.relu(self.mix1(x1, leads))
        x0 = x0 + doubled(self.up0(x1))
        x0 = x0 + torch.relu(self.mix0(x0, leads))
        of_leads = self.head(x0)
        f = x0.unflatten(0, (-1, leads))
        z = of_leads.unflatten(0, (-1, leads))
        top = z.topk(min(2, leads), dim=1).values
        g = torch.cat([f.mean(1), f.amax(1), z.mean(1), top[:, 0], top[:, -1]], 1)
        return of_leads, self.all3(torch.relu(self.all2(torch.relu(self.all1(g)))))


def doubled(x: torch.Tensor) -> torch.Tensor:
    """Twice the rate, each new sample between its neighbours (at 1/4 and 3/4)."""
    return functional.interpolate(x, scale_factor=2, mode="linear", align_corners=False)


class Records:
    """The records in memory: signals filtered at 500 Hz, and the spans of the waves."""

    def __init__(self, records: dict[int, Marks], without_p: float) -> None:
        self.without_p = without_p
        sos = butter(2, 0.5, "highpass", fs=500, output="sos")
        taps = firwin(41, 0.5, window=("kaiser", 5.0))
        self.signals, self.waves, self.known = [], [], []
        for record in records.values():
            x = sosfiltfilt(sos, record.values_mv, axis=1)
            x = np.stack([np.convolve(each, taps, "same") for each in x])
            blocks = x[:, : x.shape[1] // 750 * 750].reshape(len(x), -1, 750)
            x = x / np.maximum(np.median(np.ptp(blocks, axis=2), axis=1), 1e-3)[:, None]
            self.signals.append(x.astype(np.float32))
            n = x.shape[1]
            of_leads = [[soft(lead.spans(w), n) for w in "PNT"] for lead in record.leads]
            of_all = [soft(global_marks(record.leads, w), n) for w in "PNT"]
            self.waves.append(np.array([*of_leads, of_all]))
            firsts, lasts = np.array([lead.marked for lead in record.leads]).T
            firsts, lasts = np.r_[firsts, np.median(firsts)], np.r_[lasts, np.median(lasts)]
            at = np.arange(n)
            self.known.append(((at >= firsts[:, None] - 1) & (at <= lasts[:, None] + 1)).astype(np.float32))

    def batch(self, rng: np.random.Generator, size: int, leads: int) -> tuple[np.ndarray, ...]:
        x, y, m = (
            np.zeros((size, leads, CROP), np.float32),
            np.zeros((size, leads + 1, 3, CROP), np.float32),
            np.zeros((size, leads + 1, CROP), np.float32),
        )
        for i in range(size):
            r = rng.integers(len(self.signals))
            n = self.signals[r].shape[1]
            step = 2 * float(np.exp(rng.normal(0, 0.08)))
            at = rng.uniform(-100, n - step * CROP + 100) + step * np.arange(CROP)
            below = np.clip(np.floor(at).astype(int), 0, n - 2)
            part = np.clip(at - below, 0, 1).astype(np.float32)
            chosen = rng.permutation(12)[:leads]
            for out, of in ((x, self.signals[r][chosen]), (y, self.waves[r][[*chosen, 12]])):
                out[i] = of[..., below] * (1 - part) + of[..., below + 1] * part
            if rng.random() < self.without_p:
                flatten_p(x[i], y[i, :, 0])
            m[i] = self.known[r][[*chosen, 12]][:, below] * ((at >= 0) & (at < n))
        return augmented(x, rng), y[:, :-1], m[:, :-1], y[:, -1], m[:, -1]


def flatten_p(x: np.ndarray, y: np.ndarray) -> None:
    """Replace the marked P waves by straight lines: a regular rhythm does not prove that there is one.

    ``x`` (leads, n) and ``y``, the marks of P (leads + 1, n; the last row is of all leads), are changed.
    Each wave is cut a little outside its marks, since little of it may be left there.
    """
    for signal, marks in zip(x, y[:-1], strict=True):
        inside = np.convolve(marks > 0, np.ones(5), "same") > 0
        if inside.any() and not inside.all():
            at = np.arange(len(signal))
            signal[inside] = np.interp(at[inside], at[~inside], signal[~inside])
    y[:] = 0


def soft(spans: np.ndarray, n: int) -> np.ndarray:
    """1 inside the spans, 0 outside, 1/2 on the marks."""
    y = np.zeros(n, np.float32)
    for on, off in spans:
        y[on + 1 : off] = 1
        y[[on, off]] = 0.5
    return y


def augmented(x: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Gain, polarity, baseline wander, muscle and mains noise."""
    size, leads, n = x.shape
    each = (size, leads, 1)
    t = np.arange(n) / 250
    x = x * np.exp(rng.normal(0, 0.25, each)) * np.where(rng.random(each) < 0.25, -1, 1)
    flipped = rng.random((size, 1, 1)) < 0.1
    x = np.where(flipped, -x, x)
    wander = np.sin(2 * np.pi * (rng.uniform(0.3, 0.9, each) * t + rng.random(each)))
    x = x + np.abs(rng.normal(0, 0.04, each)) * wander
    noise = rng.standard_normal(x.shape, np.float32)
    smooth = 0.5 * (noise + np.roll(noise, 1, -1))
    level = np.exp(rng.normal(-4.6, 0.9, each)) * (rng.random((size, 1, 1)) < 0.7)
    x = x + level * np.where(rng.random(each) < 0.5, noise, smooth)
    mains = np.sin(2 * np.pi * (np.where(rng.random(each) < 0.5, 50, 60) * t + rng.random(each)))
    x = x + np.exp(rng.normal(-4.3, 0.8, each)) * (rng.random((size, 1, 1)) < 0.25) * mains
    return x.astype(np.float32)


def inputs(x: torch.Tensor) -> torch.Tensor:
    """The scaled signal, and the same with small waves made larger: shape (..., 2, n)."""
    return torch.stack([x, torch.asinh(20 * x) / 4], -2)


def train(
    records: dict[int, Marks],
    *,
    steps: int,
    seed: int,
    begin: Network | None = None,
    peak_rate: float = 4e-3,
    qrs_weight: float = 1.0,
    without_p: float = 0.0,
) -> Network:
    """Train from nothing, or go on from ``begin``; the result is the running mean of the weights.

    ``qrs_weight``: of QRS in the loss; ``without_p``: share of the examples whose P waves are taken away.
    """
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    data, net = Records(records, without_p), begin or Network()
    net.train()
    weight = torch.tensor([1.0, qrs_weight, 1.0])[:, None]
    optimiser = torch.optim.AdamW(net.parameters(), lr=1e-3, weight_decay=0.02)
    began, total = time.time(), 0.0
    average = torch.optim.swa_utils.AveragedModel(
        net, multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(0.99), use_buffers=True
    )
    for step in range(steps):
        rate = peak_rate * min(1.0, (step + 1) / 100) * 0.5 * (1 + math.cos(math.pi * step / steps)) + 1e-5
        for group in optimiser.param_groups:
            group["lr"] = rate
        leads = int(rng.choice([1, 3, 6, 12, 12]))
        x, y, m, ya, ma = (torch.from_numpy(v) for v in data.batch(rng, max(6, 48 // leads), leads))
        with torch.autocast("cpu", dtype=torch.bfloat16):
            of_leads, of_all = (z.float() for z in net(inputs(x).flatten(0, 1), leads))
        each = (weight * cross_entropy(of_leads, y.flatten(0, 1), reduction="none")).sum(1)
        every = (weight * cross_entropy(of_all, ya, reduction="none")).sum(1)
        loss = (each * m.flatten(0, 1)).sum() / m.sum() + 0.5 * (every * ma).sum() / ma.sum().clamp(min=1)
        optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        optimiser.step()
        average.update_parameters(net)
        total += float(loss.detach())
        if (step + 1) % 100 == 0:
            print(f"{step + 1} loss {total / 100:.4f} {time.time() - began:.0f} s", flush=True)
            total = 0.0
    return average.module.eval()


def folded(net: Network) -> dict[str, np.ndarray]:
    """The weights as arrays, normalisation folded into them."""
    out: dict[str, np.ndarray] = {}
    for name, layer in net.named_modules():
        key = name.replace("deep.", "deep")
        if isinstance(layer, LeadConv):
            scale = layer.norm.weight / torch.sqrt(layer.norm.running_var + layer.norm.eps)
            out[f"{key}_own"] = (layer.own.weight * scale[:, None, None]).detach().numpy()
            out[f"{key}_mean"] = (layer.mean.weight * scale[:, None, None]).detach().numpy()
            out[f"{key}_bias"] = (layer.norm.bias - layer.norm.running_mean * scale).detach().numpy()
        elif isinstance(layer, nn.Conv1d) and "." not in name:
            out[f"{key}_own"], out[f"{key}_bias"] = layer.weight.detach().numpy(), layer.bias.detach().numpy()
    return {k: v.astype(np.float16) for k, v in out.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("ludb", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--records", choices=["all", "odd", "even"], default="all")
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    torch.set_num_threads(1)
    wanted = {"all": (0, 1), "odd": (1,), "even": (0,)}[chosen.records]
    records = {k: v for k, v in read_ludb(chosen.ludb).items() if k % 2 in wanted}
    net = train(records, steps=1500, seed=chosen.seed)
    for stage, (rate, qrs_weight) in enumerate([(2e-3, 3.0), (1.5e-3, 5.0)], 2):
        net = train(
            records,
            steps=900,
            seed=chosen.seed + stage,
            begin=net,
            peak_rate=rate,
            qrs_weight=qrs_weight,
            without_p=0.15,
        )
    np.savez_compressed(chosen.out, **folded(net))


if __name__ == "__main__":
    main()
