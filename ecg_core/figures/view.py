"""What a reader chose to see, and the same as the parameters of an address: a link shows the same view."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

PAPER_SPEEDS_MM_S = (12.5, 25.0, 50.0)
GAINS_MM_MV = (2.5, 5.0, 10.0, 20.0)
MODES: Mapping[str, str] = {
    "paper": "Leads",
    "overlay": "All on one axis",
    "disclosure": "Full disclosure",
}
LAYOUTS: Mapping[str, str] = {
    "auto": "Automatic",
    "3x4": "3 × 4",
    "3x4+1": "3 × 4 + 1 rhythm strip",
    "3x4+3": "3 × 4 + 3 rhythm strips",
    "6x2": "6 × 2",
    "12x1": "12 × 1",
}
ORDERS: Mapping[str, str] = {"standard": "Standard", "cabrera": "Cabrera"}
PAPERS: Mapping[str, str] = {
    "auto": "Like the page",
    "light": "Light",
    "dark": "Dark",
    "bw": "Black and white",
}
CROSSING_FORMS: Mapping[str, str] = {
    "auto": "Automatic",
    "markers": "Markers on the trace",
    "ticks": "Strip under the lead",
    "density": "Density",
    "off": "Off",
}
#: Names of the display filters; `ecg_core.signal.filters` has what each does.
FILTERS: Mapping[str, str] = {
    "none": "No filter",
    "0.05-150": "0.05–150 Hz",
    "0.05-40": "0.05–40 Hz",
    "0.5-40": "0.5–40 Hz",
}
NOTCHES: Mapping[str, str] = {"": "None", "50": "50 Hz notch", "60": "60 Hz notch"}


@dataclass(frozen=True)
class View:
    """How an ECG is drawn; which part of it is drawn is not in here.

    Attributes
    ----------
    mode : str
        Of `MODES`.
    speed : float
        Paper speed in mm/s.
    gain, chest_gain : float
        In mm/mV, of all leads and of V1 to V9 (0: the same as the others).
    layout, order, paper, crossings : str
        Of `LAYOUTS`, `ORDERS`, `PAPERS` and `CROSSING_FORMS`.
    leads : tuple of str
        The chosen ones; none chosen is all of the ECG.
    filter, notch : str
        Of `FILTERS` and `NOTCHES`; they change what is drawn and nothing else.
    baseline : bool
        Whether the baseline is removed from what is drawn.
    dead_band : float
        In mV, of the view's own count of zero crossings (0: no such count).
    detrend : bool
        Whether that count is made after the baseline is removed.
    beats : bool
        Whether the median beats stand under the leads.
    marks : bool
        Whether what the file and the readers marked is drawn.
    waves : bool
        Whether the waves that were found are shaded, and the kinds of the beats written over them.
    """

    mode: str = "paper"
    speed: float = 25.0
    gain: float = 10.0
    chest_gain: float = 0.0
    layout: str = "auto"
    order: str = "standard"
    leads: tuple[str, ...] = ()
    paper: str = "auto"
    crossings: str = "auto"
    filter: str = "none"
    notch: str = ""
    baseline: bool = False
    dead_band: float = 0.0
    detrend: bool = False
    beats: bool = False
    marks: bool = True
    waves: bool = False

    @property
    def is_filtered(self) -> bool:
        """Whether what is drawn is not the stored signal."""
        return self.filter != "none" or bool(self.notch) or self.baseline


#: What each field that is chosen from a list may be.
CHOICES: Mapping[str, Any] = {
    "mode": MODES,
    "speed": PAPER_SPEEDS_MM_S,
    "gain": GAINS_MM_MV,
    "chest_gain": (0.0, *GAINS_MM_MV),
    "layout": LAYOUTS,
    "order": ORDERS,
    "paper": PAPERS,
    "crossings": CROSSING_FORMS,
    "filter": FILTERS,
    "notch": NOTCHES,
}
LARGEST_DEAD_BAND_MV = 10.0


def parse_view(parameters: Mapping[str, str]) -> View:
    """The view that an address names; what it does not name, or names wrongly, is as usual.

    Parameters
    ----------
    parameters : mapping of str to str
        Of the address, also those that are not the view's.
    """
    given = {one.name: parameters[one.name] for one in fields(View) if parameters.get(one.name)}
    return View(**{name: value for name, text in given.items() if (value := _parsed(name, text)) is not None})


def _parsed(name: str, text: str) -> Any:
    if name == "leads":
        return tuple(lead for lead in text.split(",") if lead)
    if name in ("baseline", "detrend", "beats", "marks", "waves"):
        return text == "1"
    if name in ("speed", "gain", "chest_gain", "dead_band"):
        try:
            number = float(text)
        except ValueError:
            return None
        known = number in CHOICES[name] if name in CHOICES else 0.0 <= number <= LARGEST_DEAD_BAND_MV
        return number if known else None
    return text if text in CHOICES[name] else None


def view_parameters(view: View) -> dict[str, str]:
    """The parameters of an address that name the view: only what is not as usual."""
    usual = View()
    return {
        one.name: _text(getattr(view, one.name))
        for one in fields(View)
        if getattr(view, one.name) != getattr(usual, one.name)
    }


def _text(value: Any) -> str:
    if isinstance(value, tuple):
        return ",".join(value)
    return str(int(value)) if isinstance(value, bool) else f"{value:g}" if isinstance(value, float) else value
