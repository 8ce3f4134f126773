"""Weights on their way into Winograd's algorithm, and their gradients on the way out.

    U = G w Gᵀ          9 numbers of each pair of channel and filter → 36
    dw = Gᵀ dU G        36 → 9; dU is summed over the parts of the batch that kept sums of their own

Sixteen pairs are a vector. The matrix G stands in `scratchnet.kernels.winograd`.

The numbers of a place, or of a tap, lie together; the next begins `to_next` numbers further, a
little more than there are. Were that a power of two, as C·F often is, all would fall on the same
few lines of the cache, and the transforms take three times as long.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from scratchnet.kernels.jit import kernel
from scratchnet.kernels.memory import aligned_empty, scratch
from scratchnet.kernels.parallel import pieces, share_out
from scratchnet.kernels.simd import LANES, vector_load, vector_store
from scratchnet.kernels.winograd_tiles import g, gt, read3, read6, write3, write6

Array = NDArray[Any]

SHARES = 4
"""Parts of the batch that keep their own sums dU, 36·C·F numbers each, and db."""

WIDE = 1 << 16
"""C·F beyond which two parts must do: each takes more than nine megabytes."""

PIECE = 1024
"""Pairs that are worth a piece of work of their own."""


@kernel
def to_next(C, F):
    """From one place to the next."""
    return C * F + LANES


@kernel
def _transform_weights(share, shares, C, F, w, U):
    """U = G w Gᵀ of w, nine taps, C·F whole vectors; U, 36 places."""
    n = to_next(C, F)
    line = scratch(18 * LANES, w)
    vectors = C * F // LANES
    for i in range(vectors * share // shares, vectors * (share + 1) // shares):
        o = i * LANES
        for j in range(3):
            write6(line, j * LANES, 3 * LANES, g(*read3(w, o + j * n, 3 * n)))
        for k in range(6):
            write6(U, o + 6 * k * n, n, g(*read3(line, 3 * k * LANES, LANES)))


@kernel
def _transform_sums(share, shares, C, F, dU, dw):
    """dw = Gᵀ (Σ dU) G of dU (shares, 36 places): nine taps."""
    parts, n = dU.shape[0], to_next(C, F)
    flat = dU.reshape(-1)
    total, line = scratch(36 * LANES, dw), scratch(18 * LANES, dw)
    vectors = C * F // LANES
    for i in range(vectors * share // shares, vectors * (share + 1) // shares):
        o = i * LANES
        for e in range(36):
            v = vector_load(flat, o + e * n)
            for part in range(1, parts):
                v = v + vector_load(flat, o + (part * 36 + e) * n)
            vector_store(total, e * LANES, v)
        for j in range(6):
            write3(line, j * LANES, 6 * LANES, gt(*read6(total, j * LANES, 6 * LANES)))
        for k in range(3):
            write3(dw, o + 3 * k * n, n, gt(*read6(line, 6 * k * LANES, LANES)))


def transformed(W: Array, order: str, U: Array | None = None) -> Array:
    """U = G w Gᵀ of W (F, C, 3, 3), flat: 36 times (C, F) if `order` is "CF", (F, C) if "FC".

    Args:
        U: an earlier result to write over; fresh memory costs more than the transform.
    """
    w = W.transpose(2, 3, 1, 0) if order == "CF" else W.transpose(2, 3, 0, 1)
    rows, columns = w.shape[2:]
    place = rows * columns + LANES
    taps = aligned_empty(9 * place)
    _as_weights(taps, rows, columns)[...] = w
    if U is None:
        U = aligned_empty(36 * place)
    share_out(_transform_weights, pieces(rows * columns // PIECE), rows, columns, taps, U)
    return U


def _as_weights(taps: Array, rows: int, columns: int) -> Array:
    """The nine taps as (3, 3, rows, columns)."""
    place = taps.size // 9
    steps = (3 * place, place, columns, 1)
    bytes_ = tuple(taps.itemsize * step for step in steps)
    return np.ndarray((3, 3, rows, columns), taps.dtype, taps, strides=bytes_)


class Sums(NamedTuple):
    """The gradients so far, in parts."""

    dU: Array
    """(shares, 36 · `to_next`)"""
    db: Array
    """(shares, F)"""
    C: int


def empty_sums(C: int, F: int) -> Sums:
    """Memory for the sums of a convolution."""
    shares = SHARES if C * F <= WIDE else 2
    return Sums(aligned_empty((shares, 36 * (C * F + LANES))), aligned_empty((shares, F)), C)


def gradients(sums: Sums) -> tuple[Array, Array]:
    """dW (F, C, 3, 3) and db (F,)."""
    C, F = sums.C, sums.db.shape[1]
    dw = aligned_empty(9 * (C * F + LANES))
    share_out(_transform_sums, pieces(C * F // PIECE), C, F, sums.dU, dw)
    return _as_weights(dw, C, F).transpose(3, 2, 0, 1), sums.db.sum(axis=0)
