"""Where a command writes: standard output, or a file that is replaced as a whole or not at all."""

from __future__ import annotations

import os
import secrets
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from ecg_core.errors import ConfigurationError

STANDARD_OUTPUT = "-"


@contextmanager
def opened_output(path: str) -> Iterator[BinaryIO]:
    """Open ``path`` for writing; ``-`` is standard output.

    A file appears, or is replaced, at the end and only if all went well; until then its content is in a file
    beside it. Pipes and devices are written to directly.

    Raises
    ------
    ConfigurationError
        Nothing can be written there; it names the path and the reason.
    """
    if path == STANDARD_OUTPUT:
        yield sys.stdout.buffer
        return
    with _saying_where(path):
        target = Path(path).resolve()
        direct = target.exists() and not target.is_file()
        draft = target if direct else target.with_name(f".{secrets.token_hex(8)}.part")
        if target.is_file() and not os.access(target, os.W_OK):
            raise PermissionError(None, "Permission denied")
        file = draft.open("wb" if direct else "xb")
    try:
        yield file
        with _saying_where(path):
            file.close()  # what was not written yet is written now, and may fail now
            if not direct:
                _replace(target, draft)
    finally:
        with suppress(OSError):
            file.close()
        if not direct:
            draft.unlink(missing_ok=True)


@contextmanager
def _saying_where(path: str) -> Iterator[None]:
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        raise ConfigurationError(f"Cannot write {path}: {error.strerror or error}") from error


def write_chunks(path: str, file: BinaryIO, chunks: Iterator[bytes]) -> None:
    """Write the chunks of a report.

    Raises
    ------
    ConfigurationError
        Writing failed, as on a full disk; it names the path and the reason.
    """
    for chunk in chunks:  # what fails in making a chunk is not the output's fault
        with _saying_where(path):
            file.write(chunk)
    with _saying_where(path):
        file.flush()


def _replace(target: Path, draft: Path) -> None:
    if target.exists():
        shutil.copymode(target, draft)
    draft.replace(target)
