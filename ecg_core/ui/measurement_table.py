"""The measurements as tables that a mouse, a keyboard, a finger and a screen reader can read: plain HTML."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from ecg_core.figures.measurement_rows import LeadCell, MeasurementGroup, MeasurementRow

#: Groups that stand open; the others open with a click.
OPEN = ("Rate and rhythm", "Intervals", "Axes")
STYLE = """<style>
.measurements { font-size: .95rem; }
.measurements table { border-collapse: collapse; width: 100%; margin: 0 0 .5rem; }
.measurements caption { text-align: left; font-weight: 600; padding: .5rem 0 .25rem; }
.measurements :is(th, td) { text-align: left; vertical-align: baseline; padding: .2rem .75rem .2rem 0;
  border: 0; border-top: 1px solid color-mix(in srgb, currentColor 15%, transparent); font-weight: 400; }
.measurements thead th { white-space: nowrap; font-size: .85rem; opacity: .8; border-top: 0; }
.measurements .number { white-space: nowrap; font-variant-numeric: tabular-nums; }
.measurements .value { font-weight: 600; }
.measurements .open { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 27rem), 1fr));
  gap: 0 2rem; align-items: start; }
.measurements .rows .number { width: 1%; padding-left: .5rem; }
.measurements .remark td { border-top: 0; padding: 0 .75rem .3rem 1.1rem; font-size: .85rem; }
.measurements .leads { overflow-x: auto; }
.measurements .leads table { width: auto; }
.measurements .leads :is(th, td) { padding-right: 1.25rem; white-space: nowrap; }
.measurements .differs td { font-weight: 600; }
.measurements summary { cursor: pointer; }
.measurements details.group > summary { font-weight: 600; padding: .35rem 0; }
.measurements details p { margin: .2rem 0 .4rem; font-size: .85rem; opacity: .85; max-width: 60rem; }
.measurements p.said { font-size: .9rem; margin: .2rem 0; }
</style>"""


def measurement_tables(groups: Sequence[MeasurementGroup], *, has_device: bool) -> str:
    """All groups.

    Parameters
    ----------
    has_device : bool
        Whether there is a column of the device's own numbers.
    """
    opened = "".join(_group(group, has_device) for group in groups if group.title in OPEN)
    closed = "".join(_group(group, has_device) for group in groups if group.title not in OPEN)
    return f'<div class="open">{opened}</div>{closed}'


def _group(group: MeasurementGroup, has_device: bool) -> str:
    inside = _rows(group, has_device) if group.rows else ""
    if group.leads:
        inside += _leads(group)
    if group.title in OPEN:
        return inside
    return f'<details class="group"><summary>{escape(group.title)}</summary>{inside}</details>'


def _rows(group: MeasurementGroup, has_device: bool) -> str:
    device = '<th scope="col">Device</th>' if has_device else ""
    head = f'<tr><th scope="col">Measurement</th><th scope="col">Value</th>{device}</tr>'
    body = "".join(_row(row, has_device) for row in group.rows)
    return (
        f'<div class="rows"><table><caption>{escape(group.title)}</caption><thead>{head}</thead>'
        f"<tbody>{body}</tbody></table></div>"
    )


def _row(row: MeasurementRow, has_device: bool) -> str:
    """Name, value, and the device's; what is to be said of them in a row of its own under it."""
    device = ""
    if has_device:
        words = escape(row.device_words, quote=True)
        device = f'<td class="number device" title="{words}">{escape(row.device)}</td>'
    return (
        f'<tr><th scope="row">{_named(row)}</th>'
        f'<td class="number"><span class="value">{escape(row.value)}</span> {escape(row.spread)}</td>{device}'
        f"</tr>{_remark(row, columns=3 if has_device else 2)}"
    )


def _remark(row: MeasurementRow, columns: int) -> str:
    if not row.remark:
        return ""
    kind, sign = ("remark differs", "⚠ ") if row.differs else ("remark", "")
    return f'<tr class="{kind}"><td colspan="{columns}">{sign}{escape(row.remark)}</td></tr>'


def _named(row: MeasurementRow) -> str:
    """The name; how it was measured opens under it, and shows under the pointer."""
    if not row.help:
        return escape(row.label)
    said = escape(row.help, quote=True)
    return f'<details><summary title="{said}">{escape(row.label)}</summary><p>{said}</p></details>'


def _leads(group: MeasurementGroup) -> str:
    heads = "".join(f'<th scope="col">{escape(column)}</th>' for column in group.columns)
    body = "".join(
        f'<tr><th scope="row">{escape(lead)}</th>{"".join(map(_cell, cells))}</tr>'
        for lead, cells in group.leads.items()
    )
    said = "".join(f'<p class="said">{escape(remark)}</p>' for remark in group.remarks)
    return (
        f'<div class="leads" tabindex="0" role="region" aria-label="{escape(group.title)} of each lead">'
        f"<table><caption>{escape(group.title)}, lead by lead</caption>"
        f'<thead><tr><th scope="col">Lead</th>{heads}</tr></thead><tbody>{body}</tbody></table></div>'
        f"{said}{_explained(group)}"
    )


def _cell(cell: LeadCell) -> str:
    return f'<td class="number" title="{escape(cell.help, quote=True)}">{escape(cell.text)}</td>'


def _explained(group: MeasurementGroup) -> str:
    """What the cells with a star or without a value say, and how each column is measured, in words."""
    lines = []
    for number, column in enumerate(group.columns):
        cells = {lead: cells[number] for lead, cells in group.leads.items()}
        methods = dict.fromkeys(cell.help for cell in cells.values() if cell.text[-1:].isdigit())
        first = next(iter(methods), "").partition(". Leads: ")[0]
        if first:
            lines.append(f"{column}: {first}.")
        lines += [
            f"{column}, {lead}: {cell.help}"
            for lead, cell in cells.items()
            if cell.help and not cell.text[-1:].isdigit() and cell.text != "absent"
        ]
    if not lines:
        return ""
    body = "".join(f"<p>{escape(line)}</p>" for line in lines)
    return f"<details><summary>How these are measured, and what is withheld</summary>{body}</details>"
