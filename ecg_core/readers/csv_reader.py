"""Text tables: one column a lead, or one sample a row.

The first lines decide the layout (`layout_search`), the rows are read block by block (`table_rows`), and
what was decided is written down in the recording so that a person can correct it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from ecg_core.domain import Lead, Recording
from ecg_core.errors import UnreadableFileError
from ecg_core.readers.clock import clock_start, parse_clock
from ecg_core.readers.column_names import check_names, names_and_units, numbered, titles
from ecg_core.readers.described import Column, Description, named_leads
from ecg_core.readers.device_headers import describe, described_layout
from ecg_core.readers.excerpt import excerpt
from ecg_core.readers.layout import Layout
from ecg_core.readers.layout_search import find_layout
from ecg_core.readers.lead_names import MOST_LEADS
from ecg_core.readers.long_form import LeadCodes, LongLead, split_leads
from ecg_core.readers.options import ReadOptions, check_options, with_overrides
from ecg_core.readers.preamble import Preamble, lead_name, read_preamble
from ecg_core.readers.table_rows import TableRows, TextParser, blocks
from ecg_core.readers.table_times import TableRate, rate_of, times_in_seconds
from ecg_core.readers.text_encoding import looks_like_text, to_utf8
from ecg_core.readers.text_lines import count_newlines, head_lines, offset_of_line, with_newlines
from ecg_core.readers.time_column import TimeColumns, find_time_columns
from ecg_core.readers.understood import understood
from ecg_core.readers.unforeseen import only_our_errors


def recognizes_csv(data: bytes | memoryview) -> bool:
    """Whether the content begins like text."""
    return looks_like_text(bytes(data[:4096]))


def read_csv(
    data: bytes | bytearray | memoryview,
    *,
    options: ReadOptions = ReadOptions(),  # noqa: B008
    siblings: Mapping[str, bytes | memoryview] = MappingProxyType({}),
) -> Recording:
    """The recording in a text table.

    Columns of whole numbers stay integers in the narrowest type; others are float64, NaN where a cell is
    empty. Leads have standard names where the header has them; without a header they are "1", "2" …. The
    rate comes from the time column, else from a line above the table, else it is unknown. Among the
    siblings, the files that came with this one, the ``.inf`` file of a CardioLab export is read too.

    Raises
    ------
    UnreadableFileError
        Naming the row (the file's own lines, counted from 1) and the column.
    """
    options = check_options(options)
    with only_our_errors():
        return with_overrides(_read(memoryview(data), options, siblings), options)


def _read(data: memoryview, options: ReadOptions, siblings: Mapping[str, bytes | memoryview]) -> Recording:
    text = to_utf8(data, options.encoding)
    content = with_newlines(text.content)
    lines = head_lines(content)
    if not any(line.strip() for line in lines):
        raise UnreadableFileError("The file begins with nothing but empty lines")
    description = describe(lines, siblings)
    layout = described_layout(lines, options, description) if description else find_layout(lines, options)
    if layout.width > MOST_LEADS:
        raise UnreadableFileError(f"The table has {layout.width:,} columns; at most {MOST_LEADS:,} are read")
    preamble = description.preamble if description else read_preamble(_lines_above(lines, layout))
    table = replace(_read_table(content, layout, options, preamble), description=description)
    recording = _long(table) if layout.long_form else _wide(table)
    guess = (f"The encoding is not marked; the text was read as {text.encoding}.",) if text.guessed else ()
    return replace(
        recording,
        understood={"encoding": text.encoding, **recording.understood},
        remarks=(*guess, *recording.remarks),
    )


@dataclass(frozen=True)
class _Table:
    layout: Layout
    names: list[str]
    units: list[str | None]
    time: TimeColumns
    preamble: Preamble
    rows: TableRows
    lead_names: Sequence[str]
    description: Description | None = None

    def other_columns(self, columns: set[int]) -> list[int]:
        return [column for column in range(self.layout.width) if column not in columns]


def _lines_above(lines: Sequence[str], layout: Layout) -> list[str]:
    """What stands above the table without its header and units."""
    header = set() if layout.header_row is None else {layout.header_row}
    if layout.units:
        header.add(layout.first_row - 1)
    return [line for row, line in enumerate(lines[: layout.first_row]) if row not in header]


def _read_table(content: memoryview, layout: Layout, options: ReadOptions, preamble: Preamble) -> _Table:
    names, units = names_and_units(layout)
    time = find_time_columns(layout, names, units, options)
    names = numbered(names, time.columns)
    parsers: dict[int, TextParser] = dict.fromkeys(layout.text_columns, parse_clock)
    codes = LeadCodes()
    if layout.long_form:
        parsers[layout.lead_column] = codes.parse
    rows = TableRows(layout, titles(names), parsers, count_newlines(content) + 1)
    for block in blocks(content, layout.first_row + 1, offset_of_line(content, layout.first_row)):
        rows.add(block)
    return _Table(layout, names, units, time, preamble, rows, list(codes.codes))


def _wide(table: _Table) -> Recording:
    """One column a lead."""
    places = table.other_columns(table.time.columns)
    if not places:
        raise UnreadableFileError("The table has no column of samples beside the time")
    preamble = table.preamble
    columns = _columns(table, places)
    table, found = _with_best_time(table)
    rate = _settled_rate(found, preamble)
    samples = [table.rows.columns[place].samples() for place in places]
    leads = named_leads(columns, samples, [rate] * len(columns))
    remarks = [found.remark, _stated_otherwise(found, preamble), table.rows.jump_in(table.time.counters)]
    if table.description:
        remarks += [*table.description.remarks, _other_length(table.description, len(samples[0]))]
    return _recording(table, leads, found.step, remarks)


def _columns(table: _Table, places: Sequence[int]) -> list[Column]:
    """What the columns of samples are: as described, else by the header's names and units."""
    if table.description:
        return [table.description.columns[place] for place in places]
    names, lead = [table.names[place] for place in places], table.preamble.lead
    check_names(names, places, table.layout)
    units = [table.units[place] or table.preamble.unit for place in places]
    if lead and len(places) == 1 and not table.layout.header:
        return [Column(lead_name(lead), units[0], original_name=lead)]
    return [Column(name, unit) for name, unit in zip(names, units, strict=True)]


def _with_best_time(table: _Table) -> tuple[_Table, TableRate]:
    """The first column of times that shows a rate, else the first one."""
    first: tuple[_Table, TableRate] | None = None
    for time in (table.time, *table.time.others):
        if time.time is None:
            continue
        times_s = times_in_seconds(table.rows.columns[time.time].samples(), time)
        found = rate_of(times_s, time, table.layout, lambda index: f"row {table.rows.row_of(index)}")
        chosen = replace(table, time=time), found
        if found.sampling_rate_hz is not None:
            return chosen
        first = first or chosen
    return first or (table, TableRate(None))


def _other_length(description: Description, length: int) -> str | None:
    stated = description.number_of_samples
    if stated in (None, length):
        return None
    return f"The header states {stated:,} samples; the table has {length:,} rows."


def _long(table: _Table) -> Recording:
    """One sample a row."""
    columns = table.other_columns({table.layout.lead_column} | table.time.columns)
    number_column = _number_column(table, columns)
    values = [column for column in columns if column != number_column]
    if len(values) != 1:
        raise UnreadableFileError(
            f"A table with one sample a row has one column of values, not {len(values)} beside lead and "
            "sample number or time"
        )
    found = _split(table, values[0], number_column)
    check_names([lead.name for lead in found], range(len(found)), table.layout)
    rates = [_long_rate(lead, table) for lead in found]
    unit = table.units[values[0]] or table.preamble.unit
    leads = named_leads(
        [Column(lead.name, unit) for lead in found],
        [lead.samples for lead in found],
        [_settled_rate(rate, table.preamble) for rate in rates],
    )
    if number_column is not None:
        table = replace(table, time=replace(table.time, counters=(number_column,)))
    remarks = [f"Lead {excerpt(x.name)}: {r.remark}" for x, r in zip(found, rates, strict=True) if r.remark]
    return _recording(table, leads, rates[0].step, remarks)


def _split(table: _Table, values: int, number_column: int | None) -> list[LongLead]:
    columns = table.rows.columns
    time = table.time.time
    return split_leads(
        columns[table.layout.lead_column].samples(),
        table.lead_names,
        columns[values].samples(),
        numbers=None if number_column is None else columns[number_column].samples(),
        times_s=None if time is None else times_in_seconds(columns[time].samples(), table.time),
    )


def _long_rate(lead: LongLead, table: _Table) -> TableRate:
    if lead.times_s is None:
        return TableRate(None)
    return rate_of(lead.times_s, table.time, table.layout, lambda index: f"sample {index}")


def _number_column(table: _Table, columns: list[int]) -> int | None:
    """The sample numbers: named so, or the first of two columns where it holds whole numbers."""
    if table.time.counters:
        return table.time.counters[0]
    prefixes = ("sample", "index", "idx", "frame", "nr", "no", "#")
    named = [column for column in columns if table.names[column].lower().startswith(prefixes)]
    whole = [column for column in named or columns[:1] if table.layout.is_whole[column]]
    return whole[0] if whole and len(columns) == 2 else None


def _settled_rate(found: TableRate, preamble: Preamble) -> float | None:
    """The time column's rate, else the one stated above the table unless the times refute it."""
    if found.sampling_rate_hz is not None or found.is_refuted:
        return found.sampling_rate_hz
    return preamble.sampling_rate_hz


def _stated_otherwise(found: TableRate, preamble: Preamble) -> str | None:
    stated, shown = preamble.sampling_rate_hz, found.sampling_rate_hz
    if stated and found.is_refuted:
        return f"A line above the table states {stated:g} Hz, which the time column does not bear out."
    if stated and shown and abs(stated - shown) > 0.01 * shown:
        return (
            f"A line above the table states {stated:g} Hz; the time column shows {shown:g} Hz, which is used."
        )
    return None


def _recording(table: _Table, leads: tuple[Lead, ...], step: str, remarks: Sequence[str | None]) -> Recording:
    layout, preamble, time = table.layout, table.preamble, table.time
    clocks = [i for i in layout.text_columns if i != layout.lead_column] if layout.sampled else []
    cells = [layout.sampled[0][column] for column in clocks]
    starts = map(clock_start, [*cells, " ".join(cells[:2])])  # a date and a time may stand side by side
    recorded_at = preamble.recorded_at or next(filter(None, starts), None)
    every = (*layout.remarks, time.remark, *remarks, table.rows.comments_remark)
    return Recording(
        leads=leads,
        source_format="csv",
        recorded_at=recorded_at,
        patient=preamble.patient,
        metadata=preamble.metadata,
        device=preamble.device,
        understood=understood(layout, table.names, time, step),
        remarks=tuple(remark for remark in every if remark),
    )
