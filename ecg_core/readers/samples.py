"""Samples that a library handed over as floats, back in the file's own whole numbers."""

from __future__ import annotations

from typing import cast

import numpy as np
from numpy.typing import NDArray

from ecg_core.errors import UnreadableFileError
from ecg_core.readers.excerpt import excerpt
from ecg_core.readers.sample_buffer import EXACT_LIMIT, narrowest_integers


def whole_where_exact(samples: NDArray[np.generic], lead: str) -> NDArray[np.generic]:
    """Whole numbers in the narrowest integer type; float64 where a sample has decimals or is missing.

    Raises
    ------
    UnreadableFileError
        A sample is infinite, or so large that float64 may have lost digits of it.
    """
    if samples.dtype.kind in "iu":
        if samples.dtype == np.uint64 and np.any(samples > np.uint64(np.iinfo(np.int64).max)):
            raise UnreadableFileError(f"Lead {excerpt(lead)} has a sample beyond 63 bits")
        return narrowest_integers(cast("NDArray[np.int64]", samples))
    values = samples.astype(np.float64, copy=False)
    if np.any(np.isinf(values)):
        raise UnreadableFileError(f"Lead {excerpt(lead)} has an infinite sample; each must be a number")
    if np.any(np.abs(values) > EXACT_LIMIT):
        raise UnreadableFileError(
            f"Lead {excerpt(lead)} has a sample beyond 2^53, which cannot be kept exactly"
        )
    whole = not np.any(np.isnan(values)) and bool(np.all(values == np.rint(values)))
    return narrowest_integers(values.astype(np.int64)) if whole else values
