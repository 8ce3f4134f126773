"""Matrix product C = A @ B on the register tile, for the dense layer.

Both operands are copied into the order in which the tile reads them (Goto and van de Geijn,
"Anatomy of high-performance matrix multiplication", 2008):

    A    six rows at a time, their columns end to end; all of A at once, before anything else
    B    256 × 64 at a time, rows end to end: panels that stay in the cache for all rows of a task

The copies are also what lets A and B have any strides: a transposed matrix costs nothing more, and
rows a power of two apart do not compete for the same places of the cache. Work is cut by rows and
columns of C, never along the sum, so the bits do not depend on the number of threads.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from scratchnet.kernels.jit import kernel
from scratchnet.kernels.memory import scratch
from scratchnet.kernels.parallel import pieces, share_out
from scratchnet.kernels.simd import copy16, transpose4
from scratchnet.kernels.tile import tile_6x4

Array = NDArray[Any]

SIX = 6
PANEL = 64
DEPTH = 256
ROWS, COLUMNS = 192, 128
"""Of C, in a task: rows are whole sixes, columns whole panels."""


@kernel
def _pack_a(share, shares, A, row, col, M, K, packed):
    """packed (⌈M/6⌉, K, 6): rows 6i … 6i + 5 of A, column by column; zeros behind the last row."""
    sixes = (M + SIX - 1) // SIX
    for i in range(sixes * share // shares, sixes * (share + 1) // shares):
        rows, o = min(SIX, M - i * SIX), i * SIX * K
        if rows < SIX:
            packed[o : o + SIX * K] = 0
        for k in range(K):
            for r in range(rows):
                packed[o + k * SIX + r] = A[(i * SIX + r) * row + k * col]


@kernel
def _pack_b(B, b, row, col, depth, columns, panels):
    """panels[p] (256, 64) = B[:depth, 64·p :]; zeros behind the last column."""
    for j in range(0, columns, PANEL):
        width = min(PANEL, columns - j)
        if width < PANEL:
            panels[j * DEPTH : (j + PANEL) * DEPTH] = 0
        whole, fours = width // 16 * 16, width // 4 * 4
        o, q = b + j * col, j * DEPTH
        if col == 1:
            for k in range(depth):
                for c in range(0, whole, 16):
                    copy16(panels, q + k * PANEL + c, B, o + k * row + c)
                for c in range(whole, width):
                    panels[q + k * PANEL + c] = B[o + k * row + c]
        elif row == 1:
            for c in range(0, fours, 4):
                for k in range(0, depth // 4 * 4, 4):
                    transpose4(panels, q + k * PANEL + c, PANEL, B, o + k + c * col, col)
                for k in range(depth // 4 * 4, depth):
                    for i in range(c, c + 4):
                        panels[q + k * PANEL + i] = B[o + k + i * col]
            for c in range(fours, width):
                for k in range(depth):
                    panels[q + k * PANEL + c] = B[o + k + c * col]


@kernel
def _product(share, shares, A, B, b_row, b_col, C, M, N, K):
    """A is packed; one stride of B is 1."""
    blocks, bands = (N + COLUMNS - 1) // COLUMNS, (M + ROWS - 1) // ROWS
    panels = scratch(DEPTH * COLUMNS, C)
    total = scratch(ROWS * COLUMNS, C)
    # A task is a block of columns and a band of rows; bands of one block follow one another.
    tasks = blocks * bands
    for task in range(tasks * share // shares, tasks * (share + 1) // shares):
        block, band = divmod(task, bands)
        i, j = band * ROWS, block * COLUMNS
        rows, columns = min(ROWS, M - i), min(COLUMNS, N - j)
        for k in range(0, K, DEPTH):
            depth = min(DEPTH, K - k)
            _pack_b(B, k * b_row + j * b_col, b_row, b_col, depth, columns, panels)
            for r in range(0, rows, SIX):
                for c in range(0, columns, PANEL):
                    tile_6x4(
                        A, ((i + r) // SIX * K + k) * SIX, 1, SIX, panels, c * DEPTH, PANEL,
                        total, r * COLUMNS + c, COLUMNS, depth, k == 0,
                    )  # fmt: skip
        for r in range(rows):
            for c in range(columns):
                C[i + r, j + c] = total[r * COLUMNS + c]


def _flat(matrix: Array) -> tuple[Array, int, int]:
    """A matrix as a flat array and its two strides in elements; copied only if it must be."""
    if matrix.flags.c_contiguous:
        return matrix.reshape(-1), matrix.shape[1], 1
    if matrix.flags.f_contiguous:
        return matrix.T.reshape(-1), 1, matrix.shape[0]
    return np.ascontiguousarray(matrix).reshape(-1), matrix.shape[1], 1


def of_one_dtype(*arrays: Array) -> tuple[Array, ...]:
    """The arrays in the float32 or float64 that NumPy would compute in: the tile takes but one."""
    dtype = np.result_type(np.float32, *arrays)
    return tuple(array.astype(dtype, copy=False) for array in arrays)


def matmul(A: Array, B: Array, out: Array | None = None) -> Array:
    """C (M, N) = A (M, K) @ B (K, N), in float32 or float64.

    Args:
        out: where to write C: contiguous, of its shape, and of the dtype of A and B.
    """
    A, B = of_one_dtype(A, B)
    (M, K), N = A.shape, B.shape[1]
    C = np.empty((M, N), A.dtype) if out is None else out
    if min(M, N, K) == 0:
        C[...] = 0
        return C
    packed = np.empty(-(-M // SIX) * SIX * K, A.dtype)
    share_out(_pack_a, pieces(-(-M // SIX)), *_flat(A), M, K, packed)
    tasks = -(-M // ROWS) * -(-N // COLUMNS)
    share_out(_product, pieces(tasks), packed, *_flat(B), C, M, N, K)
    return C
