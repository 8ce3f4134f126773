"""Tanh: a number is squeezed between −1 and 1, with its sign kept.

    y  = (eˣ − e⁻ˣ) / (eˣ + e⁻ˣ)
    dx = dy · (1 − y²)                         any shape, kept

A sigmoid, stretched to be centred at 0: tanh x = 2 σ(2x) − 1. LeCun et al., "Efficient BackProp"
(1998), section 4.4, on why centred activations learn faster.

Chapter: docs/activations.md
"""

from __future__ import annotations

import numpy as np

from scratchnet.layers.base import Array, Layer


class Tanh(Layer):
    """The hyperbolic tangent."""

    def forward(self, x: Array, *, training: bool = False) -> Array:
        self.check_input(x)
        y = np.tanh(x)
        self.cache = y
        return y

    def backward(self, dy: Array) -> Array:
        y = self.recall()
        return dy * (1 - y * y)
