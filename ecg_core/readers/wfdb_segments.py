"""Joining the segments of a WFDB record, in fixed and in variable layout (header(5))."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from ecg_core.domain import MILLIVOLTS_PER_UNIT
from ecg_core.errors import UnreadableFileError
from ecg_core.readers.excerpt import excerpt
from ecg_core.readers.sample_buffer import narrowest_integers
from ecg_core.readers.wfdb_header import GAP, Header, SignalLine, parse_header
from ecg_core.readers.wfdb_samples import Signal, read_signals

_MOST_SAMPLES_WITH_GAPS = 100_000_000

Find = Callable[[str], bytes | memoryview | None]
_Key = tuple[str, int]


def segment_headers(master: Header, find: Find) -> dict[str, Header]:
    """The header of each segment that was sent.

    Raises
    ------
    UnreadableFileError
        A segment that occurs twice, or consists of segments itself, or does not fit the record.
    """
    names = [name for name, _ in master.segments if name != GAP]
    if len(set(names)) < len(names):
        raise UnreadableFileError("A segment occurs twice in the WFDB header; each may occur once")
    contents = {name: find(f"{name}.hea") for name in names}
    headers = {name: parse_header(content) for name, content in contents.items() if content is not None}
    for name, frames in master.segments:
        if name in headers:
            _check_segment(name, frames, headers[name], master)
    return headers


def _check_segment(name: str, frames: int, header: Header, master: Header) -> None:
    if header.segments:
        raise UnreadableFileError(
            f"The segment {excerpt(name)} consists of segments itself; that is not read"
        )
    if header.frames is not None and header.frames != frames:
        raise UnreadableFileError(
            f"The segment {excerpt(name)} has {header.frames:,} samples in its own header, {frames:,} "
            "in that of the record"
        )
    if header.rate_hz is not None and master.rate_hz is not None and header.rate_hz != master.rate_hz:
        raise UnreadableFileError(
            f"The segment {excerpt(name)} is sampled at {header.rate_hz:g} Hz, the record at "
            f"{master.rate_hz:g} Hz"
        )


def join_segments(
    master: Header, headers: Mapping[str, Header], files: Mapping[str, bytes | memoryview]
) -> tuple[list[Signal], list[str]]:
    """One signal for each of the record, NaN where a segment lacks it, and remarks.

    Counts stay counts where every segment has the same gain, baseline and unit; else the signal is in its
    unit (gain 1, baseline 0).
    """
    used: dict[str, int] = {}
    parts: list[tuple[int, int, dict[_Key, Signal]]] = []
    remarks: list[str] = []
    start = 0
    for name, frames in master.segments:
        if name != GAP and frames:
            signals, found = read_signals(replace(headers[name], frames=frames), files, used)
            _check_lengths(name, signals, frames)
            parts.append((start, frames, _keyed(signals, by_name=master.has_layout)))
            remarks += found[: max(20 - len(remarks), 0)]
        start += frames
    if not parts:
        raise UnreadableFileError("The WFDB record has no segment with samples")
    _check_total(master, start)
    keys = _keys(master, headers, parts)
    present = sum(len(signal.samples) for _, _, signals in parts for signal in signals.values())
    if start * len(keys) > max(_MOST_SAMPLES_WITH_GAPS, 2 * present):
        raise UnreadableFileError(
            f"The WFDB record has {start:,} samples, most of them missing; that is not read"
        )
    return [_join(key, parts, start, remarks) for key in keys], remarks


def _check_lengths(name: str, signals: list[Signal], frames: int) -> None:
    for signal in signals:
        if len(signal.samples) != frames * signal.line.per_frame:
            raise UnreadableFileError(
                f"The segment {excerpt(name)} has {len(signal.samples):,} samples; the record's "
                f"header states {frames:,}"
            )


def _check_total(master: Header, total: int) -> None:
    if master.frames is not None and master.frames != total:
        raise UnreadableFileError(
            f"The segments of the WFDB record have {total:,} samples together; its header states "
            f"{master.frames:,}"
        )


def _keyed(signals: list[Signal], *, by_name: bool) -> dict[_Key, Signal]:
    """By name and number of its occurrence in a variable layout, by place in a fixed one."""
    return dict(zip(_keys_of([signal.line for signal in signals], by_name=by_name), signals, strict=True))


def _keys_of(lines: list[SignalLine], *, by_name: bool) -> list[_Key]:
    if not by_name:
        return [("", number) for number in range(len(lines))]
    seen: dict[str, int] = {}
    keys = []
    for line in lines:
        seen[line.name] = seen.get(line.name, 0) + 1
        keys.append((line.name, seen[line.name]))
    return keys


def _keys(
    master: Header, headers: Mapping[str, Header], parts: list[tuple[int, int, dict[_Key, Signal]]]
) -> list[_Key]:
    """Those of the layout header, which must cover every segment; else those of the first segment."""
    if master.has_layout:
        keys = _keys_of(list(headers[master.segments[0][0]].signals), by_name=True)
        strange = [key for _, _, signals in parts for key in signals if key not in keys]
        if strange:
            raise UnreadableFileError(
                f"The signal {excerpt(strange[0][0])} of a segment is not in the layout header"
            )
        return [key for key in keys if any(key in signals for _, _, signals in parts)]
    keys = list(parts[0][2])
    if any(list(signals) != keys for _, _, signals in parts):
        raise UnreadableFileError("The segments of the WFDB record must have the same number of signals")
    return keys


def _join(
    key: _Key, parts: list[tuple[int, int, dict[_Key, Signal]]], frames: int, remarks: list[str]
) -> Signal:
    found = [(start, signals[key]) for start, _, signals in parts if key in signals]
    first = found[0][1].line
    _check_alike(first, [signal.line for _, signal in found])
    if any(_calibration(signal.line) != _calibration(first) for _, signal in found):
        remarks.append(
            f"The gain of {excerpt(first.name)} changes between segments; the lead is kept in {first.unit}."
        )
        found = [(start, _in_unit(signal, first.unit)) for start, signal in found]
    line = found[0][1].line
    whole = sum(len(signal.samples) for _, signal in found) == frames * line.per_frame
    kinds = {signal.samples.dtype.kind for _, signal in found}
    samples: NDArray[np.generic]
    if whole and kinds <= {"i"}:
        samples = narrowest_integers(np.concatenate([signal.samples for _, signal in found]))
        return Signal(line, samples)
    samples = np.full(frames * line.per_frame, np.nan)
    for start, signal in found:
        samples[start * line.per_frame : start * line.per_frame + len(signal.samples)] = signal.samples
    return Signal(line, samples)


def _check_alike(first: SignalLine, lines: list[SignalLine]) -> None:
    for line in lines:
        kinds = [(x.unit in MILLIVOLTS_PER_UNIT, x.gain is None) for x in (line, first)]
        comparable = line.unit == first.unit or kinds == [(True, False), (True, False)]
        if line.per_frame != first.per_frame or kinds[0] != kinds[1] or not comparable:
            raise UnreadableFileError(
                f"The signal {excerpt(first.name)} changes its unit or its sampling rate between segments; "
                "that is not read"
            )


def _calibration(line: SignalLine) -> tuple[float | None, int, str]:
    return line.gain, line.baseline, line.unit


def _in_unit(signal: Signal, unit: str) -> Signal:
    line = signal.line
    scale = MILLIVOLTS_PER_UNIT.get(line.unit, 1.0) / MILLIVOLTS_PER_UNIT.get(unit, 1.0)
    physical = (signal.samples.astype(np.float64) - line.baseline) * (scale / (line.gain or 1.0))
    gain = None if line.gain is None else 1.0
    return Signal(replace(line, gain=gain, baseline=0, unit=unit), physical)
