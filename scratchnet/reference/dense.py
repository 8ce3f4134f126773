"""The dense layer, defined.

y  = x @ W + b                x (N, D)   W (D, M)   b (M,) or None   y (N, M)
dx = dy @ Wᵀ    dW = xᵀ @ dy    db = Σ n  dy[n]
"""

from __future__ import annotations

from typing import Any

from numpy.typing import NDArray

Array = NDArray[Any]


def dense_forward(x: Array, W: Array, b: Array | None) -> Array:
    """y (N, M)."""
    y = x @ W
    return y if b is None else y + b


def dense_backward(dy: Array, x: Array, W: Array) -> tuple[Array, Array, Array]:
    """dx (N, D), dW (D, M), db (M,)."""
    return dy @ W.T, x.T @ dy, dy.sum(axis=0)
