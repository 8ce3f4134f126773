"""The best cut of each feature, defined: samples in the order of its values, cut in two.

L_k = Σ wᵢ of class k before the cut, L = Σ L_k        R_k, R the same after it

gini     score = Σ L_k² / L + Σ R_k² / R
error    score = max L_k + max R_k

order (d, n)     divides (d, n-1): a cut is allowed there     y, w (n,)     total (K,) = L_k + R_k
score, position (d,): the highest score, and the first cut, after order[:, position], that has it
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

TINY = np.finfo(np.float64).tiny
"""A side whose weights have all fallen to 0 is divided by this."""


def best_cuts(
    order: Array, divides: Array, y: Array, w: Array, total: Array, gini: bool
) -> tuple[Array, Array]:
    """(score, position) of each feature; score -inf where no cut is allowed."""
    (d, n), K = order.shape, len(total)
    score, position = np.full(d, -np.inf), np.zeros(d, np.int64)
    for j in range(d if n > 1 else 0):
        one_hot = np.zeros((n, K), np.float64)
        one_hot[np.arange(n), y[order[j]]] = w[order[j]]
        L = one_hot.cumsum(axis=0)[:-1]
        R = total - L
        if gini:
            left = (L * L).sum(axis=1) / np.maximum(L.sum(axis=1), TINY)
            right = (R * R).sum(axis=1) / np.maximum(R.sum(axis=1), TINY)
        else:
            left, right = L.max(axis=1), R.max(axis=1)
        scores = np.where(divides[j], left + right, -np.inf)
        position[j] = scores.argmax()
        score[j] = scores[position[j]]
    return score, position
