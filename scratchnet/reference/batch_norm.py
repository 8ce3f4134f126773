"""Batch normalisation in training, defined.

    mean = Σ x / m     var = Σ (x − mean)² / m          over the m = N·S values of each channel
    inv_std = 1 / √(var + eps)     x_hat = (x − mean) · inv_std     y = gamma · x_hat + beta

    dbeta = Σ dy     dgamma = Σ dy · x_hat
    dx    = gamma · inv_std · (dy − dbeta / m − x_hat · dgamma / m)

    x, x_hat, y, dx, dy (N, C, S), S = H·W pixels, or 1 for a dense layer    all others (C,)

The last line is the chain rule through all three uses of x, in (x − mean), in mean and in var,
multiplied out. An empty batch has sums of 0, and here also a mean and a variance of 0.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


def batch_norm_forward(
    x: Array, gamma: Array, beta: Array, eps: float
) -> tuple[Array, Array, Array, Array, Array]:
    """y and x_hat (N, C, S); mean, var (divided by m, not m − 1) and inv_std (C,)."""
    N, _, S = x.shape
    m = max(N * S, 1)
    mean = x.sum(axis=(0, 2)) / m
    centred = x - _column(mean)
    var = (centred * centred).sum(axis=(0, 2)) / m
    inv_std = 1 / np.sqrt(var + eps)
    x_hat = centred * _column(inv_std)
    y = _column(gamma) * x_hat + _column(beta)
    return y, x_hat, mean, var, inv_std


def batch_norm_backward(
    dy: Array, x_hat: Array, gamma: Array, inv_std: Array
) -> tuple[Array, Array, Array]:
    """dx (N, C, S), dgamma (C,), dbeta (C,)."""
    N, _, S = dy.shape
    m = max(N * S, 1)
    dbeta = dy.sum(axis=(0, 2))
    dgamma = (dy * x_hat).sum(axis=(0, 2))
    dx = _column(gamma * inv_std) * (dy - _column(dbeta / m) - x_hat * _column(dgamma / m))
    return dx, dgamma, dbeta


def _column(channel: Array) -> Array:
    """(C,) -> (C, 1): one number for each channel, to meet (N, C, S)."""
    return channel[:, np.newaxis]
