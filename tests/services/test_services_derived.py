"""Limb leads derived from I and II: stored, marked, and never in the place of a recorded one."""

import json

import numpy as np
import pytest

from ecg_core.errors import EcgNotFoundError, NotDerivableError
from ecg_core.services import recordings, uploads
from ecg_core.services.derived import add_derived_leads, derivable_leads

I = np.array([1, -2, 3, 0, 7])  # noqa: E741
II = np.array([4, 5, -6, 1, 2])


def send(room, user, **leads):
    body = {
        "sampling_rate": 500,
        "unit": "uV",
        "leads": [{"name": name, "signal": np.asarray(signal).tolist()} for name, signal in leads.items()],
    }
    return uploads.add_json(room, user, json.dumps(body).encode())


def physical(room, user, ecg):
    return {lead.name: lead.physical().tolist() for lead, _ in recordings.iterate_leads(room, user, ecg.id)}


def test_they_are_stored_beside_the_recorded_ones_and_marked(room, make_user):
    user = make_user()
    ecg = send(room, user, I=I, II=II, V1=I)
    assert derivable_leads(ecg) == ("III", "aVR", "aVL", "aVF")
    after = add_derived_leads(room, user, ecg.id)
    marks = {lead.name: (lead.is_derived, lead.origin) for lead in after.leads}
    assert marks == dict.fromkeys(("I", "II", "V1"), (False, "recorded")) | dict.fromkeys(
        ("III", "aVR", "aVL", "aVF"), (True, "derived")
    )
    found = physical(room, user, ecg)
    assert found["III"] == (II - I).tolist() and found["aVR"] == (-(I + II) / 2).tolist()
    assert found["aVL"] == (I - II / 2).tolist() and found["aVF"] == (II - I / 2).tolist()
    assert derivable_leads(after) == ()
    with pytest.raises(NotDerivableError, match="No lead can be derived"):
        add_derived_leads(room, user, ecg.id)


def test_a_recorded_lead_stays(room, make_user):
    user = make_user()
    ecg = send(room, user, I=I, II=II, III=II - I, aVF=II - I // 2)
    after = add_derived_leads(room, user, ecg.id)
    assert [lead.name for lead in after.leads if lead.is_derived] == ["aVR", "aVL"]


def test_leads_that_differ_give_none(room, make_user):
    user, other = make_user("reader"), make_user("other")
    ecg = send(room, user, I=I, II=II[:-1])
    assert derivable_leads(ecg) == ()
    with pytest.raises(NotDerivableError):
        add_derived_leads(room, user, ecg.id)
    with pytest.raises(EcgNotFoundError):
        add_derived_leads(room, other, ecg.id)


def test_a_broken_relation_is_remarked(room, make_user):
    user = make_user()
    wave = np.round(800 * np.sin(np.arange(2000) / 40)).astype(int)
    assert send(room, user, I=wave, II=2 * wave, III=wave).remarks == ()
    (remark,) = send(room, user, I=wave, II=2 * wave, III=-wave).remarks
    assert "III = II - I" in remark and "1.6 mV" in remark
