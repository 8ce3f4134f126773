"""Residual: a block that learns what to add to its input.

    y  = f(x) + x           or f(x) + P(x), where f changes the shape
    dx = (∂f/∂x)ᵀ dy + dy   or + (∂P/∂x)ᵀ dy

         ┌──── f: body ────┐
    x ───┤                 ⊕─── y
         └─ P: projection ─┘          P is the identity unless layers are given

A sum hands its gradient to both terms. So dy reaches x undiminished on the shortcut however deep f
is, and a stack of such blocks trains where a plain stack does not.

He, Zhang, Ren, Sun, "Deep residual learning for image recognition" (2016), eq. 1 and 2.

Chapter: docs/residual.md
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from scratchnet.layers.base import Array, Layer, Shape, layer_from_spec, layer_spec


class Residual(Layer):
    """A container: the sum of a body and a shortcut.

    `params`, `grads` and `buffers` hold the children's own arrays, under names such as
    "body.0.W" and "projection.0.gamma".

    Args:
        body: the layers of f, in order; at least one. Layers, or specs as in a saved model.
        projection: the layers of P, in order; None for the identity.

    Raises:
        ValueError: body is empty, or an element is neither a layer nor the spec of one.
    """

    def __init__(
        self,
        body: Sequence[Layer | Mapping[str, Any]],
        projection: Sequence[Layer | Mapping[str, Any]] | None = None,
    ) -> None:
        super().__init__()
        self.body = _layers(body, "body")
        self.projection = [] if projection is None else _layers(projection, "projection")
        if not self.body:
            raise ValueError("Residual body expects at least one layer, got none")

    def build(
        self, input_shape: Shape, rng: np.random.Generator, dtype: DTypeLike = np.float32
    ) -> Shape:
        shape = shortcut = tuple(input_shape)
        for layer in self.body:
            shape = layer.build(shape, rng, dtype)
        for layer in self.projection:
            shortcut = layer.build(shortcut, rng, dtype)
        if shape != shortcut:
            raise ValueError(
                f"Residual expects a body and a shortcut of one shape, got {shape} and {shortcut}; "
                'keep the shape with padding="same" and stride=1, '
                "or give a projection such as [Conv2D(filters, 1, stride)]"
            )
        self.input_shape, self.output_shape = tuple(input_shape), shape
        return self.output_shape

    def forward(self, x: Array, *, training: bool = False) -> Array:
        self.check_input(x)
        y = shortcut = x
        for layer in self.body:
            y = layer.forward(y, training=training)
        for layer in self.projection:
            shortcut = layer.forward(shortcut, training=training)
        self.cache = ()  # the children remember all there is
        return y + shortcut

    def backward(self, dy: Array) -> Array:
        () = self.recall()
        dx = dshortcut = dy
        for layer in reversed(self.body):
            dx = layer.backward(dx)
        for layer in reversed(self.projection):
            dshortcut = layer.backward(dshortcut)
        return dx + dshortcut

    def config(self) -> dict[str, Any]:
        return {
            "body": [layer_spec(layer) for layer in self.body],
            "projection": [layer_spec(layer) for layer in self.projection] or None,
        }

    def children(self) -> dict[str, Layer]:
        body = {f"body.{i}": layer for i, layer in enumerate(self.body)}
        return body | {f"projection.{i}": layer for i, layer in enumerate(self.projection)}

    @property
    def params(self) -> dict[str, Array]:
        return self._gathered("params")

    @property
    def grads(self) -> dict[str, Array]:
        return self._gathered("grads")

    @property
    def buffers(self) -> dict[str, Array]:
        return self._gathered("buffers")

    def _gathered(self, attribute: str) -> dict[str, Array]:
        """The arrays of all children, each under its path; the children keep owning them."""
        return {
            f"{path}.{name}": array
            for path, child in self.children().items()
            for name, array in getattr(child, attribute).items()
        }

    def __repr__(self) -> str:
        return f"Residual(body={self.body!r}, projection={self.projection or None!r})"


def _layers(elements: Any, name: str) -> list[Layer]:
    if not isinstance(elements, list | tuple):
        raise ValueError(f"Residual {name} expects a list of layers, got {elements!r}")
    return [
        element if isinstance(element, Layer) else layer_from_spec(element) for element in elements
    ]
