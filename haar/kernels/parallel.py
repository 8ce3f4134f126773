"""Threads: a search is cut into tasks, and a few threads take them one after another.

How the work is cut never depends on how many threads there are, and no two tasks write to the same
place. So the result is the same on one thread, on two, and on forty; its order, too.

Tasks are a fraction of a millisecond, too short to be handed out by Python. Each thread enters the
kernel once, and draws its tasks there from a shared counter (`next_ticket`).

All searches share one pool, which starts its threads when they are first wanted. A helper that is
still waiting for a thread when the caller has finished is called off: there is nothing left for it
to do. So searches in several Python threads, or one inside of another, never wait for each other.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from functools import cache
from typing import Any

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

MOST_THREADS = max(64, os.cpu_count() or 1)
"""However many are asked for."""


@cache
def _helpers() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(MOST_THREADS - 1, thread_name_prefix="haar")


if hasattr(os, "register_at_fork"):  # a forked process inherits the pool, but not its threads
    os.register_at_fork(after_in_child=_helpers.cache_clear)


def run(function: Callable[[], None], threads: int) -> None:
    """Call `function()` on up to so many threads at once; the caller's is one of them.

    `function` must release the GIL to gain anything by it, share its work out itself, and return
    only when all of it is at least begun.
    """
    helpers = [_helpers().submit(function) for _ in range(min(threads, MOST_THREADS) - 1)]
    try:
        function()
    finally:
        begun = [helper for helper in helpers if not helper.cancel()]
        wait(begun)
    for helper in begun:
        helper.result()  # raises what went wrong there


@intrinsic
def next_ticket(_typing: Any, counter: Any) -> Any:
    """counter[0]++ of a bare int64 array in one indivisible step: no number is drawn twice."""

    def generate(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        return builder.atomic_rmw("add", args[0], ir.IntType(64)(1), "monotonic")

    return types.int64(counter), generate
