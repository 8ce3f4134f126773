"""Dense: every output is a weighted sum of all inputs.

    y = x @ W + b               x (N, D)   W (D, M)   b (M,)   y (N, M)

    dx = dy @ Wᵀ    dW = xᵀ @ dy    db = Σ n  dy[n]

The shapes alone give the backward pass: dW must be (D, M), and xᵀ @ dy is the only product of
(N, D) and (N, M) that is. Rumelhart, Hinton, Williams, "Learning representations by
back-propagating errors" (1986). Defined by `scratchnet.reference.dense`.

Chapter: docs/dense.md
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from scratchnet import ops
from scratchnet.initializers import find_initializer
from scratchnet.layers.base import Array, Layer, Shape
from scratchnet.layers.shapes import whole


class Dense(Layer):
    """A fully connected layer.

    Args:
        units: M, the number of outputs.
        bias: whether there is a b.
        initializer: the name of W's initialiser; b starts at 0.

    Raises:
        ValueError: units is not a positive int, or the initialiser is unknown.
    """

    def __init__(self, units: int, bias: bool = True, initializer: str = "he") -> None:
        super().__init__()
        self.units = whole(units, "Dense units")
        self.bias = bool(bias)
        self.initializer = initializer
        find_initializer(initializer)

    def build(
        self, input_shape: Shape, rng: np.random.Generator, dtype: DTypeLike = np.float32
    ) -> Shape:
        if len(input_shape) != 1 or input_shape[0] < 1:
            raise ValueError(
                f"Dense expects (D,), got {tuple(input_shape)}; put Flatten() before it"
            )
        (D,), M = input_shape, self.units
        initialize = find_initializer(self.initializer)
        self.add_parameter("W", initialize((D, M), D, M, rng, dtype))
        if self.bias:
            self.add_parameter("b", np.zeros(M, dtype))
        self.input_shape, self.output_shape = (D,), (M,)
        return self.output_shape

    def forward(self, x: Array, *, training: bool = False) -> Array:
        self.check_input(x)
        self.cache = x
        return ops.dense_forward(x, self.params["W"], self.params.get("b"))

    def backward(self, dy: Array) -> Array:
        x = self.recall()
        dx, dW, db = ops.dense_backward(dy, x, self.params["W"])
        self.grads["W"][...] = dW
        if self.bias:
            self.grads["b"][...] = db
        return dx

    def macs(self) -> int:
        (D,), (M,) = self.built()
        return D * M

    def config(self) -> dict[str, Any]:
        return {"units": self.units, "bias": self.bias, "initializer": self.initializer}
