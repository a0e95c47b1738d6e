"""What every recording satisfies, and files that are damaged in many ways."""

import random
import unicodedata

import numpy as np

from ecg_core.errors import UnreadableFileError


def is_plain(text):
    return all(c.isprintable() or unicodedata.category(c) == "Zs" for c in text)


def check_sound(recording):
    names = [lead.name for lead in recording.leads]
    assert names and len(set(names)) == len(names)
    assert all(name and name == name.strip() and is_plain(name) and len(name) <= 64 for name in names)
    for lead in recording.leads:
        assert lead.samples.ndim == 1 and lead.samples.dtype.kind in "if"
        if lead.samples.dtype.kind == "f":
            assert lead.samples.dtype == np.float64 and not np.isinf(lead.samples).any()
        assert lead.sampling_rate_hz is None or 0 < lead.sampling_rate_hz <= 1e6
        assert lead.unit is None or (lead.unit.strip() and is_plain(lead.unit))
        assert np.isfinite(lead.resolution) and lead.resolution != 0 and np.isfinite(lead.offset)
    for texts in (recording.patient, recording.metadata, recording.device):
        assert all(isinstance(x, str) and x and is_plain(x) for pair in texts.items() for x in pair)
    assert all(remark and is_plain(remark) for remark in recording.remarks)
    times = [mark.start_s for mark in recording.annotations]
    assert times == sorted(times) and np.isfinite(times).all()
    assert all(mark.text and is_plain(mark.text) for mark in recording.annotations)
    assert all(mark.kind in ("beat", "rhythm", "note") for mark in recording.annotations)


def read_or_refuse(read):
    """A sound recording, or None after an error that a person can read."""
    try:
        recording = read()
    except UnreadableFileError as error:
        assert 0 < len(str(error)) < 1500 and str(error).isprintable()
        return None
    check_sound(recording)
    return recording


def damaged(data, *, cuts, flips, within=None, seed=1):
    """The content cut at many places, and with up to four other bytes in the first ``within``."""
    chance = random.Random(seed)
    within = min(within or len(data), len(data))
    for number in range(cuts):
        yield data[: len(data) * number // cuts]
    for _ in range(flips):
        changed = bytearray(data)
        for _ in range(chance.randint(1, 4)):
            changed[chance.randrange(within)] = chance.choice((0, 255, 45, 57, 126, chance.randrange(256)))
        yield bytes(changed)
