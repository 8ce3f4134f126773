"""A register tile of a matrix product, and the product of small matrices built from it.

    C[i, j] = start + Σₖ A[i, k] · B[k, j]        i < rows,  j < 16·vectors

where start is the old C[i, j], or zero if the tile is `fresh`.

The rows × vectors accumulators stay in registers for the whole sum: one load of B serves all rows,
one broadcast of A serves all vectors (Goto and van de Geijn, "Anatomy of high-performance matrix
multiplication", 2008). Matrices are flat arrays with an offset and strides in elements.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
from llvmlite import binding, ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from scratchnet.kernels.jit import kernel
from scratchnet.kernels.simd import (
    I64,
    LANES,
    address,
    broadcast,
    fused_multiply_add,
    load,
    one_dtype,
    store,
)

UNIT, FRESH, ADD = np.int64(1), np.bool_(True), np.bool_(False)
"""Arguments of `multiply` that are constant. Were they literals, Numba would compile one more
`multiply` for each combination of them."""


@cache
def has_wide_registers() -> bool:
    """True where there are 32 registers of 64 bytes (AVX-512), after NUMBA_CPU_FEATURES."""
    features = os.environ.get("NUMBA_CPU_FEATURES")
    if features is not None:
        return "+avx512f" in features
    return bool(binding.get_host_cpu_features().get("avx512f", False))


def _emit_tile(
    builder: Any, pa: Any, pb: Any, pc: Any, strides: Any, fresh: Any, rows: int, vectors: int
) -> None:
    """The product of one tile; `strides` = (A's row, A's column, B's row, C's row, K)."""
    a_row, a_col, b_row, c_row, K = strides
    element = pa.type.pointee
    vector = ir.VectorType(element, LANES)

    def c_at(i: int, j: int) -> Any:
        return builder.gep(pc, [builder.add(builder.mul(I64(i), c_row), I64(LANES * j))])

    tile = [(i, j) for i in range(rows) for j in range(vectors)]
    total = {ij: cgutils.alloca_once(builder, vector) for ij in tile}
    with builder.if_else(fresh) as (from_zero, from_old):
        with from_zero:
            for ij in tile:
                builder.store(ir.Constant(vector, None), total[ij])
        with from_old:
            for ij in tile:
                builder.store(load(builder, c_at(*ij), vector), total[ij])
    a_rows = [builder.gep(pa, [builder.mul(I64(i), a_row)]) for i in range(rows)]
    with cgutils.for_range(builder, K) as loop:
        k_in_a, k_in_b = builder.mul(loop.index, a_col), builder.mul(loop.index, b_row)
        b = [
            load(builder, builder.gep(pb, [builder.add(k_in_b, I64(LANES * j))]), vector)
            for j in range(vectors)
        ]
        for i in range(rows):
            scalar = builder.load(builder.gep(a_rows[i], [k_in_a]), typ=element)
            a = broadcast(builder, scalar, vector)
            for j in range(vectors):
                old = builder.load(total[i, j], typ=vector)
                builder.store(fused_multiply_add(builder, a, b[j], old, vector), total[i, j])
    for ij in tile:
        store(builder, builder.load(total[ij], typ=vector), c_at(*ij), vector)


def _tile(rows: int, vectors: int) -> Callable[..., None]:
    """An intrinsic `tile(A, a, a_row, a_col, B, b, b_row, C, c, c_row, K, fresh)`."""

    @intrinsic
    def tile(
        _typing: Any, A: Any, a: Any, a_row: Any, a_col: Any, B: Any, b: Any, b_row: Any,
        C: Any, c: Any, c_row: Any, K: Any, fresh: Any,
    ) -> Any:  # fmt: skip
        def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
            A_, a_, a_row_, a_col_, B_, b_, b_row_, C_, c_, c_row_, K_, fresh_ = values
            one_dtype(signature.args[0], signature.args[4], signature.args[7])
            pa = address(context, builder, signature.args[0], A_, a_)
            pb = address(context, builder, signature.args[4], B_, b_)
            pc = address(context, builder, signature.args[7], C_, c_)
            strides = (a_row_, a_col_, b_row_, c_row_, K_)
            # Sixteen short registers hold 6 × 1 vectors of accumulators, not 6 × 4.
            step = vectors if has_wide_registers() else 1
            for j in range(0, vectors, step):
                shift = [I64(LANES * j)]
                panel, out = builder.gep(pb, shift), builder.gep(pc, shift)
                _emit_tile(builder, pa, panel, out, strides, fresh_, rows, step)
            return context.get_dummy_value()

        ip = types.intp
        return types.void(A, ip, ip, ip, B, ip, ip, C, ip, ip, ip, types.boolean), generate

    return tile


tile_6x4, tile_4x4, tile_1x4 = _tile(6, 4), _tile(4, 4), _tile(1, 4)
tile_6x2, tile_4x2, tile_1x2 = _tile(6, 2), _tile(4, 2), _tile(1, 2)
tile_6x1, tile_4x1, tile_1x1 = _tile(6, 1), _tile(4, 1), _tile(1, 1)


@kernel
def multiply(A, a, a_row, a_col, B, b, b_row, C, c, c_row, M, N, K, fresh):
    """C[M, N] = A[M, K] @ B[K, N] on one thread, or += if not `fresh`; N is a multiple of 16.

    A, B, C are flat arrays; a, b, c the offsets of their first elements; B and C have unit column
    stride. Rows are taken six at a time, and what 6 does not divide, four at a time or one.
    """
    fours = 0
    if M % 2 == 0:
        fours = min(M // 4, 2 * (M % 6 == 2) + (M % 6 == 4))
    sixes = 6 * ((M - 4 * fours) // 6)
    after_fours = sixes + 4 * fours
    j = 0
    while j < N:
        left = N - j
        bj = b + j
        for i in range(0, sixes, 6):
            ai, ci = a + i * a_row, c + i * c_row + j
            if left >= 64:
                tile_6x4(A, ai, a_row, a_col, B, bj, b_row, C, ci, c_row, K, fresh)
            elif left >= 32:
                tile_6x2(A, ai, a_row, a_col, B, bj, b_row, C, ci, c_row, K, fresh)
            else:
                tile_6x1(A, ai, a_row, a_col, B, bj, b_row, C, ci, c_row, K, fresh)
        for i in range(sixes, after_fours, 4):
            ai, ci = a + i * a_row, c + i * c_row + j
            if left >= 64:
                tile_4x4(A, ai, a_row, a_col, B, bj, b_row, C, ci, c_row, K, fresh)
            elif left >= 32:
                tile_4x2(A, ai, a_row, a_col, B, bj, b_row, C, ci, c_row, K, fresh)
            else:
                tile_4x1(A, ai, a_row, a_col, B, bj, b_row, C, ci, c_row, K, fresh)
        for i in range(after_fours, M):
            ai, ci = a + i * a_row, c + i * c_row + j
            if left >= 64:
                tile_1x4(A, ai, a_row, a_col, B, bj, b_row, C, ci, c_row, K, fresh)
            elif left >= 32:
                tile_1x2(A, ai, a_row, a_col, B, bj, b_row, C, ci, c_row, K, fresh)
            else:
                tile_1x1(A, ai, a_row, a_col, B, bj, b_row, C, ci, c_row, K, fresh)
        j += 64 if left >= 64 else (32 if left >= 32 else 16)


@kernel
def multiply_add(A, a, a_row, a_col, B, b, b_row, C, c, c_row, M, N, K):
    """C[M, N] += A[M, K] @ B[K, N]: `multiply` that is not fresh."""
    multiply(A, a, a_row, a_col, B, b, b_row, C, c, c_row, M, N, K, ADD)
