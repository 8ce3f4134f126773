"""Threads: a search is cut into tasks, and a few threads take them one after another.

How the work is cut never depends on how many threads there are, and no two tasks write to the same
place. So the result is the same on one thread, on two, and on forty; its order, too.

Tasks are a fraction of a millisecond, too short to be handed out by Python. Each thread enters the
kernel once, and draws its tasks there from a shared counter (`next_ticket`).
"""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Any

from llvmlite import ir
from numba import types
from numba.extending import intrinsic


def thread_count(threads: int | None = None) -> int:
    """How many threads to use: `threads`, else HAAR_THREADS, else one for each core we may use.

    Raises:
        ValueError: not a positive whole number.
    """
    if threads is not None:
        if isinstance(threads, bool) or not isinstance(threads, int) or threads < 1:
            raise ValueError(f"threads expects a positive whole number or None, got {threads!r}")
        return threads
    wanted = os.environ.get("HAAR_THREADS", "")
    if not wanted:
        usable = getattr(os, "sched_getaffinity", None)
        return len(usable(0)) if usable else os.cpu_count() or 1
    if not wanted.isdecimal() or int(wanted) == 0:
        raise ValueError(
            f"HAAR_THREADS expects a positive whole number, got {wanted!r}; unset it for all cores"
        )
    return int(wanted)


@cache
def _helpers(threads: int) -> ThreadPoolExecutor:
    return ThreadPoolExecutor(threads - 1, thread_name_prefix="haar")


def run(function: Callable[..., None], threads: int, *arguments: Any) -> None:
    """Call `function(*arguments)` on so many threads at once; the caller's is one of them.

    `function` must release the GIL to gain anything by it, and share its work out itself.
    """
    helpers = [_helpers(threads).submit(function, *arguments) for _ in range(threads - 1)]
    try:
        function(*arguments)
    finally:
        for helper in helpers:
            helper.result()


@intrinsic
def next_ticket(_typing: Any, counter: Any) -> Any:
    """counter[0]++ of a bare int64 array in one indivisible step: no number is drawn twice."""

    def generate(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        return builder.atomic_rmw("add", args[0], ir.IntType(64)(1), "monotonic")

    return types.int64(counter), generate
