"""Winograd's transforms of one tile of 4 × 4 pixels, sixteen channels at a time.

    transform_input     V = Bᵀ d B        6 × 6 pixels → 36 places of V
    spread_input        d += B V Bᵀ       its adjoint: what was read from a pixel comes back to it
    transform_output    y = Aᵀ M A        36 places of M → 4 × 4 pixels
    spread_output       M = A dy Aᵀ       its adjoint
    write_rows, pool_rows                 these pixels, or the maximum of each 2 × 2, into maps
    read_rows, unpool_rows                their adjoints

and, of weights, g and gt: one dimension of U = G w Gᵀ and of dw = Gᵀ dU G.

The matrices stand in `scratchnet.kernels.winograd`. Each transform is separable: first every
column, then every row, with the same few additions; what is between stays in registers. Place e of
the tile at v lies at v + e·place; a pixel's neighbours at + pixel and + row.
"""

from __future__ import annotations

import numpy as np

from scratchnet.kernels.jit import inlined
from scratchnet.kernels.simd import (
    fused,
    maximum,
    pool4,
    splat,
    unpool,
    vector_load,
    vector_store,
    where_positive,
)

# -- one dimension: six vectors in, six or four out, and back -------------------------------------


@inlined
def _bt(a, b, c, d, e, f):
    """Bᵀ v"""
    two, four = splat(np.float32(2)), splat(np.float32(4))
    minus_four, minus_five = splat(np.float32(-4)), splat(np.float32(-5))
    p, q = fused(minus_four, c, e), fused(minus_four, b, d)
    r, s = e - c, two * (d - b)
    return (
        fused(four, a, fused(minus_five, c, e)),
        p + q,
        p - q,
        r + s,
        r - s,
        fused(four, b, fused(minus_five, d, f)),
    )


@inlined
def _b(a, b, c, d, e, f):
    """B v"""
    two, four = splat(np.float32(2)), splat(np.float32(4))
    minus_four, minus_five = splat(np.float32(-4)), splat(np.float32(-5))
    p, q = b + c, b - c
    r, s = d + e, two * (e - d)
    zero = splat(np.float32(0))
    return (
        four * a,
        fused(four, f, fused(minus_four, q, s)),
        fused(minus_five, a, fused(minus_four, p, zero - r)),
        fused(minus_five, f, q - s),
        a + p + r,
        f,
    )


@inlined
def _at(a, b, c, d, e, f):
    """Aᵀ v"""
    two, four, eight = splat(np.float32(2)), splat(np.float32(4)), splat(np.float32(8))
    p, q, r, s = b + c, b - c, d + e, d - e
    return a + p + r, fused(two, s, q), fused(four, r, p), fused(eight, s, q + f)


@inlined
def _a(a, b, c, d):
    """A v"""
    two, four = splat(np.float32(2)), splat(np.float32(4))
    p, q = a + c, b + d
    r, s = fused(four, c, a), two * fused(four, d, b)
    return a, p + q, p - q, r + s, r - s, d


@inlined
def g(a, b, c):
    """G w"""
    quarter, sixth = splat(np.float32(1 / 4)), splat(np.float32(1 / 6))
    p, q = sixth * (a + c), sixth * b
    r = splat(np.float32(1 / 24)) * a + sixth * c
    s = splat(np.float32(1 / 12)) * b
    zero = a - a
    return quarter * a, zero - p - q, q - p, r + s, r - s, c


@inlined
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


@inlined
def read3(v, o, step):
    return vector_load(v, o), vector_load(v, o + step), vector_load(v, o + 2 * step)


@inlined
def write3(v, o, step, w):
    vector_store(v, o, w[0])
    vector_store(v, o + step, w[1])
    vector_store(v, o + 2 * step, w[2])


@inlined
def read6(v, o, step):
    return (
        vector_load(v, o),
        vector_load(v, o + step),
        vector_load(v, o + 2 * step),
        vector_load(v, o + 3 * step),
        vector_load(v, o + 4 * step),
        vector_load(v, o + 5 * step),
    )


@inlined
def write6(v, o, step, w):
    vector_store(v, o, w[0])
    vector_store(v, o + step, w[1])
    vector_store(v, o + 2 * step, w[2])
    vector_store(v, o + 3 * step, w[3])
    vector_store(v, o + 4 * step, w[4])
    vector_store(v, o + 5 * step, w[5])


@inlined
def write4(v, o, step, w):
    vector_store(v, o, w[0])
    vector_store(v, o + step, w[1])
    vector_store(v, o + 2 * step, w[2])
    vector_store(v, o + 3 * step, w[3])


@inlined
def _add6(v, o, step, w):
    vector_store(v, o, vector_load(v, o) + w[0])
    vector_store(v, o + step, vector_load(v, o + step) + w[1])
    vector_store(v, o + 2 * step, vector_load(v, o + 2 * step) + w[2])
    vector_store(v, o + 3 * step, vector_load(v, o + 3 * step) + w[3])
    vector_store(v, o + 4 * step, vector_load(v, o + 4 * step) + w[4])
    vector_store(v, o + 5 * step, vector_load(v, o + 5 * step) + w[5])


# -- input ----------------------------------------------------------------------------------------


@inlined
def transform_input(pixels, o, row, pixel, V, v, place):
    """V = Bᵀ d B of the tile of pixels at `o`."""
    a = _bt(*read6(pixels, o, row))
    b = _bt(*read6(pixels, o + pixel, row))
    c = _bt(*read6(pixels, o + 2 * pixel, row))
    d = _bt(*read6(pixels, o + 3 * pixel, row))
    e = _bt(*read6(pixels, o + 4 * pixel, row))
    f = _bt(*read6(pixels, o + 5 * pixel, row))
    write6(V, v, place, _bt(a[0], b[0], c[0], d[0], e[0], f[0]))
    write6(V, v + 6 * place, place, _bt(a[1], b[1], c[1], d[1], e[1], f[1]))
    write6(V, v + 12 * place, place, _bt(a[2], b[2], c[2], d[2], e[2], f[2]))
    write6(V, v + 18 * place, place, _bt(a[3], b[3], c[3], d[3], e[3], f[3]))
    write6(V, v + 24 * place, place, _bt(a[4], b[4], c[4], d[4], e[4], f[4]))
    write6(V, v + 30 * place, place, _bt(a[5], b[5], c[5], d[5], e[5], f[5]))


@inlined
def spread_input(V, v, place, pixels, o, row, pixel):
    """d += B V Bᵀ: tiles overlap, so pixels add up what comes back from each."""
    a = _b(*read6(V, v, 6 * place))
    b = _b(*read6(V, v + place, 6 * place))
    c = _b(*read6(V, v + 2 * place, 6 * place))
    d = _b(*read6(V, v + 3 * place, 6 * place))
    e = _b(*read6(V, v + 4 * place, 6 * place))
    f = _b(*read6(V, v + 5 * place, 6 * place))
    _add6(pixels, o, pixel, _b(a[0], b[0], c[0], d[0], e[0], f[0]))
    _add6(pixels, o + row, pixel, _b(a[1], b[1], c[1], d[1], e[1], f[1]))
    _add6(pixels, o + 2 * row, pixel, _b(a[2], b[2], c[2], d[2], e[2], f[2]))
    _add6(pixels, o + 3 * row, pixel, _b(a[3], b[3], c[3], d[3], e[3], f[3]))
    _add6(pixels, o + 4 * row, pixel, _b(a[4], b[4], c[4], d[4], e[4], f[4]))
    _add6(pixels, o + 5 * row, pixel, _b(a[5], b[5], c[5], d[5], e[5], f[5]))


# -- output ---------------------------------------------------------------------------------------


@inlined
def _finished(a, b, c, d, e, f, bias, relu):
    """Aᵀ v + bias, and ReLU if there is one: a row of four pixels."""
    p, q, r, s = _at(a, b, c, d, e, f)
    p, q, r, s = p + bias, q + bias, r + bias, s + bias
    if relu:
        zero = splat(np.float32(0))
        return maximum(p, zero), maximum(q, zero), maximum(r, zero), maximum(s, zero)
    return p, q, r, s


@inlined
def transform_output(M, m, place, bias, relu):
    """y = Aᵀ M A + bias, and ReLU if there is one: four rows of four pixels."""
    a = _at(*read6(M, m, 6 * place))
    b = _at(*read6(M, m + place, 6 * place))
    c = _at(*read6(M, m + 2 * place, 6 * place))
    d = _at(*read6(M, m + 3 * place, 6 * place))
    e = _at(*read6(M, m + 4 * place, 6 * place))
    f = _at(*read6(M, m + 5 * place, 6 * place))
    return (
        _finished(a[0], b[0], c[0], d[0], e[0], f[0], bias, relu),
        _finished(a[1], b[1], c[1], d[1], e[1], f[1], bias, relu),
        _finished(a[2], b[2], c[2], d[2], e[2], f[2], bias, relu),
        _finished(a[3], b[3], c[3], d[3], e[3], f[3], bias, relu),
    )


@inlined
def write_rows(rows, y, o, row, pixel):
    """4 × 4 pixels at `o`."""
    write4(y, o, pixel, rows[0])
    write4(y, o + row, pixel, rows[1])
    write4(y, o + 2 * row, pixel, rows[2])
    write4(y, o + 3 * row, pixel, rows[3])


@inlined
def _pool_two_rows(p, q, y, winners, o, pixel):
    vector_store(y, o, pool4(p[0], p[1], q[0], q[1], winners, o))
    vector_store(y, o + pixel, pool4(p[2], p[3], q[2], q[3], winners, o + pixel))


@inlined
def pool_rows(rows, y, winners, o, row, pixel):
    """The maximum of each 2 × 2 of 4 × 4 pixels: 2 × 2 pixels at `o`, and their winners."""
    _pool_two_rows(rows[0], rows[1], y, winners, o, pixel)
    _pool_two_rows(rows[2], rows[3], y, winners, o + row, pixel)


@inlined
def passed(dy, y, relu, p):
    """dy at p, but 0 where ReLU was."""
    d = vector_load(dy, p)
    if relu:
        return where_positive(vector_load(y, p), d)
    return d


@inlined
def _passed4(dy, y, relu, o, pixel):
    """Four pixels of a row."""
    return (
        passed(dy, y, relu, o),
        passed(dy, y, relu, o + pixel),
        passed(dy, y, relu, o + 2 * pixel),
        passed(dy, y, relu, o + 3 * pixel),
    )


@inlined
def _unpooled(d, winners, p, first):
    """The two pixels, of the window whose gradient is d, that are number `first` and the next."""
    return unpool(d, winners, p, first), unpool(d, winners, p, first + 1)


@inlined
def read_rows(dy, y, relu, o, row, pixel):
    """dz, the 4 × 4 pixels of dy at `o`, but 0 where ReLU was."""
    return (
        _passed4(dy, y, relu, o, pixel),
        _passed4(dy, y, relu, o + row, pixel),
        _passed4(dy, y, relu, o + 2 * row, pixel),
        _passed4(dy, y, relu, o + 3 * row, pixel),
    )


@inlined
def unpool_rows(dy, y, winners, relu, o, row, pixel):
    """dz of 2 × 2 pooled pixels of dy: each hands its gradient to its winner."""
    right, below = o + pixel, o + row
    a, b = passed(dy, y, relu, o), passed(dy, y, relu, right)
    c, d = passed(dy, y, relu, below), passed(dy, y, relu, below + pixel)
    return (
        _unpooled(a, winners, o, 0) + _unpooled(b, winners, right, 0),
        _unpooled(a, winners, o, 2) + _unpooled(b, winners, right, 2),
        _unpooled(c, winners, below, 0) + _unpooled(d, winners, below + pixel, 0),
        _unpooled(c, winners, below, 2) + _unpooled(d, winners, below + pixel, 2),
    )


@inlined
def spread_output(rows, M, m, place):
    """M = A dz Aᵀ of four rows of dz; returns the sum of dz."""
    p, q, r, s = rows
    a = _a(p[0], q[0], r[0], s[0])
    b = _a(p[1], q[1], r[1], s[1])
    c = _a(p[2], q[2], r[2], s[2])
    d = _a(p[3], q[3], r[3], s[3])
    write6(M, m, place, _a(a[0], b[0], c[0], d[0]))
    write6(M, m + 6 * place, place, _a(a[1], b[1], c[1], d[1]))
    write6(M, m + 12 * place, place, _a(a[2], b[2], c[2], d[2]))
    write6(M, m + 18 * place, place, _a(a[3], b[3], c[3], d[3]))
    write6(M, m + 24 * place, place, _a(a[4], b[4], c[4], d[4]))
    write6(M, m + 30 * place, place, _a(a[5], b[5], c[5], d[5]))
    return a[1] + c[1] + (b[1] + d[1])  # row 1 of A is ones
