"""Layers define, the plan executes.

A layer alone is exact and easy to read; speed wants to see the whole network: which layers can run
as one operation, in which layout, by which algorithm, in whose memory. That is the plan's business,
and nobody else's:

    parameters    all weights and gradients in flat buffers
    fusion        layers → steps; decides
    chain         steps one after another
    *_step(s)     the fused steps, between which go maps
    store         maps, and the memory that they lie in
    stretch       steps through which large batches go in parts

Its results are the layers', but for rounding: other algorithms add in another order. Where a step
is a layer as it is, so are the bits.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from scratchnet.layers.base import Array, Layer, leaves
from scratchnet.ops import implementation
from scratchnet.plan.chain import Chain, LayerStep, Step
from scratchnet.plan.parameters import flatten_parameters


class Plan:
    """A built network as a list of steps over flat parameters.

    Args:
        layers: built layers, in order.
        fuse: False makes every layer a step of its own.

    Attributes:
        steps: what runs, in order.
        parameters: the flat buffers, at most two.
    """

    def __init__(self, layers: Sequence[Layer], *, fuse: bool = True) -> None:
        named = [leaf for i, layer in enumerate(layers) for leaf in leaves(layer, str(i))]
        self.parameters = flatten_parameters(named)
        single = {p.value.dtype for p in self.parameters} == {np.dtype(np.float32)}
        if fuse and single and implementation() == "kernels":
            from scratchnet.plan.fusion import fused  # the kernels take a while to import

            self._chain = fused(layers)
        else:
            self._chain = Chain([LayerStep(layer) for layer in layers])

    @property
    def steps(self) -> list[Step]:
        return [inner for step in self._chain.steps for inner in getattr(step, "steps", [step])]

    def forward(self, x: Array, *, training: bool = False) -> Array:
        """The last layer's output; each step keeps what its backward needs."""
        return self._chain.forward(x, training=training)

    def backward(self, dy: Array) -> None:
        """Set every gradient of a parameter from that of the last layer's output."""
        self._chain.backward(dy)

    def predict(self, x: Array) -> Array:
        """The forward pass in evaluation, which keeps nothing."""
        return self._chain.predict(x)

    def state(self) -> dict[str, Any]:
        """Copies of the flat parameters, by name."""
        return {p.name: p.value.copy() for p in self.parameters}


__all__ = ["Plan", "Step"]
