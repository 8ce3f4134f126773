"""Windows: what convolution and the pools share, namely a window that slides over a padded image.

Instead of visiting window after window, the operations visit *offset* after offset: `under` gives
the pixels that lie under offset (kh, kw) of all windows at once, as one view of shape
(N, C, OH, OW). Reading it gathers; adding into it scatters back.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Pair = tuple[int, int]
Edges = tuple[Pair, Pair]


def pad(x: Array, edges: Edges, value: float) -> Array:
    """x (N, C, H, W) with a frame of `value`: ((top, bottom), (left, right)) pixels wide."""
    return np.pad(x, ((0, 0), (0, 0), *edges), constant_values=value)


def unpad(x: Array, edges: Edges) -> Array:
    """The image without its frame."""
    _, _, HP, WP = x.shape
    (top, bottom), (left, right) = edges
    return x[:, :, top : HP - bottom, left : WP - right]  # [top:-bottom] is empty for bottom = 0


def output_size(x: Array, window: Pair, stride: Pair, dilation: Pair = (1, 1)) -> Pair:
    """How many windows fit on a padded image, (OH, OW): the last that fits counts."""
    _, _, HP, WP = x.shape
    (KH, KW), (sh, sw), (dh, dw) = window, stride, dilation
    return (HP - (KH - 1) * dh - 1) // sh + 1, (WP - (KW - 1) * dw - 1) // sw + 1


def under(x: Array, offset: Pair, size: Pair, stride: Pair, dilation: Pair = (1, 1)) -> Array:
    """A view of the pixels under `offset` (kh, kw) of each of the OH × OW windows."""
    (kh, kw), (OH, OW), (sh, sw), (dh, dw) = offset, size, stride, dilation
    rows = slice(kh * dh, kh * dh + (OH - 1) * sh + 1, sh)
    columns = slice(kw * dw, kw * dw + (OW - 1) * sw + 1, sw)
    return x[:, :, rows, columns]
