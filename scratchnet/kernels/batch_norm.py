"""Batch normalisation, a few channels to a thread; `scratchnet.reference.batch_norm` defines it.

    x̂ = (x − μ) / √(σ² + ε)      y = γ x̂ + β      μ, σ² over batch and pixels: m values a channel

    dβ = Σ dy      dγ = Σ dy x̂     dx = γ / √(σ² + ε) · (dy − dβ / m − x̂ dγ / m)

The variance is the mean of (x − μ)², in a second pass: E[x²] − μ² would cancel in float32. Sums may
be reassociated, which lets them be vectorised; their order is fixed when the kernel is compiled.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from scratchnet.kernels.jit import kernel
from scratchnet.kernels.parallel import SHARES, share_out

Array = NDArray[Any]


@kernel(fastmath={"reassoc", "contract"})
def _sum(v):
    total = v.dtype.type(0)
    for i in range(v.size):
        total += v[i]
    return total


@kernel(fastmath={"reassoc", "contract"})
def _squares(v, mean):
    total = v.dtype.type(0)
    for i in range(v.size):
        d = v[i] - mean
        total += d * d
    return total


@kernel(fastmath={"reassoc", "contract"})
def _dot(u, v):
    total = v.dtype.type(0)
    for i in range(v.size):
        total += u[i] * v[i]
    return total


@kernel
def _forward(share, shares, x, gamma, beta, eps, y, x_hat, mean, var, inv_std):
    """x (N, C, S); sums over an image are added up in float64."""
    N, C, S = x.shape
    m = max(N * S, 1)
    one = x.dtype.type(1)
    for c in range(C * share // shares, C * (share + 1) // shares):
        total = 0.0
        for n in range(N):
            total += _sum(x[n, c])
        mean[c] = total / m
        mu = mean[c]
        total = 0.0
        for n in range(N):
            total += _squares(x[n, c], mu)
        var[c] = total / m
        inv_std[c] = one / np.sqrt(var[c] + x.dtype.type(eps))
        scale = inv_std[c]
        for n in range(N):
            for s in range(S):
                hat = (x[n, c, s] - mu) * scale
                x_hat[n, c, s] = hat
                y[n, c, s] = gamma[c] * hat + beta[c]


@kernel
def _backward(share, shares, dy, x_hat, gamma, inv_std, dx, dgamma, dbeta):
    N, C, S = dy.shape
    m = max(N * S, 1)
    for c in range(C * share // shares, C * (share + 1) // shares):
        sum_dy, sum_dy_hat = 0.0, 0.0
        for n in range(N):
            sum_dy += _sum(dy[n, c])
            sum_dy_hat += _dot(dy[n, c], x_hat[n, c])
        dbeta[c], dgamma[c] = sum_dy, sum_dy_hat
        scale = gamma[c] * inv_std[c]
        mean_dy = dy.dtype.type(sum_dy / m)
        mean_dy_hat = dy.dtype.type(sum_dy_hat / m)
        for n in range(N):
            for s in range(S):
                dx[n, c, s] = scale * (dy[n, c, s] - mean_dy - x_hat[n, c, s] * mean_dy_hat)


def batch_norm_forward(
    x: Array, gamma: Array, beta: Array, eps: float
) -> tuple[Array, Array, Array, Array, Array]:
    """y, x̂ (N, C, S), and for each channel mean, biased variance and 1/√(variance + eps)."""
    C = x.shape[1]
    y, x_hat = np.empty(x.shape, x.dtype), np.empty(x.shape, x.dtype)
    mean, var, inv_std = (np.empty(C, x.dtype) for _ in range(3))
    share_out(
        _forward, min(C, 2 * SHARES), np.ascontiguousarray(x), gamma, beta, eps,
        y, x_hat, mean, var, inv_std,
    )  # fmt: skip
    return y, x_hat, mean, var, inv_std


def batch_norm_backward(
    dy: Array, x_hat: Array, gamma: Array, inv_std: Array
) -> tuple[Array, Array, Array]:
    """(dx, dgamma, dbeta) where the statistics are the batch's own (training)."""
    C = dy.shape[1]
    dx = np.empty(dy.shape, dy.dtype)
    dgamma, dbeta = np.empty(C, dy.dtype), np.empty(C, dy.dtype)
    share_out(
        _backward, min(C, 2 * SHARES), np.ascontiguousarray(dy), x_hat, gamma, inv_std,
        dx, dgamma, dbeta,
    )  # fmt: skip
    return dx, dgamma, dbeta
