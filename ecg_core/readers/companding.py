"""Eight-bit logarithmic samples as linear ones (ITU-T G.711)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def _mu_law(code: int) -> int:
    inverted = ~code & 0xFF
    magnitude = (((inverted & 0x0F) << 3) + 0x84) << ((inverted & 0x70) >> 4)
    return 0x84 - magnitude if inverted & 0x80 else magnitude - 0x84


def _a_law(code: int) -> int:
    toggled = code ^ 0x55
    mantissa, segment = (toggled & 0x0F) << 4, (toggled & 0x70) >> 4
    magnitude = mantissa + 8 if segment == 0 else (mantissa + 0x108) << (segment - 1)
    return magnitude if toggled & 0x80 else -magnitude


#: 16-bit linear value of each code, shape (256,).
MU_LAW: NDArray[np.int32] = np.array([_mu_law(code) for code in range(256)], np.int32)
A_LAW: NDArray[np.int32] = np.array([_a_law(code) for code in range(256)], np.int32)
