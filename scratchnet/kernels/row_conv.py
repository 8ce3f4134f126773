"""Convolution row by row, as matrix products: for every shape that Winograd's algorithm is not for.

In maps (`scratchnet.kernels.maps`) the KW pixels under a row of the window are neighbours: KW·C
numbers, one row of a matrix A. The next output pixel's are stride·C numbers further, so the rows of
A overlap in memory and nothing is copied:

    y[oh]      = Σ_kh A(oh·stride + kh) @ W[kh]        (OW, KW·C) @ (KW·C, F)
    dW[kh]    += A(oh·stride + kh)ᵀ @ dz[oh]           (KW·C, OW) @ (OW, F)
    dx pixels += dz[oh] @ W[kh, kw]ᵀ                   (OW, F) @ (F, C)   for each kh, kw

A dilated window has gaps between its pixels; there A is taken a pixel at a time. Bias and ReLU are
applied to a row of y while it is in the cache.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from scratchnet.kernels.jit import kernel
from scratchnet.kernels.maps import Frame, clear_outside
from scratchnet.kernels.memory import aligned_empty, scratch
from scratchnet.kernels.parallel import pieces, share_out
from scratchnet.kernels.simd import (
    LANES,
    maximum,
    splat,
    vector_load,
    vector_store,
    where_positive,
)
from scratchnet.kernels.tile import ADD, UNIT, multiply

Array = NDArray[Any]
Pair = tuple[int, int]

START = np.int64(0)

TOGETHER = 8
"""Images that are summed before their sum is added to dW: long sums of float32 lose digits."""

SHARES = 4
"""Parts of the batch that keep their own sums dW and db."""


class Window(NamedTuple):
    """The window of a convolution, and whether a ReLU follows."""

    KH: int
    KW: int
    stride_h: int
    stride_w: int
    dilation_h: int
    dilation_w: int
    top: int
    """Rows of padding above the image."""
    left: int
    relu: bool


@kernel
def _pixels(window, C):
    """(pieces of a row of the window, numbers in each): one piece if its pixels are neighbours."""
    if window.dilation_w == 1:
        return 1, window.KW * C
    return window.KW, C


@kernel
def _place(n, oh, kh, piece, window, f):
    """Where a piece of the window's row kh begins in maps, for the first output pixel of row oh."""
    h = f.top - window.top + oh * window.stride_h + kh * window.dilation_h
    w = f.left - window.left + piece * window.dilation_w
    return ((n * f.HP + h) * f.WP + w) * f.C


@kernel
def _forward(share, shares, N, x, fx, W, bias, window, y, fy):
    """W (KH, KW·C, F), flat."""
    C, F = fx.C, fy.C
    pieces, K = _pixels(window, C)
    zero = splat(np.float32(0))
    for n in range(N * share // shares, N * (share + 1) // shares):
        for oh in range(fy.H):
            o = ((n * fy.HP + fy.top + oh) * fy.WP + fy.left) * F
            for kh in range(window.KH):
                for piece in range(pieces):
                    multiply(
                        x, _place(n, oh, kh, piece, window, fx), window.stride_w * C, UNIT,
                        W, (kh * window.KW + piece) * C * F, F,
                        y, o, F, fy.W, F, K, kh == 0 and piece == 0,
                    )  # fmt: skip
            for c in range(0, F, LANES):
                b = vector_load(bias, c)
                for p in range(o + c, o + c + fy.W * F, F):
                    v = vector_load(y, p) + b
                    if window.relu:
                        v = maximum(v, zero)
                    vector_store(y, p, v)


@kernel
def _backward(
    share, shares, N, dy, y, fy, x, fx, Wt, window, wants_dx, dx, dW, db, fresh
):  # fmt: skip
    """Wt (KH, KW, F, C), flat; dW (shares, KH, KW·C, F) and db (shares, F): the shares' sums."""
    C, F, OW = fx.C, fy.C, fy.W
    pieces, K = _pixels(window, C)
    own_dW, own_db = dW[share].reshape(-1), db[share]
    dz, part = scratch(OW * F, x), scratch(own_dW.size, x)
    image = fx.HP * fx.WP * C
    start, stop = N * share // shares, N * (share + 1) // shares
    if fresh:
        own_db[:] = 0
        own_dW[:] = 0
    for n in range(start, stop):
        if (n - start) % TOGETHER == 0:
            part[:] = 0
        if wants_dx:
            dx[n * image : (n + 1) * image] = 0
        for oh in range(fy.H):
            o = ((n * fy.HP + fy.top + oh) * fy.WP + fy.left) * F
            for c in range(0, F, LANES):
                total = vector_load(own_db, c)
                for p in range(c, OW * F, F):
                    d = vector_load(dy, o + p)
                    if window.relu:
                        d = where_positive(vector_load(y, o + p), d)
                    vector_store(dz, p, d)
                    total = total + d
                vector_store(own_db, c, total)
            for kh in range(window.KH):
                for piece in range(pieces):
                    multiply(
                        x, _place(n, oh, kh, piece, window, fx), UNIT, window.stride_w * C,
                        dz, START, F,
                        part, (kh * window.KW + piece) * C * F, F, K, F, OW, ADD,
                    )  # fmt: skip
                if wants_dx:
                    for kw in range(window.KW):
                        multiply(
                            dz, START, F, UNIT, Wt, (kh * window.KW + kw) * F * C, C,
                            dx, _place(n, oh, kh, kw, window, fx), window.stride_w * C,
                            OW, C, F, ADD,
                        )  # fmt: skip
        if wants_dx:
            clear_outside(dx, n, fx)
        if (n - start) % TOGETHER == TOGETHER - 1 or n == stop - 1:
            for i in range(0, own_dW.size, LANES):
                vector_store(own_dW, i, vector_load(own_dW, i) + vector_load(part, i))


def ordered(W: Array, order: str) -> Array:
    """W (F, C, KH, KW), flat: (KH, KW, C, F) if `order` is "CF", (KH, KW, F, C) if "FC"."""
    w = W.transpose(2, 3, 1, 0) if order == "CF" else W.transpose(2, 3, 0, 1)
    flat = aligned_empty(w.size)
    flat.reshape(w.shape)[...] = w
    return flat


def forward_maps(
    N: int, x: Array, fx: Frame, W: Array, b: Array, window: Window, y: Array, fy: Frame
) -> None:
    """Maps y of the convolution of maps x with `ordered` weights (C before F) and b (F,).

    F is whole vectors. The frame of x must be as wide as the window reaches over the edge.
    """
    share_out(_forward, pieces(N), N, x, fx, W, b, window, y, fy)


class Sums(NamedTuple):
    """The gradients so far, in parts: dW (shares, KH, KW, C, F) and db (shares, F)."""

    dW: Array
    db: Array


def empty_sums(C: int, F: int, KH: int, KW: int) -> Sums:
    """Memory for the sums of a convolution."""
    return Sums(aligned_empty((SHARES, KH, KW, C, F)), aligned_empty((SHARES, F)))


def backward_maps(
    N: int, dy: Array, y: Array, fy: Frame, x: Array, fx: Frame, Wt: Array, window: Window,
    dx: Array | None, sums: Sums, fresh: bool,
) -> None:  # fmt: skip
    """Maps dx from maps dy, unless dx is None; `sums` are begun (`fresh`) or added to.

    y matters if there is a ReLU. For dx, C is whole vectors.

    Args:
        Wt: `ordered` weights, with F before C.
    """
    share_out(
        _backward, SHARES, N, dy, y, fy, x, fx, Wt, window, dx is not None,
        dy if dx is None else dx, *sums, fresh,
    )  # fmt: skip


def gradients(sums: Sums) -> tuple[Array, Array]:
    """dW (F, C, KH, KW) and db (F,)."""
    return sums.dW.sum(axis=0).transpose(3, 2, 0, 1), sums.db.sum(axis=0)
