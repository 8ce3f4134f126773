"""Threads: a kernel's work is cut into shares, and a few threads take them one after another.

How the work is cut never depends on how many threads there are, and no two shares write to the
same place. So the bits of a result are the same on one thread, on two, and on forty.

`SCRATCHNET_THREADS` sets the number of threads; without it, one for each core we may use.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import cache
from itertools import count
from typing import Any

import numba
import numpy as np

SHARES = 16
"""Into how many parts work is cut that keeps a partial sum for each part."""


def thread_count() -> int:
    """How many threads kernels use.

    Raises:
        ValueError: SCRATCHNET_THREADS is not a positive whole number.
    """
    wanted = os.environ.get("SCRATCHNET_THREADS", "")
    if not wanted:
        usable = getattr(os, "sched_getaffinity", None)
        return len(usable(0)) if usable else os.cpu_count() or 1
    if not wanted.isdecimal() or int(wanted) == 0:
        raise ValueError(
            f"SCRATCHNET_THREADS expects a positive whole number, got {wanted!r}; "
            "unset it for all cores"
        )
    return int(wanted)


def pieces(items: int) -> int:
    """Into how many parts work is cut whose parts add nothing up: the result does not depend on it.

    A few for each thread, so that all end at about the same time; each costs a call.
    """
    return 1 if items <= 1 else min(items, 4 * thread_count())


@cache
def _helpers(threads: int) -> ThreadPoolExecutor:
    return ThreadPoolExecutor(threads - 1, thread_name_prefix="scratchnet")


if hasattr(os, "register_at_fork"):  # a forked process inherits the pool, but not its threads
    os.register_at_fork(after_in_child=_helpers.cache_clear)


Call = tuple[Any, tuple[Any, ...]]
"""A kernel, and the types of its arguments."""
_notes: dict[Call, None] | None = None


@contextmanager
def noting() -> Iterator[dict[Call, None]]:
    """Inside of it `share_out` runs no kernel, but notes the calls, each once and in order.

    Arrays keep what they were allocated with: nothing that is computed inside means anything, and
    NumPy does not warn of it. All threads are inside.
    """
    global _notes
    _notes = {}
    try:
        with np.errstate(all="ignore"):
            yield _notes
    finally:
        _notes = None


def share_out(function: Callable[..., None], shares: int, *arguments: Any) -> None:
    """Call `function(share, shares, *arguments)` for every share of range(shares).

    The caller's thread works too. `function` must release the GIL to gain anything by it.
    """
    if _notes is not None:
        if shares > 0:
            types = (numba.typeof(argument) for argument in (0, shares, *arguments))
            _notes[function, tuple(types)] = None
        return
    threads = 1 if shares <= 1 else thread_count()
    if threads == 1:
        for share in range(shares):
            function(share, shares, *arguments)
        return

    ticket = count()

    def work() -> None:
        while (share := next(ticket)) < shares:
            function(share, shares, *arguments)

    helpers = [_helpers(threads).submit(work) for _ in range(min(threads, shares) - 1)]
    try:
        work()
    finally:
        for helper in helpers:
            helper.result()
