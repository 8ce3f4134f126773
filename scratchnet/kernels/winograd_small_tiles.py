"""Winograd's transforms of one tile of 3 × 3 pixels, sixteen channels at a time.

The same as `scratchnet.kernels.winograd_tiles` has them for 4 × 4, with 5 × 5 = 25 places:

    transform_input     V = Bᵀ d B        5 × 5 pixels → 25 places of V
    spread_input        d += B V Bᵀ
    transform_output    y = Aᵀ M A        25 places of M → 3 × 3 pixels
    spread_output       M = A dy Aᵀ

and g, gt for the weights. The matrices stand in `scratchnet.kernels.winograd`.
"""

from __future__ import annotations

import numpy as np

from scratchnet.kernels.jit import inlined
from scratchnet.kernels.simd import fused, maximum, splat, vector_load, vector_store
from scratchnet.kernels.winograd_tiles import passed, write3

# -- one dimension: five vectors in, five or three out, and back ----------------------------------


@inlined
def _bt(a, b, c, d, e):
    """Bᵀ v"""
    two, minus_two, minus_three = splat(np.float32(2)), splat(np.float32(-2)), splat(np.float32(-3))
    r = d - b
    return (
        fused(two, a - c, r),
        fused(minus_two, b, d - c),
        fused(minus_three, c, fused(two, b, d)),
        r,
        fused(minus_two, r, e - c),
    )


@inlined
def _b(a, b, c, d, e):
    """B v"""
    two, minus_two, minus_three = splat(np.float32(2)), splat(np.float32(-2)), splat(np.float32(-3))
    r = a + d
    return (
        two * a,
        fused(two, e - b + c, splat(np.float32(0)) - r),
        fused(minus_two, a, fused(minus_three, c, splat(np.float32(0)) - b - e)),
        fused(minus_two, e, r + b + c),
        e,
    )


@inlined
def _at(a, b, c, d, e):
    """Aᵀ v"""
    two, four = splat(np.float32(2)), splat(np.float32(4))
    p, q = b + c, b - c
    return a + p + d, fused(two, d, q), fused(four, d, p + e)


@inlined
def _a(a, b, c):
    """A v"""
    two, four = splat(np.float32(2)), splat(np.float32(4))
    p = a + c
    return a, p + b, p - b, fused(four, c, fused(two, b, a)), c


@inlined
def g(a, b, c):
    """G w"""
    half, sixth, two_thirds = (
        splat(np.float32(1 / 2)),
        splat(np.float32(1 / 6)),
        splat(np.float32(2 / 3)),
    )
    zero, p = splat(np.float32(0)), a + c
    return (
        half * a,
        zero - half * (p + b),
        sixth * (b - p),
        fused(two_thirds, c, sixth * (a + b + b)),
        c,
    )


@inlined
def gt(a, b, c, d, e):
    """Gᵀ v"""
    half, third, sixth = (
        splat(np.float32(1 / 2)),
        splat(np.float32(1 / 3)),
        splat(np.float32(1 / 6)),
    )
    two = splat(np.float32(2))
    return (
        fused(half, a - b, sixth * (d - c)),
        fused(sixth, fused(two, d, c), splat(np.float32(0)) - half * b),
        fused(third, d + d, e) - fused(half, b, sixth * c),
    )


@inlined
def read5(v, o, step):
    return (
        vector_load(v, o),
        vector_load(v, o + step),
        vector_load(v, o + 2 * step),
        vector_load(v, o + 3 * step),
        vector_load(v, o + 4 * step),
    )


@inlined
def write5(v, o, step, w):
    vector_store(v, o, w[0])
    vector_store(v, o + step, w[1])
    vector_store(v, o + 2 * step, w[2])
    vector_store(v, o + 3 * step, w[3])
    vector_store(v, o + 4 * step, w[4])


@inlined
def _add5(v, o, step, w):
    vector_store(v, o, vector_load(v, o) + w[0])
    vector_store(v, o + step, vector_load(v, o + step) + w[1])
    vector_store(v, o + 2 * step, vector_load(v, o + 2 * step) + w[2])
    vector_store(v, o + 3 * step, vector_load(v, o + 3 * step) + w[3])
    vector_store(v, o + 4 * step, vector_load(v, o + 4 * step) + w[4])


# -- input ----------------------------------------------------------------------------------------


@inlined
def transform_input(pixels, o, row, pixel, V, v, place):
    """V = Bᵀ d B of the tile of pixels at `o`."""
    a = _bt(*read5(pixels, o, row))
    b = _bt(*read5(pixels, o + pixel, row))
    c = _bt(*read5(pixels, o + 2 * pixel, row))
    d = _bt(*read5(pixels, o + 3 * pixel, row))
    e = _bt(*read5(pixels, o + 4 * pixel, row))
    write5(V, v, place, _bt(a[0], b[0], c[0], d[0], e[0]))
    write5(V, v + 5 * place, place, _bt(a[1], b[1], c[1], d[1], e[1]))
    write5(V, v + 10 * place, place, _bt(a[2], b[2], c[2], d[2], e[2]))
    write5(V, v + 15 * place, place, _bt(a[3], b[3], c[3], d[3], e[3]))
    write5(V, v + 20 * place, place, _bt(a[4], b[4], c[4], d[4], e[4]))


@inlined
def spread_input(V, v, place, pixels, o, row, pixel):
    """d += B V Bᵀ: tiles overlap, so pixels add up what comes back from each."""
    a = _b(*read5(V, v, 5 * place))
    b = _b(*read5(V, v + place, 5 * place))
    c = _b(*read5(V, v + 2 * place, 5 * place))
    d = _b(*read5(V, v + 3 * place, 5 * place))
    e = _b(*read5(V, v + 4 * place, 5 * place))
    _add5(pixels, o, pixel, _b(a[0], b[0], c[0], d[0], e[0]))
    _add5(pixels, o + row, pixel, _b(a[1], b[1], c[1], d[1], e[1]))
    _add5(pixels, o + 2 * row, pixel, _b(a[2], b[2], c[2], d[2], e[2]))
    _add5(pixels, o + 3 * row, pixel, _b(a[3], b[3], c[3], d[3], e[3]))
    _add5(pixels, o + 4 * row, pixel, _b(a[4], b[4], c[4], d[4], e[4]))


# -- output ---------------------------------------------------------------------------------------


@inlined
def _finished(a, b, c, d, e, bias, relu):
    """Aᵀ v + bias, and ReLU if there is one: a row of three pixels."""
    p, q, r = _at(a, b, c, d, e)
    p, q, r = p + bias, q + bias, r + bias
    if relu:
        zero = splat(np.float32(0))
        return maximum(p, zero), maximum(q, zero), maximum(r, zero)
    return p, q, r


@inlined
def transform_output(M, m, place, bias, relu):
    """y = Aᵀ M A + bias, and ReLU if there is one: three rows of three pixels."""
    a = _at(*read5(M, m, 5 * place))
    b = _at(*read5(M, m + place, 5 * place))
    c = _at(*read5(M, m + 2 * place, 5 * place))
    d = _at(*read5(M, m + 3 * place, 5 * place))
    e = _at(*read5(M, m + 4 * place, 5 * place))
    return (
        _finished(a[0], b[0], c[0], d[0], e[0], bias, relu),
        _finished(a[1], b[1], c[1], d[1], e[1], bias, relu),
        _finished(a[2], b[2], c[2], d[2], e[2], bias, relu),
    )


@inlined
def write_rows(rows, y, o, row, pixel):
    """3 × 3 pixels at `o`."""
    write3(y, o, pixel, rows[0])
    write3(y, o + row, pixel, rows[1])
    write3(y, o + 2 * row, pixel, rows[2])


@inlined
def _passed3(dy, y, relu, o, pixel):
    return (
        passed(dy, y, relu, o),
        passed(dy, y, relu, o + pixel),
        passed(dy, y, relu, o + 2 * pixel),
    )


@inlined
def read_rows(dy, y, relu, o, row, pixel):
    """dz, the 3 × 3 pixels of dy at `o`, but 0 where ReLU was."""
    return (
        _passed3(dy, y, relu, o, pixel),
        _passed3(dy, y, relu, o + row, pixel),
        _passed3(dy, y, relu, o + 2 * row, pixel),
    )


@inlined
def spread_output(rows, M, m, place):
    """M = A dz Aᵀ of three rows of dz; returns the sum of dz."""
    p, q, r = rows
    a = _a(p[0], q[0], r[0])
    b = _a(p[1], q[1], r[1])
    c = _a(p[2], q[2], r[2])
    write5(M, m, place, _a(a[0], b[0], c[0]))
    write5(M, m + 5 * place, place, _a(a[1], b[1], c[1]))
    write5(M, m + 10 * place, place, _a(a[2], b[2], c[2]))
    write5(M, m + 15 * place, place, _a(a[3], b[3], c[3]))
    write5(M, m + 20 * place, place, _a(a[4], b[4], c[4]))
    return a[1] + c[1] + b[1]  # row 1 of A is ones
