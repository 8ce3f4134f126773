"""Tap: listens at the output of one layer, wherever in the network it sits.

    forward   x ─▶ layer ─▶ y        tap.y  = y
    backward  dx ◀─ layer ◀─ dy      tap.dy = ∂score/∂y

A layer's protocol hands its output to the next layer and to nobody else; inside of a Residual not
even the network sees it. So while a tap is open, it stands in for the layer's two methods, and
notes what passes.
"""

from __future__ import annotations

from types import TracebackType
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from scratchnet.layers.base import Layer

if TYPE_CHECKING:
    from scratchnet.sequential import Sequential

Array = NDArray[Any]


def find_layer(model: Sequential, path: str) -> Layer:
    """The layer at a path such as "7" or, inside of a Residual, "7.body.2".

    Raises:
        ValueError: there is no such layer; the message names those that there are.
    """
    found = all_layers(model)
    if path not in found:
        names = ", ".join(f"{name} {type(layer).__name__}" for name, layer in found.items())
        raise ValueError(f"there is no layer {path!r}; this network has {names}")
    return found[path]


def all_layers(model: Sequential) -> dict[str, Layer]:
    """Every layer by its path, in the order of the network; a container before its children."""
    found: dict[str, Layer] = {}

    def walk(layer: Layer, path: str) -> None:
        found[path] = layer
        for name, child in layer.children().items():
            walk(child, f"{path}.{name}")

    for i, layer in enumerate(model.layers):
        walk(layer, str(i))
    return found


class Tap:
    """`with Tap(layer) as tap:` then a forward pass sets `tap.y`, a backward pass `tap.dy`."""

    def __init__(self, layer: Layer) -> None:
        self.layer = layer
        self.y: Array = np.zeros(0, np.float32)
        self.dy: Array = np.zeros(0, np.float32)

    def __enter__(self) -> Tap:
        forward, backward = self.layer.forward, self.layer.backward

        def listening_forward(x: Array, *, training: bool = False) -> Array:
            self.y = forward(x, training=training)
            return self.y

        def listening_backward(dy: Array) -> Array:
            self.dy = dy
            return backward(dy)

        # Attributes of the object hide its class's methods; taking them away uncovers those.
        vars(self.layer).update(forward=listening_forward, backward=listening_backward)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for name in ("forward", "backward"):
            vars(self.layer).pop(name, None)
