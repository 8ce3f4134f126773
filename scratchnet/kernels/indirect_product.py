"""A matrix product whose matrix A is scattered over memory: its places stand in two tables.

    C[c + c_rows[i] + j]  =  start + Σₖ A[a + a_rows[i] + a_cols[k]] · B[b + k·N + j]

A convolution is such a product: a pixel of y is a row, and each number under its window stands as
far from that row's beginning as from any other's. No row is copied together first, as im2col does
(Dukhan, "The indirect convolution algorithm", 2019; ours needs no pointer per number, for the
distance is a sum).

The tile is that of `scratchnet.kernels.tile`; only where A and C lie is looked up.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from llvmlite import ir
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
from scratchnet.kernels.tile import has_wide_registers


def _emit(
    builder: Any, a: list[Any], offsets: Any, pb: Any, b_row: Any, c: list[Any], K: Any,
    fresh: Any, vectors: int,
) -> None:  # fmt: skip
    """One tile: row i of A begins at a[i], of C at c[i]; `offsets` points at a_cols."""
    element = pb.type.pointee
    vector = ir.VectorType(element, LANES)
    tile = [(i, j) for i in range(len(a)) for j in range(vectors)]
    total = {ij: cgutils.alloca_once(builder, vector) for ij in tile}
    places = {(i, j): builder.gep(c[i], [I64(LANES * j)]) for i, j in tile}
    with builder.if_else(fresh) as (from_zero, from_old):
        with from_zero:
            for ij in tile:
                builder.store(ir.Constant(vector, None), total[ij])
        with from_old:
            for ij in tile:
                builder.store(load(builder, places[ij], vector), total[ij])
    with cgutils.for_range(builder, K) as loop:
        offset = builder.load(builder.gep(offsets, [loop.index]), typ=ir.IntType(64))
        k_in_b = builder.mul(loop.index, b_row)
        b = [
            load(builder, builder.gep(pb, [builder.add(k_in_b, I64(LANES * j))]), vector)
            for j in range(vectors)
        ]
        for i, row in enumerate(a):
            scalar = builder.load(builder.gep(row, [offset]), typ=element)
            value = broadcast(builder, scalar, vector)
            for j in range(vectors):
                old = builder.load(total[i, j], typ=vector)
                builder.store(fused_multiply_add(builder, value, b[j], old, vector), total[i, j])
    for ij in tile:
        store(builder, builder.load(total[ij], typ=vector), places[ij], vector)


def _tile(rows: int, vectors: int) -> Callable[..., None]:
    """An intrinsic `tile(A, a, a_rows, i, a_cols, B, b, b_row, C, c, c_rows, K, fresh)`."""

    @intrinsic
    def tile(
        _typing: Any, A: Any, a: Any, a_rows: Any, i: Any, a_cols: Any, B: Any, b: Any, b_row: Any,
        C: Any, c: Any, c_rows: Any, K: Any, fresh: Any,
    ) -> Any:  # fmt: skip
        def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
            A_, a_, a_rows_, i_, a_cols_, B_, b_, b_row_, C_, c_, c_rows_, K_, fresh_ = values
            kinds = signature.args
            one_dtype(kinds[0], kinds[5], kinds[8])

            def at(n: int, array: Any, index: Any) -> Any:
                return address(context, builder, kinds[n], array, index)

            def places(base: Any, n: int, table: Any) -> list[Any]:
                table = at(n, table, i_)
                distances = [
                    builder.load(builder.gep(table, [I64(r)]), typ=ir.IntType(64))
                    for r in range(rows)
                ]
                return [builder.gep(base, [distance]) for distance in distances]

            a_at = places(at(0, A_, a_), 2, a_rows_)
            c_at = places(at(8, C_, c_), 10, c_rows_)
            pb, offsets = at(5, B_, b_), at(4, a_cols_, I64(0))
            # Sixteen short registers hold 6 × 1 vectors of accumulators, not 6 × 4.
            step = vectors if has_wide_registers() else 1
            for j in range(0, vectors, step):
                shift = [I64(LANES * j)]
                out = [builder.gep(place, shift) for place in c_at]
                panel = builder.gep(pb, shift)
                _emit(builder, a_at, offsets, panel, b_row_, out, K_, fresh_, step)
            return context.get_dummy_value()

        ip = types.intp
        arguments = (A, ip, a_rows, ip, a_cols, B, ip, ip, C, ip, c_rows, ip, types.boolean)
        return types.void(*arguments), generate

    return tile


tile_6x4, tile_6x2, tile_6x1 = _tile(6, 4), _tile(6, 2), _tile(6, 1)
tile_3x4, tile_3x2, tile_3x1 = _tile(3, 4), _tile(3, 2), _tile(3, 1)
tile_1x4, tile_1x2, tile_1x1 = _tile(1, 4), _tile(1, 2), _tile(1, 1)


@kernel
def multiply_indirect(A, a, a_rows, a_cols, B, b, N, C, c, c_rows, fresh):
    """The product above, or += if not `fresh`, on one thread; N is a multiple of 16.

    A, B, C are flat arrays; a_rows, c_rows (M,) and a_cols (K,) int64; B has N columns.
    """
    M, K = a_rows.size, a_cols.size
    sixes, threes = M // 6 * 6, M // 3 * 3
    j = 0
    while j < N:
        left = N - j
        for i in range(0, sixes, 6):
            if left >= 64:
                tile_6x4(A, a, a_rows, i, a_cols, B, b + j, N, C, c + j, c_rows, K, fresh)
            elif left >= 32:
                tile_6x2(A, a, a_rows, i, a_cols, B, b + j, N, C, c + j, c_rows, K, fresh)
            else:
                tile_6x1(A, a, a_rows, i, a_cols, B, b + j, N, C, c + j, c_rows, K, fresh)
        for i in range(sixes, threes, 3):
            if left >= 64:
                tile_3x4(A, a, a_rows, i, a_cols, B, b + j, N, C, c + j, c_rows, K, fresh)
            elif left >= 32:
                tile_3x2(A, a, a_rows, i, a_cols, B, b + j, N, C, c + j, c_rows, K, fresh)
            else:
                tile_3x1(A, a, a_rows, i, a_cols, B, b + j, N, C, c + j, c_rows, K, fresh)
        for i in range(threes, M):
            if left >= 64:
                tile_1x4(A, a, a_rows, i, a_cols, B, b + j, N, C, c + j, c_rows, K, fresh)
            elif left >= 32:
                tile_1x2(A, a, a_rows, i, a_cols, B, b + j, N, C, c + j, c_rows, K, fresh)
            else:
                tile_1x1(A, a, a_rows, i, a_cols, B, b + j, N, C, c + j, c_rows, K, fresh)
        j += 64 if left >= 64 else (32 if left >= 32 else 16)
