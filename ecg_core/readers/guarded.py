"""What is around every reader of a binary or XML format, in one place."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import wraps

from ecg_core.domain import Recording
from ecg_core.readers.options import ReadOptions, check_options, with_overrides
from ecg_core.readers.unforeseen import only_our_errors


def guarded(read: Callable[..., Recording]) -> Callable[..., Recording]:
    """A reader that also takes ``options``, and raises nothing but our errors.

    Parameters
    ----------
    read : callable
        ``read(data)``, or ``read(data, siblings)`` of a format of several files.

    Returns
    -------
    callable
        ``read(data, *, options=ReadOptions())``, and ``siblings`` where ``read`` takes them: the person's
        options are checked first, and the sampling rate and unit among them win over the file's.
    """

    @wraps(read)
    def guarded_read(
        data: bytes | bytearray | memoryview,
        *,
        options: ReadOptions = ReadOptions(),  # noqa: B008
        **files: Mapping[str, bytes | memoryview],
    ) -> Recording:
        options = check_options(options)
        with only_our_errors():
            return with_overrides(read(data, **files), options)

    return guarded_read
