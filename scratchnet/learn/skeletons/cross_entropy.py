"""Cross-entropy behind a softmax: how wrong the probabilities are, and who is to blame.

    p       = softmax(s)                             s, p, ds (N, K)
    L       = − Σ n  log p[n, labels[n]] / N         labels (N,): whole numbers, 0 to K − 1
    ds[n,k] = (p[n,k] − q[n,k]) / N                  q[n,k] = 1 if k = labels[n], else 0

L is one number: the mean, over the batch, of how surprised we are by the right class. ds is its
gradient, and everything that flows back through a network begins with it.

Read docs/softmax.md. Try your own: python -m doctest cross_entropy.py; then
python -m scratchnet learn check cross_entropy.py
"""

import numpy as np

EXERCISE = "cross_entropy"


def softmax(scores: np.ndarray) -> np.ndarray:
    """Given: p (N, K)."""
    exponentials: np.ndarray = np.exp(scores - scores.max(axis=1, keepdims=True))
    return exponentials / exponentials.sum(axis=1, keepdims=True)


def cross_entropy_backward(scores: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """ds (N, K).

    >>> cross_entropy_backward(np.zeros((2, 2)), np.array([0, 1])).tolist()
    [[-0.25, 0.25], [0.25, -0.25]]
    """
    raise NotImplementedError
