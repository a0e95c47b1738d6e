"""The columns of the reports of measurements, beats and waves."""

from __future__ import annotations

from ecg_core.reports.report import RECORDING, Column, Report

MEASUREMENT_COLUMNS: tuple[Column, ...] = (
    RECORDING,
    Column(
        "name",
        "",
        "What was measured, as `qrs_duration`; of a single lead with its name after a colon, as `st_j60:V2`.",
    ),
    Column("value", "`unit`", "As corrected by the readers. Empty: not measured, see `status` and `reason`."),
    Column("unit", "", "`bpm`, `ms`, `deg`, `mV`, `mV/s`, `%`, `ms²`; `1` for a plain number."),
    Column(
        "status",
        "",
        "`measured`, `withheld` (it cannot be given here) or `not applicable` (there is no such thing here).",
    ),
    Column(
        "reason",
        "",
        "Why it is not measured; of a measured one what to know of it, as a correction and the automatic "
        "value. Empty: nothing.",
    ),
    Column("method", "", "How it was measured, with its source."),
    Column("beats_used", "beats", "How many it was measured on. Empty: beats have no part in it."),
    Column(
        "spread",
        "`unit`",
        "Standard deviation over the beats. Empty: of fewer than two values, or not by beat.",
    ),
)

BEAT_COLUMNS: tuple[Column, ...] = (
    RECORDING,
    Column("beat", "beats", "Its number, from 0, as in the list of waves."),
    Column("sample", "samples", "Its R peak, at the sampling rate of the first ECG lead, counted from 0."),
    Column("time_s", "s", "Of the R peak, from the first sample."),
    Column(
        "rr_ms",
        "ms",
        "From the beat before it, also over a gap and over what a reader says is no beat. Empty: the first "
        "beat, one left out, and the one after that.",
    ),
    Column(
        "kind",
        "",
        "Suggested: `normal` (normal-shaped), `supraventricular` (early), `ventricular`, `paced`, "
        "`unclassified`; by a reader `left out`, or "
        "`no beat`.",
    ),
)

WAVE_COLUMNS: tuple[Column, ...] = (
    RECORDING,
    Column("lead", "", "Standard name of the lead; the file's own where there is none."),
    Column("beat", "beats", "Its number, from 0, as in the list of beats."),
    Column("wave", "", "`P`, `QRS` or `T`; there is no row of one that the lead does not show."),
    Column("onset", "samples", "First sample of the wave, of this lead, counted from 0. Empty: not found."),
    Column("peak", "samples", "Sample of its largest deflection. Empty: not found."),
    Column("offset", "samples", "Last sample of the wave. Empty: not found."),
)

#: What is measured of the whole recording, not of single leads: name, unit, meaning.
_WHOLE: tuple[tuple[str, str, str], ...] = (
    ("heart_rate", "bpm", "60,000 over the mean RR interval"),
    ("heart_rate_min", "bpm", "Lowest mean over four RR intervals"),
    ("heart_rate_max", "bpm", "Highest mean over four RR intervals"),
    ("rr_mean", "ms", "Mean RR interval"),
    ("rr_longest", "ms", "Longest RR interval"),
    ("rr_pauses", "1", "RR intervals above 2 s"),
    ("rr_variability", "%", "Root mean square of successive RR differences over the mean RR interval"),
    ("ectopic_share", "%", "Early supraventricular and ventricular beats of all beats"),
    ("af_indicator", "1", "1: RR and P waves are as in atrial fibrillation; 0: they are not"),
    ("af_burden", "%", "Share of the time that the indicator is 1"),
    ("p_duration", "ms", "Duration of P over all leads"),
    ("pr_interval", "ms", "From the onset of P to the onset of QRS"),
    ("qrs_duration", "ms", "Duration of QRS over all leads"),
    ("qt_interval", "ms", "From the onset of QRS to the offset of T"),
    ("jt_interval", "ms", "From the offset of QRS to the offset of T"),
    ("qtc_bazett", "ms", "QT corrected for the rate by Bazett"),
    ("qtc_fridericia", "ms", "QT corrected for the rate by Fridericia"),
    ("qtc_framingham", "ms", "QT corrected for the rate by the Framingham formula"),
    ("qtc_hodges", "ms", "QT corrected for the rate by Hodges"),
    ("qt_dispersion", "ms", "Longest less shortest QT of single leads"),
    ("p_axis", "deg", "Axis of P in the frontal plane"),
    ("qrs_axis", "deg", "Axis of QRS in the frontal plane"),
    ("t_axis", "deg", "Axis of T in the frontal plane"),
    ("sokolow_lyon", "mV", "S in V1 and the larger R of V5 and V6"),
    ("cornell", "mV", "R in aVL and S in V3"),
    ("limb_lead_swap", "1", "Score of swapped limb leads; above 0 they are suspected"),
    ("right_leg_swap", "1", "Score of a swap with the right leg; above 0 it is suspected"),
    ("chest_lead_swap", "1", "Score of swapped chest leads; above 0 they are suspected"),
    ("hrv_mean_nn", "ms", "Mean NN interval"),
    ("hrv_sdnn", "ms", "Standard deviation of NN"),
    ("hrv_rmssd", "ms", "Root mean square of successive differences of NN"),
    ("hrv_sdsd", "ms", "Standard deviation of successive differences of NN"),
    ("hrv_pnn50", "%", "Successive differences above 50 ms"),
    ("hrv_pnn20", "%", "Successive differences above 20 ms"),
    ("hrv_triangular_index", "1", "NN intervals over the height of their histogram"),
    ("hrv_tinn", "ms", "Base of the triangle fitted to the histogram of NN"),
    ("hrv_sd1", "ms", "Width of the Poincaré plot"),
    ("hrv_sd2", "ms", "Length of the Poincaré plot"),
    ("hrv_sd1_sd2", "1", "SD1 over SD2"),
    ("hrv_dfa_alpha1", "1", "Detrended fluctuation over 4 to 16 beats"),
    ("hrv_dfa_alpha2", "1", "Detrended fluctuation over 16 to 64 beats"),
    ("hrv_sample_entropy", "1", "Sample entropy of NN"),
    *(
        (f"hrv_{band}{suffix}", unit, f"{words}, {method}")
        for suffix, method in (("", "Welch"), ("_lomb", "Lomb-Scargle"))
        for band, unit, words in (
            ("vlf", "ms²", "Power below 0.04 Hz"),
            ("lf", "ms²", "Power from 0.04 to 0.15 Hz"),
            ("hf", "ms²", "Power from 0.15 to 0.4 Hz"),
            ("lf_hf", "1", "LF over HF"),
            ("total", "ms²", "Power up to 0.4 Hz"),
        )
    ),
)

HOURLY_COLUMNS: tuple[Column, ...] = (
    RECORDING,
    Column("start_s", "s", "Begin of the hour, from the first sample."),
    Column("stop_s", "s", "Its end; the last hour may be shorter."),
    *(column for column in MEASUREMENT_COLUMNS[1:] if column.name not in ("method", "spread")),
)

WIDE_COLUMNS: tuple[Column, ...] = (
    RECORDING,
    *(Column(name, unit, f"{meaning}. Empty: not measured.") for name, unit, meaning in _WHOLE),
)

MEASUREMENTS = Report(
    "measurements",
    "Measurements",
    "One row for each measurement of one ECG, with status, reason, method and spread.",
    MEASUREMENT_COLUMNS,
)
MEASUREMENTS_WIDE = Report(
    "measurements_wide",
    "Measurements, one row an ECG",
    "What is measured of a whole ECG, a column each; of single leads see the measurements of one ECG.",
    WIDE_COLUMNS,
)
HRV_HOURLY = Report(
    "hrv_hourly",
    "Variability by the hour",
    "One row for each measurement of heart-rate variability of each hour of one ECG.",
    HOURLY_COLUMNS,
)
BEATS = Report("beats", "Beats", "One row for each beat of one ECG.", BEAT_COLUMNS)
WAVES = Report(
    "waves", "Waves", "One row for each P, QRS and T of each lead and beat of one ECG.", WAVE_COLUMNS
)
