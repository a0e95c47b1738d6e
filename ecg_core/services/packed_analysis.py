"""An analysis as bytes: its arrays compressed, everything else as JSON beside them."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
import numpy as np

from ecg_core.domain import Measurement
from ecg_core.signal.analysis import EcgAnalysis, LeadWaves
from ecg_core.signal.fiducials import BeatFiducials
from ecg_core.signal.median_beat import MedianBeat
from ecg_core.signal.quality import LeadQuality

_OF_BEATS = ("beats", "kinds", "confidences", "used")
_OF_WAVES = ("onset", "peak", "offset", "amplitude")


@dataclass(frozen=True)
class _MedianFacts:
    lead: str
    fs: float
    number_of_beats: int
    number_left_out: int
    r_index: int


@dataclass(frozen=True)
class _WaveFacts:
    lead: str
    fs: float


@dataclass(frozen=True)
class _Facts:
    """All that is no array."""

    lead: str
    fs: float
    waves: list[_WaveFacts]
    median_beats: list[_MedianFacts]
    fiducials: BeatFiducials
    quality: list[LeadQuality]
    measurements: list[Measurement]
    notes: Mapping[str, str]


def pack_analysis(analysis: EcgAnalysis) -> bytes:
    """All of an analysis."""
    medians = list(analysis.median_beats.items())
    facts = _Facts(
        analysis.lead, analysis.fs, [_WaveFacts(one.lead, one.fs) for one in analysis.waves],
        [
            _MedianFacts(lead, one.fs, one.number_of_beats, one.number_left_out, one.r_index)
            for lead, one in medians
        ],
        analysis.fiducials, list(analysis.quality), list(analysis.measurements), analysis.notes,
    )  # fmt: skip
    arrays: dict[str, Any] = {name: getattr(analysis, name) for name in _OF_BEATS}
    for number, lead in enumerate(analysis.waves):
        arrays |= {f"{name}{number}": getattr(lead, name) for name in _OF_WAVES}
    arrays |= {f"median{number}": one.values for number, (_, one) in enumerate(medians)}
    packed = io.BytesIO()
    np.savez_compressed(packed, facts=np.frombuffer(msgspec.json.encode(facts), np.uint8), **arrays)
    return packed.getvalue()


def unpack_analysis(data: bytes) -> EcgAnalysis:
    """What `pack_analysis` was given."""
    with np.load(io.BytesIO(data), allow_pickle=False) as stored:
        facts = msgspec.json.decode(stored["facts"].tobytes(), type=_Facts)
        waves = tuple(
            LeadWaves(of.lead, of.fs, *(stored[f"{name}{number}"] for name in _OF_WAVES))
            for number, of in enumerate(facts.waves)
        )
        medians = {
            of.lead: MedianBeat(
                stored[f"median{n}"], of.fs, of.number_of_beats, of.number_left_out, of.r_index
            )
            for n, of in enumerate(facts.median_beats)
        }
        beats, kinds, confidences, used = (stored[name] for name in _OF_BEATS)
    return EcgAnalysis(
        facts.lead, facts.fs, beats, kinds, confidences, used, waves, medians, facts.fiducials,
        tuple(facts.quality), tuple(facts.measurements), facts.notes,
    )  # fmt: skip
