"""ZeroPadding2D: a frame of zeros around the image.

    y[n, c, i + top, j + left] = x[n, c, i, j], and 0 elsewhere        (N, C, top + H + bottom, ...)
    dx[n, c, i, j] = dy[n, c, i + top, j + left]                       (N, C, H, W)

Conv2D pads by itself. This layer is for nets that write the padding as a layer of its own, and
for a frame that is wider on one side.
Chapter: docs/zero_padding.md
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from scratchnet.layers.base import Array, Layer, Shape
from scratchnet.layers.shapes import Edges, check_padding, image_shape, padding_config


class ZeroPadding2D(Layer):
    """Zeros around each channel.

    Args:
        padding: an int, (rows, columns) or ((top, bottom), (left, right)).

    Raises:
        ValueError: padding is none of these.
    """

    def __init__(self, padding: Any = 1) -> None:
        super().__init__()
        checked = check_padding(padding, "ZeroPadding2D padding")
        if isinstance(checked, str):
            raise ValueError(f"ZeroPadding2D padding expects an int or a pair, got {padding!r}")
        self.edges: Edges = checked

    def build(
        self, input_shape: Shape, rng: np.random.Generator, dtype: DTypeLike = np.float32
    ) -> Shape:
        C, H, W = image_shape(self, input_shape)
        (top, bottom), (left, right) = self.edges
        self.input_shape, self.output_shape = (C, H, W), (C, top + H + bottom, left + W + right)
        return self.output_shape

    def forward(self, x: Array, *, training: bool = False) -> Array:
        self.check_input(x)
        self.cache = x.shape
        return np.pad(x, ((0, 0), (0, 0), *self.edges))

    def backward(self, dy: Array) -> Array:
        _, _, H, W = self.recall()
        (top, _), (left, _) = self.edges
        return dy[:, :, top : top + H, left : left + W]

    def config(self) -> dict[str, Any]:
        return {"padding": padding_config(self.edges)}
