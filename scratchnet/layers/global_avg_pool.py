"""GlobalAvgPool2D: each channel is replaced by its mean, and the image by a vector.

    y[n,c]      = 1 / (H·W) · Σ i,j  x[n,c,i,j]        x (N, C, H, W)   y (N, C)
    dx[n,c,i,j] = dy[n,c] / (H·W)

Lin, Chen, Yan, "Network in network" (2014), section 3.2.
Chapter: docs/avg_pool.md
"""

from __future__ import annotations

import numpy as np
from numpy.typing import DTypeLike

from scratchnet.layers.base import Array, Layer, Shape
from scratchnet.layers.shapes import image_shape


class GlobalAvgPool2D(Layer):
    """The mean of each channel: (C, H, W) -> (C,), whatever the image's size."""

    def build(
        self, input_shape: Shape, rng: np.random.Generator, dtype: DTypeLike = np.float32
    ) -> Shape:
        C, H, W = image_shape(self, input_shape)
        self.input_shape, self.output_shape = (C, H, W), (C,)
        return self.output_shape

    def forward(self, x: Array, *, training: bool = False) -> Array:
        self.check_input(x)
        self.cache = x.shape
        return x.mean(axis=(2, 3))

    def backward(self, dy: Array) -> Array:
        N, C, H, W = self.recall()
        share = dy.reshape(N, C, 1, 1) / (H * W)
        return np.broadcast_to(share, (N, C, H, W)).copy()
