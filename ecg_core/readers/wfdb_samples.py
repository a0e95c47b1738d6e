"""The samples of a WFDB record of one segment, as integers, with what its header says checked."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ecg_core.errors import UnreadableFileError
from ecg_core.readers.excerpt import excerpt
from ecg_core.readers.sample_buffer import narrowest_integers
from ecg_core.readers.wfdb_header import BITS, NULL_FORMAT, Header, SignalLine

#: What a format writes for a missing sample (signal(5)); format 8 has none.
_MISSING: Mapping[str, int] = {
    "16": -(2**15), "24": -(2**23), "32": -(2**31), "61": -(2**15), "80": -(2**7), "160": -(2**15),
    "212": -(2**11), "310": -(2**9), "311": -(2**9), "508": -(2**7), "516": -(2**15), "524": -(2**23),
}  # fmt: skip
#: Bytes of no, one and two samples at the end of the formats with three samples in four bytes.
_BYTES_OF_REST: Mapping[str, tuple[int, int, int]] = {"310": (0, 2, 4), "311": (0, 2, 3)}
_COMPRESSED = ("508", "516", "524")
#: The library's own code for a missing sample, which its checksums may have been made of.
_MISSING_IN_LIBRARY = -32768
_MOST_PER_COMPRESSED_BYTE = 200
_MOST_EMPTY_SAMPLES = 50_000_000


@dataclass(frozen=True, eq=False)
class Signal:
    """A signal line and its samples: whole numbers, or float64 with NaN where samples are missing."""

    line: SignalLine
    samples: NDArray[np.generic]


def read_signals(
    header: Header, files: Mapping[str, bytes | memoryview], used: dict[str, int]
) -> tuple[list[Signal], list[str]]:
    """The signals of one segment, and remarks.

    Parameters
    ----------
    header : Header
        Of a single segment.
    files
        The signal files by the names in the header.
    used : dict
        Bytes of each file that segments before have taken; a file is not read twice, so that a small upload
        does not become many recordings.

    Raises
    ------
    UnreadableFileError
        A signal file is shorter than the header says, or is not in the format it says.
    """
    _check_grouping(header)
    signals: list[Signal] = []
    remarks: list[str] = []
    frames = header.frames
    for name, group in groupby(header.signals, key=lambda line: line.file):
        lines = list(group)
        _check_lines_of_file(lines)
        if lines[0].format == NULL_FORMAT:
            signals += _empty_signals(lines, frames)
            continue
        content = memoryview(files[name])
        found = _frames(lines, content, frames, remarks)
        used[name] = used.get(name, 0) + _bytes_needed(lines, found)
        if used[name] > len(content) and lines[0].format not in _COMPRESSED:
            raise UnreadableFileError(
                f"The signal file {excerpt(name)} is used by several segments for the same samples"
            )
        frames = found if frames is None else frames
        raw = _decode(lines, content, found)
        remarks += _mismatches(lines, raw, header.frames is not None)
        signals += [_signal(line, samples) for line, samples in zip(lines, raw, strict=True)]
    return signals, remarks


def _check_grouping(header: Header) -> None:
    names = [name for name, _ in groupby(header.signals, key=lambda line: line.file)]
    if len(set(names)) < len(names):
        raise UnreadableFileError("The signals of one WFDB signal file must follow each other in the header")


def _check_lines_of_file(lines: list[SignalLine]) -> None:
    for line in lines:
        if line.format != lines[0].format or line.offset not in (0, lines[0].offset):
            raise UnreadableFileError(
                f"The signals of file {excerpt(line.file)} must have one format and one byte offset "
                "in the WFDB header"
            )


def _empty_signals(lines: list[SignalLine], frames: int | None) -> list[Signal]:
    total = (frames or 0) * sum(line.per_frame for line in lines)
    if total > _MOST_EMPTY_SAMPLES:
        raise UnreadableFileError(f"The WFDB header announces {total:,} samples without a signal file")
    return [Signal(line, np.full((frames or 0) * line.per_frame, np.nan)) for line in lines]


def _bytes_needed(lines: list[SignalLine], frames: int) -> int:
    samples, name = frames * sum(line.per_frame for line in lines), lines[0].format
    if name in _BYTES_OF_REST:
        return samples // 3 * 4 + _BYTES_OF_REST[name][samples % 3]
    return -(-samples * BITS[name] // 8)


def _frames_held(lines: list[SignalLine], available: int) -> int:
    name = lines[0].format
    if name in _BYTES_OF_REST:
        rest = sum(bytes_of_rest <= available % 4 for bytes_of_rest in _BYTES_OF_REST[name][1:])
        samples = available // 4 * 3 + rest
    else:
        samples = available * 8 // BITS[name]
    return max(samples, 0) // sum(line.per_frame for line in lines)


def _frames(lines: list[SignalLine], content: memoryview, stated: int | None, remarks: list[str]) -> int:
    """Frames to read: as many as stated, if the file holds them; else as many as it holds."""
    if lines[0].format in _COMPRESSED:
        return _frames_of_flac(lines, content, stated)
    name, available = excerpt(lines[0].file), len(content) - lines[0].offset
    if stated is None:
        return _frames_held(lines, max(available, 0))
    needed = _bytes_needed(lines, stated)
    if available < needed:
        raise UnreadableFileError(
            f"The signal file {name} has {len(content):,} bytes; for {stated:,} samples as its header states "
            f"{needed + lines[0].offset:,} are needed"
        )
    if available > needed + 3:
        remarks.append(
            f"The signal file {name} has {available - needed:,} bytes more than its header states; "
            "they were left out."
        )
    return stated


def _frames_of_flac(lines: list[SignalLine], content: memoryview, stated: int | None) -> int:
    """STREAMINFO of a FLAC file gives its number of samples in 36 bits from byte 21 on (RFC 9639, 8.2)."""
    name, per_frame = excerpt(lines[0].file), lines[0].per_frame
    if bytes(content[:4]) != b"fLaC" or len(content) < 42:
        raise UnreadableFileError(f"The signal file {name} must be a FLAC file, as its header states")
    held = int.from_bytes(content[21:26], "big") & (2**36 - 1)
    frames = stated if stated is not None else max(held - lines[0].offset, 0) // per_frame
    if any(line.per_frame != per_frame for line in lines) or held < frames * per_frame + lines[0].offset:
        raise UnreadableFileError(
            f"The signal file {name} has {held:,} samples of each signal; its header states {frames:,}"
        )
    if frames * per_frame * len(lines) > _MOST_PER_COMPRESSED_BYTE * len(content) + 1_000_000:
        raise UnreadableFileError(
            f"The signal file {name} is too small for {frames:,} samples of each signal"
        )
    return frames


def _decode(lines: list[SignalLine], content: memoryview, frames: int) -> list[NDArray[np.generic]]:
    """The raw samples of one signal file, decoded by wfdb from files of fixed names."""
    import wfdb

    if not frames:
        return [np.empty(0, np.int8) for _ in lines]
    first = lines[0]
    compressed = first.format in _COMPRESSED
    if not compressed:
        content = content[first.offset : first.offset + _bytes_needed(lines, frames)]
    kept = replace(first, offset=first.offset if compressed else 0)
    if first.format == "61":  # the library cannot convert big-endian samples
        content = memoryview(np.frombuffer(content, np.int16).byteswap().tobytes())
        kept = replace(kept, format="16")
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "signal.dat").write_bytes(content)
        Path(folder, "record.hea").write_text("\n".join(_plain_header(lines, kept, frames)) + "\n")
        try:
            record = wfdb.rdrecord(
                str(Path(folder, "record")),
                physical=False,
                smooth_frames=False,
                return_res=32 if first.format in ("8", "24", "32", "524") else 16,
            )
        except (RuntimeError, ValueError) as error:
            raise UnreadableFileError(
                f"The signal file {excerpt(first.file)} is damaged: its samples cannot be decoded from "
                f"format {first.format}"
            ) from error
    raw: list[NDArray[np.generic]] = record.e_d_signal
    if [len(samples) for samples in raw] != [frames * line.per_frame for line in lines]:
        raise UnreadableFileError(
            f"The signal file {excerpt(first.file)} has fewer samples than its header states"
        )
    return raw


def _plain_header(lines: list[SignalLine], first: SignalLine, frames: int) -> Iterator[str]:
    """A header of our own words: nothing of the file's text reaches the library."""
    yield f"record {len(lines)} 1 {frames}"
    for line in lines:
        initial = line.adc_zero if line.initial is None else line.initial
        yield f"signal.dat {first.format}x{line.per_frame}+{first.offset} 1(0)/mV 16 0 {initial} 0 0 s"


def _mismatches(lines: list[SignalLine], raw: list[NDArray[np.generic]], has_length: bool) -> list[str]:
    """What differs from the initial values and checksums of the header."""
    starts = [
        line.name or line.file
        for line, samples in zip(lines, raw, strict=True)
        if line.initial is not None and len(samples) and int(samples[0]) != line.initial
    ]
    sums = [
        line.name or line.file
        for line, samples in zip(lines, raw, strict=True)
        if has_length and line.checksum is not None and line.checksum % 65536 not in _checksums(line, samples)
    ]
    remarks = []
    if sums:
        remarks.append(
            f"The samples of {_listed(sums)} in {excerpt(lines[0].file)} do not add up to the "
            "checksum in the header: "
            "the signal file may be damaged, or belong to another header."
        )
    if starts:
        remarks.append(
            f"The first sample of {_listed(starts)} in {excerpt(lines[0].file)} is not the initial "
            "value in the header."
        )
    return remarks


def _checksums(line: SignalLine, samples: NDArray[np.generic]) -> tuple[int, int]:
    """The sum of the samples modulo 65536, of missing ones as the file or as the library writes them."""
    total = int(np.sum(samples, dtype=np.int64))
    code = _MISSING.get(line.format)
    if code is None:
        return total % 65536, total % 65536
    missing = int(np.count_nonzero(samples == code))
    return total % 65536, (total + missing * (_MISSING_IN_LIBRARY - code)) % 65536


def _listed(names: list[str]) -> str:
    return ", ".join(excerpt(name) for name in names[:12]) + (" …" if len(names) > 12 else "")


def _signal(line: SignalLine, raw: NDArray[np.generic]) -> Signal:
    """With the skew taken back and missing samples as NaN."""
    shift = line.skew * line.per_frame
    if shift > len(raw):
        raise UnreadableFileError(
            f"The signal {excerpt(line.name)} is skewed by {line.skew:,} samples, which is longer than it is"
        )
    code = _MISSING.get(line.format)
    missing = raw == code if code is not None else np.zeros(len(raw), bool)
    if not shift and not missing.any():
        return Signal(line, narrowest_integers(raw))  # type: ignore[arg-type]
    samples = np.full(len(raw), np.nan)
    samples[: len(raw) - shift] = np.where(missing, np.nan, raw)[shift:]
    return Signal(line, samples)
