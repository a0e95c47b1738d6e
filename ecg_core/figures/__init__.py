"""ECG leads in, Plotly figures out: calibrated paper with its zero crossings. No Streamlit.

One page is drawn in three steps: ``split_by_axis`` (leads with and without a sampling rate never share an
axis), ``plan_page`` (what fits into a width, and so how much of the signal to read), ``ecg_figure``.
"""

from ecg_core.figures.lanes import lay_out
from ecg_core.figures.page import Page, plan_page, split_by_axis
from ecg_core.figures.paper import (
    PLOTLY_CONFIG,
    ecg_figure,
    ecg_parts,
    figure_text,
    sheet_facts,
    sheet_parts,
)
from ecg_core.figures.ready import ReadyFigure
from ecg_core.figures.strips import Strip

__all__ = [
    "PLOTLY_CONFIG",
    "Page",
    "ReadyFigure",
    "Strip",
    "ecg_figure",
    "ecg_parts",
    "figure_text",
    "lay_out",
    "plan_page",
    "sheet_facts",
    "sheet_parts",
    "split_by_axis",
]
