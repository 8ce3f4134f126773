"""Sigmoid: a number becomes a share between 0 and 1.

    y  = 1 / (1 + e⁻ˣ)
    dx = dy · y · (1 − y)                      any shape, kept

The derivative in terms of y: y' = e⁻ˣ / (1 + e⁻ˣ)² = y · (1 − y), at most 1/4. Ten sigmoids in a
row shrink a gradient at least a millionfold, which is why deep nets use ReLU.

Chapter: docs/activations.md
"""

from __future__ import annotations

import numpy as np

from scratchnet.layers.base import Array, Layer


class Sigmoid(Layer):
    """The logistic function."""

    def forward(self, x: Array, *, training: bool = False) -> Array:
        self.check_input(x)
        with np.errstate(over="ignore"):  # e⁻ˣ may reach infinity, and 1 / ∞ is the right 0
            y = 1 / (1 + np.exp(-x))
        self.cache = y
        return y

    def backward(self, dy: Array) -> Array:
        y = self.recall()
        return dy * y * (1 - y)
