"""What is done to one image of maps while it lies in the cache, before and behind a convolution.

    activate_image     z = pool(relu(scale·x + shift))       what a convolution then reads
    add_image          y += plus                             the sum of a residual block
    copy_image         b = a                                 out of a little memory
    measure_image      Σ x / m,  Σ (x − mean)²               per channel, for a batch norm behind it
    sum_image          dβ += Σ da,  dγ += Σ da·x̂             x̂ = (x − μ)·inv_std
    hand_back_image    dx = scale·da − slope·x − constant [+ plus]

where da is dz handed back through pool and ReLU: `winners` says which pixel of a window it goes
to, and scale·x + shift > 0 where ReLU let it through; z itself need not be kept. Batch norm is this
with scale = γ·inv_std, shift = β − μ·scale, and for m pixels in the batch

    slope = scale·inv_std·dγ / m        constant = scale·dβ / m − slope·μ

Maps are laid out as `scratchnet.kernels.maps` says. Whoever goes through maps image by image calls
these: `scratchnet.kernels.pointwise` for their own sake, the convolutions on their way.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from scratchnet.kernels.jit import inlined, kernel
from scratchnet.kernels.maps import Frame
from scratchnet.kernels.memory import scratch
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


class Activation(NamedTuple):
    """z = pool(relu(scale·x + shift)), relu and pool if wanted."""

    scale: Array
    """(C,)"""
    shift: Array
    relu: bool
    pool: bool
    frame: Frame
    """Of z."""
    winners: Array
    """Of the layout of z, uint8; used if there is a pool."""


class NormSums(NamedTuple):
    """What the gradient of a batch norm needs of all pixels, each share of the work its own."""

    mean: Array
    """(C,)"""
    inv_std: Array
    dbeta: Array
    """(shares, C)"""
    dgamma: Array


class After(NamedTuple):
    """What is done to an image of y when it is complete."""

    add: bool
    plus: Array
    """Maps of y's frame, which are added if `add`."""
    measure: bool
    mean: Array
    """(N·C,): of each image, written if `measure`."""
    squares: Array


@inlined
def start(n, f):
    """Where the pixels of image n begin."""
    return ((n * f.HP + f.top) * f.WP + f.left) * f.C


@kernel
def room_for(images, f, like):
    """Memory for so many images of frame f, with zeros around them."""
    maps = scratch(images * f.HP * f.WP * f.C + 2 * f.WP * f.C + LANES, like)
    maps[:] = 0
    return maps


# -- forward --------------------------------------------------------------------------------------


@inlined
def _activated(x, p, scale, shift, relu):
    v = fused(scale, vector_load(x, p), shift)
    if relu:
        return maximum(v, splat(np.float32(0)))
    return v


@kernel
def activate_image(x, fx, n, act, z, m):
    """Image m of z = pool(relu(scale·x + shift)) of image n of x, whose winners it writes."""
    f, C, row = act.frame, fx.C, fx.WP * fx.C
    for h in range(f.H):
        o, won = start(m, f) + h * f.WP * C, start(n, f) + h * f.WP * C
        q = start(n, fx) + (2 * h if act.pool else h) * row
        for c in range(0, C, LANES):
            a, b = vector_load(act.scale, c), vector_load(act.shift, c)
            for w in range(f.W):
                if act.pool:
                    i = q + 2 * w * C + c
                    v = pool4(
                        _activated(x, i, a, b, act.relu),
                        _activated(x, i + C, a, b, act.relu),
                        _activated(x, i + row, a, b, act.relu),
                        _activated(x, i + row + C, a, b, act.relu),
                        act.winners, won + w * C + c,
                    )  # fmt: skip
                else:
                    v = _activated(x, q + w * C + c, a, b, act.relu)
                vector_store(z, o + w * C + c, v)


@kernel
def add_image(y, f, n, plus):
    """y += plus, for image n."""
    C = f.C
    for h in range(f.H):
        o = start(n, f) + h * f.WP * C
        for p in range(o, o + f.W * C, LANES):
            vector_store(y, p, vector_load(y, p) + vector_load(plus, p))


@kernel
def copy_image(a, m, b, n, f):
    """Image n of b becomes image m of a; nothing outside of it is touched."""
    row = f.WP * f.C
    p, q = start(m, f), start(n, f)
    for h in range(f.H):
        for i in range(h * row, h * row + f.W * f.C, LANES):
            vector_store(b, q + i, vector_load(a, p + i))


@kernel
def measure_image(x, f, n, mean, squares):
    """The mean of each channel of image n, and the sum of the squares of what differs from it."""
    C = f.C
    one_over = splat(np.float32(1) / np.float32(f.H * f.W))
    for c in range(0, C, LANES):
        total = splat(np.float32(0))
        for h in range(f.H):
            o = start(n, f) + h * f.WP * C + c
            line = splat(np.float32(0))
            for p in range(o, o + f.W * C, C):
                line = line + vector_load(x, p)
            total = total + line
        mu = total * one_over
        vector_store(mean, n * C + c, mu)
        total = splat(np.float32(0))
        for h in range(f.H):
            o = start(n, f) + h * f.WP * C + c
            line = splat(np.float32(0))
            for p in range(o, o + f.W * C, C):
                d = vector_load(x, p) - mu
                line = fused(d, d, line)
            total = total + line
        vector_store(squares, n * C + c, total)


@kernel
def complete(y, f, n, after):
    """What is wanted of image n of y, whose pixels are all there."""
    if after.add:
        add_image(y, f, n, after.plus)
    if after.measure:
        measure_image(y, f, n, after.mean, after.squares)


# -- backward -------------------------------------------------------------------------------------


@inlined
def _passed(d, v, a, b, relu):
    """d where ReLU let the number through that came of v, a pixel of x; else 0."""
    if relu:
        return where_positive(fused(a, v, b), d)
    return d


@kernel
def sum_image(dz, x, fx, n, act, mean, inv_std, dbeta, dgamma):
    """Add the parts of image n to dbeta and dgamma (C,)."""
    f, C, row = act.frame, fx.C, fx.WP * fx.C
    relu, winners = act.relu, act.winners
    for c in range(0, C, LANES):
        a, b = vector_load(act.scale, c), vector_load(act.shift, c)
        mu, s = vector_load(mean, c), vector_load(inv_std, c)
        total, product = splat(np.float32(0)), splat(np.float32(0))
        for h in range(f.H):
            q = start(n, f) + h * f.WP * C + c
            line, line_product = splat(np.float32(0)), splat(np.float32(0))
            if act.pool:
                p = start(n, fx) + 2 * h * row + c
                for w in range(f.W):
                    upstream = vector_load(dz, q + w * C)
                    for k in range(4):
                        v = vector_load(x, p + 2 * w * C + k // 2 * row + k % 2 * C)
                        d = _passed(unpool(upstream, winners, q + w * C, k), v, a, b, relu)
                        line = line + d
                        line_product = fused(d, v - mu, line_product)
            else:
                p = start(n, fx) + h * row + c
                for w in range(f.W):
                    v = vector_load(x, p + w * C)
                    d = _passed(vector_load(dz, q + w * C), v, a, b, relu)
                    line = line + d
                    line_product = fused(d, v - mu, line_product)
            total = total + line
            product = product + line_product
        vector_store(dbeta, c, vector_load(dbeta, c) + total)
        vector_store(dgamma, c, fused(product, s, vector_load(dgamma, c)))


@inlined
def _kept(v, slope, constant, add, plus, p):
    """−slope·v − constant [+ plus]: dx where da = 0."""
    kept = splat(np.float32(0)) - fused(slope, v, constant)
    if add:
        return kept + vector_load(plus, p)
    return kept


@kernel
def hand_back_image(dz, x, fx, n, act, slope, constant, add, plus, dx):
    """dx of image n; dx may be x, or dz if there is no pool."""
    f, C, row = act.frame, fx.C, fx.WP * fx.C
    relu, winners = act.relu, act.winners
    if act.pool and (fx.H % 2 == 1 or fx.W % 2 == 1):  # pixels that no window covers
        for h in range(fx.H):
            o = start(n, fx) + h * row
            first = 2 * f.W * C if h < 2 * f.H else 0
            for c in range(0, C, LANES):
                k_x, k_1 = vector_load(slope, c), vector_load(constant, c)
                for p in range(o + first + c, o + c + fx.W * C, C):
                    vector_store(dx, p, _kept(vector_load(x, p), k_x, k_1, add, plus, p))
    for h in range(f.H):
        for c in range(0, C, LANES):
            a, b = vector_load(act.scale, c), vector_load(act.shift, c)
            k_x, k_1 = vector_load(slope, c), vector_load(constant, c)
            q = start(n, f) + h * f.WP * C + c
            if act.pool:
                o = start(n, fx) + 2 * h * row + c
                for w in range(f.W):
                    upstream = vector_load(dz, q + w * C)
                    for k in range(4):
                        p = o + 2 * w * C + k // 2 * row + k % 2 * C
                        v = vector_load(x, p)
                        d = _passed(unpool(upstream, winners, q + w * C, k), v, a, b, relu)
                        vector_store(dx, p, fused(a, d, _kept(v, k_x, k_1, add, plus, p)))
            else:
                o = start(n, fx) + h * row + c
                for w in range(f.W):
                    p = o + w * C
                    v = vector_load(x, p)
                    d = _passed(vector_load(dz, q + w * C), v, a, b, relu)
                    vector_store(dx, p, fused(a, d, _kept(v, k_x, k_1, add, plus, p)))
