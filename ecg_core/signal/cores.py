"""Long work on all cores: parts beside each other, not each of them on all cores at once."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from typing import Any, TypeVar

from threadpoolctl import threadpool_limits

_MANY_SAMPLES = 5_000_000
_Result = TypeVar("_Result")


def is_long(samples: int) -> bool:
    """Whether so many samples, over all leads, are worth a thread of their own."""
    return samples > _MANY_SAMPLES


def one_core_for_matrices(samples: int) -> AbstractContextManager[Any]:
    """For long work: products of small matrices wait for each other's threads longer than they take.

    A day of three leads took 13 s with two threads for each product, and 8 s with one and `begun`.
    """
    return threadpool_limits(1, user_api="blas") if is_long(samples) else nullcontext()


def begun(work: Callable[[], _Result], samples: int) -> Callable[[], _Result]:
    """What gives the result of the work: where that is long, it is begun at once, on another core."""
    if not is_long(samples):
        return work
    pool = ThreadPoolExecutor(1, "analysis-part")
    later = pool.submit(work)
    pool.shutdown(wait=False)
    return later.result
