"""The last net: whatever a library raises on strange content becomes our error."""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from contextlib import contextmanager

from ecg_core.errors import EcgError, UnreadableFileError
from ecg_core.readers.excerpt import excerpt


@contextmanager
def only_our_errors() -> Iterator[None]:
    """Turn every other exception into an `UnreadableFileError`, raised from it.

    The frames that failed let go of the content, so that a mapped file can be closed.
    """
    try:
        yield
    except EcgError as error:
        _clear_frames(error)
        raise
    except MemoryError as error:
        _clear_frames(error)
        raise UnreadableFileError(
            "Reading the file takes more memory than is allowed for one file"
        ) from error
    except Exception as error:
        _clear_frames(error)
        reason = f"{type(error).__name__}: {excerpt(str(error))}"
        raise UnreadableFileError(f"The file cannot be read as an ECG ({reason})") from error


def _clear_frames(error: BaseException | None) -> None:
    while error is not None:
        traceback.clear_frames(error.__traceback__)
        error = error.__cause__ or error.__context__
