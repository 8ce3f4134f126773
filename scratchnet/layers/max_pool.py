"""MaxPool2D: each window is replaced by its largest pixel.

    y[n,c,i,j] = max kh,kw  x[n, c, i·sh + kh − top, j·sw + kw − left]      outside of x: −∞
    dx         = dy at the pixel that won the window, 0 at the others; a pixel that won several
                 (overlapping) windows receives the sum of their dy

    x (N, C, H, W)   y (N, C, OH, OW)   winner (N, C, OH, OW): kh·KW + kw of the largest pixel

Of equal pixels the first in reading order wins (as in argmax): a convention, for there the
derivative does not exist. It makes every gradient reproducible.

Yamaguchi et al., "A neural network for speaker-independent isolated word recognition" (1990).
Defined by `scratchnet.reference.max_pool`.
Chapter: docs/max_pool.md
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from scratchnet import ops
from scratchnet.layers.base import Array, Layer, Shape
from scratchnet.layers.shapes import (
    Edges,
    check_padding,
    image_shape,
    output_size,
    padding_config,
    pair,
    resolve_padding,
    unpair,
)


class MaxPool2D(Layer):
    """The maximum of each window.

    Args:
        size: (KH, KW) of the window, or one int for both.
        stride: (rows, columns) from window to window, or one int; `size` if None (no overlap).
        padding: as in Conv2D, but never chosen: at most half of the window on each side.

    Raises:
        ValueError: an argument is out of range, or a window could lie wholly in the padding.
    """

    def __init__(
        self,
        size: int | tuple[int, int],
        stride: int | tuple[int, int] | None = None,
        padding: Any = 0,
    ) -> None:
        super().__init__()
        self.size = pair(size, "MaxPool2D size")
        self.stride = self.size if stride is None else pair(stride, "MaxPool2D stride")
        self.padding = check_padding(padding, "MaxPool2D padding")
        self.edges: Edges = ((0, 0), (0, 0))
        if not isinstance(self.padding, str):  # "same" never exceeds half of the window
            for window, sides in zip(self.size, self.padding, strict=True):
                if 2 * max(sides) > window:
                    raise ValueError(
                        f"MaxPool2D expects padding of at most half of the window "
                        f"({window // 2} for {window}), got {max(sides)}; "
                        "a window wholly outside of the image has no maximum"
                    )

    def build(
        self, input_shape: Shape, rng: np.random.Generator, dtype: DTypeLike = np.float32
    ) -> Shape:
        C, H, W = image_shape(self, input_shape)
        self.edges = resolve_padding(self.padding, (H, W), self.size, self.stride)
        size = output_size(self, (H, W), self.size, self.stride, self.edges)
        self.input_shape, self.output_shape = (C, H, W), (C, *size)
        return self.output_shape

    def forward(self, x: Array, *, training: bool = False) -> Array:
        self.check_input(x)
        y, winner = ops.max_pool_forward(x, self.size, self.stride, self.edges)
        self.cache = x.shape, winner
        return y

    def backward(self, dy: Array) -> Array:
        x_shape, winner = self.recall()
        return ops.max_pool_backward(dy, winner, x_shape, self.size, self.stride, self.edges)

    def config(self) -> dict[str, Any]:
        return {
            "size": unpair(self.size),
            "stride": unpair(self.stride),
            "padding": padding_config(self.padding),
        }
