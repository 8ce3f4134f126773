"""Layer: the protocol that every layer follows, in one page.

    build     input shape -> output shape; allocates the parameters
    forward   y  = f(x; params)                 keeps in `cache` what backward needs
    backward  dx = (∂f/∂x)ᵀ dy                  and sets grads = (∂f/∂params)ᵀ dy

A gradient is written `d` + name and is always the derivative of one scalar loss L:
dy = ∂L/∂y has y's shape, dx = ∂L/∂x has x's. Shape letters are the same everywhere:

    N images, C channels, H × W pixels in       F filters of KH × KW       OH × OW pixels out
    D features in, M features out (dense)

Shapes passed to `build` have no batch axis; arrays passed to `forward` do: (N, C, H, W) or (N, D).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

import numpy as np
from numpy.typing import DTypeLike, NDArray

Array = NDArray[Any]
Shape = tuple[int, ...]

LAYERS: dict[str, type[Layer]] = {}
"""Every layer class by its name: what a saved model may name, and nothing else."""


class Layer:
    """One differentiable function of arrays, with its parameters.

    Attributes:
        params: parameters under the field's names (`W`, `b`, `gamma`, `beta`).
        grads: one array for each parameter, of its shape; `backward` writes *into* it.
        buffers: arrays that belong to the state but are not trained (running statistics).
            The three dicts are read-only attributes: arrays are written into, never replaced.
        cache: what the last forward kept for backward; None before the first.
        rng: the layer's own generator, where it is random; else None.
    """

    decayed: ClassVar[frozenset[str]] = frozenset({"W"})
    """Parameters that weight decay shrinks: weights, not biases and not norms."""

    def __init__(self) -> None:
        self._params: dict[str, Array] = {}
        self._grads: dict[str, Array] = {}
        self._buffers: dict[str, Array] = {}
        self.cache: Any = None
        self.rng: np.random.Generator | None = None
        self.input_shape: Shape | None = None
        self.output_shape: Shape | None = None

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        LAYERS[cls.__name__] = cls

    @property
    def params(self) -> dict[str, Array]:
        return self._params

    @property
    def grads(self) -> dict[str, Array]:
        return self._grads

    @property
    def buffers(self) -> dict[str, Array]:
        return self._buffers

    # -- the protocol -----------------------------------------------------------------------

    def build(
        self, input_shape: Shape, rng: np.random.Generator, dtype: DTypeLike = np.float32
    ) -> Shape:
        """Check the input shape, allocate parameters, and return the output shape.

        As written here: any shape, kept; no parameters. So an activation need not repeat it.

        Raises:
            ValueError: the layer cannot take this shape; the message names the remedy.
        """
        self.input_shape = self.output_shape = tuple(input_shape)
        return self.output_shape

    def forward(self, x: Array, *, training: bool = False) -> Array:
        """y = f(x). Never changes x."""
        raise NotImplementedError

    def backward(self, dy: Array) -> Array:
        """Set `grads` from the upstream gradient dy, and return dx. Never changes dy."""
        raise NotImplementedError

    def config(self) -> dict[str, Any]:
        """The constructor's arguments, ready for JSON: `type(layer)(**layer.config())`."""
        return {}

    def children(self) -> Mapping[str, Layer]:
        """The layers inside of a container, by name; a plain layer has none."""
        return {}

    def macs(self) -> int:
        """Multiply-accumulates of one forward pass of one sample (0 where they don't count)."""
        return sum(child.macs() for child in self.children().values())

    # -- what every layer shares ------------------------------------------------------------

    def recall(self) -> Any:
        """What the last forward kept; backward's first line."""
        if self.cache is None:
            raise RuntimeError(f"{type(self).__name__}.backward needs a forward pass before it")
        return self.cache

    def built(self) -> tuple[Shape, Shape]:
        """Input and output shape, without the batch axis.

        Raises:
            RuntimeError: `build` was not called.
        """
        if self.input_shape is None or self.output_shape is None:
            raise RuntimeError(f"{type(self).__name__} has no shape yet; call build() first")
        return self.input_shape, self.output_shape

    def check_input(self, x: Array) -> None:
        """Refuse a batch of another shape than the layer was built for; forward's first line.

        Raises:
            ValueError: the shape differs; the message names the remedy.
        """
        expected, _ = self.built()
        if x.shape[1:] == expected:
            return
        remedy = "convert the batch, or build for its shape"
        if x.shape == expected:
            remedy = "add the batch axis: x[np.newaxis]"
        elif len(expected) == 3 and x.shape[1:] == (*expected[1:], expected[0]):
            remedy = "channels come first: x.transpose(0, 3, 1, 2)"
        batch = f"(N, {', '.join(map(str, expected))})"
        raise ValueError(f"{type(self).__name__} expects {batch}, got {x.shape}; {remedy}")

    def add_parameter(self, name: str, value: Array) -> None:
        """Register a parameter and a gradient of the same shape."""
        self.params[name] = value
        self.grads[name] = np.zeros_like(value)

    def __repr__(self) -> str:
        arguments = ", ".join(f"{key}={value!r}" for key, value in self.config().items())
        return f"{type(self).__name__}({arguments})"


def leaves(layer: Layer, path: str) -> Iterator[tuple[str, Layer]]:
    """The plain layers inside of `layer`, depth first, each with its path: "3" or "5.body.0"."""
    children = layer.children()
    if not children:
        yield path, layer
    for name, child in children.items():
        yield from leaves(child, f"{path}.{name}")


def layer_spec(layer: Layer) -> dict[str, Any]:
    """A layer as data: its type's name and its constructor's arguments."""
    return {"type": type(layer).__name__, "config": layer.config()}


def layer_from_spec(spec: Mapping[str, Any]) -> Layer:
    """The layer that `layer_spec` described.

    Raises:
        ValueError: the type is unknown or its arguments do not fit.
    """
    if not isinstance(spec, Mapping) or set(spec) != {"type", "config"}:
        raise ValueError(f"a layer is described by 'type' and 'config', got {spec!r}")
    name, config = spec["type"], spec["config"]
    if name not in LAYERS:
        raise ValueError(f"unknown layer type {name!r}; known: {', '.join(sorted(LAYERS))}")
    try:
        return LAYERS[name](**config)
    except TypeError as error:
        raise ValueError(f"{name} cannot be made from {config!r}: {error}") from error
