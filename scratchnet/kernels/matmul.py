"""Matrix product C = A @ B on the register tile, for the dense layer.

B is copied, 256 × 64 at a time, into a panel that stays in the cache and serves every row of A
(Goto and van de Geijn, 2008). The copy is also what lets A and B have any strides: a transposed
matrix costs nothing more. Work is cut by columns of C, or by rows where there are few columns;
never along the sum, so the bits do not depend on the number of threads.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from scratchnet.kernels.jit import kernel
from scratchnet.kernels.parallel import share_out
from scratchnet.kernels.tile import multiply_add

Array = NDArray[Any]

PANEL = 64
DEPTH = 256
ROWS = 192
"""Rows in a share: a multiple of the tile's six, so that every full share is all tiles."""


@kernel
def _product(share, shares, A, a_row, a_col, B, b_row, b_col, C, M, N, K):
    panels = (N + PANEL - 1) // PANEL
    bands = (M + ROWS - 1) // ROWS
    panel = np.empty(DEPTH * PANEL, C.dtype)
    total = np.empty(ROWS * PANEL, C.dtype)
    # A task is a panel of columns and a band of rows; bands of one panel follow one another.
    tasks = panels * bands
    for task in range(tasks * share // shares, tasks * (share + 1) // shares):
        p, band = divmod(task, bands)
        j, i = p * PANEL, band * ROWS
        columns, rows = min(PANEL, N - j), min(ROWS, M - i)
        total[:] = 0
        for k0 in range(0, K, DEPTH):
            depth = min(DEPTH, K - k0)
            for k in range(depth):
                o = (k0 + k) * b_row + j * b_col
                if b_col == 1:
                    panel[k * PANEL : k * PANEL + columns] = B[o : o + columns]
                else:
                    for c in range(columns):
                        panel[k * PANEL + c] = B[o + c * b_col]
                panel[k * PANEL + columns : (k + 1) * PANEL] = 0
            multiply_add(
                A, i * a_row + k0 * a_col, a_row, a_col, panel, 0, PANEL,
                total, 0, PANEL, rows, PANEL, depth,
            )  # fmt: skip
        for r in range(rows):
            C[i + r, j : j + columns] = total[r * PANEL : r * PANEL + columns]


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


def matmul(A: Array, B: Array) -> Array:
    """C (M, N) = A (M, K) @ B (K, N), in float32 or float64."""
    A, B = of_one_dtype(A, B)
    (M, K), N = A.shape, B.shape[1]
    C = np.empty((M, N), A.dtype)
    tasks = -(-M // ROWS) * -(-N // PANEL)
    if tasks:
        share_out(_product, min(tasks, 64), *_flat(A), *_flat(B), C, M, N, K)
    return C
