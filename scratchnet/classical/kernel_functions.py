"""Kernels of support vector machines: each a function of one inner product and two lengths.

    linear     K(x, z) = xᵀz
    poly       K(x, z) = (γ xᵀz + r)ᵈ
    rbf        K(x, z) = exp(-γ |x - z|²),      |x - z|² = |x|² + |z|² - 2 xᵀz
    sigmoid    K(x, z) = tanh(γ xᵀz + r)        no inner product for most γ and r

X (n, D), Z (m, D), K(X, Z) (n, m): the products of all pairs are one matrix product X Zᵀ, and what
is left is a function of single numbers. D features, γ = gamma, r = coef0, d = degree.

    gamma="scale"    γ = 1 / (D · variance of all entries of X)
    gamma="auto"     γ = 1 / D

Where all entries of X are equal the variance is 0, and "scale" takes γ = 1. A constant feature is
allowed: it changes no distance, so under rbf it changes nothing but γ="scale".

Source: Schölkopf and Smola, "Learning with Kernels", 2002, section 2.3.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

KERNELS = ("linear", "poly", "rbf", "sigmoid")

PAIRS = 1 << 20
"""How many entries of a kernel matrix are held at a time where only its product is wanted."""


def squared_lengths(X: Array) -> Array:
    """|x|² of each row, (n,)."""
    return np.einsum("nd,nd->n", X, X)


class Kernel(NamedTuple):
    """A kernel and its constants; called with X (n, D) and Z (m, D) it returns K (n, m)."""

    name: str
    gamma: float = 1.0
    degree: int = 3
    coef0: float = 0.0

    def __call__(self, X: Array, Z: Array) -> Array:
        """K(x, z) for every row x of X and z of Z, float64."""
        return self.of_products(X @ Z.T, squared_lengths(X), squared_lengths(Z))

    def of_products(self, products: Array, x_squared: Array, z_squared: Array) -> Array:
        """K, written over the products xᵀz (n, m); |x|² (n,) and |z|² (m,)."""
        K = products
        if self.name == "rbf":
            K *= 2 * self.gamma
            K -= self.gamma * x_squared[:, np.newaxis]
            K -= self.gamma * z_squared
            np.minimum(K, 0, out=K)  # -γ|x - z|² cannot be positive, but rounding can make it so
            return np.exp(K, out=K)
        if self.name != "linear":
            K *= self.gamma
            K += self.coef0
        if self.name == "poly":
            power = K.copy()
            for _ in range(self.degree - 1):  # far faster than K ** degree
                K *= power
            return K if self.degree else np.ones_like(K)
        return np.tanh(K, out=K) if self.name == "sigmoid" else K

    def diagonal(self, X: Array) -> Array:
        """K(x, x) for every row of X, (n,)."""
        squared = squared_lengths(X)[:, np.newaxis]
        return (
            self.of_products(squared.copy(), squared[:, 0], np.zeros(1))[:, 0]
            if (self.name != "rbf")
            else np.ones(len(X))
        )

    def weighted_sum(self, X: Array, Z: Array, weights: Array) -> Array:
        """Σ_m weights_m K(x, z_m) for every row x: K(X, Z) @ weights, (n,) or (n, outputs).

        Those z whose weights are all 0 are left out. K is never held whole, only a band of rows.
        """
        result = np.zeros((len(X), *weights.shape[1:]), np.float64)
        counts = np.flatnonzero(weights.any(axis=1) if weights.ndim > 1 else weights)
        Z, weights = Z[counts], weights[counts]
        if len(Z) == 0:
            return result
        band = max(1, PAIRS // len(Z))
        for start in range(0, len(X), band):
            result[start : start + band] = self(X[start : start + band], Z) @ weights
        return result


def make_kernel(name: str, gamma: str | float, degree: int, coef0: float, X: Array) -> Kernel:
    """The kernel called `name`, its γ taken from X (n, D) where `gamma` is a word.

    Raises:
        ValueError: an unknown name or word, a negative gamma or degree, or a kernel that exceeds
            float32 on X.
    """
    if name not in KERNELS:
        raise ValueError(f"kernel expects one of {', '.join(KERNELS)}, got {name!r}")
    if degree != int(degree) or degree < 0:
        raise ValueError(f"degree expects a whole number of at least 0, got {degree!r}")
    kernel = Kernel(name, _gamma(gamma, X), int(degree), float(coef0))
    longest = float(squared_lengths(X).max())
    with np.errstate(over="ignore"):
        bound = np.float64(kernel.gamma * longest + abs(coef0)) ** kernel.degree
    largest = {"linear": longest, "poly": bound}.get(name, 1.0)
    if largest > np.finfo(np.float32).max:
        raise ValueError(
            f"the {name} kernel reaches {largest:.1e} on this X, more than float32 holds; "
            "scale the features to a spread of about 1"
        )
    return kernel


def _gamma(gamma: str | float, X: Array) -> float:
    if isinstance(gamma, str):
        if gamma not in ("scale", "auto"):
            raise ValueError(f"gamma expects 'scale', 'auto' or a number, got {gamma!r}")
        variance = X.var() if gamma == "scale" else 1.0
        return float(1 / (X.shape[1] * variance)) if variance > 0 else 1.0
    if not gamma >= 0 or not np.isfinite(gamma):
        raise ValueError(f"gamma expects a number of at least 0, got {gamma!r}")
    return float(gamma)
