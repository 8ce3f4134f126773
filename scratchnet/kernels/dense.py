"""Dense layer on the register-tiled matrix product.

    y = x @ W + b          dx = dy @ Wᵀ       dW = xᵀ @ dy       db = Σₙ dy

`scratchnet.reference.dense` defines the operation.
"""

from __future__ import annotations

from typing import Any

from numpy.typing import NDArray

from scratchnet.kernels.matmul import matmul

Array = NDArray[Any]


def dense_forward(x: Array, W: Array, b: Array | None) -> Array:
    """y (N, M) = x (N, D) @ W (D, M) + b (M,)."""
    y = matmul(x, W)
    if b is not None:
        y += b
    return y


def dense_backward(dy: Array, x: Array, W: Array) -> tuple[Array, Array, Array]:
    """(dx, dW, db) from dy (N, M)."""
    return matmul(dy, W.T), matmul(x.T, dy), dy.sum(axis=0)
