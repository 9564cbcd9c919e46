"""The processes of a build."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context

from omnibench.system.spawning import end_with_parent


@contextmanager
def workshop(workers: int) -> Iterator[ProcessPoolExecutor]:
    """Processes that start afresh; a build that is stopped finishes what is being made and not what is still waiting.

    They end with the process that opened the workshop, even where it was killed and could not tell them.
    """
    with ProcessPoolExecutor(workers, get_context("spawn"), initializer=end_with_parent) as pool:
        try:
            yield pool
        except BaseException:
            pool.shutdown(wait=True, cancel_futures=True)
            raise
