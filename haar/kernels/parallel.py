"""Threads: a search is cut into tasks, and a few threads take them one after another.

How the work is cut never depends on how many threads there are, and no two tasks write to the same
place. So the result is the same on one thread, on two, and on forty; its order, too.

Tasks are a fraction of a millisecond, too short to be handed out by Python. Each thread enters the
kernel once, and draws its tasks there from a shared counter (`next_ticket`).
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Any

from llvmlite import ir
from numba import types
from numba.extending import intrinsic


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
