"""The best cut of each feature on all threads; `scratchnet.reference.stump` defines it.

One walk along a feature: each sample adds its weight to its class's L_k, and every cut is judged
from the K sums, afresh, so that no rounding error is carried along.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from scratchnet.kernels.jit import kernel
from scratchnet.kernels.parallel import pieces, share_out

Array = NDArray[Any]

TINY = float(np.finfo(np.float64).tiny)


@kernel(inline="always")
def _purity(L, total):
    """Σ L_k² / L + Σ R_k² / R."""
    left, left_squares, right, right_squares = 0.0, 0.0, 0.0, 0.0
    for k in range(len(total)):
        R = total[k] - L[k]
        left, left_squares = left + L[k], left_squares + L[k] * L[k]
        right, right_squares = right + R, right_squares + R * R
    return left_squares / max(left, TINY) + right_squares / max(right, TINY)


@kernel(inline="always")
def _right_answers(L, total):
    """max L_k + max R_k."""
    left, right = L[0], total[0] - L[0]
    for k in range(1, len(total)):
        left, right = max(left, L[k]), max(right, total[k] - L[k])
    return left + right


@kernel
def _best_cuts(share, shares, order, divides, y, w, total, gini, score, position):
    d, n = order.shape
    L = np.zeros(len(total))
    for j in range(d * share // shares, d * (share + 1) // shares):
        L[:] = 0.0
        for i in range(n - 1):
            sample = order[j, i]
            L[y[sample]] += w[sample]
            if divides[j, i]:
                worth = _purity(L, total) if gini else _right_answers(L, total)
                if worth > score[j]:
                    score[j], position[j] = worth, i


def best_cuts(
    order: Array, divides: Array, y: Array, w: Array, total: Array, gini: bool
) -> tuple[Array, Array]:
    """(score, position) of each feature; score -inf where no cut is allowed."""
    d = len(order)
    score, position = np.full(d, -np.inf), np.zeros(d, np.int64)
    share_out(_best_cuts, pieces(d), order, divides, y, w, total, gini, score, position)
    return score, position
