"""What stands on the page and on every export about the filter that it is drawn through."""

from __future__ import annotations

from collections.abc import Collection

from ecg_core.figures.view import FILTERS, NOTCHES, View
from ecg_core.signal.filters import BANDS, BASELINE_HZ, Part, filter_parts

_LOWEST_LOW_PASS_HZ = 150.0
_HIGHEST_HIGH_PASS_HZ = 0.67  # of a zero-phase filter


def filter_caption(
    view: View, *, sampling_rates_hz: Collection[float | None] = (), has_other_channels: bool = False
) -> str:
    """The active filter in one line, e.g. ``0.5–40 Hz · 50 Hz notch · zero-phase``.

    Parameters
    ----------
    view : View
    sampling_rates_hz : collection of float or None
        Of the leads that are drawn (Hz): what such a rate cannot carry was left out, and is said.
    has_other_channels : bool
        Channels that are no ECG are drawn too; those are never filtered.
    """
    if not view.is_filtered:
        return "No filter"
    rates = set(sampling_rates_hz)
    if rates == {None}:
        return "No filter: the sampling rate is unknown"
    names = [
        FILTERS[view.filter] if view.filter != "none" else "",
        NOTCHES[view.notch] if view.notch else "",
        f"baseline removed ({BASELINE_HZ:g} Hz high-pass)" if view.baseline else "",
        "zero-phase",
        *(_left_out(view, rate) for rate in sorted(rate for rate in rates if rate is not None)),
        "not filtered where the sampling rate is unknown" if None in rates else "",
        "other channels not filtered" if has_other_channels else "",
    ]
    return " · ".join(name for name in names if name)


def _left_out(view: View, rate_hz: float) -> str:
    missing = [_name(part) for part in _parts(view) if not part.fits(rate_hz)]
    return f"without {' and '.join(missing)} at {rate_hz:g} samples/s" if missing else ""


def _parts(view: View) -> tuple[Part, ...]:
    return filter_parts(band=view.filter, notch=view.notch, baseline=view.baseline)


def _name(part: Part) -> str:
    return f"{part.frequency_hz:g} Hz {part.kind}"


def st_warning(view: View) -> str:
    """Why the ST segment or amplitudes are not to be judged on this page; empty where they can be.

    The limits are those of AHA/ACC/HRS 2007 (`ecg_core.signal.filters`): our filters are zero-phase, so a
    high-pass of up to 0.67 Hz stands. Removing the baseline stands at that limit, and is warned of.
    """
    high_pass, low_pass = BANDS[view.filter]
    reasons = []
    if low_pass is not None and low_pass < _LOWEST_LOW_PASS_HZ:
        reasons.append(f"the {low_pass:g} Hz low-pass rounds the J point and lowers the QRS complex")
    if high_pass is not None and high_pass > _HIGHEST_HIGH_PASS_HZ:
        reasons.append(f"the {high_pass:g} Hz high-pass moves the ST segment")
    if view.baseline:
        reasons.append("removing the baseline moves the ST segment")
    return f"Do not judge the ST segment or amplitudes here: {'; '.join(reasons)}." if reasons else ""
