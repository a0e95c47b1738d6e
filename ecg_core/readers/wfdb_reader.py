"""Records of WFDB (PhysioNet): a header, its signal files, its segments and its annotations.

Layouts after header(5), signal(5) and annot(5) of the WFDB Applications Guide.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping

from ecg_core.domain import Annotation, Lead, Recording
from ecg_core.errors import UnreadableFileError
from ecg_core.readers.channels import is_ecg_channel, lead_names, standard_lead_name
from ecg_core.readers.excerpt import excerpt
from ecg_core.readers.options import ReadOptions, check_options, sampling_rate_problem, with_overrides
from ecg_core.readers.unforeseen import only_our_errors
from ecg_core.readers.wfdb_annotations import read_annotations, recognizes_annotations
from ecg_core.readers.wfdb_header import GAP, NULL_FORMAT, Header, parse_header, recognizes_header
from ecg_core.readers.wfdb_samples import Signal, read_signals
from ecg_core.readers.wfdb_segments import join_segments, segment_headers

__all__ = ["needed_files", "read_wfdb", "recognizes_annotations", "recognizes_wfdb"]

_LONGEST_TEXT = 4000
_MOST_KEYS = 60
_MOST_MARKS = 1_000_000
_PAIR = re.compile(r"<?([A-Za-z][\w ()/,.-]{0,60}?)>?\s*:\s*(.*)", re.ASCII)
_TAGGED = re.compile(r"<([A-Za-z][\w ]{0,40})>\s*:\s*([^<]*)", re.ASCII)
#: The first comment of the MIT-BIH Arrhythmia Database: age, sex and three numbers of the tape.
_MITDB = re.compile(r"(-?\d{1,3}) ([MF]) \S+ \S+ x\d+", re.ASCII)
_PATIENT_KEYS: Mapping[str, str] = {
    "age": "age", "sex": "sex", "gender": "sex", "patient id": "patient id",
}  # fmt: skip
_OF_PATIENT = "patient "
_METADATA_KEYS: Mapping[str, str] = {
    "dx": "diagnoses", "rx": "medications", "hx": "history", "sx": "symptoms or surgery",
}  # fmt: skip
_NOT_KNOWN = ("", "-1", "n/a", "nan", "none", "unknown")


def recognizes_wfdb(data: bytes | memoryview) -> bool:
    """Whether the content is the header of a WFDB record."""
    return recognizes_header(data)


def needed_files(data: bytes | memoryview) -> tuple[str, ...]:
    """The signal files, or the headers of the segments, that a header names; base names only.

    Raises
    ------
    UnreadableFileError
        Not a header, or a name with a folder in it.
    """
    with only_our_errors():
        return _named_files(parse_header(data))


def read_wfdb(
    data: bytes | bytearray | memoryview,
    *,
    options: ReadOptions = ReadOptions(),  # noqa: B008
    siblings: Mapping[str, bytes | memoryview] = {},
) -> Recording:
    """The record of a WFDB header.

    Parameters
    ----------
    data
        The text of the ``.hea`` file.
    options : ReadOptions
        What a person says about the file.
    siblings : mapping of str to bytes
        The files sent with it, by their base names: signal files, segment headers, annotation files.

    Returns
    -------
    Recording
        With the counts of the file; NaN where samples are missing. Leads may differ in rate.

    Raises
    ------
    UnreadableFileError
        A file that the header needs is missing, too short, or not in the format it states.
    """
    options = check_options(options)
    with only_our_errors():
        return with_overrides(_read(memoryview(data), options, siblings), options)


def _read(view: memoryview, options: ReadOptions, siblings: Mapping[str, bytes | memoryview]) -> Recording:
    header = parse_header(view)
    find = _finder(siblings)
    if header.segments:
        headers = segment_headers(header, find)
        files = _required([header, *headers.values()], find)
        signals, remarks = join_segments(header, headers, files)
    else:
        headers = {}
        signals, remarks = read_signals(header, _required([header], find), {})
    if not signals:
        raise UnreadableFileError("The WFDB header has no signals; at least one is needed")
    leads = _leads(signals, header)
    annotations, more = _annotations(header, leads, options, siblings)
    comments = header.comments + tuple(x for part in headers.values() for x in part.comments)
    patient, metadata = _comments(comments)
    return Recording(
        leads=leads,
        source_format="wfdb",
        recorded_at=header.start,
        patient=patient,
        metadata=_header_facts(header) | metadata,
        annotations=annotations,
        remarks=(*_remarks(header, signals), *remarks, *more),
    )


def _finder(siblings: Mapping[str, bytes | memoryview]) -> Callable[[str], bytes | memoryview | None]:
    """A file by its name; capital and small letters are the same, as on the disks that files come from."""
    folded = {name.casefold(): content for name, content in siblings.items()}
    return lambda name: siblings.get(name, folded.get(name.casefold()))


def _named_files(header: Header) -> tuple[str, ...]:
    names = [f"{name}.hea" for name, _ in header.segments if name != GAP]
    names += [line.file for line in header.signals if line.format != NULL_FORMAT and line.file != GAP]
    return tuple(dict.fromkeys(names))


def _required(
    headers: list[Header], find: Callable[[str], bytes | memoryview | None]
) -> dict[str, bytes | memoryview]:
    """All files that the headers name.

    Raises
    ------
    UnreadableFileError
        Naming exactly those that were not sent.
    """
    names = list(dict.fromkeys(name for header in headers for name in _named_files(header)))
    files = {name: find(name) for name in names}
    missing = [name for name in names if files[name] is None]
    if missing:
        listed = ", ".join(excerpt(name) for name in missing[:10])
        more = f" and {len(missing) - 10:,} more" if len(missing) > 10 else ""
        record = excerpt(headers[0].record)
        raise UnreadableFileError(
            f"The WFDB record {record} needs {listed}{more} beside its header; send them together"
        )
    return {name: content for name, content in files.items() if content is not None}


def _leads(signals: list[Signal], header: Header) -> tuple[Lead, ...]:
    names = lead_names([signal.line.name for signal in signals])
    return tuple(_lead(signal, name, header) for signal, name in zip(signals, names, strict=True))


def _lead(signal: Signal, name: str, header: Header) -> Lead:
    line = signal.line
    unit = (line.unit or None) if line.gain else None
    rate = header.rate_hz * line.per_frame if header.rate_hz else None
    problem = sampling_rate_problem(rate) if rate else None
    if problem:
        raise UnreadableFileError(f"The signal {excerpt(line.name)}: the sampling rate {problem}")
    return Lead(
        name=name,
        samples=signal.samples,
        sampling_rate_hz=rate,
        unit=unit,
        resolution=1 / line.gain if line.gain else 1.0,
        offset=-line.baseline / (line.gain or 1.0) if line.baseline else 0.0,
        original_name=line.name if line.name != name else "",
        is_ecg=is_ecg_channel(line.name, unit),
    )


def _remarks(header: Header, signals: list[Signal]) -> Iterator[str]:
    if header.rate_hz is None:
        yield "The header states no sampling rate (WFDB programs would take 250 Hz)."
    bare = [excerpt(signal.line.name or "no name") for signal in signals if not signal.line.gain]
    if bare:
        listed = ", ".join(bare[:12]) + (" …" if len(bare) > 12 else "")
        yield (
            f"No gain is stated for {listed}: uncalibrated, in counts (WFDB programs would take 200 "
            "counts per mV)."
        )
    if header.surplus_lines:
        yield f"The header has {header.surplus_lines:,} lines more than it announces; they were left out."


def _header_facts(header: Header) -> dict[str, str]:
    facts = {"record": header.record, "counter frequency": header.counter}
    if header.start is None:
        facts["start"] = header.start_text
    return {key: value for key, value in facts.items() if value}


def _comments(comments: tuple[str, ...]) -> tuple[dict[str, str], dict[str, str]]:
    """What comments say of the patient, and all the rest."""
    patient: dict[str, str] = {}
    metadata: dict[str, str] = {}
    free = []
    for number, comment in enumerate(dict.fromkeys(comments)):
        tape = _MITDB.fullmatch(comment) if number == 0 else None
        pairs = [("age", tape[1]), ("sex", tape[2])] if tape else _pairs(comment)
        if tape or not pairs:
            free.append(comment)
        for key, value in pairs:
            of_patient = _PATIENT_KEYS.get(
                key, key[len(_OF_PATIENT) :] if key.startswith(_OF_PATIENT) else ""
            )
            if of_patient and value.lower() not in _NOT_KNOWN and len(patient) < _MOST_KEYS:
                patient.setdefault(of_patient, value[:_LONGEST_TEXT])
            elif not of_patient and value and len(metadata) < _MOST_KEYS:
                key = _METADATA_KEYS.get(key, key)
                metadata[key] = (
                    f"{metadata[key]}; {value}"[:_LONGEST_TEXT] if key in metadata else value[:_LONGEST_TEXT]
                )
    if free:
        metadata["comments"] = " ".join(free)[:_LONGEST_TEXT]
    return patient, metadata


def _pairs(comment: str) -> list[tuple[str, str]]:
    """Key and value of ``Age: 54``, or of each ``<age>: 54 <sex>: M``."""
    tagged = _TAGGED.findall(comment) if comment.startswith("<") else []
    if not tagged:
        found = _PAIR.fullmatch(comment)
        tagged = [found.groups()] if found else []
    return [(" ".join(key.lower().split()), value.strip()) for key, value in tagged]


def _annotations(
    header: Header, leads: tuple[Lead, ...], options: ReadOptions, siblings: Mapping[str, bytes | memoryview]
) -> tuple[tuple[Annotation, ...], list[str]]:
    """The marks of one annotator for the whole record and of those for single leads, and remarks."""
    found = _annotation_files(header, siblings)
    rate = options.sampling_rate_hz or header.rate_hz
    if not found:
        return (), []
    if rate is None:
        return (), ["Marks came with the record, but without a sampling rate their times are not known."]
    marks: list[Annotation] = []
    whole: list[str] = []
    remarks: list[str] = []
    for ending, content in found.items():
        name = f"{header.record}.{ending}"
        lead = _lead_of(ending, leads)
        if not recognizes_annotations(content):
            remarks += (
                [f"The file {excerpt(name)} has no readable marks and was left out."]
                if ending == "atr"
                else []
            )
        elif lead or not whole:
            whole += [] if lead else [name]
            marks += read_annotations(content, rate_hz=rate, lead=lead)
            if len(marks) > _MOST_MARKS:
                raise UnreadableFileError(f"The files of marks have more than {_MOST_MARKS:,}")
        else:
            remarks.append(f"The marks of {excerpt(name)} were left out beside those of {excerpt(whole[0])}.")
    return tuple(sorted(marks, key=lambda mark: mark.start_s)), remarks


def _annotation_files(
    header: Header, siblings: Mapping[str, bytes | memoryview]
) -> dict[str, bytes | memoryview]:
    """Files that are named like the record and not signals, by their endings; ``.atr`` first."""
    signal_files = {name.casefold() for name in _named_files(header)}
    found = {}
    for name, content in siblings.items():
        stem, dot, ending = name.rpartition(".")
        if dot and stem.casefold() == header.record.casefold() and name.casefold() not in signal_files:
            found[ending.lower()] = content
    found.pop("hea", None)
    return dict(sorted(found.items(), key=lambda item: (item[0] != "atr", item[0])))


def _lead_of(ending: str, leads: tuple[Lead, ...]) -> str:
    """The lead that an annotator is named after, as in ``1.v6``."""
    standard = standard_lead_name(ending)
    return next((lead.name for lead in leads if standard and lead.name == standard), "")
