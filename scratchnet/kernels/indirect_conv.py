"""Convolution as three products, for every shape that Winograd's algorithm is not for.

In maps (`scratchnet.kernels.maps`) what a window reads stands at fixed distances from its corner:
number k = (kh, kw, c) of the window of pixel p at corner[p] + tap[k]. So

    y[p, f]    = b[f] + Σₖ x[corner[p] + tap[k]] · W[k, f]
    dW[k, f]  += Σₚ x[tap[k] + corner[p]] · dz[p, f]
    dx[corner[p] + tap[k]]  += Σ_f dz[p, f] · W[k, f]            for each kh, kw: (P, F) @ (F, C)

are products of `scratchnet.kernels.indirect_product`, whatever the window, its stride and its
dilation.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from scratchnet.kernels.indirect_product import multiply_indirect
from scratchnet.kernels.jit import kernel
from scratchnet.kernels.maps import Frame, clear_outside
from scratchnet.kernels.memory import aligned_empty, scratch
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
from scratchnet.kernels.simd import (
    LANES,
    maximum,
    splat,
    vector_load,
    vector_store,
    where_positive,
)
from scratchnet.kernels.tile import ADD, FRESH, UNIT

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
def _taps(window, f):
    """Where the numbers under a window stand, from its corner: (KH·KW·C,)."""
    taps = np.empty(window.KH * window.KW * f.C, np.int64)
    k = 0
    for kh in range(window.KH):
        for kw in range(window.KW):
            place = (kh * window.dilation_h * f.WP + kw * window.dilation_w) * f.C
            for c in range(f.C):
                taps[k] = place + c
                k += 1
    return taps


@kernel
def _corners(window, f, fy):
    """Where the windows of an image's output pixels begin, from the image's beginning: (P,)."""
    corners = np.empty(fy.H * fy.W, np.int64)
    for p in range(corners.size):
        oh, ow = divmod(p, fy.W)
        h = f.top - window.top + oh * window.stride_h
        w = f.left - window.left + ow * window.stride_w
        corners[p] = (h * f.WP + w) * f.C
    return corners


@kernel
def _places(f):
    """Where the pixels of an image stand, from the image's beginning: (H·W,)."""
    places = np.empty(f.H * f.W, np.int64)
    for p in range(places.size):
        h, w = divmod(p, f.W)
        places[p] = ((f.top + h) * f.WP + f.left + w) * f.C
    return places


@kernel
def _forward(share, shares, N, x, fx, before, W, bias, window, y, fy, after):
    """W (KH, KW, C, F), flat."""
    F = fy.C
    zero = splat(np.float32(0))
    if before is None:
        z, fz = x, fx
    else:
        fz = before.frame
        z = room_for(UNIT, fz, x)
    image, y_image = fz.HP * fz.WP * fz.C, fy.HP * fy.WP * F
    taps, corners, places = _taps(window, fz), _corners(window, fz, fy), _places(fy)
    for n in range(N * share // shares, N * (share + 1) // shares):
        m = n  # where its image lies in z
        if before is not None:
            m = 0
            activate_image(x, fx, n, before, z, m)
        multiply_indirect(
            z, m * image, corners, taps, W, START, F, y, n * y_image, places, FRESH
        )  # fmt: skip
        for h in range(fy.H):
            o = n * y_image + places[h * fy.W]
            for c in range(0, F, LANES):
                b = vector_load(bias, c)
                for p in range(o + c, o + c + fy.W * F, F):
                    v = vector_load(y, p) + b
                    if window.relu:
                        v = maximum(v, zero)
                    vector_store(y, p, v)
        if after is not None:
            complete(y, fy, n, after)


@kernel
def _backward(
    share, shares, N, dy, y, fy, x, fx, before, Wt, window, wants_dz, dz, dW, db, fresh, norm
):  # fmt: skip
    """Wt (KH, KW, F, C), flat; dW (shares, KH, KW, C, F) and db (shares, F): the shares' sums."""
    C, F = fx.C, fy.C
    own_dW, own_db = dW[share].reshape(-1), db[share]
    if before is None:
        z, fz = x, fx
    else:
        fz = before.frame
        z = room_for(UNIT, fz, x)
    image, y_image = fz.HP * fz.WP * C, fy.HP * fy.WP * F
    taps, corners, places = _taps(window, fz), _corners(window, fz, fy), _places(fy)
    filters, rows = np.arange(F), F * np.arange(max(taps.size, places.size))
    upstream, part = scratch(places.size * F, x), scratch(own_dW.size, x)
    start, stop = N * share // shares, N * (share + 1) // shares
    if fresh:
        own_db[:] = 0
        own_dW[:] = 0
    for n in range(start, stop):
        m = n  # where its image lies in z
        if before is not None:
            m = 0
            activate_image(x, fx, n, before, z, m)
        for c in range(0, F, LANES):
            total = vector_load(own_db, c)
            for p in range(places.size):
                o = n * y_image + places[p] + c
                d = vector_load(dy, o)
                if window.relu:
                    d = where_positive(vector_load(y, o), d)
                vector_store(upstream, p * F + c, d)
                total = total + d
            vector_store(own_db, c, total)
        multiply_indirect(
            z, m * image, taps, corners, upstream, START, F,
            part, START, rows[: taps.size], (n - start) % TOGETHER == 0,
        )  # fmt: skip
        if wants_dz:
            dz[n * image : (n + 1) * image] = 0
            for tap in range(0, taps.size, C):
                multiply_indirect(
                    upstream, START, rows[: places.size], filters, Wt, tap * F, C,
                    dz, n * image + taps[tap], corners, ADD,
                )  # fmt: skip
            clear_outside(dz, n, fz)
            if before is not None:
                sum_image(
                    dz, x, fx, n, before,
                    norm.mean, norm.inv_std, norm.dbeta[share], norm.dgamma[share],
                )  # fmt: skip
        if (n - start) % TOGETHER == TOGETHER - 1 or n == stop - 1:
            for i in range(0, own_dW.size, LANES):
                vector_store(own_dW, i, vector_load(own_dW, i) + vector_load(part, i))


def ordered(W: Array, order: str, flat: Array | None = None) -> Array:
    """W (F, C, KH, KW), flat: (KH, KW, C, F) if `order` is "CF", (KH, KW, F, C) if "FC".

    Args:
        flat: an earlier result to write over.
    """
    w = W.transpose(2, 3, 1, 0) if order == "CF" else W.transpose(2, 3, 0, 1)
    if flat is None:
        flat = aligned_empty(w.size)
    flat.reshape(w.shape)[...] = w
    return flat


def forward_maps(
    N: int, x: Array, fx: Frame, W: Array, b: Array, window: Window, y: Array, fy: Frame,
    before: Activation | None = None, after: After | None = None,
) -> None:  # fmt: skip
    """Maps y of the convolution of maps x with `ordered` weights (C before F) and b (F,).

    F is whole vectors. The frame of x must be as wide as the window reaches over the edge.

    Args:
        before: what happens to an image of x first; the convolution is of z, then.
        after: what happens to an image of y in the end.
    """
    share_out(_forward, pieces(N), N, x, fx, before, W, b, window, y, fy, after)


class Sums(NamedTuple):
    """The gradients so far, in parts: dW (shares, KH, KW, C, F) and db (shares, F)."""

    dW: Array
    db: Array


def empty_sums(C: int, F: int, KH: int, KW: int) -> Sums:
    """Memory for the sums of a convolution."""
    return Sums(aligned_empty((SHARES, KH, KW, C, F)), aligned_empty((SHARES, F)))


def backward_maps(
    N: int, dy: Array, y: Array, fy: Frame, x: Array, fx: Frame, Wt: Array, window: Window,
    dz: Array | None, sums: Sums, fresh: bool,
    before: Activation | None = None, norm: NormSums | None = None,
) -> None:  # fmt: skip
    """Maps dz from maps dy, unless dz is None; `sums` are begun (`fresh`) or added to.

    dz is dx; but where x was activated first, it is the gradient of what came of it.
    y matters if there is a ReLU. For dz, C is whole vectors.

    Args:
        Wt: `ordered` weights, with F before C.
        before: what happened to an image of x first.
        norm: for that: sums of dz, `len(sums.db)` shares, which are added to.
    """
    share_out(
        _backward, len(sums.db), N, dy, y, fy, x, fx, before, Wt, window, dz is not None,
        dy if dz is None else dz, *sums, fresh, norm,
    )  # fmt: skip


def gradients(sums: Sums) -> tuple[Array, Array]:
    """dW (F, C, KH, KW) and db (F,)."""
    return sums.dW.sum(axis=0).transpose(3, 2, 0, 1), sums.db.sum(axis=0)
