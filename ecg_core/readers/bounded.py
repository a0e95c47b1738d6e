"""Reading in another process, within bounds of time and memory that no file can break."""

from __future__ import annotations

import atexit
import mmap
import os
import shutil
import subprocess
import sys
import tempfile
import threading
from contextlib import suppress
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any

from numpy.typing import NDArray

from ecg_core.domain import Recording
from ecg_core.errors import EcgError, InvalidInputError, UnreadableFileError
from ecg_core.readers.messages import Answer, Request, read_answer, unpacked, write_request

SECONDS = 60.0
MEMORY_BYTES = 3_000_000_000
_AT_ONCE = 4  # processes: others wait, so that many uploads at a time do not take the machine's memory
_MOST_USES = 500  # a library that leaks is started anew now and then
_BROKE = "broke the process that read it: it is damaged, or takes more memory than is allowed"
_ROOT = Path(__file__).resolve().parents[2]


class Worker:
    """One reading process with a folder of its own for what libraries want to see as files.

    Parameters
    ----------
    seconds : float
        The longest that one file may take.
    memory_bytes : int
        The most that the process may map.
    """

    def __init__(self, seconds: float = SECONDS, memory_bytes: int = MEMORY_BYTES) -> None:
        self._seconds = seconds
        self._folder = tempfile.mkdtemp(prefix="ecg-read-")
        # Threads of numeric libraries would each map memory, and a reader has no use for them.
        quiet = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "PYTHONWARNINGS": "ignore"}
        kept = {name: value for name, value in os.environ.items() if not name.startswith("ECG_")}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "ecg_core.readers.worker", str(memory_bytes)],
            cwd=_ROOT,
            env={**kept, **quiet, "TMPDIR": self._folder, "MPLCONFIGDIR": self._folder},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        self._uses = 0

    @property
    def is_fresh(self) -> bool:
        """Whether it may be asked again."""
        return self._process.poll() is None and self._uses < _MOST_USES

    def read(self, request: Request) -> Recording:
        """The recording of one file.

        Raises
        ------
        UnreadableFileError
            What the reader said; or the file took too long, or more memory than is allowed.
        """
        self._uses += 1
        late = threading.Timer(self._seconds, self._process.kill)
        late.start()
        try:
            answered = self._exchange(request)
        except BaseException:  # what is half said would be taken for the next answer
            self.close()
            raise
        finally:
            is_late = not late.is_alive()
            late.cancel()
        if answered is None:
            self.close()
            reason = f"takes longer than {self._seconds:g} s" if is_late else _BROKE
            raise UnreadableFileError(f"The file cannot be read: it {reason}")
        return _recording(*answered)

    def _exchange(self, request: Request) -> tuple[Answer, list[NDArray[Any]]] | None:
        assert self._process.stdin and self._process.stdout
        try:
            write_request(self._process.stdin, request)
            _unmap(request.data)
            return read_answer(self._process.stdout)
        except BrokenPipeError:
            return None

    def close(self) -> None:
        """End the process and remove what it left."""
        self._process.kill()
        for pipe in (self._process.stdin, self._process.stdout):
            with suppress(BrokenPipeError):  # an unsent rest
                if pipe:
                    pipe.close()
        self._process.wait()
        shutil.rmtree(self._folder, ignore_errors=True)


def _unmap(data: bytes | memoryview) -> None:
    """Free the memory of a file that lies on disk, until its bytes are wanted again."""
    if isinstance(data, memoryview) and isinstance(data.obj, mmap.mmap) and data.readonly:
        data.obj.madvise(mmap.MADV_DONTNEED)


def _recording(answer: Answer, samples: list[NDArray[Any]]) -> Recording:
    if answer.recording is not None:
        return unpacked(answer.recording, samples)
    error: type[EcgError] = InvalidInputError if answer.is_input else UnreadableFileError
    raise error(answer.problem)


_idle: SimpleQueue[Worker] = SimpleQueue()
_slots = threading.BoundedSemaphore(_AT_ONCE)


def read_bounded(request: Request) -> Recording:
    """Read a file in a process that waits for work, or in a new one.

    Raises
    ------
    UnreadableFileError
    """
    with _slots:
        worker = _take()
        try:
            return worker.read(request)
        finally:
            if worker.is_fresh:
                _idle.put(worker)
            else:
                worker.close()


def _take() -> Worker:
    try:
        return _idle.get_nowait()
    except Empty:
        return Worker()


@atexit.register
def _close_all() -> None:
    while not _idle.empty():
        _idle.get_nowait().close()
