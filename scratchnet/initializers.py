"""Initialisers: random weights of such a variance that signals neither fade nor explode.

A unit adds up fan_in products, y = Σ w·x. With independent weights of mean 0,

    Var y = fan_in · Var w · E[x²]

so Var w decides whether a signal keeps its size from layer to layer, going forward (fan_in) and,
by the same sum read the other way, whether a gradient does going back (fan_out):

    lecun    Var w = 1 / fan_in               E[x²] = Var x: linear and tanh units near 0
    he       Var w = 2 / fan_in               a ReLU zeroes half of a symmetric signal: E[x²] halves
    glorot   Var w = 2 / (fan_in + fan_out)   the mean of what forward and backward ask for

fan_in is the number of inputs of one output (dense: D; convolution: C/groups · KH · KW), fan_out
the number of outputs that one input reaches (M; F/groups · KH · KW, for a stride of 1).

LeCun, Bottou, Orr, Müller, "Efficient BackProp" (1998), section 4.6. Glorot, Bengio,
"Understanding the difficulty of training deep feedforward neural networks" (2010), eq. 16. He,
Zhang, Ren, Sun, "Delving deep into rectifiers" (2015), eq. 10.

Chapter: docs/initializers.md
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

Array = NDArray[Any]
Shape = tuple[int, ...]
Initializer = Callable[[Shape, int, int, np.random.Generator, DTypeLike], Array]

# Every draw is made in float64 and then rounded: a float32 network and the float64 twin that
# checks its gradients start from the same weights.


def he(
    shape: Shape, fan_in: int, fan_out: int, rng: np.random.Generator, dtype: DTypeLike
) -> Array:
    """Normal, Var w = 2 / fan_in: for layers followed by a ReLU."""
    return (rng.standard_normal(shape) * np.sqrt(2 / fan_in)).astype(dtype)


def glorot(
    shape: Shape, fan_in: int, fan_out: int, rng: np.random.Generator, dtype: DTypeLike
) -> Array:
    """Uniform in ±√(6 / (fan_in + fan_out)), for U(−a, a) has the variance a² / 3."""
    limit = np.sqrt(6 / (fan_in + fan_out))
    return rng.uniform(-limit, limit, shape).astype(dtype)


def lecun(
    shape: Shape, fan_in: int, fan_out: int, rng: np.random.Generator, dtype: DTypeLike
) -> Array:
    """Normal, Var w = 1 / fan_in."""
    return (rng.standard_normal(shape) * np.sqrt(1 / fan_in)).astype(dtype)


def zeros(
    shape: Shape, fan_in: int, fan_out: int, rng: np.random.Generator, dtype: DTypeLike
) -> Array:
    """All zeros: for a last layer that should start with no opinion; never for a hidden one. Before
    a ReLU it would get no gradient at all, and units with equal weights out would stay equal."""
    return np.zeros(shape, dtype)


INITIALIZERS: dict[str, Initializer] = {"he": he, "glorot": glorot, "lecun": lecun, "zeros": zeros}
"""Every initialiser by its name: what a layer's `initializer` argument may say."""


def find_initializer(name: str) -> Initializer:
    """The initialiser of this name.

    Raises:
        ValueError: there is none.
    """
    if name not in INITIALIZERS:
        raise ValueError(f"initializer expects one of {', '.join(INITIALIZERS)}, got {name!r}")
    return INITIALIZERS[name]
