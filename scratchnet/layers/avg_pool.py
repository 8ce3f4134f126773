"""AvgPool2D: each window is replaced by its mean.

    y[n,c,i,j] = 1 / (KH·KW) · Σ kh,kw  x[n, c, i·sh + kh, j·sw + kw]
    dx         = dy / (KH·KW), added to every pixel of the window

    x (N, C, H, W)   y (N, C, OH, OW)

LeCun et al. (1998), section II.B, "sub-sampling". Defined by `scratchnet.reference.avg_pool`.
Chapter: docs/avg_pool.md
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from scratchnet import ops
from scratchnet.layers.base import Array, Layer, Shape
from scratchnet.layers.shapes import image_shape, output_size, pair, unpair


class AvgPool2D(Layer):
    """The mean of each window.

    Args:
        size: (KH, KW) of the window, or one int for both.
        stride: (rows, columns) from window to window, or one int; `size` if None (no overlap).

    Raises:
        ValueError: an argument is out of range.
    """

    def __init__(
        self, size: int | tuple[int, int], stride: int | tuple[int, int] | None = None
    ) -> None:
        super().__init__()
        self.size = pair(size, "AvgPool2D size")
        self.stride = self.size if stride is None else pair(stride, "AvgPool2D stride")

    def build(
        self, input_shape: Shape, rng: np.random.Generator, dtype: DTypeLike = np.float32
    ) -> Shape:
        C, H, W = image_shape(self, input_shape)
        size = output_size(self, (H, W), self.size, self.stride)
        self.input_shape, self.output_shape = (C, H, W), (C, *size)
        return self.output_shape

    def forward(self, x: Array, *, training: bool = False) -> Array:
        self.check_input(x)
        self.cache = x.shape
        return ops.avg_pool_forward(x, self.size, self.stride)

    def backward(self, dy: Array) -> Array:
        x_shape = self.recall()
        return ops.avg_pool_backward(dy, x_shape, self.size, self.stride)

    def config(self) -> dict[str, Any]:
        return {"size": unpair(self.size), "stride": unpair(self.stride)}
