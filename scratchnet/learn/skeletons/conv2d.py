"""Convolution: one small question, asked at every place of an image.

    y[n,f,i,j] = b[f] + Σ c,kh,kw  W[f,c,kh,kw] · x[n, c, i + kh, j + kw]

    x (N, C, H, W): N images of C channels      W (F, C, KH, KW): F filters, each as deep as x
    b (F,): a bias for each filter              y (N, F, OH, OW): a channel for each filter
    OH = H − KH + 1                             OW = (width of x) − KW + 1

Seven loops are fine; fewer are a pleasure.

Read docs/conv2d.md. Try your own: python -m doctest conv2d.py; then
python -m scratchnet learn check conv2d.py
"""

import numpy as np

EXERCISE = "conv2d"


def conv2d_forward(x: np.ndarray, W: np.ndarray, b: np.ndarray) -> np.ndarray:
    """y (N, F, OH, OW).

    >>> x = np.array([[[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]]])
    >>> W = np.array([[[[1.0, 0.0], [0.0, -1.0]]]])
    >>> conv2d_forward(x, W, np.array([10.0])).tolist()
    [[[[6.0, 6.0]]]]
    """
    raise NotImplementedError
