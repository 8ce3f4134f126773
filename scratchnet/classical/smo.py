"""The quadratic programme of every support vector machine, solved two coefficients at a time.

    maximise    W(β) = pᵀβ - ½ βᵀKβ       A ≤ β ≤ B,  Σβ fixed
    gradient    g = p - Kβ

    classifier  β = yα,  p = y,  0 ≤ α ≤ C  (so A, B = 0, C where y = 1, and -C, 0 where y = -1)
                W = Σα - ½ Σ y_i y_j α_i α_j K_ij,  the usual dual;  Σβ = Σ yα = 0
    sphere      p = K_ii / 2,  0 ≤ β ≤ C,  Σβ = 1:  support vector clustering

At the maximum there is a number b such that g_k ≤ b wherever β_k could rise, and g_k ≥ b wherever
it could fall; so g_k = b for every β_k off its bounds (Karush, Kuhn, Tucker). The gap, largest g
that could rise minus smallest that could fall, tells how far that is from true: within `tolerance`
it counts as solved, as in libsvm.

A step is `ops.smo_steps`; `scratchnet.reference.smo` defines it. Around the steps:

    cache       rows of K are held as float32, the longest unread makes place (`row_cache`)
    shrinking   a coefficient on a bound whose g pushes it outward, beyond all others, will most
                likely stay there: it is set aside, and steps pass over fewer numbers. In the end
                the g of those set aside is computed anew, and all of them are checked.

Sources: Fan, Chen and Lin 2005 (steps); Joachims, "Making large-scale SVM learning practical",
1998 (cache, shrinking); Chang and Lin, "LIBSVM", 2011, sections 4 and 5.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from scratchnet import ops
from scratchnet.classical.kernel_functions import Kernel
from scratchnet.classical.row_cache import RowCache

Array = NDArray[Any]

SHRINK_EVERY = 1000
"""Steps after which coefficients are set aside; fewer where there are fewer coefficients."""
WORTH_SHRINKING = 0.1
"""The share of coefficients below which setting them aside costs more than it saves."""
MOST_STEPS = 10_000_000


class Solution(NamedTuple):
    """β (N,) and g = p - Kβ (N,) at the end, the number of steps, and the gap that was left."""

    beta: Array
    g: Array
    steps: int
    gap: float


class Programme:
    """The arrays of one quadratic programme; those of the first n samples are worked on."""

    def __init__(self, kernel: Kernel, X: Array, p: Array, A: Array, B: Array, beta: Array) -> None:
        self.kernel, self.n = kernel, len(X)
        self.order = np.arange(len(X))  # which sample stands where
        self.p, self.A, self.B, self.beta = p.copy(), A.copy(), B.copy(), beta.copy()
        self.diagonal = kernel.diagonal(X)
        self.g = p - kernel.weighted_sum(X, X, beta)

    def working(self) -> tuple[Array, ...]:
        """Views of beta, g, A, B, diagonal: what is worked on."""
        n = self.n
        return self.beta[:n], self.g[:n], self.A[:n], self.B[:n], self.diagonal[:n]

    def set_aside(self, cache: RowCache) -> None:
        """Move coefficients that will most likely stay on their bound behind the others."""
        beta, g, A, B, _ = self.working()
        up, low = beta < B, beta > A
        highest, lowest = g[up].max(), g[low].min()
        settled = (~up & (g > highest)) | (~low & (g < lowest))
        if np.count_nonzero(settled) < WORTH_SHRINKING * self.n:
            return
        order = np.argsort(settled, kind="stable")
        for array in (self.order, self.p, self.A, self.B, self.beta, self.diagonal, self.g):
            array[: self.n] = array[order]
        cache.reorder(order)
        self.n -= int(np.count_nonzero(settled))

    def bring_back(self, cache: RowCache) -> None:
        """Work on all coefficients again, with the gradients that were not kept up."""
        n, self.n = self.n, len(self.g)
        sums, missing = cache.sums_behind(n, self.beta)
        self.g[n:] = self.p[n:] - sums - self.kernel.weighted_sum(cache.X[n:], cache.X, missing)
        cache.forget_short_rows()

    def most_wanted(self, k: int, cache: RowCache) -> Array:
        """k, and those rows not held whose coefficients are farthest from their place."""
        beta, g, A, B, _ = self.working()
        up, low = beta < B, beta > A
        middle = (g[up].max() + g[low].min()) / 2
        excess = np.maximum(np.where(up, g - middle, -np.inf), np.where(low, middle - g, -np.inf))
        excess[cache.slot[: self.n] >= 0] = -np.inf
        excess[k] = np.inf
        count = min(cache.together, self.n)
        wanted = np.argpartition(-excess, count - 1)[:count]
        return wanted[excess[wanted] > -np.inf]


def solve(
    kernel: Kernel, X: Array, p: Array, A: Array, B: Array, beta: Array, *,
    tolerance: float = 1e-3, max_steps: int = -1, shrinking: bool = True, megabytes: float = 200,
) -> Solution:  # fmt: skip
    """Maximise W from a β with A ≤ β ≤ B.

    Args:
        X: the samples (N, D) of K = kernel(X, X); p, A, B and beta are (N,), float64.
        max_steps: where to stop at the latest; -1 for a hundred times N, or ten million if more.
        megabytes: memory for rows of K.
    """
    N = len(X)
    programme = Programme(kernel, X, p, A, B, beta)
    cache = RowCache(kernel, X, megabytes)
    limit = max_steps if max_steps >= 0 else max(MOST_STEPS, 100 * N)
    steps, shrink_at, gap = 0, min(N, SHRINK_EVERY), np.inf
    while True:
        n = programme.n
        taken, wanted, gap = ops.smo_steps(
            *programme.working(), cache.values, cache.slot[:n], cache.used, steps, tolerance,
            min(shrink_at, limit) - steps,
        )  # fmt: skip
        steps += taken
        if wanted >= 0:
            cache.fetch(programme.most_wanted(wanted, cache), n, steps)
        elif gap <= tolerance or steps == limit:
            if n == N:
                break
            programme.bring_back(cache)
        else:
            shrink_at = steps + min(N, SHRINK_EVERY)
            if shrinking:
                programme.set_aside(cache)
    back = np.argsort(programme.order)
    return Solution(programme.beta[back], programme.g[back], steps, gap)


def offset(solution: Solution, A: Array, B: Array) -> float:
    """b of the header: the mean g of the β off their bounds; if all are on, the middle."""
    beta, g, *_ = solution
    free = (beta > A) & (beta < B)
    if free.any():
        return float(g[free].mean())
    bounds = g[beta < B], g[beta > A]
    return float((bounds[0].max(initial=-np.inf) + bounds[1].min(initial=np.inf)) / 2)


def objective(solution: Solution, p: Array) -> float:
    """W(β) = ½ βᵀ(p + g), because Kβ = p - g."""
    return float(solution.beta @ (p + solution.g) / 2)
