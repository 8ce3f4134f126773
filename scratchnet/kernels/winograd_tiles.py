"""Winograd's transforms of one tile, sixteen channels at a time.

    transform_input     V = Bᵀ d B        6 × 6 pixels → 36 places of V
    spread_input        d += B V Bᵀ       its adjoint: what was read from a pixel comes back to it
    transform_output    y = Aᵀ M A        36 places of M → 4 × 4 pixels, or 2 × 2 that are pooled
    spread_output       M = A dy Aᵀ       its adjoint

and, of weights, g and gt: one dimension of U = G w Gᵀ and of dw = Gᵀ dU G.

The matrices stand in `scratchnet.kernels.winograd`. Each transform is separable: first every
column, then every row, with the same few additions; `line` (36 vectors) keeps what is between.
Place e of the tile at v lies at v + e·place; a pixel's neighbours at + pixel and + row.
"""

from __future__ import annotations

import numpy as np

from scratchnet.kernels.jit import kernel
from scratchnet.kernels.simd import (
    LANES,
    maximum,
    pool4,
    splat,
    unpool,
    vector_load,
    vector_store,
    where_positive,
)

# -- one dimension: six vectors in, six or four out, and back -------------------------------------


@kernel
def _bt(a, b, c, d, e, f):
    """Bᵀ v"""
    two, four, five = splat(np.float32(2)), splat(np.float32(4)), splat(np.float32(5))
    p, q = e - four * c, d - four * b
    r, s = e - c, two * (d - b)
    return four * a - five * c + e, p + q, p - q, r + s, r - s, four * b - five * d + f


@kernel
def _b(a, b, c, d, e, f):
    """B v"""
    two, four, five = splat(np.float32(2)), splat(np.float32(4)), splat(np.float32(5))
    p, q = b + c, b - c
    r, s = d + e, two * (d - e)
    zero = a - a
    return (
        four * a,
        four * (f - q) - s,
        zero - five * a - four * p - r,
        q + s - five * f,
        a + p + r,
        f,
    )


@kernel
def _at(a, b, c, d, e, f):
    """Aᵀ v"""
    two, four, eight = splat(np.float32(2)), splat(np.float32(4)), splat(np.float32(8))
    p, q, r, s = b + c, b - c, d + e, d - e
    return a + p + r, q + two * s, p + four * r, q + eight * s + f


@kernel
def _a(a, b, c, d):
    """A v"""
    two, four = splat(np.float32(2)), splat(np.float32(4))
    p, q = a + c, b + d
    r, s = a + four * c, two * (b + four * d)
    return a, p + q, p - q, r + s, r - s, d


@kernel
def g(a, b, c):
    """G w"""
    quarter, sixth = splat(np.float32(1 / 4)), splat(np.float32(1 / 6))
    p, q = sixth * (a + c), sixth * b
    r = splat(np.float32(1 / 24)) * a + sixth * c
    s = splat(np.float32(1 / 12)) * b
    zero = a - a
    return quarter * a, zero - p - q, q - p, r + s, r - s, c


@kernel
def gt(a, b, c, d, e, f):
    """Gᵀ v"""
    quarter, sixth, twelfth = (
        splat(np.float32(1 / 4)),
        splat(np.float32(1 / 6)),
        splat(np.float32(1 / 12)),
    )
    p, q = sixth * (b + c), sixth * (c - b)
    r, s = d + e, twelfth * (d - e)
    return quarter * (a + sixth * r) - p, q + s, sixth * r - p + f


@kernel
def read3(v, o, step):
    return vector_load(v, o), vector_load(v, o + step), vector_load(v, o + 2 * step)


@kernel
def write3(v, o, step, w):
    vector_store(v, o, w[0])
    vector_store(v, o + step, w[1])
    vector_store(v, o + 2 * step, w[2])


@kernel
def read6(v, o, step):
    return (
        vector_load(v, o),
        vector_load(v, o + step),
        vector_load(v, o + 2 * step),
        vector_load(v, o + 3 * step),
        vector_load(v, o + 4 * step),
        vector_load(v, o + 5 * step),
    )


@kernel
def write6(v, o, step, w):
    vector_store(v, o, w[0])
    vector_store(v, o + step, w[1])
    vector_store(v, o + 2 * step, w[2])
    vector_store(v, o + 3 * step, w[3])
    vector_store(v, o + 4 * step, w[4])
    vector_store(v, o + 5 * step, w[5])


@kernel
def _read4(v, o, step):
    return (
        vector_load(v, o),
        vector_load(v, o + step),
        vector_load(v, o + 2 * step),
        vector_load(v, o + 3 * step),
    )


@kernel
def _write4(v, o, step, w):
    vector_store(v, o, w[0])
    vector_store(v, o + step, w[1])
    vector_store(v, o + 2 * step, w[2])
    vector_store(v, o + 3 * step, w[3])


# -- input ----------------------------------------------------------------------------------------


@kernel
def transform_input(pixels, o, row, pixel, V, v, place, line):
    """V = Bᵀ d B of the tile of pixels at `o`."""
    for j in range(6):
        write6(line, j * LANES, 6 * LANES, _bt(*read6(pixels, o + j * pixel, row)))
    for i in range(6):
        write6(V, v + 6 * i * place, place, _bt(*read6(line, 6 * i * LANES, LANES)))


@kernel
def spread_input(V, v, place, pixels, o, row, pixel, line):
    """d += B V Bᵀ: tiles overlap, so pixels add up what comes back from each."""
    for j in range(6):
        write6(line, j * LANES, 6 * LANES, _b(*read6(V, v + j * place, 6 * place)))
    for i in range(6):
        w = _b(*read6(line, 6 * i * LANES, LANES))
        p = o + i * row
        vector_store(pixels, p, vector_load(pixels, p) + w[0])
        vector_store(pixels, p + pixel, vector_load(pixels, p + pixel) + w[1])
        vector_store(pixels, p + 2 * pixel, vector_load(pixels, p + 2 * pixel) + w[2])
        vector_store(pixels, p + 3 * pixel, vector_load(pixels, p + 3 * pixel) + w[3])
        vector_store(pixels, p + 4 * pixel, vector_load(pixels, p + 4 * pixel) + w[4])
        vector_store(pixels, p + 5 * pixel, vector_load(pixels, p + 5 * pixel) + w[5])


# -- output ---------------------------------------------------------------------------------------


@kernel
def _finished(line, i, bias, relu):
    """Row i of Aᵀ M A + bias, and ReLU if there is one: four vectors."""
    a, b, c, d = _at(*read6(line, 6 * i * LANES, LANES))
    a, b, c, d = a + bias, b + bias, c + bias, d + bias
    if relu:
        zero = bias - bias
        return maximum(a, zero), maximum(b, zero), maximum(c, zero), maximum(d, zero)
    return a, b, c, d


@kernel
def transform_output(M, m, place, bias, relu, y, o, row, pixel, line):
    """y = Aᵀ M A + bias: 4 × 4 pixels at `o`."""
    for j in range(6):
        _write4(line, j * LANES, 6 * LANES, _at(*read6(M, m + j * place, 6 * place)))
    for i in range(4):
        _write4(y, o + i * row, pixel, _finished(line, i, bias, relu))


@kernel
def transform_output_pooled(M, m, place, bias, relu, y, winners, o, row, pixel, line):
    """The same, and the maximum of each 2 × 2 of it: 2 × 2 pixels at `o`, and their winners."""
    for j in range(6):
        _write4(line, j * LANES, 6 * LANES, _at(*read6(M, m + j * place, 6 * place)))
    for i in range(2):
        a, b, c, d = _finished(line, 2 * i, bias, relu)
        e, f, g, h = _finished(line, 2 * i + 1, bias, relu)
        p = o + i * row
        vector_store(y, p, pool4(a, b, e, f, winners, p))
        vector_store(y, p + pixel, pool4(c, d, g, h, winners, p + pixel))


@kernel
def read_gradient(dy, y, relu, o, row, pixel, dz):
    """dz: the 16 pixels of dy at `o`, but 0 where ReLU was; returns their sum."""
    total = splat(np.float32(0))
    for i in range(4):
        for j in range(4):
            p = o + i * row + j * pixel
            d = vector_load(dy, p)
            if relu:
                d = where_positive(vector_load(y, p), d)
            vector_store(dz, (4 * i + j) * LANES, d)
            total = total + d
    return total


@kernel
def read_pooled_gradient(dy, y, winners, relu, o, row, pixel, dz):
    """The same of 2 × 2 pooled pixels: each hands its gradient to its winner."""
    total = splat(np.float32(0))
    for i in range(2):
        for j in range(2):
            p = o + i * row + j * pixel
            d = vector_load(dy, p)
            if relu:
                d = where_positive(vector_load(y, p), d)
            first = (8 * i + 2 * j) * LANES
            vector_store(dz, first, unpool(d, winners, p, 0))
            vector_store(dz, first + LANES, unpool(d, winners, p, 1))
            vector_store(dz, first + 4 * LANES, unpool(d, winners, p, 2))
            vector_store(dz, first + 5 * LANES, unpool(d, winners, p, 3))
            total = total + d
    return total


@kernel
def spread_output(dz, M, m, place, line):
    """M = A dz Aᵀ of 4 × 4 pixels that lie together."""
    for j in range(4):
        write6(line, j * LANES, 4 * LANES, _a(*_read4(dz, j * LANES, 4 * LANES)))
    for i in range(6):
        write6(M, m + 6 * i * place, place, _a(*_read4(line, 4 * i * LANES, LANES)))
