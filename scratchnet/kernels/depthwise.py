"""Depthwise convolution on maps: every channel has a window of its own.

With the corners and the taps of `scratchnet.kernels.window`, for each channel,

    y[p]   = b + Σₖ x[corner[p] + tap[k]] · W[k]
    dW[k] += Σₚ x[corner[p] + tap[k]] · dz[p]

sixteen channels a vector; no products of matrices, for no number is used by two filters. The third
is written for rows; columns are alike. A pixel h of dx collects what it gave:

    dx[h]  = Σ dz[oh] · W[kh]      over all oh, kh with  h + top = oh·stride + kh·dilation

Pixels with h + top = i·stride + r see the same part of the window, kh·dilation = r modulo stride,
whose oh = i + (r − kh·dilation) / stride is at a fixed distance from i. So dx is, remainder by
remainder, a convolution of dz with stride 1, which `_row` does as it does y; zeros around dz stand
for what no window reads.

Chollet, "Xception: deep learning with depthwise separable convolutions", 2017.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from scratchnet.kernels.indirect_conv import TOGETHER, Sums
from scratchnet.kernels.jit import kernel
from scratchnet.kernels.maps import Frame
from scratchnet.kernels.memory import scratch
from scratchnet.kernels.one_image import (
    Activation,
    After,
    NormSums,
    activate_image,
    complete,
    room_for,
    sum_image,
)
from scratchnet.kernels.parallel import pieces, share_out
from scratchnet.kernels.simd import LANES, fused, maximum, splat, vector_load, vector_store
from scratchnet.kernels.tile import UNIT
from scratchnet.kernels.window import Window, collect_image, corners_of, places_of, taps_of

Array = NDArray[Any]


@kernel
def _rectified(v, relu):
    if relu:
        return maximum(v, splat(np.float32(0)))
    return v


@kernel
def _row(x, p, x_step, taps, W, w, begin, relu, y, q, y_step, count):
    """y[q + j·y_step] = begin + Σₖ x[p + j·x_step + taps[k]] · W[w[k]] for j < count, 16 lanes."""
    fours = count // 4 * 4
    for j in range(0, fours, 4):
        at, to = p + j * x_step, q + j * y_step
        y0, y1, y2, y3 = begin, begin, begin, begin
        for k in range(taps.size):
            i, v = at + taps[k], vector_load(W, w[k])
            y0 = fused(vector_load(x, i), v, y0)
            y1 = fused(vector_load(x, i + x_step), v, y1)
            y2 = fused(vector_load(x, i + 2 * x_step), v, y2)
            y3 = fused(vector_load(x, i + 3 * x_step), v, y3)
        vector_store(y, to, _rectified(y0, relu))
        vector_store(y, to + y_step, _rectified(y1, relu))
        vector_store(y, to + 2 * y_step, _rectified(y2, relu))
        vector_store(y, to + 3 * y_step, _rectified(y3, relu))
    for j in range(fours, count):
        y0 = begin
        for k in range(taps.size):
            y0 = fused(vector_load(x, p + j * x_step + taps[k]), vector_load(W, w[k]), y0)
        vector_store(y, q + j * y_step, _rectified(y0, relu))


@kernel
def _forward(share, shares, N, x, fx, before, W, bias, window, y, fy, after):
    """W (KH, KW, C), flat."""
    C = fx.C
    if before is None:
        z, fz = x, fx
    else:
        fz = before.frame
        z = room_for(UNIT, fz, x)
    image, y_image = fz.HP * fz.WP * C, fy.HP * fy.WP * C
    corners, places, taps = corners_of(window, fz, fy), places_of(fy), taps_of(window, fz)
    w = C * np.arange(taps.size)
    for n in range(N * share // shares, N * (share + 1) // shares):
        m = n  # where its image lies in z
        if before is not None:
            m = 0
            activate_image(x, fx, n, before, z, m)
        for p in range(0, places.size, fy.W):
            for c in range(0, C, LANES):
                _row(
                    z, m * image + corners[p] + c, window.stride_w * C, taps, W[c:], w,
                    vector_load(bias, c), window.relu, y, n * y_image + places[p] + c, C, fy.W,
                )  # fmt: skip
        if after is not None:
            complete(y, fy, n, after)


# -- backward -------------------------------------------------------------------------------------


@kernel
def _reach(K, dilation, stride, H, before, OH):
    """Zeros before and behind OH numbers of dz, so far as dx asks for more."""
    return (K - 1) * dilation // stride, max(0, (H - 1 + before) // stride - (OH - 1))


@kernel
def _frame_of_gradient(window, f, fy):
    top, bottom = _reach(window.KH, window.dilation_h, window.stride_h, f.H, window.top, fy.H)
    left, right = _reach(window.KW, window.dilation_w, window.stride_w, f.W, window.left, fy.W)
    return Frame(fy.H, fy.W, fy.C, top, left, top + fy.H + bottom, left + fy.W + right)


@kernel
def _turned(window, r_h, r_w, f):
    """The part of the window that pixels of dx with these remainders see: taps of dz, and w."""
    taps = np.empty(window.KH * window.KW, np.int64)
    w = np.empty_like(taps)
    count = 0
    for kh in range(window.KH):
        for kw in range(window.KW):
            h, i = r_h - kh * window.dilation_h, r_w - kw * window.dilation_w
            if h % window.stride_h == 0 and i % window.stride_w == 0:
                taps[count] = (h // window.stride_h * f.WP + i // window.stride_w) * f.C
                w[count] = (kh * window.KW + kw) * f.C
                count += 1
    return taps[:count], w[:count]


@kernel
def _gradient_of_image(dz, fd, W, window, dx, f, n):
    """Image n of dx from an image dz of frame fd."""
    C = f.C
    zero = splat(np.float32(0))
    for r_h in range(window.stride_h):
        for r_w in range(window.stride_w):
            taps, w = _turned(window, r_h, r_w, fd)
            first_h = (r_h - window.top) % window.stride_h
            first_w = (r_w - window.left) % window.stride_w
            count = (f.W - first_w + window.stride_w - 1) // window.stride_w
            column = fd.left + (first_w + window.left) // window.stride_w
            for h in range(first_h, f.H, window.stride_h):
                row = fd.top + (h + window.top) // window.stride_h
                p = (row * fd.WP + column) * C
                q = ((n * f.HP + f.top + h) * f.WP + f.left + first_w) * C
                for c in range(0, C, LANES):
                    _row(
                        dz, p + c, C, taps, W[c:], w, zero, False,
                        dx, q + c, window.stride_w * C, count,
                    )  # fmt: skip


@kernel
def _row_of_weights(x, p, x_step, taps, dz, q, dz_step, count, dW, w):
    """dW[w[k]] += Σⱼ x[p + j·x_step + taps[k]] · dz[q + j·dz_step] for j < count, 16 lanes."""
    threes = taps.size // 3 * 3
    for k in range(0, threes, 3):
        i0, i1, i2 = p + taps[k], p + taps[k + 1], p + taps[k + 2]
        s0, s1, s2 = vector_load(dW, w[k]), vector_load(dW, w[k + 1]), vector_load(dW, w[k + 2])
        for j in range(count):
            d, i = vector_load(dz, q + j * dz_step), j * x_step
            s0 = fused(vector_load(x, i0 + i), d, s0)
            s1 = fused(vector_load(x, i1 + i), d, s1)
            s2 = fused(vector_load(x, i2 + i), d, s2)
        vector_store(dW, w[k], s0)
        vector_store(dW, w[k + 1], s1)
        vector_store(dW, w[k + 2], s2)
    for k in range(threes, taps.size):
        s0 = vector_load(dW, w[k])
        for j in range(count):
            d = vector_load(dz, q + j * dz_step)
            s0 = fused(vector_load(x, p + j * x_step + taps[k]), d, s0)
        vector_store(dW, w[k], s0)


@kernel
def _backward(
    share, shares, N, dy, y, fy, x, fx, before, W, window, wants_dz, dz, dW, db, fresh, norm
):  # fmt: skip
    """W (KH, KW, C), flat; dW (shares, KH, KW, C) and db (shares, C): the shares' sums."""
    C = fx.C
    own_dW, own_db = dW[share].reshape(-1), db[share]
    if before is None:
        z, fz = x, fx
    else:
        fz = before.frame
        z = room_for(UNIT, fz, x)
    image, y_image = fz.HP * fz.WP * C, fy.HP * fy.WP * C
    corners, places, taps = corners_of(window, fz, fy), places_of(fy), taps_of(window, fz)
    fd = _frame_of_gradient(window, fz, fy)
    rows, w = places_of(fd), C * np.arange(taps.size)
    upstream, part = room_for(UNIT, fd, x), scratch(own_dW.size, x)
    start, stop = N * share // shares, N * (share + 1) // shares
    if fresh:
        own_db[:] = 0
        own_dW[:] = 0
    for n in range(start, stop):
        m = n  # where its image lies in z
        if before is not None:
            m = 0
            activate_image(x, fx, n, before, z, m)
        collect_image(
            dy, y, n * y_image, places, window.relu, own_db, 0, C, upstream, 0, rows
        )  # fmt: skip
        if (n - start) % TOGETHER == 0:
            part[:] = 0
        for p in range(0, places.size, fy.W):
            for c in range(0, C, LANES):
                _row_of_weights(
                    z, m * image + corners[p] + c, window.stride_w * C, taps,
                    upstream, rows[p] + c, C, fy.W, part[c:], w,
                )  # fmt: skip
        if wants_dz:
            _gradient_of_image(upstream, fd, W, window, dz, fz, n)
            if norm is not None:
                sum_image(
                    dz, x, fx, n, before,
                    norm.mean, norm.inv_std, norm.dbeta[share], norm.dgamma[share],
                )  # fmt: skip
        if (n - start) % TOGETHER == TOGETHER - 1 or n == stop - 1:
            for i in range(0, own_dW.size, LANES):
                vector_store(own_dW, i, vector_load(own_dW, i) + vector_load(part, i))


# -- for the plan ---------------------------------------------------------------------------------


def forward_maps(
    N: int, x: Array, fx: Frame, W: Array, b: Array, window: Window, y: Array, fy: Frame,
    before: Activation | None = None, after: After | None = None,
) -> None:  # fmt: skip
    """As `indirect_conv.forward_maps`, of weights (C, 1, KH, KW) `ordered` as one group."""
    share_out(_forward, pieces(N), N, x, fx, before, W, b, window, y, fy, after)


def backward_maps(
    N: int, dy: Array, y: Array, fy: Frame, x: Array, fx: Frame, W: Array, window: Window,
    dz: Array | None, sums: Sums, fresh: bool,
    before: Activation | None = None, norm: NormSums | None = None,
) -> None:  # fmt: skip
    """As `indirect_conv.backward_maps`, likewise."""
    share_out(
        _backward, len(sums.db), N, dy, y, fy, x, fx, before, W, window, dz is not None,
        dy if dz is None else dz, *sums, fresh, norm,
    )  # fmt: skip
