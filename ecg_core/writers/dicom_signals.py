"""Leads as multiplex groups of a DICOM waveform (PS3.3, C.10.9)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ecg_core.domain import MILLIVOLTS_PER_UNIT, Lead
from ecg_core.errors import UnwritableError
from ecg_core.writers.counts import Counts, counts_of, quoted, rate_of, with_whole_zero

_TITLE = "DICOM"
LONGEST_DECIMAL = 16
_MOST_SENSITIVITIES = 20_000
_TWELVE_LEAD = "1.2.840.10008.5.1.4.1.1.9.1.1"
_GENERAL = "1.2.840.10008.5.1.4.1.1.9.1.2"
_GENERAL_32 = "1.2.840.10008.5.1.4.1.1.9.1.4"
#: Most samples of a group and channels of a 12-lead ECG (PS3.3, A.34.3.4).
_MOST_SAMPLES, _MOST_CHANNELS = 16_384, 13
_PRIVATE = "99ECGROOM"
_FIRST, _SECOND = "I II V1 V2 V3 V4 V5 V6 V7 V2R", "V3R V4R V5R V6R V7R X Y Z CC5 CM5"
_THIRD = "III aVR aVL aVF -aVR V8 V9 V8R V9R"
#: Codes of CID 3001 in the scheme MDC, ``2:`` and the lead's number in ISO/IEEE 11073-10101.
_LEAD_NUMBERS = {
    **{name: number for number, name in enumerate(_FIRST.split(), 1)},
    **{name: number for number, name in enumerate(_SECOND.split(), 11)},
    **{name: number for number, name in enumerate(_THIRD.split(), 61)},
}
_TWELVE = frozenset(("I", "II", "III", "aVR", "aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6"))


@dataclass(frozen=True, eq=False)
class Channel:
    """A lead in counts with the texts of its scale; ``sensitivity`` is None for plain counts."""

    lead: Lead
    counts: Counts
    rate: float
    sensitivity: tuple[str, str] | None
    baseline: str


def channel_of(lead: Lead) -> Channel:
    """The lead in counts with its scale as DICOM writes it.

    Raises
    ------
    UnwritableError
        What DICOM needs and the lead has not, or has and DICOM does not keep.
    """
    rate = rate_of(lead, _TITLE)
    if len(repr(rate)) > LONGEST_DECIMAL:
        raise UnwritableError(
            f"The sampling rate of lead {quoted(lead.name)}, {rate!r} Hz, has more than the 16 characters "
            "of a DICOM decimal; WFDB, CSV and JSON keep it"
        )
    if not len(lead.samples):
        raise UnwritableError(f"Lead {quoted(lead.name)} has no samples, which DICOM needs; JSON keeps it")
    counts = counts_of(lead, _TITLE)
    baseline = repr(counts.offset)
    if len(baseline) > LONGEST_DECIMAL:
        finer, zero = with_whole_zero(counts, lead, _TITLE)
        counts = Counts(finer.values.astype(np.int64) - zero, finer.missing, finer.resolution, 0.0)
        baseline = "0"
    if max(map(abs, counts.extremes)) >= 1 << 31:
        raise UnwritableError(
            f"Lead {quoted(lead.name)} has samples beyond 32 bits, the widest of DICOM; JSON keeps them"
        )
    if lead.unit is None and (counts.resolution, counts.offset) != (1.0, 0.0):
        raise UnwritableError(
            f"The unit of lead {quoted(lead.name)} is not known, and DICOM keeps such a lead in plain "
            "counts only; enter the unit"
        )
    return Channel(lead, counts, rate, _sensitivity(lead, counts.resolution), baseline)


def _sensitivity(lead: Lead, resolution: float) -> tuple[str, str] | None:
    """Sensitivity and correction factor, decimals of 16 characters whose product is the resolution."""
    if lead.unit is None:
        return None
    if len(repr(resolution)) <= LONGEST_DECIMAL:
        return repr(resolution), "1"
    exponent = math.floor(math.log10(abs(resolution)))
    for mantissa in range(101, _MOST_SENSITIVITIES):
        sensitivity = f"{mantissa}e{exponent - 4}"
        factor = f"{resolution / float(sensitivity):.13f}"
        if float(sensitivity) * float(factor) == resolution and len(factor) <= LONGEST_DECIMAL:
            return sensitivity, factor
    raise UnwritableError(
        f"The resolution of lead {quoted(lead.name)}, {resolution!r} {lead.unit}, is no product of two "
        "decimals of 16 characters as DICOM keeps them; WFDB and JSON keep it"
    )


def shortened(number: float) -> str:
    """The nearest decimal of at most 16 characters."""
    texts = (f"{number:.{digits}e}".replace("e-0", "e-").replace("e+0", "e+") for digits in range(15, 8, -1))
    return next(text for text in texts if len(text) <= LONGEST_DECIMAL)


def groups_of(channels: Sequence[Channel]) -> list[list[Channel]]:
    """Leads of one rate and length that follow each other, so that their order is kept."""
    groups: list[list[Channel]] = []
    for channel in channels:
        alike = groups and _shape(groups[-1][0]) == _shape(channel)
        groups[-1].append(channel) if alike else groups.append([channel])
    return groups


def _shape(channel: Channel) -> tuple[float, int]:
    return channel.rate, len(channel.counts.values)


def needs_32_bits(counts: Counts) -> bool:
    """Whether 16 bits do not hold the counts beside the one that stands for a missing sample."""
    return max(map(abs, counts.extremes)) >= 1 << 15


def sop_class(groups: Sequence[Sequence[Channel]], bits: int) -> str:
    """The storage class: 12-lead ECG where its limits are kept, else general ECG, of 16 or 32 bits."""
    channels = [channel for group in groups for channel in group]
    is_twelve_lead = {channel.lead.name for channel in channels} <= _TWELVE and all(
        len(group) <= _MOST_CHANNELS and len(group[0].counts.values) <= _MOST_SAMPLES for group in groups
    )
    if bits == 32:
        return _GENERAL_32
    return _TWELVE_LEAD if is_twelve_lead and len(groups) <= 5 else _GENERAL


def group_item(group: Sequence[Channel], bits: int) -> Any:
    """A multiplex group: what its channels are, and their counts sample by sample."""
    from pydicom.dataset import Dataset

    item = Dataset()
    derived = all(channel.lead.is_derived for channel in group)
    item.WaveformOriginality = "DERIVED" if derived else "ORIGINAL"
    item.NumberOfWaveformChannels = len(group)
    item.NumberOfWaveformSamples = len(group[0].counts.values)
    item.SamplingFrequency = repr(group[0].rate)
    item.ChannelDefinitionSequence = [_definition(channel, bits) for channel in group]
    item.WaveformBitsAllocated = bits
    item.WaveformSampleInterpretation = "SS" if bits == 16 else "SL"
    missing = -(1 << (bits - 1))
    if any(channel.counts.missing is not None for channel in group):
        item.WaveformPaddingValue = missing.to_bytes(bits // 8, "little", signed=True)
    columns = [_with_missing(channel.counts, missing) for channel in group]
    item.WaveformData = np.column_stack(columns).astype(f"<i{bits // 8}").tobytes()
    for keyword in ("WaveformPaddingValue", "WaveformData"):
        if keyword in item:
            item[keyword].VR = "OW"
    return item


def _with_missing(counts: Counts, code: int) -> NDArray[np.integer]:
    return counts.values if counts.missing is None else np.where(counts.missing, code, counts.values)


def _definition(channel: Channel, bits: int) -> Any:
    from pydicom.dataset import Dataset

    lead, item = channel.lead, Dataset()
    name = plain_value(lead.name)
    number = _LEAD_NUMBERS.get(lead.name)
    standard = _code(f"2:{number}", "MDC", f"Lead {name}") if number else None
    item.ChannelLabel = name[:16]
    item.ChannelSourceSequence = [standard or _code(name[:16], _PRIVATE, name[:64])]
    item.ChannelTimeSkew = "0"
    item.WaveformBitsStored = bits
    if channel.sensitivity and lead.unit:
        scheme = "UCUM" if lead.unit in MILLIVOLTS_PER_UNIT else _PRIVATE
        unit = plain_value(lead.unit)
        item.ChannelSensitivity, item.ChannelSensitivityCorrectionFactor = channel.sensitivity
        item.ChannelSensitivityUnitsSequence = [_code(unit[:16], scheme, unit[:64])]
        item.ChannelBaseline = channel.baseline
    return item


def _code(value: str, scheme: str, meaning: str) -> Any:
    from pydicom.dataset import Dataset

    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = value, scheme, meaning
    return item


def plain_value(text: str) -> str:
    """One line without the backslash, which separates values."""
    return " ".join(text.replace("\\", "/").split())
