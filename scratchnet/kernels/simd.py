"""Explicit vectors for Numba: the few operations that LLVM does not find in a plain loop.

A *vector* is 16 neighbouring numbers, float32 or float64. LLVM maps it to what the machine has:
one AVX-512 register, two of AVX2 or four of NEON for float32. The heart is a register tile of a
matrix product,

    C[i, j] += Σₖ A[i, k] · B[k, j]        i < rows,  j < 16·vectors,

whose rows × vectors accumulators stay in registers for the whole sum: one load of B serves all
rows, one broadcast of A serves all vectors (Goto and van de Geijn, "Anatomy of high-performance
matrix multiplication", 2008). Matrices are flat arrays with an offset and strides in elements.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import cache
from typing import Any

from llvmlite import binding, ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from scratchnet.kernels.jit import kernel

LANES = 16
_I64 = ir.IntType(64)


@cache
def has_wide_registers() -> bool:
    """True where there are 32 registers of 64 bytes (AVX-512), after NUMBA_CPU_FEATURES."""
    features = os.environ.get("NUMBA_CPU_FEATURES")
    if features is not None:
        return "+avx512f" in features
    return bool(binding.get_host_cpu_features().get("avx512f", False))


# -- generating code ------------------------------------------------------------------------------


def _element(array_type: Any) -> ir.Type:
    return ir.DoubleType() if array_type.dtype == types.float64 else ir.FloatType()


def _pointer(context: Any, builder: Any, array_type: Any, array: Any, offset: Any) -> Any:
    """The address of element `offset` of a one-dimensional array."""
    data = context.make_array(array_type)(context, builder, array).data
    return builder.gep(data, [offset])


def _load(builder: Any, pointer: Any, vector: ir.VectorType) -> Any:
    value = builder.load(builder.bitcast(pointer, vector.as_pointer()), typ=vector)
    value.align = 4 if isinstance(vector.element, ir.FloatType) else 8
    return value


def _store(builder: Any, value: Any, pointer: Any, vector: ir.VectorType) -> None:
    stored = builder.store(value, builder.bitcast(pointer, vector.as_pointer()))
    stored.align = 4 if isinstance(vector.element, ir.FloatType) else 8


def _broadcast(builder: Any, scalar: Any, vector: ir.VectorType) -> Any:
    undefined = ir.Constant(vector, ir.Undefined)
    zeros = ir.Constant(ir.VectorType(ir.IntType(32), vector.count), [0] * vector.count)
    first = builder.insert_element(undefined, scalar, ir.IntType(32)(0))
    return builder.shuffle_vector(first, undefined, zeros)


def _fused_multiply_add(builder: Any, x: Any, y: Any, z: Any, vector: ir.VectorType) -> Any:
    bits = 32 if isinstance(vector.element, ir.FloatType) else 64
    name = f"llvm.fmuladd.v{vector.count}f{bits}"
    signature = ir.FunctionType(vector, [vector] * 3)
    return builder.call(cgutils.get_or_insert_function(builder.module, signature, name), [x, y, z])


def _emit_tile(builder: Any, pa: Any, pb: Any, pc: Any, strides: Any, rows: int, vectors: int) -> None:
    """The product of one tile; `strides` = (A's row, A's column, B's row, C's row, K)."""
    a_row, a_col, b_row, c_row, K = strides
    element = pa.type.pointee
    vector = ir.VectorType(element, LANES)

    def c_at(i: int, j: int) -> Any:
        return builder.gep(pc, [builder.add(builder.mul(_I64(i), c_row), _I64(LANES * j))])

    tile = [(i, j) for i in range(rows) for j in range(vectors)]
    total = {ij: cgutils.alloca_once(builder, vector) for ij in tile}
    for ij in tile:
        builder.store(_load(builder, c_at(*ij), vector), total[ij])
    a_rows = [builder.gep(pa, [builder.mul(_I64(i), a_row)]) for i in range(rows)]
    with cgutils.for_range(builder, K) as loop:
        k_in_a, k_in_b = builder.mul(loop.index, a_col), builder.mul(loop.index, b_row)
        b = [
            _load(builder, builder.gep(pb, [builder.add(k_in_b, _I64(LANES * j))]), vector)
            for j in range(vectors)
        ]
        for i in range(rows):
            scalar = builder.load(builder.gep(a_rows[i], [k_in_a]), typ=element)
            a = _broadcast(builder, scalar, vector)
            for j in range(vectors):
                old = builder.load(total[i, j], typ=vector)
                builder.store(_fused_multiply_add(builder, a, b[j], old, vector), total[i, j])
    for ij in tile:
        _store(builder, builder.load(total[ij], typ=vector), c_at(*ij), vector)


def _tile(rows: int, vectors: int) -> Callable[..., None]:
    """An intrinsic `tile(A, a, a_row, a_col, B, b, b_row, C, c, c_row, K)`: C += A @ B."""

    @intrinsic
    def tile(
        _typing: Any, A: Any, a: Any, a_row: Any, a_col: Any, B: Any, b: Any, b_row: Any,
        C: Any, c: Any, c_row: Any, K: Any,
    ) -> Any:  # fmt: skip
        def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
            A_, a_, a_row_, a_col_, B_, b_, b_row_, C_, c_, c_row_, K_ = values
            pa = _pointer(context, builder, signature.args[0], A_, a_)
            pb = _pointer(context, builder, signature.args[4], B_, b_)
            pc = _pointer(context, builder, signature.args[7], C_, c_)
            strides = (a_row_, a_col_, b_row_, c_row_, K_)
            # Sixteen short registers hold 6 × 1 vectors of accumulators, not 6 × 4.
            step = vectors if has_wide_registers() else 1
            for j in range(0, vectors, step):
                shift = [_I64(LANES * j)]
                panel, out = builder.gep(pb, shift), builder.gep(pc, shift)
                _emit_tile(builder, pa, panel, out, strides, rows, step)
            return context.get_dummy_value()

        ip = types.intp
        return types.void(A, ip, ip, ip, B, ip, ip, C, ip, ip, ip), generate

    return tile


def _lanes(count: int, add: bool) -> Callable[..., None]:
    """An intrinsic `move(target, i, source, j)` over `count` neighbours: copy, or add to target."""

    @intrinsic
    def move(_typing: Any, target: Any, i: Any, source: Any, j: Any) -> Any:
        def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
            target_, i_, source_, j_ = values
            vector = ir.VectorType(_element(signature.args[0]), count)
            to = _pointer(context, builder, signature.args[0], target_, i_)
            value = _load(
                builder, _pointer(context, builder, signature.args[2], source_, j_), vector
            )
            if add:
                value = builder.fadd(_load(builder, to, vector), value)
            _store(builder, value, to, vector)
            return context.get_dummy_value()

        return types.void(target, types.intp, source, types.intp), generate

    return move


copy4, add4 = _lanes(4, add=False), _lanes(4, add=True)
copy16, add16 = _lanes(16, add=False), _lanes(16, add=True)
tile_6x4, tile_4x4, tile_1x4 = _tile(6, 4), _tile(4, 4), _tile(1, 4)
tile_6x2, tile_4x2, tile_1x2 = _tile(6, 2), _tile(4, 2), _tile(1, 2)
tile_6x1, tile_4x1, tile_1x1 = _tile(6, 1), _tile(4, 1), _tile(1, 1)


@kernel
def multiply_add(A, a, a_row, a_col, B, b, b_row, C, c, c_row, M, N, K):  # type: ignore[no-untyped-def]
    """C[M, N] += A[M, K] @ B[K, N] on one thread; N is a multiple of 16.

    A, B, C are flat arrays; a, b, c the offsets of their first elements; B and C have unit column
    stride. Rows are taken six at a time, and what 6 does not divide, four at a time.
    """
    fours = min(M // 4, (0, 0, 2, 0, 1, 0)[M % 6] if M % 2 == 0 else 0)
    sixes = (M - 4 * fours) // 6
    after_sixes, after_fours = 6 * sixes, 6 * sixes + 4 * fours
    j = 0
    while j < N:
        if N - j >= 64:
            for i in range(0, after_sixes, 6):
                tile_6x4(A, a + i * a_row, a_row, a_col, B, b + j, b_row, C, c + i * c_row + j, c_row, K)
            for i in range(after_sixes, after_fours, 4):
                tile_4x4(A, a + i * a_row, a_row, a_col, B, b + j, b_row, C, c + i * c_row + j, c_row, K)
            for i in range(after_fours, M):
                tile_1x4(A, a + i * a_row, a_row, a_col, B, b + j, b_row, C, c + i * c_row + j, c_row, K)
            j += 64
        elif N - j >= 32:
            for i in range(0, after_sixes, 6):
                tile_6x2(A, a + i * a_row, a_row, a_col, B, b + j, b_row, C, c + i * c_row + j, c_row, K)
            for i in range(after_sixes, after_fours, 4):
                tile_4x2(A, a + i * a_row, a_row, a_col, B, b + j, b_row, C, c + i * c_row + j, c_row, K)
            for i in range(after_fours, M):
                tile_1x2(A, a + i * a_row, a_row, a_col, B, b + j, b_row, C, c + i * c_row + j, c_row, K)
            j += 32
        else:
            for i in range(0, after_sixes, 6):
                tile_6x1(A, a + i * a_row, a_row, a_col, B, b + j, b_row, C, c + i * c_row + j, c_row, K)
            for i in range(after_sixes, after_fours, 4):
                tile_4x1(A, a + i * a_row, a_row, a_col, B, b + j, b_row, C, c + i * c_row + j, c_row, K)
            for i in range(after_fours, M):
                tile_1x1(A, a + i * a_row, a_row, a_col, B, b + j, b_row, C, c + i * c_row + j, c_row, K)
            j += 16
