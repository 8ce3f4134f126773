"""Max pooling, defined.

y[n,c,i,j]      = max kh,kw  x[n, c, i·sh + kh, j·sw + kw]            x padded with −∞
winner[n,c,i,j] = kh·KW + kw of that pixel; of equal ones, the first in reading order
dx[n, c, i·sh + kh, j·sw + kw]  +=  dy[n,c,i,j]  where (kh, kw) won

x, dx (N, C, H, W)   y, dy, winner (N, C, OH, OW)
size (KH, KW)   stride (sh, sw)   padding ((top, bottom), (left, right))
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from scratchnet.reference.windows import Edges, Pair, output_size, pad, under, unpad

Array = NDArray[Any]


def max_pool_forward(x: Array, size: Pair, stride: Pair, padding: Edges) -> tuple[Array, Array]:
    """y, and which offset of its window each output came from."""
    inside = pad(np.ones(x.shape, bool), padding, False)
    x = pad(x, padding, -np.inf)
    KH, KW = size
    windows = output_size(x, size, stride)

    y = np.full((*x.shape[:2], *windows), -np.inf, x.dtype)
    winner = np.zeros(y.shape, np.uint8 if KH * KW <= 256 else np.int32)
    unset = np.ones(y.shape, bool)  # no pixel of the image so far; even −∞ comes before the frame
    for kh, kw in np.ndindex(KH, KW):
        pixels = under(x, (kh, kw), windows, stride)
        first = unset & under(inside, (kh, kw), windows, stride)
        wins = first | (pixels > y)  # not >=, so the first of equal pixels keeps its place
        y[wins] = pixels[wins]
        winner[wins] = kh * KW + kw
        unset &= ~first
    return y, winner


def max_pool_backward(
    dy: Array, winner: Array, x_shape: tuple[int, ...], size: Pair, stride: Pair, padding: Edges
) -> Array:
    """dx: each dy goes to its window's winner; windows may overlap, so they add up."""
    KH, KW = size
    _, _, OH, OW = dy.shape
    dx = pad(np.zeros(x_shape, dy.dtype), padding, 0)
    for kh, kw in np.ndindex(KH, KW):
        dpixels = under(dx, (kh, kw), (OH, OW), stride)
        dpixels += np.where(winner == kh * KW + kw, dy, 0)
    return unpad(dx, padding)
