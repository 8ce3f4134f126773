"""Max pooling: of each window only the largest pixel stays.

    y[n,c,i,j] = max over kh, kw of x[n, c, i·stride + kh, j·stride + kw]      kh, kw < size

    x (N, C, H, W): N images of C channels     y (N, C, OH, OW)
    OH = (H − size) // stride + 1              OW = (W − size) // stride + 1

Only windows that lie inside of the image count; with stride < size they overlap.

Read docs/max_pool.md. Try your own: python -m doctest max_pool.py; then
python -m scratchnet learn check max_pool.py
"""

import numpy as np

EXERCISE = "max_pool"


def max_pool_forward(x: np.ndarray, size: int, stride: int) -> np.ndarray:
    """y (N, C, OH, OW).

    >>> x = np.array([[[[1.0, 5.0, 2.0], [3.0, 4.0, 9.0], [0.0, 7.0, 8.0]]]])
    >>> max_pool_forward(x, 2, 1).tolist()
    [[[[5.0, 9.0], [7.0, 9.0]]]]
    >>> max_pool_forward(x, 2, 2).tolist()
    [[[[5.0]]]]
    """
    raise NotImplementedError
