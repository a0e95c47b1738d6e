"""A figure that is made ready for sending once, however often it is sent."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

# plotly.js's names of the types of typed arrays.
_CODES = {"int8": "i1", "int16": "i2", "int32": "i4", "float32": "f4", "float64": "f8"}
_INTEGERS = tuple((kind, np.iinfo(kind)) for kind in (np.int8, np.int16, np.int32))


class ReadyFigure(go.Figure):  # type: ignore[misc]
    """A finished figure whose arrays are encoded already; it can be shown and shared, not changed.

    A `go.Figure` copies its parts when it is made, and copies and encodes them again each time that it is
    sent, which together takes longer than drawing an ECG does.

    Parameters
    ----------
    parts : mapping
        ``data`` (a list of traces) and ``layout`` as plain dicts that hold numpy arrays: `ecg_parts`.
    """

    def __init__(self, parts: Mapping[str, Any]) -> None:
        super().__init__(layout={"template": {}}, _validate=False)  # else the usual one is copied
        object.__setattr__(self, "_ready", {"data": _ready(parts["data"]), "layout": _ready(parts["layout"])})

    def to_dict(self) -> dict[str, Any]:
        """The figure as plain data, always the same object."""
        ready: dict[str, Any] = self.__dict__["_ready"]
        return ready


def _ready(part: Any) -> Any:
    if isinstance(part, dict):
        return {name: _ready(value) for name, value in part.items()}
    if isinstance(part, list | tuple):
        return [_ready(value) for value in part] if any(isinstance(v, dict) for v in part) else part
    return _typed_array(part) if isinstance(part, np.ndarray) else part


def _typed_array(array: NDArray[Any]) -> Any:
    """As plotly.js reads it without parsing numbers; a list where it cannot."""
    if array.dtype.kind == "i" and array.size:
        lowest, highest = array.min(), array.max()
        fitting = (kind for kind, of in _INTEGERS if of.min <= lowest and highest <= of.max)
        array = array.astype(next(fitting, array.dtype), copy=False)
    code = _CODES.get(array.dtype.name)
    if code is None or array.ndim != 1 or not array.size:
        return array.tolist()
    return {"dtype": code, "bdata": base64.b64encode(array.tobytes()).decode("ascii")}
