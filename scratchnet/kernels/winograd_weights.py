"""Weights on their way into Winograd's algorithm, and their gradients on the way out.

    U = G w Gᵀ          9 numbers of each pair of channel and filter → 36, or 25
    dw = Gᵀ dU G        back to 9; dU is the sum of what parts of the batch have kept

Sixteen pairs are a vector; they come from W (F, C, 3, 3), as the layer has it, and go back to it.
The matrices G stand in `scratchnet.kernels.winograd`.

The numbers of a place of U lie together; the next begins `to_next` numbers further, a little more
than there are. Were that a power of two, as C·F often is, all would fall on the same few lines of
the cache, and the transforms take three times as long.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from scratchnet.kernels import winograd_small_tiles as small_tiles
from scratchnet.kernels import winograd_tiles as large_tiles
from scratchnet.kernels.jit import inlined, kernel
from scratchnet.kernels.memory import aligned_empty, scratch
from scratchnet.kernels.parallel import pieces, share_out
from scratchnet.kernels.simd import LANES, vector_load, vector_store
from scratchnet.kernels.winograd_small_tiles import read5, write5
from scratchnet.kernels.winograd_tiles import read3, read6, write3, write6

Array = NDArray[Any]

SHARES = 4
"""Parts of the batch that keep their own sums dU, 36·C·F or 25·C·F numbers each, and db."""

WIDE = 1 << 16
"""C·F beyond which two parts must do: each takes up to nine megabytes and more."""

PIECE = 4096
"""Pairs that are worth a piece of work of their own."""


@inlined
def to_next(C, F):
    """From one place to the next."""
    return C * F + LANES


@kernel
def _transform_weights(share, shares, W, F, C, channels_first, tile, U):
    """U = G w Gᵀ of W (F, C, 3, 3), flat; U has places of (C, F) if `channels_first`, or (F, C)."""
    n = to_next(C, F)
    w, line = scratch(9 * LANES, W), scratch(18 * LANES, W)
    across, step = (F, 9 * C) if channels_first else (C, 9)
    vectors = C * F // LANES
    for i in range(vectors * share // shares, vectors * (share + 1) // shares):
        o = i * LANES
        row, column = divmod(o, across)
        first = 9 * (column * C + row if channels_first else row * C + column)
        for lane in range(LANES):
            for tap in range(9):
                w[tap * LANES + lane] = W[first + lane * step + tap]
        for j in range(3):
            v = read3(w, j * LANES, 3 * LANES)
            if tile == 4:
                write6(line, j * LANES, 3 * LANES, large_tiles.g(*v))
            else:
                write5(line, j * LANES, 3 * LANES, small_tiles.g(*v))
        for k in range(tile + 2):
            v = read3(line, 3 * k * LANES, LANES)
            if tile == 4:
                write6(U, o + 6 * k * n, n, large_tiles.g(*v))
            else:
                write5(U, o + 5 * k * n, n, small_tiles.g(*v))


@kernel
def _transform_sums(share, shares, dU, F, C, tile, dW):
    """dW = Gᵀ (Σ dU) G of dU (shares, places of (C, F)): (F, C, 3, 3), flat."""
    parts, n, side = dU.shape[0], to_next(C, F), tile + 2
    flat = dU.reshape(-1)
    total, line, dw = scratch(36 * LANES, dW), scratch(18 * LANES, dW), scratch(9 * LANES, dW)
    vectors = C * F // LANES
    for i in range(vectors * share // shares, vectors * (share + 1) // shares):
        o = i * LANES
        c, f = divmod(o, F)
        for e in range(side * side):
            v = vector_load(flat, o + e * n)
            for part in range(1, parts):
                v = v + vector_load(flat, o + (part * side * side + e) * n)
            vector_store(total, e * LANES, v)
        for j in range(side):
            if tile == 4:
                v = large_tiles.gt(*read6(total, j * LANES, 6 * LANES))
            else:
                v = small_tiles.gt(*read5(total, j * LANES, 5 * LANES))
            write3(line, j * LANES, side * LANES, v)
        for k in range(3):
            if tile == 4:
                v = large_tiles.gt(*read6(line, 6 * k * LANES, LANES))
            else:
                v = small_tiles.gt(*read5(line, 5 * k * LANES, LANES))
            write3(dw, 3 * k * LANES, LANES, v)
        for lane in range(LANES):
            for tap in range(9):
                dW[9 * ((f + lane) * C + c) + tap] = dw[tap * LANES + lane]


def transformed(W: Array, order: str, tile: int, U: Array | None = None) -> Array:
    """U = G w Gᵀ of W (F, C, 3, 3), flat: places of (C, F) if `order` is "CF", (F, C) if "FC".

    Args:
        tile: pixels along a side, 4 or 3.
        U: an earlier result to write over; fresh memory costs more than the transform.
    """
    F, C = W.shape[:2]
    if U is None:
        U = aligned_empty(places_of(tile) * (C * F + LANES))
    flat = np.ascontiguousarray(W).reshape(-1)
    share_out(_transform_weights, pieces(C * F // PIECE), flat, F, C, order == "CF", tile, U)
    return U


def places_of(tile: int) -> int:
    """Of a tile: products for each pair of channel and filter."""
    return (tile + 2) ** 2


class Sums(NamedTuple):
    """The gradients so far, in parts."""

    dU: Array
    """(shares, places · `to_next`)"""
    db: Array
    """(shares, F)"""
    C: int
    tile: int


def empty_sums(C: int, F: int, tile: int) -> Sums:
    """Memory for the sums of a convolution by such tiles."""
    shares = SHARES if C * F <= WIDE else 2
    dU = aligned_empty((shares, places_of(tile) * (C * F + LANES)))
    return Sums(dU, aligned_empty((shares, F)), C, tile)


def gradients(sums: Sums, dW: Array | None = None) -> tuple[Array, Array]:
    """dW (F, C, 3, 3) and db (F,).

    Args:
        dW: where to write it, contiguous.
    """
    C, F = sums.C, sums.db.shape[1]
    if dW is None:
        dW = aligned_empty((F, C, 3, 3))
    share_out(_transform_sums, pieces(C * F // PIECE), sums.dU, F, C, sums.tile, dW.reshape(-1))
    return dW, sums.db.sum(axis=0)
