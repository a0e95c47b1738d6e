"""The multiplex groups of a DICOM waveform (PS3.3, C.10.9): frames of one count per channel."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ecg_core.domain import voltage_unit
from ecg_core.errors import UnreadableFileError
from ecg_core.readers.companding import A_LAW, MU_LAW
from ecg_core.readers.excerpt import excerpt
from ecg_core.readers.lead_names import MOST_LEADS
from ecg_core.readers.options import sampling_rate_problem
from ecg_core.readers.plain_text import plain

#: By Waveform Bits Allocated and Waveform Sample Interpretation (C.10.9.1.5).
_TYPES = {
    (8, "SB"): "i1", (8, "UB"): "u1", (8, "MB"): "u1", (8, "AB"): "u1",
    (16, "SS"): "i2", (16, "US"): "u2", (32, "SL"): "i4", (32, "UL"): "u4",
    (64, "SV"): "i8", (64, "UV"): "u8",
}  # fmt: skip
_EXPANDED = {"MB": MU_LAW, "AB": A_LAW}
_FILTERS = (
    ("high-pass filter", "FilterLowFrequency"),
    ("low-pass filter", "FilterHighFrequency"),
    ("notch filter", "NotchFilterFrequency"),
)
#: The private coding scheme of files that this product wrote: names as they were, not a term of a standard.
OWN_SCHEME = "99ECGROOM"
#: Lead numbers that SCP-ECG, ISO/IEEE 11073-10102 and DICOM CID 3001 share.
_LEADS = {
    **dict(enumerate(("I", "II", "V1", "V2", "V3", "V4", "V5", "V6", "V7", "V2R"), 1)),
    **dict(enumerate(("V3R", "V4R", "V5R", "V6R", "V7R", "X", "Y", "Z", "CC5", "CM5"), 11)),
    **dict(enumerate(("III", "aVR", "aVL", "aVF", "-aVR", "V8", "V9", "V8R", "V9R"), 61)),
}


@dataclass(frozen=True, eq=False)
class Channel:
    """One channel in counts; ``offset_s`` is when its group begins, ``group`` is counted from 1."""

    label: str
    samples: NDArray[np.generic]
    rate: float
    unit: str | None
    resolution: float
    offset: float
    group: int
    number: int
    group_label: str
    offset_s: float
    filters: Mapping[str, str]


def is_median_beat(group_label: str) -> bool:
    """Whether a group is called a median, average or representative beat."""
    return any(word in group_label.upper() for word in ("MEDIAN", "REPRESENTATIVE", "AVERAGE"))


def read_group(item: Any, number: int, *, little_endian: bool) -> list[Channel]:
    """The channels of one multiplex group.

    Raises
    ------
    UnreadableFileError
        Naming the group, counted from 1.
    """
    place = f"Group {number} of the DICOM waveforms"
    rate = _number(item.get("SamplingFrequency"))
    problem = sampling_rate_problem(rate)
    if rate is None or problem:
        raise UnreadableFileError(f"{place}: the sampling frequency {problem}")
    counts, missing = _counts(item, place, "<" if little_endian else ">")
    definitions = list(item.get("ChannelDefinitionSequence") or [])
    label = plain(item.get("MultiplexGroupLabel"))
    offset_s = (_number(item.get("MultiplexGroupTimeOffset")) or 0.0) / 1000
    return [
        _channel(
            definitions[index] if index < len(definitions) else {},
            _with_missing(counts[:, index], missing),
            rate=rate,
            group=number,
            number=index + 1,
            group_label=label,
            offset_s=offset_s,
        )
        for index in range(counts.shape[1])
    ]


def _counts(item: Any, place: str, order: str) -> tuple[NDArray[np.generic], int | None]:
    """Counts of shape (samples, channels), and the count that stands for "missing"."""
    channels, samples = (int(item.get(f"NumberOfWaveform{what}") or 0) for what in ("Channels", "Samples"))
    if not 0 < channels <= MOST_LEADS or samples <= 0:
        raise UnreadableFileError(f"{place} states {channels:,} channels of {samples:,} samples")
    bits, kind = int(item.get("WaveformBitsAllocated") or 0), plain(item.get("WaveformSampleInterpretation"))
    if (bits, kind) not in _TYPES:
        raise UnreadableFileError(
            f"{place}: samples of {bits} bits in the form {excerpt(kind)} are not known"
        )
    dtype = np.dtype(_TYPES[bits, kind]).newbyteorder(order)  # type: ignore[arg-type]
    data = item.get("WaveformData") or b""
    needed = channels * samples * dtype.itemsize
    if len(data) < needed:
        raise UnreadableFileError(
            f"{place} has {len(data):,} bytes of samples; {channels} channels of {samples:,} samples "
            f"need {needed:,}"
        )
    counts = np.frombuffer(data, dtype, channels * samples).reshape(samples, channels)
    padding = item.get("WaveformPaddingValue")
    missing = None
    if isinstance(padding, bytes) and len(padding) >= dtype.itemsize:
        missing = int(np.frombuffer(padding, dtype, 1)[0])
    elif isinstance(padding, int):
        missing = padding
    if kind in _EXPANDED:
        table = _EXPANDED[kind]
        return table[counts.astype(np.uint8)], None if missing is None else int(table[missing & 0xFF])
    return counts, missing


def _with_missing(counts: NDArray[np.generic], missing: int | None) -> NDArray[np.generic]:
    gaps = counts == missing if missing is not None else np.zeros(0, bool)
    if not gaps.any():
        return np.ascontiguousarray(counts)
    return np.where(gaps, np.nan, counts.astype(np.float64))


def _channel(
    definition: Any,
    samples: NDArray[np.generic],
    *,
    rate: float,
    group: int,
    number: int,
    group_label: str,
    offset_s: float,
) -> Channel:
    sensitivity = _number(definition.get("ChannelSensitivity"))
    correction = _number(definition.get("ChannelSensitivityCorrectionFactor"))
    filters = ((name, _number(definition.get(keyword))) for name, keyword in _FILTERS)
    return Channel(
        label=_label(definition) or f"channel {number}",
        samples=samples,
        rate=rate,
        unit=_unit(definition) if sensitivity is not None else None,
        resolution=(sensitivity or 0.0) * (1.0 if correction is None else correction),
        offset=_number(definition.get("ChannelBaseline")) or 0.0,
        group=group,
        number=number,
        group_label=group_label,
        offset_s=offset_s,
        filters={name: f"{hertz:g} Hz" for name, hertz in filters if hertz},
    )


def _label(definition: Any) -> str:
    source = _first(definition, "ChannelSourceSequence")
    code, scheme = plain(source.get("CodeValue")), plain(source.get("CodingSchemeDesignator"))
    number = code.rpartition("5.6.3-9-")[2].removeprefix("2:")
    if number.isdecimal() and scheme in ("MDC", "SCPECG", "") and int(number) in _LEADS:
        return _LEADS[int(number)]
    if code.upper().startswith("MDC_ECG_LEAD_"):
        return code
    if scheme == OWN_SCHEME:
        return plain(source.get("CodeMeaning"))
    meaning = plain(source.get("CodeMeaning")).split(",")[0].split("(")[0].strip()
    return meaning or plain(definition.get("ChannelLabel"))


def _unit(definition: Any) -> str | None:
    code = _first(definition, "ChannelSensitivityUnitsSequence")
    texts = [plain(code.get(keyword)) for keyword in ("CodeValue", "CodeMeaning")]
    if plain(code.get("CodingSchemeDesignator")) == "UCUM" and texts[0]:
        return texts[0]
    known = next(filter(None, map(voltage_unit, texts)), None)
    return known or next(filter(None, texts), None)


def _first(item: Any, keyword: str) -> Any:
    sequence = item.get(keyword)
    return sequence[0] if sequence else {}


def _number(value: object) -> float | None:
    try:
        number = float(str(value))
    except ValueError:
        return None
    return number if math.isfinite(number) else None
