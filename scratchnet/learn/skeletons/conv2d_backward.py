"""Convolution, backward: which outputs does it act on, and how strongly?

    y[n,f,i,j] = b[f] + Σ c,kh,kw  W[f,c,kh,kw] · x[n, c, i + kh, j + kw]          forward

    db[f]                    = Σ n,i,j  dy[n,f,i,j]
    dW[f,c,kh,kw]            = Σ n,i,j  dy[n,f,i,j] · x[n, c, i + kh, j + kw]
    dx[n, c, i + kh, j + kw] += Σ f     dy[n,f,i,j] · W[f,c,kh,kw]      for all i, j, kh, kw

    x, dx (N, C, H, W)   W, dW (F, C, KH, KW)   db (F,)   dy (N, F, OH, OW)

A pixel lies in many windows, and each of them gives it a share.

Read docs/conv2d.md. Try your own: python -m doctest conv2d_backward.py; then
python -m scratchnet learn check conv2d_backward.py
"""

import numpy as np

EXERCISE = "conv2d_backward"


def conv2d_backward(
    dy: np.ndarray, x: np.ndarray, W: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """dx (N, C, H, W), dW (F, C, KH, KW) and db (F,), in this order.

    >>> dy, x = np.array([[[[1.0, 10.0]]]]), np.array([[[[1.0, 2.0, 3.0]]]])
    >>> dx, dW, db = conv2d_backward(dy, x, np.array([[[[4.0, 5.0]]]]))
    >>> dx.tolist(), dW.tolist(), db.tolist()
    ([[[[4.0, 45.0, 50.0]]]], [[[[21.0, 32.0]]]], [11.0])
    """
    raise NotImplementedError
