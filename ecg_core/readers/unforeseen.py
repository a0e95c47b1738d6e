"""The last net: whatever a library raises on strange content becomes our error."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from ecg_core.errors import EcgError, UnreadableFileError
from ecg_core.readers.excerpt import excerpt


@contextmanager
def only_our_errors() -> Iterator[None]:
    """Turn every other exception into an `UnreadableFileError`, raised from it."""
    try:
        yield
    except EcgError:
        raise
    except Exception as error:
        reason = f"{type(error).__name__}: {excerpt(str(error))}"
        raise UnreadableFileError(f"The file cannot be read as an ECG ({reason})") from error
