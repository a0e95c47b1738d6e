"""The column dictionary: header rows, the dictionary on the page and the one in the docs come from here."""

from __future__ import annotations

from collections.abc import Mapping

from ecg_core.reports.measurement_columns import BEATS, HRV_HOURLY, MEASUREMENTS, MEASUREMENTS_WIDE, WAVES
from ecg_core.reports.report import RECORDING, Column, Report

_LEAD = Column("lead", "", "Standard name of the lead; the file's own where there is none.")
_AMPLITUDE = "the lead's unit"

LEAD_COLUMNS: tuple[Column, ...] = (
    RECORDING,
    _LEAD,
    Column("unit", "", "Unit of the amplitudes: mV, uV, V, nV or the lead's own. Empty: unknown (counts)."),
    Column("sampling_rate_hz", "Hz", "Samples per second. Empty: unknown."),
    Column("number_of_samples", "samples", "Length of the stored signal, missing samples included."),
    Column("duration_s", "s", "Number of samples over sampling rate. Empty: unknown sampling rate."),
    Column(
        "number_of_zero_crossings",
        "crossings",
        "How often the stored signal changes sign. A run of zeros between opposite signs is one crossing; "
        "no crossing spans missing samples.",
    ),
    Column(
        "zero_crossings_per_second",
        "1/s",
        "Zero crossings over duration. Empty: unknown sampling rate, or no sample.",
    ),
    Column(
        "number_of_zero_touches",
        "touches",
        "Runs of zeros with the same sign on both sides; they are not crossings.",
    ),
    Column("minimum", _AMPLITUDE, "Lowest sample (in counts where the unit is unknown). Empty: no sample."),
    Column("maximum", _AMPLITUDE, "Highest sample (in counts where the unit is unknown). Empty: no sample."),
    Column("mean", _AMPLITUDE, "Mean of the samples that are not missing. Empty: no sample."),
    Column(
        "standard_deviation",
        _AMPLITUDE,
        "Standard deviation of the population: divided by the number of samples. Empty: no sample.",
    ),
    Column("missing_samples", "samples", "Samples without a value; they are left out of the numbers above."),
    Column("original_name", "", "What the file calls the lead. Empty: the same as `lead`."),
    Column("channel", "", "`ECG`, or `other` for a pressure, respiration or other channel beside the ECG."),
    Column("origin", "", "`recorded`, or `derived` from other leads."),
)

CROSSING_COLUMNS: tuple[Column, ...] = (
    RECORDING,
    _LEAD,
    Column("sample", "samples", "Index, from 0, of the first sample with the new sign."),
    Column(
        "time_s",
        "s",
        "Time of the crossing from the first sample, interpolated linearly between the two samples with "
        "opposite sign (the middle of a run of zeros): up to one sample before `sample`, or "
        "further over a run of zeros. Empty: unknown sampling rate.",
    ),
    Column("direction", "", "`rising` from below zero to above, `falling` from above to below."),
)

DETAIL_COLUMNS: tuple[Column, ...] = (
    RECORDING,
    Column(
        "section",
        "",
        "`patient`, `file`, `device` (what it measured and stated) or `annotation`: what the file says. "
        "`note` or `caliper`: what a reader put on the ECG. `correction`: what one changed of a measurement.",
    ),
    Column(
        "name",
        "",
        "What is said; of an annotation its kind: `beat`, `rhythm` or `note`; of a caliper its name; of "
        "a correction `beat` or the fiducial that was moved. Empty: a reader's note.",
    ),
    Column(
        "value",
        "",
        "In the file's own words, or the reader's; of a correction what it changed, and whether it was taken "
        "back. Empty: a caliper.",
    ),
    Column(
        "start_s",
        "s",
        "Of an annotation, note or caliper, from the first sample. Empty: none of these, or unknown "
        "sampling rate.",
    ),
    Column(
        "duration_s",
        "s",
        "Of an annotation, note or caliper. Empty: a point in time, or unknown sampling rate.",
    ),
    Column(
        "annotated_lead",
        "",
        "The lead that an annotation, note or caliper is about. Empty: all.",
    ),
    Column("author", "", "Who made the note, caliper or correction. Empty: not from a reader."),
    Column(
        "created_at", "ISO 8601", "When the note, caliper or correction was made. Empty: not from a reader."
    ),
    Column("sample_lead", "", "The lead whose samples the next two columns count. Empty: none."),
    Column(
        "start_sample",
        "samples",
        "Of a note, caliper or beat left out, counted from 0. Empty: none of these.",
    ),
    Column(
        "stop_sample", "samples", "Of a note, caliper or beat left out, counted from 0. Empty: none of these."
    ),
    Column(
        "interval_ms", "ms", "Of a caliper, from end to end. Empty: no caliper, or unknown sampling rate."
    ),
    Column("rate_bpm", "1/min", "Of a caliper: 60,000 over `interval_ms`. Empty: the same."),
    Column(
        "difference_mv",
        "mV",
        "Of a caliper: the stored signal at its end less that at its start. Empty: no caliper, no voltage, "
        "unknown unit, or a missing sample.",
    ),
    Column(
        "difference",
        "`difference_unit`",
        "The same in the lead's unit. Empty: no caliper, or a missing sample.",
    ),
    Column("difference_unit", "", "Unit of `difference`. Empty: unknown (counts), or no caliper."),
)

#: What the report over all ECGs says of the recording, after the lead columns.
RECORDING_COLUMNS: tuple[Column, ...] = (
    Column("file_name", "", "Name of the uploaded file. Empty: none was given."),
    Column("recorded_at", "ISO 8601", "When the ECG was recorded. Empty: unknown; no zone: zone unknown."),
    Column("uploaded_at", "ISO 8601", "When the ECG was uploaded."),
)

LEADS = Report("leads", "Lead report", "One row for each lead of one ECG.", LEAD_COLUMNS)
CROSSINGS = Report(
    "crossings", "Zero crossings", "One row for each zero crossing of one ECG.", CROSSING_COLUMNS
)
DETAILS = Report(
    "details",
    "What the file and its readers say",
    "One row for each field of the patient, the recording and the device, for each annotation of the file, "
    "and for each note, caliper and correction of a measurement.",
    DETAIL_COLUMNS,
)
COHORT = Report(
    "cohort",
    "Report over all ECGs",
    "One row for each lead of each of your ECGs.",
    LEAD_COLUMNS + RECORDING_COLUMNS,
)

REPORTS: Mapping[str, Report] = {
    report.name: report
    for report in (
        LEADS,
        CROSSINGS,
        DETAILS,
        MEASUREMENTS,
        HRV_HOURLY,
        BEATS,
        WAVES,
        COHORT,
        MEASUREMENTS_WIDE,
    )
}
#: Names of those of one ECG.
OF_ONE_ECG = tuple(name for name in REPORTS if name != COHORT.name)


def column_dictionary(report: Report) -> str:
    """The columns of a report as a Markdown table.

    Parameters
    ----------
    report : Report

    Returns
    -------
    str
        Column, unit and meaning, one row a column.
    """
    rows = (f"| `{column.name}` | {column.unit or '–'} | {column.meaning} |" for column in report.columns)
    return "\n".join(("| column | unit | meaning |", "|---|---|---|", *rows, ""))
