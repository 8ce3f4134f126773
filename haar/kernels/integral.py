"""The integral images of a desk, from pixels that are interpolated on the way.

    S[Y][X] = Σ pixels with y < Y, x < X                                          upright
    Q[Y][X] = the same of the squared pixels, for the contrast of a window
    T[Y][X] = T[Y−1][X−1] + T[Y−1][X+1] − T[Y−2][X] + I[Y−1][X−1] + I[Y−2][X−1]   tilted

**S and Q.** Each column keeps its sum so far; a row of S is the running sum of those: within a
vector by shifted additions, from vector to vector by its last lane. With even and odd columns
apart, one running sum over pairs serves both: S[2i+1] = S[2i] + column[2i].

**T** needs no border. The sum of a tilted rectangle adds the recurrence up over the points inside
of it, and whatever the values on the border are, they cancel. So rows 0 and 1 are zero, and the
first and the last column are anything.

All wrap at 32 bits. Lanes beyond the last column hold garbage, which no window reads.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from haar.kernels.jit import kernel
from haar.kernels.memory import load, load_bytes, store
from haar.kernels.resize import blend_rows, shrink_row
from haar.kernels.simd import LANES, last_lane, narrow, prefix_sum, splat, widen, widen_unsigned

Array = NDArray[Any]


@kernel
def _put(wide, short, at, sums):
    store(wide, at, sums)
    store(short, at, narrow(sums))


@kernel
def _add_row(pixels, at, n, columns):
    """columns += pixels"""
    for x in range(0, n, LANES):
        store(columns, x, load(columns, x) + widen(load_bytes(pixels, at + x)))


@kernel
def _add_squares(pixels, at, n, columns):
    """columns += pixels²"""
    for x in range(0, n, LANES):
        v = load_bytes(pixels, at + x)
        store(columns, x, load(columns, x) + widen_unsigned(v * v))


@kernel
def _sum_row(columns, n, step, half, wide, short, at):
    """A row of S, of 32 and of 16 bits, from the sums of its columns."""
    carry = splat(np.int32(0))
    for x in range(0, n // step + 1, LANES):
        here = load(columns, x)
        both = here + load(columns, half + x) if step == 2 else here
        total = prefix_sum(both) + carry
        before = total - both
        _put(wide, short, at + x, before)
        if step == 2:
            _put(wide, short, at + half + x, before + here)
        carry = last_lane(total)


@kernel
def _sum_squares(columns, n, step, half, squares, at):
    """A row of Q, likewise."""
    carry = splat(np.int32(0))
    for x in range(0, n // step + 1, LANES):
        here = load(columns, x)
        both = here + load(columns, half + x) if step == 2 else here
        total = prefix_sum(both) + carry
        before = total - both
        store(squares, at + x, before)
        if step == 2:
            store(squares, at + half + x, before + here)
        carry = last_lane(total)


@kernel
def _tilted_row(pixels, row, last_row, n, desk, wide, short, at):
    """A row of T from the two before it; `row`, `last_row` are where its pixels are."""
    one, two = at - desk.stride, at - 2 * desk.stride
    if desk.step == 1:
        for X in range(0, n + 1, LANES):
            sums = load(wide, one + X - 1) + load(wide, one + X + 1) - load(wide, two + X)
            both = load_bytes(pixels, row + X - 1) + load_bytes(pixels, last_row + X - 1)
            _put(wide, short, at + X, sums + widen(both))
    else:
        half = desk.half
        for i in range(0, n // 2 + 1, LANES):  # columns 2i and 2i + 1
            odd = half + i
            sums = load(wide, one + odd - 1) + load(wide, one + odd) - load(wide, two + i)
            both = load_bytes(pixels, row + odd - 1) + load_bytes(pixels, last_row + odd - 1)
            _put(wide, short, at + i, sums + widen(both))
            sums = load(wide, one + i) + load(wide, one + i + 1) - load(wide, two + odd)
            both = load_bytes(pixels, row + i) + load_bytes(pixels, last_row + i)
            _put(wide, short, at + odd, sums + widen(both))


@kernel
def _clear(wide, short, at, count):
    for i in range(at, at + count, LANES):
        _put(wide, short, i, splat(np.int32(0)))


@kernel
def _clear_sums(sums, count):
    for i in range(0, count, LANES):
        store(sums, i, splat(np.int32(0)))


class Picture(NamedTuple):
    """The image, and the taps of all levels end to end (`resize.taps`)."""

    image: Array  # (H · W + padding,) uint8
    W: int
    H: int
    x_taps: Array  # int32
    x_weights: Array  # uint64, pairs
    y_taps: Array  # int32
    y_weights: Array  # int32


@kernel
def fill_desk(picture, x_at, y_at, n, rows, height, desk, tilted, squared, buffers):
    """The integral images of n × rows pixels of a scaled picture.

    x_at, y_at         the taps of the first column and the first row
    height             of a window
    tilted, squared    which images are needed besides S
    """
    wide, short, pixels, columns = buffers.wide, buffers.short, buffers.pixels, buffers.columns
    step, half, stride = desk.step, desk.half, desk.stride
    span = half + n // 2 + 1 if step == 2 else n
    tilted_at = desk.rows * stride
    _clear_sums(columns, stride)
    _clear(wide, short, 0, stride)
    if squared:
        _clear_sums(buffers.square_columns, stride)
        _clear_sums(buffers.squares, stride)
    if tilted:
        _clear(wide, short, tilted_at, 2 * stride)

    first = np.int64(picture.x_taps[x_at])
    count = picture.x_taps[x_at + n - 1] + 2 - first
    for Y in range(1, rows + 1):
        j = y_at + Y - 1
        upper = np.int64(picture.y_taps[j])
        lower = min(upper + 1, picture.H - 1)
        above, below = upper * picture.W + first, lower * picture.W + first
        row, last_row = stride * (Y & 1) + LANES, stride * ((Y - 1) & 1) + LANES
        blend_rows(picture.image, above, below, picture.y_weights[j], count, buffers.line)
        shrink_row(
            buffers.line, first, picture.x_taps, picture.x_weights, x_at, n, step, pixels, row, half
        )
        _add_row(pixels, row, span, columns)
        _sum_row(columns, n, step, half, wide, short, Y * stride)
        if squared:
            _add_squares(pixels, row, span, buffers.square_columns)
            if step == 1 or Y % 2 == 1 or height % 2 == 1:  # else no window looks there
                _sum_squares(buffers.square_columns, n, step, half, buffers.squares, Y * stride)
        if tilted and Y >= 2:
            _tilted_row(pixels, row, last_row, n, desk, wide, short, tilted_at + Y * stride)
