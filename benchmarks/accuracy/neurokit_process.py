"""Run by ``benchmarks.measuring`` in the peer's environment: ``neurokit_process.py LEADS RATE``, in ms."""

import sys
import time
import warnings

import neurokit2
import numpy as np

warnings.filterwarnings("ignore")
leads, rate = np.load(sys.argv[1]), int(sys.argv[2])
neurokit2.ecg_process(leads[0], sampling_rate=rate)  # what is made once
times = []
for _ in range(3):
    begin = time.perf_counter()
    for lead in leads:
        neurokit2.ecg_process(lead, sampling_rate=rate)
    times.append((time.perf_counter() - begin) * 1000)
print(np.median(times))
