"""What the machine can do, measured by own kernels: the roof under which all others stand.

    peak        the register tile of `scratchnet.kernels.tile`, on operands in the nearest cache
    bandwidth   the best of: copy a = b, triad a = b + s·c, update a = a + s·b, on long arrays

Each is the best of many short calls: others on the machine can only take time away.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import numba
import numpy as np

from scratchnet.kernels.parallel import share_out
from scratchnet.kernels.tile import tile_6x4

DEPTH = 96
"""Of the tile's sum: A (6, 96) and B (96, 64) take 27 KB, less than the nearest cache."""


@numba.njit(nogil=True)
def _tiles(share, shares, A, B, C, times):
    for _ in range(times):
        tile_6x4(A, 0, 1, 6, B, 0, 64, C, share * 384, 64, DEPTH, True)


@numba.njit(nogil=True, error_model="numpy")
def _copy(share, shares, a, b, c, s):
    mine = slice(a.size * share // shares, a.size * (share + 1) // shares)
    a, b = a[mine], b[mine]
    for i in range(a.size):
        a[i] = b[i]


@numba.njit(nogil=True, error_model="numpy")
def _triad(share, shares, a, b, c, s):
    mine = slice(a.size * share // shares, a.size * (share + 1) // shares)
    a, b, c = a[mine], b[mine], c[mine]
    for i in range(a.size):
        a[i] = b[i] + s * c[i]


@numba.njit(nogil=True, error_model="numpy")
def _update(share, shares, a, b, c, s):
    mine = slice(a.size * share // shares, a.size * (share + 1) // shares)
    a, b = a[mine], b[mine]
    for i in range(a.size):
        a[i] = a[i] + s * b[i]


PASSES = {"copy": (_copy, 2), "triad": (_triad, 3), "update": (_update, 3)}
"""Each pass over memory, and the numbers that it moves for each element."""


class Work(NamedTuple):
    """What has to be done at least."""

    operations: float
    bytes: float

    @property
    def intensity(self) -> float:
        """Operations a byte."""
        return self.operations / self.bytes


class Limits(NamedTuple):
    """What the machine can do: numbers a second."""

    one_thread: float
    """Floating-point operations."""
    peak: float
    """Of all threads."""
    passes: dict[str, float]
    """Bytes, by kind of pass."""

    @property
    def bandwidth(self) -> float:
        return max(self.passes.values())

    def or_better(self, other: Limits) -> Limits:
        """The higher of two measurements of each limit."""
        passes = {name: max(rate, other.passes[name]) for name, rate in self.passes.items()}
        return Limits(max(self.one_thread, other.one_thread), max(self.peak, other.peak), passes)

    def seconds(self, work: Work) -> float:
        """The least that this work takes."""
        return max(work.operations / self.peak, work.bytes / self.bandwidth)


def fastest(call: Callable[[], Any], tries: int) -> float:
    """The seconds of the shortest of so many calls, the first of which does not count."""
    call()
    best = math.inf
    for _ in range(tries):
        start = time.perf_counter()
        call()
        best = min(best, time.perf_counter() - start)
    return best


def machine_limits(threads: int, tries: int, megabytes: int, times: int = 20_000) -> Limits:
    """Measured by own kernels.

    Args:
        tries: calls of each.
        megabytes: of each of the three arrays that are passed over.
        times: how often a thread computes the tile in a call.
    """
    rng = np.random.default_rng(0)
    A, B = (rng.standard_normal(n * DEPTH, np.float32) for n in (6, 64))
    C = np.zeros(threads * 6 * 64, np.float32)
    arrays = [np.ones(megabytes * 2**18, np.float32) for _ in range(3)]
    operations = 2 * 6 * 64 * DEPTH * times
    one = fastest(lambda: _tiles(0, 1, A, B, C, times), tries)
    every = fastest(lambda: share_out(_tiles, threads, A, B, C, times), tries)
    passes = {}
    for name, (function, numbers) in PASSES.items():
        seconds = fastest(partial(share_out, function, threads, *arrays, np.float32(1e-3)), tries)
        passes[name] = numbers * arrays[0].nbytes / seconds
    return Limits(operations / one, threads * operations / every, passes)
