"""WFDB records (PhysioNet): a header, one signal file and annotation files, in a zip archive.

Layouts after header(5), signal(5) and annot(5) of the WFDB Applications Guide.

Not carried: the zone of the recorded time; the file's own name of a lead beside its standard one; units
beyond 20 characters, and spaces in them; the device's statements; the duration of annotations, texts of
them beyond 255 bytes, and the lead of those whose lead has no standard name (others are in a file of their
own, ``record.v1``). The header states counts per unit: where no number has exactly the resolution as its
reciprocal, it comes back different in the last binary digit (2e-16 of it).

Refused: leads that do not end together, or whose rates have no common frame; counts beyond 32 bits; a
physical zero that is at no whole count, however fine.
"""

from __future__ import annotations

import io
import math
import re
import zipfile
from collections.abc import Iterator, Sequence
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from ecg_core.domain import Annotation, Lead, Recording
from ecg_core.errors import UnwritableError
from ecg_core.writers.counts import Counts, counts_of, quoted, rate_of, simplest_fraction, with_whole_zero
from ecg_core.writers.exported_file import ExportedFile, file_stem
from ecg_core.writers.wfdb_annotation_file import annotation_file

_TITLE = "WFDB"
#: Formats by the bits of a sample; the lowest number of each stands for a missing sample (signal(5)).
_FORMATS = (16, 24, 32)
_MOST_PER_FRAME = 10_000
_BASELINE_LIMIT = 2**31
#: Numbers on either side of the reciprocal that are tried for a gain.
_NEIGHBOURS = 4
_EPOCH = (1980, 1, 1, 0, 0, 0)
_KEY = re.compile(r"[A-Za-z][\w ()/,.-]{0,60}", re.ASCII)
_OWN_FILE = frozenset(
    ("I", "II", "III", "aVR", "aVL", "aVF", "X", "Y", "Z", "MLI", "MLII", "MLIII",
     *(f"V{number}" for number in range(1, 10)), *(f"V{number}R" for number in range(1, 8)))
)  # fmt: skip
#: What the reader makes of the record line, not of comments.
_NOT_AS_COMMENTS = ("record", "counter frequency", "start", "comments")


def write_wfdb(recording: Recording, *, name: str) -> ExportedFile:
    """The recording as a record whose files are named ``name``.

    Raises
    ------
    UnwritableError
        A rate is unknown, the leads do not fit into common frames, the samples are no whole numbers of 32
        bits, or an uncalibrated lead has a scale.
    """
    record = file_stem(name)
    rate, per_frame = _frames(recording.leads)
    found = [with_whole_zero(counts_of(lead, _TITLE), lead, _TITLE) for lead in recording.leads]
    bits = _bits([counts for counts, _ in found], recording.leads)
    codes = [_with_missing(counts, bits) for counts, _ in found]
    scales = [_scale(lead, *pair) for lead, pair in zip(recording.leads, found, strict=True)]
    frames = len(codes[0]) // per_frame[0]
    lines = [
        _record_line(record, recording, rate, frames),
        *(
            _signal_line(record, lead, many, bits, scale, samples)
            for lead, many, scale, samples in zip(recording.leads, per_frame, scales, codes, strict=True)
        ),
        *(f"# {' '.join(comment.split())}" for comment in _comments(recording)),
    ]
    files = {
        f"{record}.hea": "".join(f"{line}\n" for line in lines).encode(),
        f"{record}.dat": _interleaved(codes, per_frame, bits),
        **_annotation_files(record, recording.annotations, rate),
    }
    return ExportedFile(f"{record}.zip", _archive(files))


def _frames(leads: Sequence[Lead]) -> tuple[float, list[int]]:
    """Frames per second, and samples of each lead in a frame."""
    rates = [simplest_fraction(rate_of(lead, _TITLE)) for lead in leads]
    common = Fraction(math.gcd(*(r.numerator for r in rates)), math.lcm(*(r.denominator for r in rates)))
    per_frame = [int(rate / common) for rate in rates]
    frame_rate = float(common)
    exact = all(
        frame_rate * many == lead.sampling_rate_hz for many, lead in zip(per_frame, leads, strict=True)
    )
    if sum(per_frame) > _MOST_PER_FRAME or not exact:
        shown = ", ".join(f"{rate:g}" for rate in sorted({float(rate) for rate in rates})[:6])
        raise UnwritableError(
            f"WFDB keeps leads of different rates in common frames, and rates of {shown} Hz have none; "
            "JSON and DICOM keep them"
        )
    ends = {Fraction(len(lead.samples), many) for lead, many in zip(leads, per_frame, strict=True)}
    if len(ends) > 1 or next(iter(ends)).denominator > 1:
        raise UnwritableError(
            "The leads do not end together, which the frames of WFDB ask for; JSON and DICOM keep them"
        )
    if ends == {Fraction(0)}:
        raise UnwritableError("The recording has no samples, which a WFDB signal file needs; JSON keeps it")
    return frame_rate, per_frame


def _bits(found: Sequence[Counts], leads: Sequence[Lead]) -> int:
    """Those of the narrowest format that holds all samples beside its code for a missing one."""
    for counts, lead in zip(found, leads, strict=True):
        if max(map(abs, counts.extremes)) >= 1 << 31:
            raise UnwritableError(
                f"Lead {quoted(lead.name)} has samples beyond 32 bits, the widest of WFDB; JSON keeps them"
            )
    largest = max(max(map(abs, counts.extremes)) for counts in found)
    return next(bits for bits in _FORMATS if largest < 1 << (bits - 1))


def _with_missing(counts: Counts, bits: int) -> NDArray[np.integer]:
    return (
        counts.values
        if counts.missing is None
        else np.where(counts.missing, -(1 << (bits - 1)), counts.values)
    )


def _scale(lead: Lead, counts: Counts, baseline: int) -> str:
    """Gain, baseline and unit; a gain of zero for counts that are not calibrated."""
    if lead.unit is None:
        if counts.resolution != 1.0 or baseline:
            raise UnwritableError(
                f"The unit of lead {quoted(lead.name)} is not known, and WFDB keeps such a lead in plain "
                "counts only; enter the unit"
            )
        return "0"
    if abs(baseline) >= _BASELINE_LIMIT:
        raise UnwritableError(
            f"Physical zero of lead {quoted(lead.name)} is beyond 32 bits, the limit of WFDB"
        )
    unit = re.sub(r"\s+", "_", lead.unit.strip())[:20]
    return f"{_gain(counts.resolution, baseline, lead.offset)}({baseline})/{unit}"


def _gain(resolution: float, baseline: int, offset: float) -> str:
    """The shortest text of counts per unit that gives resolution and offset back, else the nearest."""
    texts = [
        np.format_float_positional(float(f"{1 / resolution:.{digits}g}"), trim="-") for digits in range(1, 18)
    ]
    above = below = 1 / resolution
    for _ in range(_NEIGHBOURS):
        above, below = float(np.nextafter(above, np.inf)), float(np.nextafter(below, -np.inf))
        texts += [np.format_float_positional(number, trim="-") for number in (above, below)]

    def faults(text: str) -> tuple[float, float]:
        gain = float(text)
        return (abs(1 / gain - resolution), abs(-baseline / gain - offset)) if gain else (math.inf, 0.0)

    return min(texts, key=faults)


def _record_line(record: str, recording: Recording, rate: float, frames: int) -> str:
    line = f"{record} {len(recording.leads)} {np.format_float_positional(rate, trim='-')} {frames}"
    at = recording.recorded_at
    if at is None:
        return line
    clock = f"{at:%H:%M:%S}" + (f".{at.microsecond:06d}".rstrip("0") if at.microsecond else "")
    return f"{line} {clock} {at.day:02d}/{at.month:02d}/{at.year:04d}"


def _signal_line(
    record: str, lead: Lead, per_frame: int, bits: int, scale: str, samples: NDArray[np.integer]
) -> str:
    """File, format, scale, ADC resolution and zero, first sample, signed 16-bit sum, block size, name."""
    frame = f"x{per_frame}" if per_frame > 1 else ""
    total = (int(samples.sum(dtype=np.int64)) + 0x8000) % 0x10000 - 0x8000
    name = " ".join(lead.name.split())
    return f"{record}.dat {bits}{frame} {scale} {bits} 0 {int(samples[0])} {total} 0 {name}"


def _interleaved(codes: Sequence[NDArray[np.integer]], per_frame: Sequence[int], bits: int) -> bytes:
    """Frames after each other, in each all samples of the first lead, of the second …"""
    frames = np.hstack([samples.reshape(-1, many) for samples, many in zip(codes, per_frame, strict=True)])
    if bits == 24:
        return frames.astype("<i4").reshape(-1, 1).view(np.uint8)[:, :3].tobytes()
    return frames.astype(f"<i{bits // 8}").tobytes()


def _comments(recording: Recording) -> Iterator[str]:
    """Patient fields, then everything else, as keys with values."""
    for key, value in recording.patient.items():
        yield f"{key if key in ('age', 'sex', 'patient id') else f'patient {key}'}: {value}"
    for key, value in recording.metadata.items():
        if key not in _NOT_AS_COMMENTS and _KEY.fullmatch(key):
            yield f"{key}: {value}"
    if recording.metadata.get("comments"):
        yield recording.metadata["comments"]


def _annotation_files(record: str, marks: Sequence[Annotation], rate: float) -> dict[str, bytes]:
    """One for marks of all leads, one for each lead that has its own."""
    by_ending: dict[str, list[Annotation]] = {}
    for mark in sorted(marks, key=lambda mark: mark.start_s):
        ending = mark.lead.lower() if mark.lead in _OWN_FILE else "atr"
        by_ending.setdefault(ending, []).append(mark)
    return {f"{record}.{ending}": annotation_file(own, rate) for ending, own in by_ending.items()}


def _archive(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for file_name, content in files.items():
            archive.writestr(zipfile.ZipInfo(file_name, _EPOCH), content, zipfile.ZIP_DEFLATED)
    return out.getvalue()
