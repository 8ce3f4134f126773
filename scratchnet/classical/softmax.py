"""Scores to probabilities, without overflow.

    K scores      p_k = e^(s_k - m) / Σ_j e^(s_j - m),      m = max_j s_j
    one score     p = (1 - σ(s), σ(s)),                     σ(s) = 1 / (1 + e^-s)
    log Σ e^s     m + log1p Σ_{j ≠ argmax} e^(s_j - m)

The last form keeps the digits of a loss that is almost 0.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


def class_probabilities(scores: Array) -> Array:
    """(n, K) from scores (n, K); or (n, 2) from (n,), the second's score above the first's."""
    if scores.ndim == 1:
        scores = np.stack([np.zeros_like(scores), scores], axis=1)
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def log_sum_exp(scores: Array) -> Array:
    """log Σ_k e^(s_k) of each row: (n,) from (n, K)."""
    best = scores.argmax(axis=1)[:, None]
    largest = np.take_along_axis(scores, best, axis=1)
    powers = np.exp(scores - largest)
    np.put_along_axis(powers, best, 0.0, axis=1)
    return largest[:, 0] + np.log1p(powers.sum(axis=1))
