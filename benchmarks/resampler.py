"""The peer of long recordings: plotly-resampler over whole arrays in memory.

``python resampler.py FILE RATE`` in an environment of its own (``peer-requirements.txt``): FILE is a numpy
array of 16-bit samples, one lead a row, in steps of 5 µV. A line ``start length points`` on standard input is
answered by the milliseconds that the traces of this window took, as JSON, and the characters of that.
"""

from __future__ import annotations

import sys
import time

import numpy as np
import plotly.graph_objects as go
from plotly.io.json import to_json_plotly
from plotly_resampler import FigureResampler

MV_PER_COUNT = 0.005


def figure_of(leads: np.ndarray, rate: float) -> FigureResampler:
    """All leads over one axis of time."""
    figure = FigureResampler(go.Figure())
    seconds = np.arange(leads.shape[1]) / rate
    for number, samples in enumerate(leads):
        figure.add_trace(go.Scattergl(name=f"lead {number}"), hf_x=seconds, hf_y=samples * MV_PER_COUNT)
    return figure


def window(figure: FigureResampler, start: float, length: float, points: int) -> tuple[float, int]:
    """Milliseconds for the traces of a window as JSON, and its characters."""
    for trace in figure.hf_data:
        trace["max_n_samples"] = points
    begin = time.perf_counter()
    patch = figure.construct_update_data_patch({"xaxis.range[0]": start, "xaxis.range[1]": start + length})
    sent = to_json_plotly(patch)
    return (time.perf_counter() - begin) * 1000, len(sent)


def main() -> None:
    figure = figure_of(np.load(sys.argv[1]), float(sys.argv[2]))
    print("ready", flush=True)
    for line in sys.stdin:
        start, length, points = line.split()
        print(*window(figure, float(start), float(length), int(points)), flush=True)


if __name__ == "__main__":
    main()
