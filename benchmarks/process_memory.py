"""Memory of a process and all that it started, sampled while something runs."""

from __future__ import annotations

import threading
from contextlib import suppress
from pathlib import Path

_EVERY_S = 0.02


def tree_mb(pid: int) -> float:
    """Of the processes' private memory and their shares of what is shared (PSS), in MB."""
    parents: dict[int, int] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            parents[int(stat.parent.name)] = int(stat.read_text().rpartition(")")[2].split()[1])
    tree, found = {pid}, True
    while found:
        found = {child for child, parent in parents.items() if parent in tree} - tree
        tree |= found
    return sum(_pss_mb(each) for each in tree)


def _pss_mb(pid: int) -> float:
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024 / 1e6
    return 0.0


class Peak:
    """The largest memory of a tree of processes while this context is open.

    Attributes
    ----------
    before_mb, peak_mb : float
    """

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self.before_mb = self.peak_mb = tree_mb(pid)
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch)

    def __enter__(self) -> Peak:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._ended.wait(_EVERY_S):
            self.peak_mb = max(self.peak_mb, tree_mb(self._pid))
