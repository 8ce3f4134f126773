"""Layers define, the plan executes.

A layer alone is exact and easy to read; speed wants to see the whole network: which steps can be
fused, where buffers can be reused. That is the plan's business, and nobody else's. This first plan
is the plainest that is right: one step a layer, in order.

It does own one thing already: all parameters lie in two flat buffers, those that weight decay
shrinks and those that it leaves out, and all gradients in two more. A layer's `params` and `grads`
are views of them; an optimiser sees two long vectors whatever the network.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from scratchnet.layers.base import Array, Layer, leaves
from scratchnet.optimizers import Parameter


@dataclass(frozen=True)
class Step:
    """One or more layers that run as one operation, and how."""

    layers: tuple[Layer, ...]
    algorithm: str


def flatten_parameters(named_layers: Sequence[tuple[str, Layer]]) -> list[Parameter]:
    """Move the parameters of plain layers into flat buffers; the layers keep views of them."""
    flat = []
    for decays, name in ((True, "weights"), (False, "biases_and_norms")):
        members = [
            (layer, key)
            for _, layer in named_layers
            for key in layer.params
            if (key in layer.decayed) is decays
        ]
        if not members:
            continue
        sizes = [layer.params[key].size for layer, key in members]
        dtype = members[0][0].params[members[0][1]].dtype
        value, grad = np.empty(sum(sizes), dtype), np.zeros(sum(sizes), dtype)
        start = 0
        for (layer, key), size in zip(members, sizes, strict=True):
            shape = layer.params[key].shape
            value[start : start + size] = layer.params[key].reshape(-1)
            layer.params[key] = value[start : start + size].reshape(shape)
            layer.grads[key] = grad[start : start + size].reshape(shape)
            start += size
        flat.append(Parameter(name, value, grad, decays))
    return flat


def forget(layer: Layer) -> None:
    """Drop what a layer, and every layer inside of it, kept for a backward pass."""
    layer.cache = None
    for child in layer.children().values():
        forget(child)


class Plan:
    """A built network as a list of steps over flat parameters.

    Attributes:
        steps: what runs, in order.
        parameters: the flat buffers, at most two.
    """

    def __init__(self, layers: Sequence[Layer]) -> None:
        named = [leaf for i, layer in enumerate(layers) for leaf in leaves(layer, str(i))]
        self.parameters = flatten_parameters(named)
        self.steps = [Step((layer,), type(layer).__name__) for layer in layers]

    def forward(self, x: Array, *, training: bool = False) -> Array:
        """The last layer's output; each layer keeps what its backward needs."""
        for step in self.steps:
            for layer in step.layers:
                x = layer.forward(x, training=training)
        return x

    def backward(self, dy: Array) -> Array:
        """Set every gradient from that of the last layer's output; returns that of the input."""
        for step in reversed(self.steps):
            for layer in reversed(step.layers):
                dy = layer.backward(dy)
        return dy

    def predict(self, x: Array) -> Array:
        """The forward pass in evaluation, which keeps nothing."""
        for step in self.steps:
            for layer in step.layers:
                x = layer.forward(x)
                forget(layer)
        return x

    def state(self) -> dict[str, Any]:
        """Copies of the flat parameters, by name."""
        return {p.name: p.value.copy() for p in self.parameters}
