"""ReLU: negative values become 0.

    y  = max(x, 0)
    dx = dy where y > 0, else 0                any shape, kept

At x = 0 the derivative does not exist; here ReLU'(0) = 0. As y > 0 exactly where x > 0, backward
needs only y, and x may be forgotten.

Nair, Hinton, "Rectified linear units improve restricted Boltzmann machines" (2010). Defined by
`scratchnet.reference.relu`.

Chapter: docs/activations.md
"""

from __future__ import annotations

from scratchnet import ops
from scratchnet.layers.base import Array, Layer


class ReLU(Layer):
    """The rectified linear unit."""

    def forward(self, x: Array, *, training: bool = False) -> Array:
        self.check_input(x)
        y = ops.relu_forward(x)
        self.cache = y
        return y

    def backward(self, dy: Array) -> Array:
        y = self.recall()
        return ops.relu_backward(dy, y)
