"""The dense layer: every output is a weighted sum of all inputs, plus a bias.

    y[n,m] = b[m] + Σ d  x[n,d] · W[d,m]

    x (N, D): N samples of D inputs     W (D, M)     b (M,)     y (N, M)

Read docs/dense.md. Try your own: python -m doctest dense.py; then
python -m scratchnet learn check dense.py
"""

import numpy as np

EXERCISE = "dense"


def dense_forward(x: np.ndarray, W: np.ndarray, b: np.ndarray) -> np.ndarray:
    """y (N, M): one matrix product, and the bias.

    >>> x, W = np.array([[1.0, 2.0]]), np.array([[1.0, 0.0, 3.0], [0.0, 1.0, 4.0]])
    >>> dense_forward(x, W, np.array([10.0, 20.0, 30.0])).tolist()
    [[11.0, 22.0, 41.0]]
    """
    raise NotImplementedError
