"""Flatten: the pixels of all channels in one row, channel after channel.

y[n, (c·H + i)·W + j] = x[n,c,i,j]        x (N, C, H, W)   y (N, C·H·W)
dx = dy, in x's shape

Chapter: docs/dense.md
"""

from __future__ import annotations

from math import prod

import numpy as np
from numpy.typing import DTypeLike

from scratchnet.layers.base import Array, Layer, Shape


class Flatten(Layer):
    """(C, H, W) -> (C·H·W,): from images to what Dense takes."""

    def build(
        self, input_shape: Shape, rng: np.random.Generator, dtype: DTypeLike = np.float32
    ) -> Shape:
        self.input_shape, self.output_shape = tuple(input_shape), (prod(input_shape),)
        return self.output_shape

    def forward(self, x: Array, *, training: bool = False) -> Array:
        self.check_input(x)
        self.cache = x.shape
        _, (D,) = self.built()
        return x.reshape(len(x), D)  # not -1, which an empty batch leaves undefined

    def backward(self, dy: Array) -> Array:
        x_shape = self.recall()
        return dy.reshape(x_shape)
