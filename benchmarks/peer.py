"""The peer: what a competent developer writes first. In memory, validated by pydantic, counted in a loop.

Run by ``uvicorn benchmarks.peer:app``. It stores nothing durably and knows no users; ours does both.
"""

from __future__ import annotations

import uuid

from fastapi import FastAPI, HTTPException
from pydantic import BaseModel

app = FastAPI()


class Lead(BaseModel):
    name: str
    number_of_samples: int | None = None
    signal: list[int]


class Ecg(BaseModel):
    leads: list[Lead]


ecgs: dict[str, Ecg] = {}


def count_crossings(signal: list[int]) -> int:
    """Changes of sign; zeros carry none."""
    crossings = 0
    sign = 0
    for sample in signal:
        if sample == 0:
            continue
        current = 1 if sample > 0 else -1
        if sign and current != sign:
            crossings += 1
        sign = current
    return crossings


@app.post("/ecgs", status_code=201)
def create_ecg(ecg: Ecg) -> dict[str, str]:
    ecg_id = str(uuid.uuid4())
    ecgs[ecg_id] = ecg
    return {"id": ecg_id}


@app.get("/ecgs/{ecg_id}/insights")
def insights(ecg_id: str) -> dict:
    if ecg_id not in ecgs:
        raise HTTPException(404, f"ECG not found for id {ecg_id}")
    leads = [
        {"name": lead.name, "number_of_zero_crossings": count_crossings(lead.signal)}
        for lead in ecgs[ecg_id].leads
    ]
    return {"ecg_id": ecg_id, "leads": leads}
