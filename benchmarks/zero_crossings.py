"""Zero crossings of 20 million int16 samples: ours beside the plain loop and plain passes over the memory.

    python -m benchmarks --only zero_crossings            # exit status 1 if ours is not 50 times as fast
    python -m benchmarks --only zero_crossings --short    # 2 million samples

Every contender runs once untimed and is then timed in turn with the others (A B C A B C …), so that a
slow moment of the machine does not fall on one of them; the garbage collector rests meanwhile. The median
counts, the fastest run is printed beside it. The loops get a list that is made outside of the timing.
"""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from benchmarks.rows import Row
from ecg_core.signal.zero_crossings import count_zero_crossings, find_zero_crossings

TARGET = 50.0
SAMPLING_RATE_HZ = 250.0


@dataclass(frozen=True)
class Contender:
    name: str
    run: Callable[[], object]
    times: int


def synthetic_ecg(number_of_samples: int) -> np.ndarray:
    """72 beats a minute in microvolts, with baseline wander and noise that crosses zero often."""
    time_s = np.arange(number_of_samples) / SAMPLING_RATE_HZ
    phase = (time_s * 1.2) % 1.0
    waves = (
        (120, 0.22, 0.03),
        (-80, 0.38, 0.008),
        (1000, 0.40, 0.012),
        (-150, 0.44, 0.015),
        (200, 0.70, 0.05),
    )
    signal = sum(height * np.exp(-(((phase - centre) / width) ** 2)) for height, centre, width in waves)
    signal += 80 * np.sin(2 * np.pi * 0.2 * time_s)
    signal += np.random.default_rng(2024).normal(0, 8, number_of_samples)
    return signal.astype(np.int16)


def plain_loop(samples: list[int]) -> int:
    """What a developer writes first; it counts what we count, but no touches."""
    crossings = 0
    previous = 0
    for sample in samples:
        if sample > 0:
            if previous < 0:
                crossings += 1
            previous = 1
        elif sample < 0:
            if previous > 0:
                crossings += 1
            previous = -1
    return crossings


def loop_with_touches(samples: list[int]) -> tuple[int, int]:
    """The whole definition in a loop: the same two numbers as ours."""
    crossings = touches = previous = 0
    zeros = False
    for sample in samples:
        sign = (sample > 0) - (sample < 0)
        if sign == 0:
            zeros = True
            continue
        if sign == -previous:
            crossings += 1
        elif zeros and sign == previous:
            touches += 1
        previous, zeros = sign, False
    return crossings, touches


def numpy_idiom(samples: np.ndarray) -> int:
    """Seen everywhere; a run of zeros between opposite signs counts twice, a touch twice too."""
    return int(np.sum(np.diff(np.sign(samples)) != 0))


def signbit_idiom(samples: np.ndarray) -> int:
    """As librosa does it, which takes floats: zero is a positive number."""
    negative = np.signbit(samples.astype(np.float32))
    return int(np.count_nonzero(negative[1:] != negative[:-1]))


def time_in_turn(contenders: list[Contender]) -> dict[str, list[float]]:
    seconds: dict[str, list[float]] = {contender.name: [] for contender in contenders}
    for contender in contenders:
        contender.run()
    gc.collect()
    gc.disable()
    for turn in range(max(contender.times for contender in contenders)):
        for contender in contenders:
            if turn < contender.times:
                start = time.perf_counter()
                contender.run()
                seconds[contender.name].append(time.perf_counter() - start)
    gc.enable()
    return seconds


def print_table(seconds: dict[str, list[float]], ours: str, baseline: str) -> None:
    reference, our_time = statistics.median(seconds[baseline]), statistics.median(seconds[ours])
    print(f"{'':44} {'median ms':>10} {'best ms':>9} {'runs':>5} {'times the loop':>15} {'of ours':>8}")
    for name, runs in seconds.items():
        median = statistics.median(runs)
        print(
            f"{name:44} {median * 1e3:10.2f} {min(runs) * 1e3:9.2f} {len(runs):5d}"
            f" {reference / median:14.1f}x {median / our_time:7.2f}x"
        )


def measure(short: bool) -> list[Row]:
    """One row for the table of all benchmarks; prints its own table of all contenders."""
    size = 2_000_000 if short else 20_000_000
    samples = synthetic_ecg(size)
    as_list = samples.tolist()
    ours = count_zero_crossings(samples)
    if loop_with_touches(as_list) != tuple(ours) or plain_loop(as_list) != ours.crossings:
        raise AssertionError("the loop counts otherwise")
    contenders = _contenders(samples, as_list)
    print(f"{size:,} int16 samples; crossings {ours.crossings:,}, touches {ours.touches:,};")
    print(f"other counts: sign idiom {numpy_idiom(samples):,}, signbit {signbit_idiom(samples):,}\n")
    seconds = time_in_turn(contenders)
    print_table(seconds, _OURS, _LOOP)
    print()
    return [_row(size, {name: statistics.median(runs) for name, runs in seconds.items()})]


_LOOP, _OURS, _PASS = "plain Python loop", "ours: count (crossings and touches)", "one pass: samples.max()"


def _contenders(samples: np.ndarray, as_list: list[int]) -> list[Contender]:
    return [
        Contender(_LOOP, lambda: plain_loop(as_list), 3),
        Contender("Python loop, touches too", lambda: loop_with_touches(as_list), 2),
        Contender(_OURS, lambda: count_zero_crossings(samples), 15),
        Contender("ours: find (index, position, direction)", lambda: find_zero_crossings(samples), 5),
        Contender(_PASS, lambda: samples.max(), 15),
        Contender("one pass: samples.sum()", lambda: samples.sum(), 15),
        Contender("np.sum(np.diff(np.sign(x)) != 0), other count", lambda: numpy_idiom(samples), 5),
        Contender("np.signbit as librosa, other count", lambda: signbit_idiom(samples), 5),
    ]


def _row(size: int, median: dict[str, float]) -> Row:
    ratio, passes = median[_LOOP] / median[_OURS], median[_OURS] / median[_PASS]
    return Row(
        f"zero crossings of {size:,} int16 samples",
        f"{median[_OURS] * 1e3:.1f} ms ({passes:.1f} plain passes)",
        f"{median[_LOOP] * 1e3:.0f} ms",
        f"{ratio:.0f} times as fast",
        f"≥ {TARGET:g}",
        ratio >= TARGET,
    )
