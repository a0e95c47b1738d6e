"""``print FILE --out ecg.pdf``: an ECG on paper in true millimetres, without server or database."""

from __future__ import annotations

import argparse
from itertools import islice
from pathlib import Path

from ecg_core.command_line.files import NamedFiles, add_options, is_same, read_options
from ecg_core.command_line.output import STANDARD_OUTPUT, opened_output, write_chunks
from ecg_core.errors import ConfigurationError, InvalidInputError
from ecg_core.figures.view import (
    CROSSING_FORMS,
    FILTERS,
    GAINS_MM_MV,
    LARGEST_DEAD_BAND_MV,
    LAYOUTS,
    MODES,
    NOTCHES,
    ORDERS,
    PAPER_SPEEDS_MM_S,
    View,
)
from ecg_core.figures.view import PAPERS as COLOURS
from ecg_core.services.prints import FORMATS, KINDS, PAPERS, PrintRequest, print_recording, stretches


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of ``print``."""
    parser.add_argument("file", metavar="FILE", help="an ECG in any supported format")
    parser.add_argument(
        "--out",
        required=True,
        metavar="PATH",
        help="ends in .pdf, .png or .svg; - is a PDF on standard output",
    )
    parser.add_argument(
        "--mode",
        choices=MODES,
        default="paper",
        help="paper, overlay (all leads on one axis) or disclosure (a minute a line)",
    )
    parser.add_argument("--layout", choices=LAYOUTS, default="auto")
    parser.add_argument("--order", choices=ORDERS, default="standard")
    parser.add_argument(
        "--leads", default="", metavar="NAMES", help="with commas between them; all if absent"
    )
    parser.add_argument("--speed", type=float, choices=PAPER_SPEEDS_MM_S, default=25.0, help="mm/s")
    parser.add_argument("--gain", type=float, choices=GAINS_MM_MV, default=10.0, help="mm/mV")
    parser.add_argument(
        "--chest-gain", type=float, choices=GAINS_MM_MV, default=0.0, help="of V1 to V9, where it is another"
    )
    parser.add_argument("--filter", choices=FILTERS, default="none")
    parser.add_argument("--notch", choices=[name for name in NOTCHES if name], default="")
    parser.add_argument("--baseline", action="store_true", help="remove the baseline from what is drawn")
    parser.add_argument("--crossings", choices=CROSSING_FORMS, default="auto")
    parser.add_argument(
        "--dead-band",
        type=_dead_band,
        default=0.0,
        metavar="MV",
        help="of a second count of zero crossings, beside the official one",
    )
    parser.add_argument(
        "--detrend", action="store_true", help="make that count after the baseline is removed"
    )
    parser.add_argument("--beats", action="store_true", help="print the median beats too")
    parser.add_argument(
        "--no-marks", action="store_true", help="leave out what the file, or the .atr beside a .hea, marks"
    )
    parser.add_argument("--colours", choices=COLOURS, default="auto")
    parser.add_argument("--paper", choices=PAPERS, default="A4", help="on its side")
    parser.add_argument("--kind", choices=KINDS, default="page")
    parser.add_argument("--lead", default="", help="of full disclosure; the first if absent")
    parser.add_argument("--page", type=int, default=1, help="of a PNG or SVG, which hold one page")
    help_start = "of a strip, in seconds, or samples where no rate is known; may be given several times"
    parser.add_argument("--start", type=float, action="append", metavar="S", help=help_start)
    parser.add_argument(
        "--length",
        type=float,
        action="append",
        metavar="S",
        help="of each strip; if absent 10 s, or of an envelope and full disclosure all that follows",
    )
    add_options(parser)


def _dead_band(text: str) -> float:
    number = float(text)
    if not 0.0 <= number <= LARGEST_DEAD_BAND_MV:
        raise argparse.ArgumentTypeError(f"{text} is not from 0 to {LARGEST_DEAD_BAND_MV:g} mV")
    return number


def run(arguments: argparse.Namespace) -> int:
    """Print one file.

    Returns
    -------
    int
        0, or 1 where the file could not be read (said on standard error).

    Raises
    ------
    ConfigurationError
        The options contradict each other, or the print cannot be written.
    InvalidInputError
        What was asked for cannot be printed of this ECG.
    """
    file_format = _format(arguments.out)
    if arguments.out != STANDARD_OUTPUT and is_same(arguments.out, arguments.file):
        raise ConfigurationError(f"{arguments.out} is the file to print; it is not written over")
    request = _request(arguments)
    names = [arguments.file, *([] if arguments.no_marks else _annotations_beside(arguments.file))]
    files = NamedFiles(names, read_options(arguments))
    found = list(islice(files.recordings(), 2))
    if len(found) > 1:
        raise ConfigurationError(f"{arguments.file} holds more than one ECG: unpack it and name one")
    if not found:
        return 1
    ((bundle, recording),) = found
    data = print_recording(recording, request, file_format, file_name=bundle.file_name)
    with opened_output(arguments.out) as file:
        write_chunks(arguments.out, file, iter([data]))
    return 0


def _annotations_beside(path: str) -> list[str]:
    """The reference annotations of a WFDB record: its ``.atr``, where there is one."""
    beside = Path(path).with_suffix(".atr")
    return [str(beside)] if path.endswith(".hea") and beside.is_file() else []


def _format(path: str) -> str:
    """By the ending of the name."""
    ending = "pdf" if path == STANDARD_OUTPUT else Path(path).suffix.lower().removeprefix(".")
    if ending not in FORMATS:
        known = ", ".join(f".{name}" for name in FORMATS)
        raise ConfigurationError(f"--out {path}: the name must end in one of {known}")
    return ending


def _request(arguments: argparse.Namespace) -> PrintRequest:
    view = View(
        mode=arguments.mode,
        speed=arguments.speed,
        gain=arguments.gain,
        chest_gain=arguments.chest_gain,
        layout=arguments.layout,
        order=arguments.order,
        leads=tuple(name for name in arguments.leads.split(",") if name),
        paper=arguments.colours,
        crossings=arguments.crossings,
        filter=arguments.filter,
        notch=arguments.notch,
        baseline=arguments.baseline,
        dead_band=arguments.dead_band,
        detrend=arguments.detrend,
        beats=arguments.beats,
        marks=not arguments.no_marks,
    )
    try:
        strips = stretches(arguments.start or [], arguments.length or [])
    except InvalidInputError as error:
        raise ConfigurationError(str(error)) from error
    return PrintRequest(view, strips, arguments.paper, arguments.kind, arguments.lead, arguments.page)
