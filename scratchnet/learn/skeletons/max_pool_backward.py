"""Max pooling, backward: each dy goes to the pixel that won its window.

    y[n,c,i,j] = max over kh, kw of x[n, c, i·stride + kh, j·stride + kw]      forward

    dx at the pixel that won  +=  dy[n,c,i,j]

    x, dx (N, C, H, W)     dy (N, C, OH, OW)

Of equal pixels in a window the first in reading order wins, as np.argmax finds it. Windows may
overlap, so one pixel may win several.

Read docs/max_pool.md. Try your own: python -m doctest max_pool_backward.py; then
python -m scratchnet learn check max_pool_backward.py
"""

import numpy as np

EXERCISE = "max_pool_backward"


def max_pool_backward(dy: np.ndarray, x: np.ndarray, size: int, stride: int) -> np.ndarray:
    """dx (N, C, H, W).

    >>> x = np.array([[[[1.0, 5.0, 2.0], [3.0, 4.0, 9.0]]]])
    >>> max_pool_backward(np.array([[[[10.0, 20.0]]]]), x, 2, 1).tolist()
    [[[[0.0, 10.0, 0.0], [0.0, 0.0, 20.0]]]]
    """
    raise NotImplementedError
