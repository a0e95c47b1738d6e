"""What the measurements are called, in which order and groups they are shown, and how they are written."""

from __future__ import annotations

from collections.abc import Mapping

#: The groups in their order, and in each the measurements of the whole ECG, in words.
GROUPS: Mapping[str, Mapping[str, str]] = {
    "Rate and rhythm": {
        "heart_rate": "Heart rate",
        "heart_rate_min": "Lowest heart rate",
        "heart_rate_max": "Highest heart rate",
        "rr_mean": "Mean RR interval",
        "rr_longest": "Longest RR interval",
        "rr_pauses": "RR intervals above 2 s",
        "rr_variability": "RR regularity",
        "ectopic_share": "Ectopic beats",
        "af_indicator": "Atrial fibrillation indicator",
        "af_burden": "Time as in atrial fibrillation",
    },
    "Intervals": {
        "p_duration": "P duration",
        "pr_interval": "PR interval",
        "qrs_duration": "QRS duration",
        "qt_interval": "QT interval",
        "qtc_bazett": "QTc (Bazett)",
        "qtc_fridericia": "QTc (Fridericia)",
        "qtc_framingham": "QTc (Framingham)",
        "qtc_hodges": "QTc (Hodges)",
        "jt_interval": "JT interval",
        "qt_dispersion": "QT dispersion",
    },
    "Axes": {"p_axis": "P axis", "qrs_axis": "QRS axis", "t_axis": "T axis"},
    "ST": {},
    "Amplitudes": {
        "sokolow_lyon": "S of V1 + larger R of V5, V6 (Sokolow-Lyon)",
        "cornell": "R of aVL + S of V3 (Cornell)",
    },
    "Heart-rate variability": {
        "hrv_mean_nn": "Mean NN interval",
        "hrv_sdnn": "SDNN",
        "hrv_rmssd": "RMSSD",
        "hrv_sdsd": "SDSD",
        "hrv_pnn50": "pNN50",
        "hrv_pnn20": "pNN20",
        "hrv_triangular_index": "Triangular index",
        "hrv_tinn": "TINN",
        "hrv_vlf": "VLF power",
        "hrv_lf": "LF power",
        "hrv_hf": "HF power",
        "hrv_lf_hf": "LF/HF",
        "hrv_total": "Total power",
        "hrv_vlf_lomb": "VLF power (Lomb-Scargle)",
        "hrv_lf_lomb": "LF power (Lomb-Scargle)",
        "hrv_hf_lomb": "HF power (Lomb-Scargle)",
        "hrv_lf_hf_lomb": "LF/HF (Lomb-Scargle)",
        "hrv_total_lomb": "Total power (Lomb-Scargle)",
        "hrv_sd1": "SD1 (Poincaré)",
        "hrv_sd2": "SD2 (Poincaré)",
        "hrv_sd1_sd2": "SD1/SD2",
        "hrv_dfa_alpha1": "DFA α1",
        "hrv_dfa_alpha2": "DFA α2",
        "hrv_sample_entropy": "Sample entropy",
    },
    "Quality": {},
    "Swaps suspected": {
        "limb_lead_swap": "Limb electrodes",
        "right_leg_swap": "Right-leg electrode",
        "chest_lead_swap": "Chest electrodes",
    },
}
#: By group, the measurements of single leads: the columns of a table with a row a lead.
LEAD_COLUMNS: Mapping[str, Mapping[str, str]] = {
    "ST": {"st_j": "J", "st_j60": "J + 60 ms", "st_j80": "J + 80 ms", "st_slope": "Slope"},
    "Amplitudes": {
        "p_amplitude": "P",
        "q_amplitude": "Q",
        "r_amplitude": "R",
        "s_amplitude": "S",
        "r_prime_amplitude": "R′",
        "t_amplitude": "T",
    },
    "Quality": {
        "usable_signal": "Usable",
        "mains": "Mains",
        "muscle_noise": "Muscle noise",
        "baseline_wander": "Baseline wander",
    },
}
OTHERS = "Others"
_UNITS = {"deg": "°", "1": "", "uV": "µV"}
_DECIMALS = {"ms": 0, "bpm": 0, "deg": 0, "%": 1, "mV": 2, "mV/s": 2, "ms²": 0, "1": 2}
_FINER = {"st": 3, "p_amplitude": 3, "t_amplitude": 3, "mains": 3, "muscle_noise": 3}
_COUNTS = ("rr_pauses",)


def name_in_words(name: str) -> str:
    """Of a measurement of the whole ECG or of a lead; of one that is not known here, its name."""
    for named in GROUPS.values():
        if name in named:
            return named[name]
    of, _, lead = name.partition(":")
    for group, columns in LEAD_COLUMNS.items():
        if of in columns:
            return f"{'ST, ' if group == 'ST' else ''}{columns[of]}, {lead}"
    return name.replace("_", " ")


def number_text(name: str, value: float, unit: str) -> str:
    """A value without its unit, as exact as it is worth; a minus is one."""
    of = name.partition(":")[0]
    decimals = 0 if of in _COUNTS else _DECIMALS.get(unit, 2)
    decimals = next((more for start, more in _FINER.items() if of.startswith(start)), decimals)
    if unit == "1" and of in ("usable_signal",):
        decimals = 1
    text = f"{value:,.{decimals}f}"
    is_zero = not any(digit in text for digit in "123456789")
    return text.removeprefix("-") if is_zero else text.replace("-", "−")


def unit_in_words(unit: str) -> str:
    """As it stands after a number; empty for a plain one."""
    return _UNITS.get(unit, unit)


def value_text(name: str, value: float, unit: str) -> str:
    """A value with its unit."""
    shown = unit_in_words(unit)
    space = "" if shown in ("", "°") else " "
    return f"{number_text(name, value, unit)}{space}{shown}"
