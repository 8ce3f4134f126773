"""A layer, a network or a loss as a pure function that can be called again and again.

    L(v) = ⟨g, y⟩,  y = forward(x)      v: the input or one of the parameters; g random, fixed

A forward pass has side effects: dropout draws from its generator, batch norm moves its running
statistics. Here each call starts from the same state, so that the only difference between two
calls is the value that was moved. All of it happens on a copy, in float64.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from scratchnet.layers.base import Array, Layer
from scratchnet.losses import Loss

Place = tuple[int, ...] | None
"""An entry of an array, or None: the whole array."""


class Subject:
    """What is checked.

    Attributes:
        parts: the plain layers inside, by path ("" where `function` itself is one).
        slots: where each quantity lives, by name: a dict and its key. "x" is the input.
        start: copies of all quantities, from before the first call.
        y, g: the output and the upstream gradient; numbers where there is a loss.
    """

    def __init__(
        self,
        function: Any,
        x: Array,
        *,
        loss: Loss | None,
        target: Any,
        training: bool,
        rng: np.random.Generator,
        shake: float,
    ) -> None:
        function, loss = copy.deepcopy((function, loss))
        if isinstance(function, Loss):
            function, loss = None, function
        self.function, self.loss, self.target, self.training = function, loss, target, training
        self.inputs = {"x": np.array(x, np.float64)}
        if function is not None:
            if function.input_shape is None:
                function.build(x.shape[1:], rng, np.float64)
            if hasattr(function, "dtype"):  # a network casts its input
                function.dtype = np.dtype(np.float64)
        self.parts = dict(_leaves(function))
        self.slots: dict[str, tuple[dict[str, Array], str]] = {"x": (self.inputs, "x")}
        self.grads: dict[str, tuple[dict[str, Array], str]] = {}
        for path, part in self.parts.items():
            for arrays in (part.params, part.grads, part.buffers):
                arrays.update({key: array.astype(np.float64) for key, array in arrays.items()})
            for key, value in part.params.items():
                value += shake * rng.standard_normal(value.shape)
                name = f"{path}.{key}" if path else key
                self.slots[name], self.grads[name] = (part.params, key), (part.grads, key)
        if not training and any(part.buffers for part in self.parts.values()):
            for _ in range(3):  # running statistics that are not those of a new layer
                function.forward(self.inputs["x"], training=True)
        self._generators = [
            (part.rng, part.rng.bit_generator.state)
            for part in self.parts.values()
            if part.rng is not None
        ]
        self._buffers = [
            (buffer, buffer.copy())
            for part in self.parts.values()
            for buffer in part.buffers.values()
        ]
        self.start = self.values()
        self.y = self.forward()
        self.g = rng.standard_normal(self.y.shape) if loss is None else np.array(1.0)

    # -- one call -------------------------------------------------------------------------------

    def rewind(self) -> None:
        """Generators and running statistics as they were."""
        for rng, state in self._generators:
            rng.bit_generator.state = state
        for buffer, value in self._buffers:
            buffer[...] = value

    def forward(self) -> Array:
        """y, or the loss as an array of no axes."""
        self.rewind()
        y = self.inputs["x"]
        if self.function is not None:
            y = self.function.forward(y, training=self.training)
        return y if self.loss is None else np.asarray(self.loss.forward(y, self.target))

    def backward(self, g: Array) -> Array:
        """dx, for an upstream gradient; the parameters' gradients are in `grads`."""
        if self.loss is not None:
            g = g * self.loss.backward()
        return g if self.function is None else self.function.backward(g)

    # -- L along a line -------------------------------------------------------------------------

    def value(self, name: str) -> Array:
        """The array of a quantity: the input or a parameter."""
        holder, key = self.slots[name]
        return holder[key]

    def values(self) -> dict[str, Array]:
        """Copies of all quantities."""
        return {name: self.value(name).copy() for name in self.slots}

    def along(
        self, name: str, place: Place, direction: Array | float = 1.0
    ) -> Callable[[Any], Any]:
        """f(t) = L(v + t · direction) - L(v), where only the entry at `place` moves, or all of v.

        y is subtracted before the sum: what did not move then cancels without rounding.
        """
        holder, key = self.slots[name]
        value = holder[key]

        def f(t: Any) -> Any:
            moved = value.astype(complex) if isinstance(t, complex) else value.copy()
            moved[... if place is None else place] += t * direction
            x = self.inputs["x"]
            if isinstance(t, complex):  # layers take their dtype from x
                self.inputs["x"] = x.astype(complex)
            holder[key] = moved
            try:
                change = np.sum(self.g * (self.forward() - self.y))
            finally:
                self.inputs["x"], holder[key] = x, value
            if isinstance(t, complex) and not isinstance(change, complex):
                raise TypeError(
                    "forward drops the imaginary part of a complex number; use scheme='smooth'"
                )
            return change

        return f

    @property
    def magnitude(self) -> float:
        """Σ |g y|: rounding alone may change L by ε times this."""
        return float(np.sum(np.abs(self.g * self.y)))

    @property
    def is_network(self) -> bool:
        """Whether several layers are checked together."""
        return "" not in self.parts and bool(self.parts)

    def buffers_moved(self) -> bool:
        """Whether running statistics differ from those at the start."""
        return any(not np.array_equal(buffer, value) for buffer, value in self._buffers)

    def __str__(self) -> str:
        mode = "training" if self.training else "evaluation"
        what = repr(self.loss if self.function is None else self.function)
        if self.is_network:
            what = f"{type(self.function).__name__} of {len(self.parts)} layers"
        tail = (
            f", with {self.loss!r}" if self.loss is not None and self.function is not None else ""
        )
        shape = self.inputs["x"].shape
        return f"{what} on {shape}{tail}" + ("" if self.function is None else f", in {mode}")


def _leaves(function: Any, path: str = "") -> Iterator[tuple[str, Layer]]:
    """The plain layers inside of a layer, a network (which has `layers`) or None, by path."""
    if isinstance(function, Layer):
        children = function.children()
        if not children:
            yield path, function
    else:
        children = {str(i): layer for i, layer in enumerate(getattr(function, "layers", ()))}
    for name, child in children.items():
        yield from _leaves(child, f"{path}.{name}" if path else name)
