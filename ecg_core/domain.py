"""What the product is about: leads and recordings. Plain frozen data, numpy arrays inside, no ORM."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

#: Millivolts in one of each unit of voltage; a lead in any other unit is not drawn in millivolts.
MILLIVOLTS_PER_UNIT: Mapping[str, float] = {"V": 1e3, "mV": 1.0, "uV": 1e-3, "nV": 1e-6}

_UNIT_SPELLINGS: Mapping[str, str] = {
    "v": "V", "volt": "V", "volts": "V",
    "mv": "mV", "millivolt": "mV", "millivolts": "mV",
    "uv": "uV", "µv": "uV", "μv": "uV", "microvolt": "uV", "microvolts": "uV",
    "nv": "nV", "nanovolt": "nV", "nanovolts": "nV",
}  # fmt: skip


def voltage_unit(text: str) -> str | None:
    """The standard spelling (``V``, ``mV``, ``uV``, ``nV``) of a unit of voltage, None for other text.

    "MV" is not read as millivolt: a megavolt would be a factor of a thousand million.
    """
    text = text.strip()
    return None if text == "MV" else _UNIT_SPELLINGS.get(text.lower())


@dataclass(frozen=True, eq=False)
class Lead:
    """One lead's signal in the file's own numbers.

    ``physical = samples × resolution + offset``, in ``unit``.

    Attributes
    ----------
    name : str
        Unique within the recording, never empty.
    samples : ndarray, shape (n,)
        Integers of any width, or floats where NaN is a missing sample.
    sampling_rate_hz : float or None
        None is unknown: nothing that needs time can then be said.
    unit : str or None
        ``mV``, ``uV``, ``V``, ``nV``, another channel's own unit, or None for unknown (counts).
    resolution, offset : float
        In ``unit`` per count, and in ``unit``.
    original_name : str
        What the file calls it, where that is not ``name``; else empty.
    is_ecg : bool
        False for a pressure, respiration or other channel beside the ECG.
    is_derived : bool
        Computed from other leads (III, aVR, aVL and aVF from I and II), not recorded.
    """

    name: str
    samples: NDArray[np.generic]
    sampling_rate_hz: float | None = None
    unit: str | None = None
    resolution: float = 1.0
    offset: float = 0.0
    original_name: str = ""
    is_ecg: bool = True
    is_derived: bool = False

    def physical(self) -> NDArray[np.float64]:
        """The signal in ``unit`` (in counts where the unit is unknown), NaN where missing."""
        values = self.samples.astype(np.float64)
        if self.resolution != 1.0:
            values *= self.resolution
        if self.offset != 0.0:
            values += self.offset
        return values

    @property
    def zero_level(self) -> float:
        """The sample value of physical zero, ``-offset / resolution``.

        Rounded to a whole number where it is one but for the division's own error, so that an
        integer sample at the baseline is exactly zero.
        """
        level = -self.offset / self.resolution
        whole = round(level)
        return float(whole) if abs(level - whole) <= 1e-9 * max(1.0, abs(level)) else level

    @property
    def millivolts_per_unit(self) -> float | None:
        """Factor from ``unit`` to millivolts; None where the unit is unknown or no voltage."""
        return MILLIVOLTS_PER_UNIT.get(self.unit) if self.unit else None

    @property
    def duration_s(self) -> float | None:
        """Number of samples over sampling rate; None where the rate is unknown."""
        return len(self.samples) / self.sampling_rate_hz if self.sampling_rate_hz else None


@dataclass(frozen=True)
class Annotation:
    """A mark that came with the file: a beat, a change of rhythm, a note.

    Attributes
    ----------
    start_s : float
        From the first sample of the recording.
    text : str
        In the file's own words or code, e.g. ``N`` for a normal beat of a WFDB annotation.
    kind : str
        ``beat``, ``rhythm`` or ``note``.
    duration_s : float or None
        None for a point in time.
    lead : str
        Empty where it is about all leads.
    """

    start_s: float
    text: str
    kind: str = "note"
    duration_s: float | None = None
    lead: str = ""


@dataclass(frozen=True)
class Mark:
    """What a reader put on an ECG: a note, or a caliper from one sample to another.

    Attributes
    ----------
    kind : str
        ``note`` or ``caliper``.
    lead : str
        The lead in whose samples the place is given; a note may be about all leads.
    start_sample, stop_sample : int
        Of the stored lead; equal for a note at a point. A caliper's are in the order of time.
    text : str
        What the note says, or the caliper's name.
    marches : bool
        The caliper's interval is repeated along the strip.
    """

    id: UUID
    kind: str
    author: str
    created_at: datetime
    changed_at: datetime
    lead: str
    start_sample: int
    stop_sample: int
    text: str = ""
    is_about_all_leads: bool = False
    marches: bool = False


@dataclass(frozen=True)
class Measurement:
    """One number that was measured, or why there is none.

    Attributes
    ----------
    name : str
        A standard term in lower case, e.g. ``qrs_duration``; of a single lead with its name after a colon
        (``st_j60:V2``).
    value : float or None
        None unless ``status`` is ``measured``.
    unit : str
        ``bpm``, ``ms``, ``deg``, ``mV`` … ``1`` for a plain number.
    status : str
        ``measured``, ``withheld`` (it exists, but cannot be given here) or ``not applicable`` (there is no
        such thing here: the PR interval in atrial fibrillation).
    reason : str
        A clause where it is not measured; where it is, what the reader should know of it, or empty.
    method : str
        How it was measured, with its source.
    leads : tuple of str
        Used for it.
    beats_used : int or None
        None where beats have no part in it.
    spread : float or None
        Standard deviation over the beats, in ``unit``; None where there are fewer than two values.
    """

    name: str
    value: float | None
    unit: str
    status: str = "measured"
    reason: str = ""
    method: str = ""
    leads: tuple[str, ...] = ()
    beats_used: int | None = None
    spread: float | None = None

    @property
    def is_measured(self) -> bool:
        return self.status == "measured"


@dataclass(frozen=True)
class Correction:
    """What a clinician changed of an automatic measurement; the automatic value stays beside it.

    Attributes
    ----------
    kind : str
        ``beat``: the beat is not used, nor an RR interval that it begins or ends. ``no beat``: there is none
        where one was found. ``fiducial``: the onset or offset of a wave was moved.
    beat_sample : int or None
        Of a beat: its R peak, in samples of the first ECG lead.
    fiducial : str
        Of a moved one: ``p_onset``, ``p_offset``, ``qrs_onset``, ``qrs_offset`` or ``t_offset`` of all leads.
    offset_ms : float or None
        Where it was moved to, from the R peak of the median beat; negative before it.
    undone_at, undone_by : datetime or None, str
        None and empty while it counts.
    """

    id: UUID
    kind: str
    author: str
    created_at: datetime
    beat_sample: int | None = None
    fiducial: str = ""
    offset_ms: float | None = None
    undone_at: datetime | None = None
    undone_by: str = ""

    @property
    def counts(self) -> bool:
        return self.undone_at is None


@dataclass(frozen=True, eq=False)
class Recording:
    """An ECG as its file has it.

    Attributes
    ----------
    leads : tuple of Lead
        In the file's order; they may differ in length and sampling rate.
    source_format : str
        The name of the reader in the table of readers, e.g. ``json`` or ``csv``.
    recorded_at : datetime or None
        With a zone, or naive where the zone is unknown.
    patient, metadata : mapping of str to str
        What the file says of the patient, and of everything else, in its own words.
    device : mapping of str to str
        The device's own measurements and statements, e.g. ``{"QRS duration": "92 ms"}``: never ours.
    annotations : tuple of Annotation
        In the order of time.
    understood : mapping of str to str
        How the file was read (delimiter, time column …): what a person may want to correct.
    remarks : tuple of str
        What that person should know: an uneven time step, an ambiguity and how it was decided.
    """

    leads: tuple[Lead, ...]
    source_format: str
    recorded_at: datetime | None = None
    patient: Mapping[str, str] = field(default_factory=dict)
    metadata: Mapping[str, str] = field(default_factory=dict)
    device: Mapping[str, str] = field(default_factory=dict)
    annotations: tuple[Annotation, ...] = ()
    understood: Mapping[str, str] = field(default_factory=dict)
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True)
class LeadSummary:
    """A stored lead without its signal; the numbers of the lead report.

    ``minimum`` … ``standard_deviation`` are in ``unit`` (counts where unknown) over the samples that
    are not missing, and None where there is none. ``*_was_entered``: by a person, not found in the file.
    ``analysis_version`` is that of the code which measured; older results are made again.
    """

    name: str
    number_of_samples: int
    sampling_rate_hz: float | None
    unit: str | None
    resolution: float
    offset: float
    number_of_zero_crossings: int
    number_of_zero_touches: int
    minimum: float | None
    maximum: float | None
    mean: float | None
    standard_deviation: float | None
    missing_samples: int
    analysis_version: int
    rate_was_entered: bool = False
    unit_was_entered: bool = False
    original_name: str = ""
    is_ecg: bool = True
    is_derived: bool = False

    @property
    def channel(self) -> str:
        """``ECG`` or ``other``."""
        return "ECG" if self.is_ecg else "other"

    @property
    def origin(self) -> str:
        """``recorded``, or ``derived`` from other leads."""
        return "derived" if self.is_derived else "recorded"

    @property
    def duration_s(self) -> float | None:
        return self.number_of_samples / self.sampling_rate_hz if self.sampling_rate_hz else None

    @property
    def zero_crossings_per_second(self) -> float | None:
        duration = self.duration_s
        return self.number_of_zero_crossings / duration if duration else None


@dataclass(frozen=True)
class RecordingSummary:
    """A stored recording without its signals.

    ``number_of_files`` is that of the uploaded files that are kept beside it.
    """

    id: UUID
    owner: str
    file_name: str
    source_format: str
    sha256: str
    uploaded_at: datetime
    recorded_at: datetime | None
    leads: tuple[LeadSummary, ...]
    patient: Mapping[str, str] = field(default_factory=dict)
    metadata: Mapping[str, str] = field(default_factory=dict)
    remarks: tuple[str, ...] = ()
    device: Mapping[str, str] = field(default_factory=dict)
    number_of_annotations: int = 0
    number_of_files: int = 0

    @property
    def display_name(self) -> str:
        """The file's name, or the beginning of the id of an ECG that came without one."""
        return self.file_name or f"ECG {str(self.id)[:8]}"

    @property
    def duration_s(self) -> float | None:
        """Of the longest lead whose sampling rate is known."""
        durations = [lead.duration_s for lead in self.leads if lead.duration_s is not None]
        return max(durations) if durations else None


@dataclass(frozen=True)
class UnreadFile:
    """An uploaded file that could not be read, and why."""

    id: UUID
    name: str
    sha256: str
    size: int
    reason: str
    uploaded_at: datetime


@dataclass(frozen=True)
class User:
    """A clinician or a program that may keep ECGs here."""

    id: int
    username: str
    is_active: bool
    created_at: datetime
