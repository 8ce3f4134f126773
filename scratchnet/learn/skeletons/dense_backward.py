"""The dense layer, backward: from dy to the gradients of the input, the weights and the bias.

    y[n,m]  = b[m] + Σ d  x[n,d] · W[d,m]           forward, as you know it

    dx[n,d] = Σ m  dy[n,m] · W[d,m]
    dW[d,m] = Σ n  x[n,d] · dy[n,m]
    db[m]   = Σ n  dy[n,m]

    x, dx (N, D)   W, dW (D, M)   db (M,)   dy (N, M)

Each gradient is a sum over all ways on which that number acts on the loss. The first two are matrix
products: which side, and what is transposed, follows from the shapes.

Read docs/dense.md. Try your own: python -m doctest dense_backward.py; then
python -m scratchnet learn check dense_backward.py
"""

import numpy as np

EXERCISE = "dense_backward"


def dense_backward(
    dy: np.ndarray, x: np.ndarray, W: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """dx (N, D), dW (D, M) and db (M,), in this order.

    >>> dy, x = np.array([[1.0], [2.0]]), np.array([[3.0, 4.0], [5.0, 6.0]])
    >>> dx, dW, db = dense_backward(dy, x, np.array([[7.0], [8.0]]))
    >>> dx.tolist(), dW.tolist(), db.tolist()
    ([[7.0, 8.0], [14.0, 16.0]], [[13.0], [16.0]], [3.0])
    """
    raise NotImplementedError
