"""What happens to each pixel of a map on its own: scale and shift, ReLU, 2 × 2 max-pool.

    y = pool(relu(scale·x + shift))                scale, shift (C,); relu and pool if wanted

Batch norm is this once its statistics are known: scale = γ / √(σ² + ε), shift = β − μ·scale.
Its statistics, and their part of the gradient, are sums over all pixels of a channel:

    Σ x,  Σ (x − μ)²                               image by image, put together in float64
    dβ = Σ dz      dγ = Σ dz·x̂                     x̂ = (x − μ)·inv_std
    dx = scale·(dz − dβ/m − x̂·dγ/m)                m pixels in the batch

where dz is dy after ReLU and pool have handed it back: y > 0 says where ReLU let it through, and
`winners` which pixel of a window it goes to.

The mean and the squares of images a and b together (Chan, Golub and LeVeque, "Updating formulae and
a pairwise algorithm for computing sample variances", 1979), δ = mean_b − mean_a:

    mean = mean_a + δ·m_b / m        squares = squares_a + squares_b + δ²·m_a·m_b / m
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from scratchnet.kernels.jit import kernel
from scratchnet.kernels.maps import Frame
from scratchnet.kernels.parallel import SHARES, pieces, share_out
from scratchnet.kernels.simd import (
    LANES,
    fused,
    maximum,
    pool4,
    splat,
    unpool,
    vector_load,
    vector_store,
    where_positive,
)

Array = NDArray[Any]


@kernel
def _start(n, f):
    """Where the pixels of image n begin."""
    return ((n * f.HP + f.top) * f.WP + f.left) * f.C


# -- forward --------------------------------------------------------------------------------------


@kernel
def _activated(x, p, scale, shift, relu):
    v = scale * vector_load(x, p) + shift
    if relu:
        return maximum(v, scale - scale)
    return v


@kernel
def _apply(share, shares, N, x, fx, scale, shift, relu, pool, y, fy, winners):
    C, row = fx.C, fx.WP * fx.C
    for n in range(N * share // shares, N * (share + 1) // shares):
        for h in range(fy.H):
            o = _start(n, fy) + h * fy.WP * C
            q = _start(n, fx) + (2 * h if pool else h) * row
            for c in range(0, C, LANES):
                a, b = vector_load(scale, c), vector_load(shift, c)
                for w in range(fy.W):
                    p = o + w * C + c
                    if pool:
                        i = q + 2 * w * C + c
                        v = pool4(
                            _activated(x, i, a, b, relu),
                            _activated(x, i + C, a, b, relu),
                            _activated(x, i + row, a, b, relu),
                            _activated(x, i + row + C, a, b, relu),
                            winners, p,
                        )  # fmt: skip
                    else:
                        v = _activated(x, q + w * C + c, a, b, relu)
                    vector_store(y, p, v)


def apply(
    N: int, x: Array, fx: Frame, scale: Array, shift: Array, relu: bool, pool: bool,
    y: Array, fy: Frame, winners: Array,
) -> None:  # fmt: skip
    """Maps y = pool(relu(scale·x + shift)); `winners`, of the layout of y, if `pool`."""
    share_out(_apply, pieces(N), N, x, fx, scale, shift, relu, pool, y, fy, winners)


@kernel
def _statistics(share, shares, N, x, f, mean, squares):
    """mean and squares (N, C), float32, of each image."""
    C = f.C
    one_over = np.float32(1) / np.float32(f.H * f.W)
    for n in range(N * share // shares, N * (share + 1) // shares):
        for c in range(0, C, LANES):
            zero = splat(np.float32(0))
            total = zero
            for h in range(f.H):
                o = _start(n, f) + h * f.WP * C + c
                line = zero
                for p in range(o, o + f.W * C, C):
                    line = line + vector_load(x, p)
                total = total + line
            mu = total * splat(one_over)
            vector_store(mean, n * C + c, mu)
            total = zero
            for h in range(f.H):
                o = _start(n, f) + h * f.WP * C + c
                line = zero
                for p in range(o, o + f.W * C, C):
                    d = vector_load(x, p) - mu
                    line = fused(d, d, line)
                total = total + line
            vector_store(squares, n * C + c, total)


def statistics(N: int, x: Array, f: Frame) -> tuple[Array, Array]:
    """Mean and biased variance of each channel over all images: two (C,), float64."""
    mean, squares = np.empty((N, f.C), np.float32), np.empty((N, f.C), np.float32)
    share_out(_statistics, pieces(N), N, x, f, mean.reshape(-1), squares.reshape(-1))
    means = mean.astype(np.float64)
    centre = means.mean(axis=0)
    between = ((means - centre) ** 2).sum(axis=0)  # all images have the same number of pixels
    m = f.H * f.W
    return centre, (squares.sum(axis=0, dtype=np.float64) + m * between) / (N * m)


# -- backward -------------------------------------------------------------------------------------


@kernel
def _spread(dy, y, winners, relu, p, k, pool):
    """dz of pixel k of the window behind pixel p of y; k = 0 without a pool."""
    d = vector_load(dy, p)
    if pool:
        d = unpool(d, winners, p, k)
    if relu:
        d = where_positive(vector_load(y, p), d)
    return d


@kernel
def _sums(share, shares, N, dy, y, winners, fy, x, fx, relu, pool, mean, inv_std, dbeta, dgamma):
    """dbeta and dgamma (shares, C): the shares' own sums."""
    C, row = fx.C, fx.WP * fx.C
    windows = 4 if pool else 1
    for n in range(N * share // shares, N * (share + 1) // shares):
        for c in range(0, C, LANES):
            mu, s = vector_load(mean, c), vector_load(inv_std, c)
            total, product = splat(np.float32(0)), splat(np.float32(0))
            for h in range(fy.H):
                o = _start(n, fy) + h * fy.WP * C + c
                q = _start(n, fx) + (2 * h if pool else h) * row + c
                line, line_product = splat(np.float32(0)), splat(np.float32(0))
                for w in range(fy.W):
                    p = o + w * C
                    i = q + (2 * w if pool else w) * C
                    for k in range(windows):
                        d = _spread(dy, y, winners, relu, p, k, pool)
                        hat = (vector_load(x, i + k // 2 * row + k % 2 * C) - mu) * s
                        line = line + d
                        line_product = fused(d, hat, line_product)
                total = total + line
                product = product + line_product
            vector_store(dbeta, share * C + c, vector_load(dbeta, share * C + c) + total)
            vector_store(dgamma, share * C + c, vector_load(dgamma, share * C + c) + product)


@kernel
def _hand_back(
    share, shares, N, dy, y, winners, fy, x, fx, relu, pool, scale, slope, constant, dx
):  # fmt: skip
    """dx = scale·dz − slope·x − constant."""
    C, row = fx.C, fx.WP * fx.C
    windows = 4 if pool else 1
    odd = pool and (fx.H % 2 == 1 or fx.W % 2 == 1)
    for n in range(N * share // shares, N * (share + 1) // shares):
        if odd:  # pixels that no window covers have dz = 0
            for h in range(fx.H):
                o = _start(n, fx) + h * row
                for c in range(0, C, LANES):
                    a, b = vector_load(slope, c), vector_load(constant, c)
                    for p in range(o + c, o + c + fx.W * C, C):
                        vector_store(dx, p, a - a - a * vector_load(x, p) - b)
        for h in range(fy.H):
            o = _start(n, fy) + h * fy.WP * C
            q = _start(n, fx) + (2 * h if pool else h) * row
            for c in range(0, C, LANES):
                s, a, b = vector_load(scale, c), vector_load(slope, c), vector_load(constant, c)
                for w in range(fy.W):
                    p = o + w * C + c
                    i = q + (2 * w if pool else w) * C + c
                    for k in range(windows):
                        d = _spread(dy, y, winners, relu, p, k, pool)
                        j = i + k // 2 * row + k % 2 * C
                        vector_store(dx, j, s * d - a * vector_load(x, j) - b)


def sums(
    N: int, dy: Array, y: Array, winners: Array, fy: Frame, x: Array, fx: Frame,
    relu: bool, pool: bool, mean: Array, inv_std: Array,
) -> tuple[Array, Array]:  # fmt: skip
    """(dbeta, dgamma), each (C,), float64."""
    shares = max(1, min(SHARES, N))
    dbeta, dgamma = np.zeros((shares, fx.C), np.float32), np.zeros((shares, fx.C), np.float32)
    share_out(
        _sums, shares, N, dy, y, winners, fy, x, fx, relu, pool, mean, inv_std,
        dbeta.reshape(-1), dgamma.reshape(-1),
    )  # fmt: skip
    return dbeta.sum(axis=0, dtype=np.float64), dgamma.sum(axis=0, dtype=np.float64)


def hand_back(
    N: int, dy: Array, y: Array, winners: Array, fy: Frame, x: Array, fx: Frame,
    relu: bool, pool: bool, scale: Array, slope: Array, constant: Array, dx: Array,
) -> None:  # fmt: skip
    """Maps dx = scale·dz − slope·x − constant."""
    share_out(
        _hand_back, pieces(N), N, dy, y, winners, fy, x, fx, relu, pool,
        scale, slope, constant, dx,
    )  # fmt: skip


# -- sums of maps ---------------------------------------------------------------------------------


@kernel
def _add(share, shares, a, b):
    vectors = a.size // LANES
    for i in range(vectors * share // shares, vectors * (share + 1) // shares):
        vector_store(a, i * LANES, vector_load(a, i * LANES) + vector_load(b, i * LANES))


def add_to(a: Array, b: Array) -> None:
    """a += b, two flat maps of one frame, whose sizes are whole vectors."""
    share_out(_add, SHARES, a, b)
