"""A page with a chart and its companion, for test_browser_companion.py; what reaches Python stands on it."""

import json

import numpy as np
import streamlit as st

from ecg_core.domain import Lead
from ecg_core.figures import PLOTLY_CONFIG, ReadyFigure, Strip, lay_out, plan_page, sheet_facts, sheet_parts
from ecg_core.figures.view import View
from ecg_core.signal.zero_crossings import find_zero_crossings
from ecg_core.ui.companion import caliper_label, companion
from ecg_core.ui.screen_size import screen_size_dialog, true_px_per_mm, watch_screen_size

st.set_page_config(layout="wide")
RATE, SECONDS = 500, 20
NAMES = ("I", "II", "III", "aVR", "aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6")
SHORTCUTS = [{"key": "ArrowRight", "action": "next"}, {"key": "n", "action": "next-crossing"},
             {"key": "?", "action": "help"}]  # fmt: skip

state = st.session_state
state.setdefault("events", [])
state.setdefault("calipers", [])
state.setdefault("start", 0.0)
width = int(st.query_params.get("width", 1280))
asked = st.query_params.get("rate", "known")


def signal(name):
    """A saw of 800 ms, 1 mV high: its values say which sample they are of."""
    n = np.arange(RATE * SECONDS)
    return (n % 400 * 5 - 1000 + NAMES.index(name)).astype(np.int16)


def lead_of(name, first, stop):
    rate, unit = (None, None) if asked == "unknown" else (float(RATE), "uV")
    return Lead(name=name, samples=signal(name)[first:stop], sampling_rate_hz=rate, unit=unit)


def answer(name, fields):
    state.events.append([name, fields])
    if name == "caliper":
        state.calipers.append({"id": f"c{len(state.events)}", "marches": False, "name": "PR <b>", **fields})
    if name == "action" and fields["action"] == "next":
        state.start += fields["times"] * 0.1
    for caliper in [one for one in state.calipers if one["id"] == fields.get("id")]:
        if name == "deleted":
            state.calipers.remove(caliper)
        else:
            caliper.update(fields)


def labelled(caliper):
    samples = caliper["stop_sample"] - caliper["start_sample"]
    ms = samples / RATE * 1000 if asked == "known" else None
    rate = 60000 / ms if ms else None
    label = caliper_label(
        samples=samples, interval_ms=ms, rate_bpm=rate, difference_mv=None, difference=None, unit=None
    )
    return {**caliper, "label": label}


watch_screen_size()
st.text_input("Text")
tool = "caliper" if st.toggle("Caliper") else "read"
crossings = "auto" if st.toggle("Crossings") else "off"
paper = "dark" if st.toggle("Dark paper") else "auto"
gain = 20.0 if st.toggle("High gain") else 10.0
if st.button("Screen size"):
    screen_size_dialog()

view = View(crossings=crossings, paper=paper, gain=gain)
whole = [lead_of(name, 0, None) for name in NAMES]
page = plan_page(whole, width, view=view)
start = min(state.start, 10.0) if page.timed else 0.0
first = round(start * (RATE if page.timed else 1))
stop = first + round(page.span * (RATE if page.timed else 1))
strips = []
for name in NAMES:
    lead = lead_of(name, first, stop)
    strips.append(Strip(lead, find_zero_crossings(lead.samples), 49, first))
sheet = lay_out(strips, page, start)
st.plotly_chart(ReadyFigure(sheet_parts(sheet, page)), width="content", theme=None, key="chart",
                config=dict(PLOTLY_CONFIG), alt="ECG")  # fmt: skip
facts = sheet_facts(sheet, page)
companion(
    chart_key="chart",
    facts=facts,
    calipers=[labelled(one) for one in state.calipers],
    tool=tool,
    view_key=f"ecg-{start:g}-{gain:g}",
    shortcuts=SHORTCUTS,
    highlight={"lead": "V5", "sample": first + 4200},
    label="Chart of the ECG",
    on_event=answer,
)
st.html(f'<p id="told">{json.dumps(state.events)}</p><p id="facts">{json.dumps(facts)}</p>')
st.html(f'<p id="px-per-mm">{json.dumps(true_px_per_mm())}</p>')
st.html('<div style="height: 1200px"></div>')
