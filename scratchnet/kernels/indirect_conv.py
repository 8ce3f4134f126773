"""Convolution as three products, for every shape that Winograd's algorithm is not for.

With the corners and the taps of `scratchnet.kernels.window`, and number k = (kh, kw, c) of a window
at tap[k] = tap[kh, kw] + c from its corner,

    y[p, f]    = b[f] + Σₖ x[corner[p] + tap[k]] · W[k, f]
    dW[k, f]  += Σₚ x[tap[k] + corner[p]] · dz[p, f]
    dx[corner[p] + tap[k]]  += Σ_f dz[p, f] · W[k, f]            for each kh, kw: (P, F) @ (F, C)

are products of `scratchnet.kernels.indirect_product`, whatever the window, its stride and its
dilation. Of several groups each has products of its own, of C/groups channels by F/groups filters,
both whole vectors.
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
from scratchnet.kernels.simd import LANES, maximum, splat, vector_load, vector_store
from scratchnet.kernels.tile import ADD, FRESH, UNIT
from scratchnet.kernels.window import Window, collect_image, corners_of, places_of, taps_of

Array = NDArray[Any]

TOGETHER = 8
"""Images that are summed before their sum is added to dW: long sums of float32 lose digits."""

SHARES = 4
"""Parts of the batch that keep their own sums dW and db."""


@kernel
def _numbers(taps, C):
    """How far the numbers under a window are from its corner, of the first C channels."""
    numbers = np.empty(taps.size * C, np.int64)
    for k in range(numbers.size):
        numbers[k] = taps[k // C] + k % C
    return numbers


@kernel
def _forward(share, shares, N, x, fx, before, W, bias, window, y, fy, after):
    """W (groups, KH, KW, C/groups, F/groups), flat."""
    F = fy.C
    CG, FG = fx.C // window.groups, F // window.groups
    zero = splat(np.float32(0))
    if before is None:
        z, fz = x, fx
    else:
        fz = before.frame
        z = room_for(UNIT, fz, x)
    image, y_image = fz.HP * fz.WP * fz.C, fy.HP * fy.WP * F
    corners, places = corners_of(window, fz, fy), places_of(fy)
    numbers = _numbers(taps_of(window, fz), CG)
    for n in range(N * share // shares, N * (share + 1) // shares):
        m = n  # where its image lies in z
        if before is not None:
            m = 0
            activate_image(x, fx, n, before, z, m)
        for g in range(window.groups):
            multiply_indirect(
                z, m * image + g * CG, corners, numbers, W, g * numbers.size * FG, FG,
                y, n * y_image + g * FG, places, FRESH,
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
    """Wt (groups, KH, KW, F/groups, C/groups), flat.

    dW (shares, groups, KH, KW, C/groups, F/groups) and db (shares, F): the shares' sums.
    """
    C, F = fx.C, fy.C
    CG, FG = C // window.groups, F // window.groups
    own_dW, own_db = dW[share].reshape(-1), db[share]
    if before is None:
        z, fz = x, fx
    else:
        fz = before.frame
        z = room_for(UNIT, fz, x)
    image, y_image = fz.HP * fz.WP * C, fy.HP * fy.WP * F
    corners, places, taps = corners_of(window, fz, fy), places_of(fy), taps_of(window, fz)
    numbers = _numbers(taps, CG)
    filters, rows = np.arange(FG), FG * np.arange(max(numbers.size, places.size))
    P, K = rows[: places.size], rows[: numbers.size]
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
        if wants_dz:
            dz[n * image : (n + 1) * image] = 0
        for g in range(window.groups):
            c, f = g * CG, g * FG
            up, w = f * places.size, f * numbers.size
            collect_image(
                dy, y, n * y_image, places, window.relu, own_db, f, f + FG, upstream, up, P
            )  # fmt: skip
            multiply_indirect(
                z, m * image + c, numbers, corners, upstream, up, FG,
                part, w, K, (n - start) % TOGETHER == 0,
            )  # fmt: skip
            if wants_dz:
                for tap in range(taps.size):
                    multiply_indirect(
                        upstream, up, P, filters, Wt, w + tap * FG * CG, CG,
                        dz, n * image + taps[tap] + c, corners, ADD,
                    )  # fmt: skip
        if wants_dz:
            clear_outside(dz, n, fz)
            if norm is not None:
                sum_image(
                    dz, x, fx, n, before,
                    norm.mean, norm.inv_std, norm.dbeta[share], norm.dgamma[share],
                )  # fmt: skip
        if (n - start) % TOGETHER == TOGETHER - 1 or n == stop - 1:
            for i in range(0, own_dW.size, LANES):
                vector_store(own_dW, i, vector_load(own_dW, i) + vector_load(part, i))


def ordered(W: Array, order: str, groups: int, flat: Array | None = None) -> Array:
    """W (F, C/groups, KH, KW), group by group, flat: (groups, KH, KW, C/groups, F/groups).

    Args:
        order: "CF"; or "FC", where the last two axes are exchanged.
        flat: an earlier result to write over.
    """
    F, *rest = W.shape
    w = W.reshape(groups, F // groups, *rest)
    w = w.transpose((0, 3, 4, 2, 1) if order == "CF" else (0, 3, 4, 1, 2))
    if flat is None:
        flat = aligned_empty(w.size)
    flat.reshape(w.shape)[...] = w
    return flat


def forward_maps(
    N: int, x: Array, fx: Frame, W: Array, b: Array, window: Window, y: Array, fy: Frame,
    before: Activation | None = None, after: After | None = None,
) -> None:  # fmt: skip
    """Maps y of the convolution of maps x with `ordered` weights (C before F) and b (F,).

    F is whole vectors.

    Args:
        before: what happens to an image of x first; the convolution is of z, then.
        after: what happens to an image of y in the end.
    """
    share_out(_forward, pieces(N), N, x, fx, before, W, b, window, y, fy, after)


class Sums(NamedTuple):
    """The gradients so far, in parts: dW (shares, as `ordered`) and db (shares, F)."""

    dW: Array
    db: Array


def empty_sums(W: Array, groups: int) -> Sums:
    """Memory for the sums of a convolution with these weights (F, C/groups, KH, KW)."""
    F, CG, KH, KW = W.shape
    dW = aligned_empty((SHARES, groups, KH, KW, CG, F // groups))
    return Sums(dW, aligned_empty((SHARES, F)))


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
        norm: if that began with a norm: sums of dz, `len(sums.db)` shares, which are added to.
    """
    share_out(
        _backward, len(sums.db), N, dy, y, fy, x, fx, before, Wt, window, dz is not None,
        dy if dz is None else dz, *sums, fresh, norm,
    )  # fmt: skip


def gradients(sums: Sums) -> tuple[Array, Array]:
    """dW (F, C/groups, KH, KW) and db (F,)."""
    dW = sums.dW.sum(axis=0)
    groups, KH, KW, CG, FG = dW.shape
    return dW.transpose(0, 4, 3, 1, 2).reshape(groups * FG, CG, KH, KW), sums.db.sum(axis=0)
