"""Softmax: scores become probabilities.

    p[n,k] = exp(s[n,k]) / Σ j  exp(s[n,j])

    scores s (N, K): K numbers for each of N samples     p (N, K): each row sums to 1

exp(1000) is more than a float holds. Since exp(s − m) = exp(s) / exp(m), any number m may be
subtracted from a whole row first: p stays the same.

Read docs/softmax.md. Try your own: python -m doctest softmax.py; then
python -m scratchnet learn check softmax.py
"""

import numpy as np

EXERCISE = "softmax"


def softmax(scores: np.ndarray) -> np.ndarray:
    """p (N, K), without an overflow for any scores.

    >>> softmax(np.array([[0.0, 0.0], [1000.0, 0.0]])).tolist()
    [[0.5, 0.5], [1.0, 0.0]]
    """
    raise NotImplementedError
