"""The few numbers that stand over the paper, as a cart prints them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ecg_core.domain import Measurement
from ecg_core.figures.measurement_rows import MeasurementRow, measurement_groups

#: Heads of the numbers, and the measurements that stand under each.
SUMMARY: Mapping[str, tuple[str, ...]] = {
    "Heart rate": ("heart_rate",),
    "P": ("p_duration",),
    "PR": ("pr_interval",),
    "QRS": ("qrs_duration",),
    "QT": ("qt_interval",),
    "QTc (Bazett)": ("qtc_bazett",),
    "QTc (Fridericia)": ("qtc_fridericia",),
    "Axes of P, QRS, T": ("p_axis", "qrs_axis", "t_axis"),
}


@dataclass(frozen=True)
class SummaryNumber:
    """A number of the summary in words.

    Attributes
    ----------
    value : str
        With its unit; a dash where it is withheld.
    said : str
        Why it is withheld, how it differs from the device's, that it was corrected; or empty.
    is_marked : bool
        It differs from the device's beyond the tolerance, or was corrected.
    """

    label: str
    value: str
    said: str
    is_marked: bool


def summary_numbers(
    measurements: Sequence[Measurement],
    *,
    automatic: Sequence[Measurement] = (),
    device: Mapping[str, str] | None = None,
) -> tuple[SummaryNumber, ...]:
    """Those of `SUMMARY` of which something is known; parameters as of `measurement_groups`."""
    shown = {name for names in SUMMARY.values() for name in names}
    groups = measurement_groups(
        [one for one in measurements if one.name in shown], automatic=automatic, device=device
    )
    rows = {row.name: row for group in groups for row in group.rows}
    found = ((label, [rows[name] for name in names if name in rows]) for label, names in SUMMARY.items())
    return tuple(_number(label, of) for label, of in found if of)


def summary_sentences(numbers: Sequence[SummaryNumber]) -> list[str]:
    """The numbers in one line, and what is to be said of them in another, for those who print them."""
    values = " · ".join(
        f"{number.label} {number.value}{'*' if number.is_marked else ''}" for number in numbers
    )
    said = " · ".join(
        f"{'* ' if number.is_marked else ''}{number.label}: {number.said}"
        for number in numbers
        if number.said
    )
    return [line for line in (values, said) if line]


def _number(label: str, rows: Sequence[MeasurementRow]) -> SummaryNumber:
    said = dict.fromkeys(
        f"{row.label}: {row.remark}" if len(rows) > 1 else row.remark for row in rows if row.remark
    )
    return SummaryNumber(
        label,
        " / ".join(row.value for row in rows),
        "; ".join(said),
        any(row.differs or row.is_corrected for row in rows),
    )
