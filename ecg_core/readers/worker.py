"""The process that reads untrusted binary and XML files: ``python -m ecg_core.readers.worker``.

It takes requests on standard input and answers on standard output, as `messages` writes them, and ends with
its input. A limit on its memory is set before anything is read.
"""

from __future__ import annotations

import os
import resource
import shutil
import sys
from typing import IO, Any

from numpy.typing import NDArray

from ecg_core.errors import EcgError, UnreadableFileError
from ecg_core.readers.messages import Answer, Request, packed, read_request, write_answer


def main() -> None:
    memory = int(sys.argv[1])
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    requests, answers = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints does not get among the answers
    while _answer_next(requests, answers):
        pass
    shutil.rmtree(os.environ["TMPDIR"], ignore_errors=True)  # the parent has ended without doing so


def _answer_next(requests: IO[bytes], answers: IO[bytes]) -> bool:
    """Answer one message, and hold nothing of it while the next is awaited; False at the end of them."""
    request = read_request(requests)
    if request is None:
        return False
    waiting = [request]
    del request
    write_answer(answers, *_answer(waiting))
    return True


def _answer(waiting: list[Request]) -> tuple[Answer, list[NDArray[Any]]]:
    """What the reader makes of the file that waits; the file is let go before the leads are sent."""
    from ecg_core.readers.table import read_here  # not before the memory is limited

    try:
        recording = read_here(waiting.pop())
        return Answer(packed(recording)), [lead.samples for lead in recording.leads]
    except EcgError as error:
        return Answer(problem=str(error), is_input=not isinstance(error, UnreadableFileError)), []
    except MemoryError:
        return Answer(problem="Reading the file takes more memory than is allowed for one file"), []


if __name__ == "__main__":
    main()
