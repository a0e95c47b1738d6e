"""The measurements as a clinician reads them: rows in groups, each beside the device's own number."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from ecg_core.domain import Measurement
from ecg_core.figures.measurement_names import (
    GROUPS,
    LEAD_COLUMNS,
    OTHERS,
    name_in_words,
    number_text,
    value_text,
)
from ecg_core.signal.device_values import (
    QTC_OF_UNKNOWN_FORMULA,
    TOLERANCES,
    DeviceValue,
    device_values,
    difference,
    is_beyond_tolerance,
)

_NO_VALUE = "–"


@dataclass(frozen=True)
class MeasurementRow:
    """One measurement in words.

    Attributes
    ----------
    value : str
        With its unit; a dash where there is none.
    spread : str
        ``± 3``: the standard deviation over beats; or empty.
    device : str
        The device's own value, or empty.
    device_words : str
        What the file says of it.
    remark : str
        The difference to the device's, what was corrected, or why there is no value.
    differs : bool
        From the device's, beyond the tolerance.
    help : str
        How it was measured, in which leads and beats.
    """

    name: str
    label: str
    value: str
    spread: str = ""
    device: str = ""
    device_words: str = ""
    remark: str = ""
    differs: bool = False
    is_corrected: bool = False
    help: str = ""


@dataclass(frozen=True)
class LeadCell:
    """One measurement of one lead: what stands there, and what is said of it."""

    text: str
    help: str


@dataclass(frozen=True)
class MeasurementGroup:
    """A group: rows, and of single leads a table with a row a lead.

    ``columns`` are the heads of that table with their units; ``leads`` holds a cell a column by lead.
    ``remarks`` holds for all of its cells.
    """

    title: str
    rows: tuple[MeasurementRow, ...] = ()
    columns: tuple[str, ...] = ()
    leads: Mapping[str, tuple[LeadCell, ...]] = field(default_factory=dict)
    remarks: tuple[str, ...] = ()


def measurement_groups(
    measurements: Sequence[Measurement],
    *,
    automatic: Sequence[Measurement] = (),
    device: Mapping[str, str] | None = None,
) -> tuple[MeasurementGroup, ...]:
    """The groups that have something in them, in the order in which they are shown.

    Parameters
    ----------
    measurements : sequence of Measurement
        As corrected.
    automatic : sequence of Measurement
        As measured: where they differ, both are told.
    device : mapping of str to str
        What the device measured, in the file's words.
    """
    by_name = {one.name: one for one in measurements}
    before = {one.name: one for one in automatic}
    devices = device_values(device or {})
    groups = []
    for title, names in GROUPS.items():
        rows = [_row(by_name[name], before.get(name), devices.get(name)) for name in names if name in by_name]
        if title == "Intervals" and QTC_OF_UNKNOWN_FORMULA in devices:
            rows.append(_devices_qtc(devices[QTC_OF_UNKNOWN_FORMULA]))
        groups.append(_with_leads(title, tuple(rows), measurements))
    known = {name for names in GROUPS.values() for name in names}
    columns = {name for names in LEAD_COLUMNS.values() for name in names}
    others = [
        _row(one, before.get(one.name), None)
        for one in measurements
        if one.name not in known and one.name.partition(":")[0] not in columns
    ]
    groups.append(MeasurementGroup(OTHERS, tuple(others)))
    return tuple(group for group in groups if group.rows or group.leads)


def suspicions(measurements: Sequence[Measurement]) -> list[str]:
    """What is said of electrodes that may be swapped, with the test's own record; empty where none is."""
    return [
        f"{one.reason} ({one.method})" if one.method else one.reason
        for one in measurements
        if one.name in GROUPS["Swaps suspected"] and one.is_measured and one.reason
    ]


def _row(one: Measurement, before: Measurement | None, devices: DeviceValue | None) -> MeasurementRow:
    value, spread = _NO_VALUE, ""
    if one.value is not None and one.is_measured:
        value = _special(one) or value_text(one.name, one.value, one.unit)
        spread = f"± {number_text(one.name, one.spread, one.unit)}" if one.spread is not None else ""
    differs, apart = _apart(one, devices)
    is_corrected = before is not None and _shown(before) != _shown(one)
    remarks = [apart] if apart else []
    if is_corrected and before is not None:
        was = value_text(before.name, before.value, before.unit) if before.value is not None else "none"
        remarks.append(f"corrected; automatic: {was}")
    remarks += [_said(one)] if _said(one) else []
    return MeasurementRow(
        one.name, name_in_words(one.name), value, spread,
        value_text(one.name, devices.value, devices.unit) if devices else "",
        devices.words if devices else "",
        "; ".join(remarks), differs, is_corrected, _help(one),
    )  # fmt: skip


def _special(one: Measurement) -> str:
    """What is no number to a reader."""
    if one.name == "af_indicator":
        return "as in atrial fibrillation" if one.value else "not as in atrial fibrillation"
    if one.name.endswith("_swap"):
        return "suspected" if (one.value or 0.0) > 0 else "none suspected"
    return ""


def _shown(one: Measurement) -> str:
    return value_text(one.name, one.value, one.unit) if one.value is not None else one.status


def _said(one: Measurement) -> str:
    if one.is_measured:
        return one.reason
    return f"{one.status}: {one.reason}" if one.reason else one.status


def _apart(one: Measurement, devices: DeviceValue | None) -> tuple[bool, str]:
    """Whether the device's differs beyond the tolerance, and that in words."""
    if devices is None or one.value is None or not is_beyond_tolerance(one.name, one.value, devices.value):
        return False, ""
    apart, tolerance = difference(one.name, one.value, devices.value), TOLERANCES[one.name]
    way = "more" if apart > 0 else "less"
    return True, (
        f"differs: {value_text(one.name, abs(apart), one.unit)} {way} than the device's "
        f"(tolerance {value_text(one.name, tolerance, one.unit)})"
    )


def _devices_qtc(devices: DeviceValue) -> MeasurementRow:
    return MeasurementRow(
        QTC_OF_UNKNOWN_FORMULA, "QTc (formula not stated)", _NO_VALUE,
        device=value_text(QTC_OF_UNKNOWN_FORMULA, devices.value, devices.unit), device_words=devices.words,
        remark="the file does not say by which formula: not compared",
    )  # fmt: skip


def _help(one: Measurement) -> str:
    parts = [one.method] if one.method else []
    if one.leads:
        parts.append(f"Leads: {', '.join(one.leads)}")
    if one.beats_used is not None:
        parts.append(f"Beats: {one.beats_used:,}")
    if one.spread is not None:
        parts.append(f"SD over beats: {value_text(one.name, one.spread, one.unit)}")
    return ". ".join(part.rstrip(".") for part in parts) + ("." if parts else "")


def _with_leads(
    title: str, rows: tuple[MeasurementRow, ...], measurements: Sequence[Measurement]
) -> MeasurementGroup:
    columns = LEAD_COLUMNS.get(title, {})
    found: dict[str, dict[str, Measurement]] = {}
    for one in measurements:
        of, _, lead = one.name.partition(":")
        if lead and of in columns:
            found.setdefault(lead, {})[of] = one
    if not found:
        return MeasurementGroup(title, rows)
    present = [name for name in columns if any(name in cells for cells in found.values())]
    remarks = _shared(one for cells in found.values() for one in cells.values())
    units = {name: next(cells[name].unit for cells in found.values() if name in cells) for name in present}
    heads = tuple(f"{columns[name]} ({'share' if units[name] == '1' else units[name]})" for name in present)
    leads = {
        lead: tuple(_cell(cells.get(name), remarks) for name in present) for lead, cells in found.items()
    }
    return MeasurementGroup(title, rows, heads, leads, tuple(remarks))


def _shared(measurements: Iterable[Measurement]) -> list[str]:
    """Reasons that most of the measured cells give: said once, under the table."""
    given = [one.reason for one in measurements if one.is_measured]
    return [reason for reason, count in Counter(given).items() if reason and count > len(given) / 2]


def _cell(one: Measurement | None, shared: Sequence[str]) -> LeadCell:
    if one is None:
        return LeadCell("", "")
    reason = "" if one.reason in shared else _said(one)
    said = ". ".join(part for part in (reason, _help(one)) if part)
    if one.value is None or not one.is_measured:
        return LeadCell("absent" if one.status == "not applicable" else _NO_VALUE, said)
    return LeadCell(number_text(one.name, one.value, one.unit) + ("*" if reason else ""), said)
