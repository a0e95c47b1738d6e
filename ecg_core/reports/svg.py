"""A drawing as SVG: sizes and coordinates in millimetres."""

from __future__ import annotations

from html import escape
from itertools import count

import numpy as np
from numpy.typing import NDArray

from ecg_core.reports.drawing import Clipped, Drawing, Lines, Polygons, Rectangle, Shape, Text, runs

_FONTS = "DejaVu Sans, Bitstream Vera Sans, Verdana, sans-serif"


def write_svg(drawing: Drawing, *, title: str) -> bytes:
    """The drawing; its width and height are stated in mm, and one unit of its coordinates is one mm."""
    numbers = count(1)
    body = "\n".join(_element(shape, numbers) for shape in drawing.shapes)
    size = f'width="{drawing.width:g}mm" height="{drawing.height:g}mm"'
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} viewBox="0 0 {drawing.width:g} {drawing.height:g}" '
        f'font-family="{_FONTS}" stroke-linecap="round" stroke-linejoin="round">'
    )
    ground = f'<rect width="{drawing.width:g}" height="{drawing.height:g}" fill="#ffffff"/>'
    text = f'<?xml version="1.0" encoding="UTF-8"?>\n{head}\n<title>{_plain(title)}</title>\n'
    return f"{text}{ground}\n{body}\n</svg>\n".encode()


def _plain(text: str) -> str:
    """Text that is only text, without what XML cannot hold."""
    return escape("".join(char if char.isprintable() or char == "\u202f" else " " for char in text))


def _element(shape: Shape, numbers: count[int]) -> str:
    if isinstance(shape, Lines):
        dash = f' stroke-dasharray="{" ".join(f"{each:g}" for each in shape.dash)}"' if shape.dash else ""
        pen = f'stroke="{shape.colour}" stroke-width="{shape.width:g}"{dash}{_opacity(shape)}'
        pen += "" if shape.is_round else ' stroke-linecap="butt"'
        return f'<path d="{_path(shape.x, shape.y, "")}" fill="none" {pen}/>'
    if isinstance(shape, Polygons):
        paint = 'stroke="none"' if shape.is_filled else f'stroke="{shape.colour}"'
        fill = shape.colour if shape.is_filled else "none"
        pen = f'{paint} stroke-width="{shape.width:g}"{_opacity(shape)}'
        return f'<path d="{_path(shape.x, shape.y, "Z")}" fill="{fill}" {pen}/>'
    if isinstance(shape, Rectangle):
        return f'<rect {_box(shape)} fill="{shape.colour}"/>'
    if isinstance(shape, Text):
        bold = ' font-weight="bold"' if shape.is_bold else ""
        place = f'x="{shape.x:.3f}" y="{shape.y:.3f}" text-anchor="{shape.anchor}"'
        return (
            f'<text {place} font-size="{shape.size:g}" fill="{shape.colour}"{bold} xml:space="preserve">'
            f"{_plain(shape.text)}</text>"
        )
    return _clipped(shape, numbers)


def _opacity(shape: Lines | Polygons) -> str:
    return f' opacity="{shape.opacity:g}"' if shape.opacity < 1.0 else ""


def _clipped(shape: Clipped, numbers: count[int]) -> str:
    name = f"clip{next(numbers)}"
    inner = "\n".join(_element(each, numbers) for each in shape.shapes)
    clip = f'<clipPath id="{name}"><rect {_box(shape)}/></clipPath>'
    return f'{clip}<g clip-path="url(#{name})">\n{inner}\n</g>'


def _box(shape: Rectangle | Clipped) -> str:
    return f'x="{shape.x:.3f}" y="{shape.y:.3f}" width="{shape.width:.3f}" height="{shape.height:.3f}"'


def _path(x: NDArray[np.float64], y: NDArray[np.float64], end: str) -> str:
    parts = []
    for across, down in runs(x, y):
        points = [f"{px:.3f} {py:.3f}" for px, py in zip(across.tolist(), down.tolist(), strict=True)]
        parts.append(f"M{'L'.join(points)}{end}")
    return "".join(parts)
