"""Agreement of two sets of numbers that measure the same thing on different scales.

    entropy     H = -Σ_k p_k log p_k                0 sure .. log K all the same; 0 log 0 = 0
    rank        1 for the least value; equal values share the mean of their ranks
    Spearman    ρ = Σ a b / √(Σ a² Σ b²),  a, b = ranks less their mean           -1 .. 1

Ranks forget the scale: ρ = 1 where one grows whenever the other does, straight line or not.

Source: Spearman, "The proof and measurement of association between two things" (1904).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[Any]


def entropy(probabilities: ArrayLike) -> Array:
    """Uncertainty of each distribution (..., K) in nats: (...,)."""
    p = np.asarray(probabilities, np.float64)
    return -(p * np.log(np.where(p > 0, p, 1.0))).sum(axis=-1)


def average_ranks(values: ArrayLike) -> Array:
    """Ranks (N,) from 1: values [3, 1, 3] have the ranks [2.5, 1, 2.5]."""
    _, group, count = np.unique(np.asarray(values), return_inverse=True, return_counts=True)
    last = np.cumsum(count)  # the rank of each group's last member
    return (last - (count - 1) / 2)[group]


def spearman(first: ArrayLike, second: ArrayLike) -> float:
    """Rank correlation of two measurements (N,) of the same N things; 0 if one never changes.

    Raises:
        ValueError: the lengths differ, or there are fewer than two things.
    """
    x, y = np.asarray(first), np.asarray(second)
    if x.ndim != 1 or x.shape != y.shape or len(x) < 2:
        raise ValueError(
            f"spearman expects two measurements of each of at least 2 things, got {x.shape} "
            f"and {y.shape}"
        )
    a, b = average_ranks(x) - (len(x) + 1) / 2, average_ranks(y) - (len(y) + 1) / 2
    size = float(np.sqrt((a @ a) * (b @ b)))
    return float(a @ b) / size if size > 0 else 0.0
