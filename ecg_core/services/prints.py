"""An ECG on paper as PDF, PNG or SVG: what a reader sees, in true millimetres."""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import islice, zip_longest
from uuid import UUID

from ecg_core.domain import Lead, LeadSummary, Recording, RecordingSummary, User
from ecg_core.errors import InvalidInputError, LeadNotFoundError, ReportNotFoundError
from ecg_core.figures.strips import Strip
from ecg_core.figures.view import View
from ecg_core.reports.disclosure_pages import disclosure_pages
from ecg_core.reports.drawing import Drawing
from ecg_core.reports.pdf import write_pdf
from ecg_core.reports.png import write_png
from ecg_core.reports.print_frame import PAPERS, Paper, Printout
from ecg_core.reports.print_pages import ReadStrips, print_pages
from ecg_core.reports.svg import write_svg
from ecg_core.services.audits import audit_action
from ecg_core.services.display import read_display
from ecg_core.services.marks import list_marks
from ecg_core.services.recordings import get_ecg
from ecg_core.services.reports import Download
from ecg_core.services.room import ReadingRoom, utc_now
from ecg_core.signal.filters import apply_display_filter
from ecg_core.signal.marks import MeasuredMark
from ecg_core.signal.statistics import summarize_lead
from ecg_core.signal.zero_crossings import ZeroCrossings, find_lead_zero_crossings

__all__ = ["FORMATS", "KINDS", "PAPERS", "PrintRequest", "print_ecg", "print_recording", "stretches"]

FORMATS = {"pdf": "application/pdf", "png": "image/png", "svg": "image/svg+xml"}
KINDS = ("page", "full-disclosure")


@dataclass(frozen=True)
class PrintRequest:
    """What is to be printed.

    Attributes
    ----------
    view : View
        How it is drawn; ``view.leads`` chooses the leads.
    stretches : tuple of (float, float or None)
        Start and length of each, in seconds, or in samples where no sampling rate is known. A length of
        None is ten seconds, or for full disclosure all that follows.
    paper : str
        Of `PAPERS`, on its side.
    kind : str
        Of `KINDS`.
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
    view = _drawn_through(request)

    def read(start: float, length: float, names: Collection[str]) -> list[Strip]:
        windows = read_display(room, user, ecg_id, start=start, length=length, names=names, view=view)
        return [
            Strip(each.lead, each.crossings, each.summary.number_of_zero_crossings, each.first_sample)
            for each in windows
        ]

    marks = list_marks(room, user, ecg_id) if request.view.marks else []
    data = _written(ecg, read, request, file_format, marks)
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
    )

    view = _drawn_through(request)
    leads = {lead.name: lead for lead in recording.leads}
    counts = {lead.name: lead.number_of_zero_crossings for lead in ecg.leads}

    @cache
    def prepared(name: str) -> tuple[Lead, ZeroCrossings]:
        return _filtered(leads[name], view), find_lead_zero_crossings(leads[name])

    def read(start: float, length: float, names: Collection[str]) -> list[Strip]:
        kept = [name for name in leads if name in names]
        return [_strip(*prepared(name), counts[name], start, length) for name in kept]

    return _written(ecg, read, request, file_format)


def _drawn_through(request: PrintRequest) -> View:
    """The view whose filters are used: full disclosure shows the stored signal."""
    return request.view if request.kind == "page" else View()


def _filtered(lead: Lead, view: View) -> Lead:
    """As `read_display` has it, of the whole lead."""
    rate = lead.sampling_rate_hz
    if not view.is_filtered or rate is None or not lead.is_ecg:
        return lead
    values = apply_display_filter(
        lead.physical(), rate, band=view.filter, notch=view.notch, baseline=view.baseline
    )
    return replace(lead, samples=values, resolution=1.0, offset=0.0)


def _strip(lead: Lead, found: ZeroCrossings, count: int, start: float, length: float) -> Strip:
    """A stretch of a lead; its crossings are those of the whole stored lead that fall into it."""
    rate, total = lead.sampling_rate_hz or 1.0, len(lead.samples)
    first = min(max(0, math.ceil(start * rate - 1e-6)), total)
    last = min(max(first, math.ceil((start + length) * rate - 1e-6)), total)
    here = (found.indices >= first) & (found.indices < last)
    crossings = replace(
        found,
        indices=found.indices[here] - first,
        positions=found.positions[here] - first,
        rising=found.rising[here],
    )
    window = replace(lead, samples=lead.samples[first:last])
    return Strip(window, crossings, count, first)


def _written(
    ecg: RecordingSummary,
    read: ReadStrips,
    request: PrintRequest,
    file_format: str,
    marks: Sequence[MeasuredMark] = (),
) -> bytes:
    if file_format not in FORMATS:
        raise InvalidInputError(f"There is no print format {file_format!r}; there are {', '.join(FORMATS)}")
    printout = Printout(ecg, _leads(ecg, request.view), request.view, _paper(request), utc_now(), marks)
    pages = _pages(printout, read, request)
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


def _pages(printout: Printout, read: ReadStrips, request: PrintRequest) -> Iterable[Drawing]:
    if request.kind not in KINDS:
        raise InvalidInputError(f"There is no kind {request.kind!r} of print; there are {', '.join(KINDS)}")
    if request.kind == "page":
        return print_pages(printout, read, request.stretches)
    lead = _chosen_lead(printout.leads, request.lead)
    return disclosure_pages(printout, lead, read, request.stretches)


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
