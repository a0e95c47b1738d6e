"""A ready figure is the figure, sent without being encoded again."""

import numpy as np
import plotly.graph_objects as go
import plotly.io

from ecg_core.figures import ReadyFigure


def test_a_ready_figure_is_sent_as_the_figure_it_was_made_of():
    figure = go.Figure({"data": [{"y": np.arange(5.0)}], "layout": {"width": 300}})
    ready = ReadyFigure(figure)
    for _ in range(2):
        assert plotly.io.to_json(ready, validate=False) == plotly.io.to_json(figure, validate=False)
    assert ready.to_dict() is ready.to_dict()
