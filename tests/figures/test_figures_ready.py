"""A ready figure is the figure, sent without being encoded again."""

import json

import numpy as np
import plotly.graph_objects as go
import plotly.io
import pytest

from ecg_core.figures import ReadyFigure


@pytest.mark.parametrize(
    "values",
    [
        np.arange(5.0),
        np.array([1, np.nan], np.float32),
        np.array([1, -128]),
        np.array([128, 0]),
        np.array([32_768, -40_000]),
        np.array([2**31, 0]),
        np.empty(0),
        [1.5, None],
        ("a", "b"),
    ],
    ids=str,
)
def test_a_ready_figure_is_sent_as_the_figure_of_the_same_parts(values):
    parts = {
        "data": [{"type": "scatter", "y": values, "line": {"width": 1}}],
        "layout": {"template": {}, "width": 300},
    }
    ready = ReadyFigure(parts)
    for _ in range(2):
        sent = json.loads(plotly.io.to_json(ready, validate=False))
        assert sent == json.loads(plotly.io.to_json(go.Figure(parts, _validate=False), validate=False))
    assert ready.to_dict() is ready.to_dict()
