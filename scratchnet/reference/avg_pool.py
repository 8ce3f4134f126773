"""Average pooling, defined.

    y[n,c,i,j] = 1 / (KH·KW) · Σ kh,kw  x[n, c, i·sh + kh, j·sw + kw]
    dx[n, c, i·sh + kh, j·sw + kw]  +=  dy[n,c,i,j] / (KH·KW)

    x, dx (N, C, H, W)   y, dy (N, C, OH, OW)   size (KH, KW)   stride (sh, sw)

Both add first and divide once, at the end: so whole numbers are added exactly, in any order.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from scratchnet.reference.windows import Pair, output_size, under

Array = NDArray[Any]


def avg_pool_forward(x: Array, size: Pair, stride: Pair) -> Array:
    """y: the mean of each window."""
    N, C, _, _ = x.shape
    KH, KW = size
    windows = output_size(x, size, stride)
    total = np.zeros((N, C, *windows), x.dtype)
    for offset in np.ndindex(KH, KW):
        total += under(x, offset, windows, stride)
    return total / (KH * KW)


def avg_pool_backward(dy: Array, x_shape: tuple[int, ...], size: Pair, stride: Pair) -> Array:
    """dx: each dy is shared out evenly over its window; windows may overlap, so they add up."""
    KH, KW = size
    _, _, OH, OW = dy.shape
    total = np.zeros(x_shape, dy.dtype)
    for offset in np.ndindex(KH, KW):
        pixels = under(total, offset, (OH, OW), stride)
        pixels += dy
    return total / (KH * KW)
