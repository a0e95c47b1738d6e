"""The process that reads untrusted binary and XML files: ``python -m ecg_core.readers.worker``.

It takes requests on standard input and answers on standard output, each a message after its length (8 bytes,
little-endian), and ends with its input. A limit on its memory is set before anything is read.
"""

from __future__ import annotations

import os
import resource
import shutil
import sys

import msgspec

from ecg_core.errors import EcgError, UnreadableFileError
from ecg_core.readers.messages import Answer, Request, packed, read_message, write_message


def main() -> None:
    memory = int(sys.argv[1])
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    requests, answers = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints does not get among the answers
    while (message := read_message(requests)) is not None:
        write_message(answers, _answer(message))
    shutil.rmtree(os.environ["TMPDIR"], ignore_errors=True)  # the parent has ended without doing so


def _answer(message: bytes) -> bytes:
    from ecg_core.readers.table import read_here  # not before the memory is limited

    try:
        request = msgspec.msgpack.decode(message, type=Request)
        return msgspec.msgpack.encode(Answer(recording=packed(read_here(request))))
    except EcgError as error:
        answer = Answer(problem=str(error), is_input=not isinstance(error, UnreadableFileError))
    except MemoryError:
        answer = Answer(problem="Reading the file takes more memory than is allowed for one file")
    return msgspec.msgpack.encode(answer)


if __name__ == "__main__":
    main()
