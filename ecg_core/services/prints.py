"""An ECG on paper as PDF, PNG or SVG: what a reader sees, in true millimetres."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import islice, zip_longest
from uuid import UUID

from ecg_core.domain import LeadSummary, Recording, RecordingSummary, User
from ecg_core.errors import InvalidInputError, LeadNotFoundError, ReportNotFoundError
from ecg_core.figures.measurement_summary import summary_numbers, summary_sentences
from ecg_core.figures.view import View
from ecg_core.reports.disclosure_pages import disclosure_pages
from ecg_core.reports.drawing import Drawing
from ecg_core.reports.pdf import write_pdf
from ecg_core.reports.png import write_png
from ecg_core.reports.print_frame import PAPERS, Paper, Printout
from ecg_core.reports.print_pages import print_pages
from ecg_core.reports.print_source import Source
from ecg_core.reports.svg import write_svg
from ecg_core.services.audits import audit_action
from ecg_core.services.marks import list_marks
from ecg_core.services.measurements import MeasuredEcg, read_measurements
from ecg_core.services.print_sources import recording_source, stored_source
from ecg_core.services.recordings import get_ecg
from ecg_core.services.reports import Download
from ecg_core.services.room import ReadingRoom, utc_now
from ecg_core.signal.analyze import analyze
from ecg_core.signal.marks import MeasuredMark
from ecg_core.signal.statistics import summarize_lead

__all__ = ["FORMATS", "KINDS", "PAPERS", "PrintRequest", "print_ecg", "print_recording", "stretches"]

FORMATS = {"pdf": "application/pdf", "png": "image/png", "svg": "image/svg+xml"}
KINDS = ("page", "envelope", "full-disclosure")


@dataclass(frozen=True)
class PrintRequest:
    """What is to be printed.

    Attributes
    ----------
    view : View
        How it is drawn; ``view.leads`` chooses the leads.
    stretches : tuple of (float, float or None)
        Start and length of each, in seconds, or in samples where no sampling rate is known. A length of
        None is ten seconds, or for an envelope and full disclosure all that follows.
    paper : str
        Of `PAPERS`, on its side.
    kind : str
        Of `KINDS`. A view of full disclosure is printed as such.
    lead : str
        That full disclosure shows; empty is the first.
    page : int
        Which one, of a PNG or SVG, which hold one page.
    """

    view: View = field(default_factory=View)
    stretches: tuple[tuple[float, float | None], ...] = ((0.0, None),)
    paper: str = "A4"
    kind: str = "page"
    lead: str = ""
    page: int = 1

    @property
    def is_disclosure(self) -> bool:
        """Whether it is the stored signal of one lead, a minute a line."""
        return self.kind == "full-disclosure" or (self.kind == "page" and self.view.mode == "disclosure")


def stretches(starts: Sequence[float], lengths: Sequence[float]) -> tuple[tuple[float, float | None], ...]:
    """Starts and lengths as they were given, in their order.

    A start without a length is of usual length; a length without a start follows the strip before it.

    Raises
    ------
    InvalidInputError
        A length is not above zero.
    """
    if any(not length > 0 for length in lengths):
        raise InvalidInputError("A length of 0 is nothing to print: it must be above 0")
    found: list[tuple[float, float | None]] = []
    end = 0.0
    for start, length in zip_longest(starts, lengths):
        begin = end if start is None else start
        found.append((begin, length))
        end = begin + (length or 0.0)
    return tuple(found) or ((0.0, None),)


def print_ecg(
    room: ReadingRoom, user: User, ecg_id: UUID, request: PrintRequest, file_format: str, *, address: str = ""
) -> tuple[Download, str]:
    """A stored ECG on paper, and its media type; in the audit table before its first byte.

    Raises
    ------
    EcgNotFoundError, LeadNotFoundError, ReportNotFoundError
        The last where a PNG or SVG is asked for of a page that is not there.
    InvalidInputError, UnwritableError
        The request cannot be printed, of this ECG or of any; the text says what can.
    """
    ecg = get_ecg(room, user, ecg_id)
    source = stored_source(room, user, ecg, request.view, is_filtered=not request.is_disclosure)
    marks = list_marks(room, user, ecg_id) if request.view.marks else []
    data = _written(ecg, source, request, file_format, marks, _stored_measurements(room, user, ecg))
    with room.database.writing() as connection:
        audit_action(connection, user, "download", f"print {file_format} {ecg.id}", address)
    return Download(_file_name(ecg, file_format), iter([data])), FORMATS[file_format]


def print_recording(
    recording: Recording, request: PrintRequest, file_format: str, *, file_name: str
) -> bytes:
    """A recording that is stored nowhere, on paper; raises as `print_ecg`."""
    ecg = RecordingSummary(
        id=UUID(int=0),
        owner="",
        file_name=file_name,
        source_format=recording.source_format,
        sha256="",
        uploaded_at=utc_now(),
        recorded_at=recording.recorded_at,
        leads=tuple(summarize_lead(lead) for lead in recording.leads),
        patient=recording.patient,
        metadata=recording.metadata,
        device=recording.device,
        remarks=recording.remarks,
        number_of_annotations=len(recording.annotations),
    )
    source = recording_source(recording, ecg, request.view, is_filtered=not request.is_disclosure)
    analysis = analyze(recording.leads, metadata=recording.metadata)
    return _written(
        ecg, source, request, file_format, measured=_told(ecg, MeasuredEcg(analysis, analysis.measurements))
    )


def _stored_measurements(room: ReadingRoom, user: User, ecg: RecordingSummary) -> list[str]:
    """A print does not wait for those of a long ECG."""
    measured = read_measurements(room, user, ecg.id)
    return _told(ecg, measured) if measured else ["Not measured yet: this long ECG is being measured"]


def _told(ecg: RecordingSummary, measured: MeasuredEcg) -> list[str]:
    """The measurements over the traces, as corrected, or why there are none."""
    if why := measured.analysis.notes.get("all"):
        return [f"Not measured: {why}"]
    automatic = measured.analysis.measurements
    numbers = summary_numbers(measured.measurements, automatic=automatic, device=ecg.device)
    values, *said = summary_sentences(numbers)
    return [f"Measured, not diagnosed — {values}", *said]


def _written(
    ecg: RecordingSummary,
    source: Source,
    request: PrintRequest,
    file_format: str,
    marks: Sequence[MeasuredMark] = (),
    measured: Sequence[str] = (),
) -> bytes:
    if file_format not in FORMATS:
        raise InvalidInputError(f"There is no print format {file_format!r}; there are {', '.join(FORMATS)}")
    leads, view = _leads(ecg, request.view), request.view
    printout = Printout(ecg, leads, view, _paper(request), utc_now(), marks, measured)
    pages = _pages(printout, source, request)
    title = f"{ecg.display_name} — ECG"
    if file_format == "pdf":
        return write_pdf(pages, title=title, printed_at=printout.printed_at)
    drawing = _one_page(pages, request.page)
    return write_png(drawing, title=title) if file_format == "png" else write_svg(drawing, title=title)


def _paper(request: PrintRequest) -> Paper:
    if request.paper not in PAPERS:
        raise InvalidInputError(f"There is no paper {request.paper!r}; there are {', '.join(PAPERS)}")
    return PAPERS[request.paper]


def _leads(ecg: RecordingSummary, view: View) -> tuple[LeadSummary, ...]:
    """The chosen leads in the ECG's order; none chosen is the ECG without its other channels."""
    names = [lead.name for lead in ecg.leads]
    unknown = [name for name in view.leads if name not in names]
    if unknown:
        raise LeadNotFoundError(f"There is no lead {unknown[0]!r}; the leads are {', '.join(names)}")
    if view.leads:
        return tuple(lead for lead in ecg.leads if lead.name in view.leads)
    return tuple(lead for lead in ecg.leads if lead.is_ecg) or ecg.leads


def _pages(printout: Printout, source: Source, request: PrintRequest) -> Iterable[Drawing]:
    if request.kind not in KINDS:
        raise InvalidInputError(f"There is no kind {request.kind!r} of print; there are {', '.join(KINDS)}")
    if not request.is_disclosure:
        is_envelope = request.kind == "envelope"
        return print_pages(printout, source, request.stretches, is_envelope=is_envelope)
    lead = _chosen_lead(printout.leads, request.lead)
    return disclosure_pages(printout, lead, source, request.stretches)


def _chosen_lead(leads: Sequence[LeadSummary], name: str) -> LeadSummary:
    """The named lead, or the first that has a sampling rate."""
    for lead in leads:
        if lead.name == name or (not name and lead.sampling_rate_hz is not None):
            return lead
    if name or not leads:
        known = ", ".join(lead.name for lead in leads)
        raise LeadNotFoundError(f"There is no lead {name!r} to print; the leads are {known}")
    return leads[0]


def _one_page(pages: Iterable[Drawing], number: int) -> Drawing:
    found = next(islice(pages, number - 1, None), None) if number >= 1 else None
    if found is None:
        raise ReportNotFoundError(f"There is no page {number}: the head of page 1 says how many there are")
    return found


def _file_name(ecg: RecordingSummary, file_format: str) -> str:
    """The uploaded file's name in plain letters, and the id that tells equal names apart."""
    stem = re.sub(r"[^A-Za-z0-9._-]+", "-", ecg.file_name.rsplit(".", 1)[0]).strip("-.")[:60] or "ecg"
    return f"{stem}_{str(ecg.id)[:8]}.{file_format}"
