"""Vectors from and to bare arrays: neighbours, the corners of features, numbers gathered.

    v = load(a, i)                a[i : i + 16], of int16, int32 or float32
    v = load_bytes(a, i)          the same of uint8, widened to int16
    store(a, i, v)                a[i : i + 16] = v
    v = splat_at(a, k)            sixteen times a[k]
    v = load_at(a, p, o, k)       a[p + o[k] : p + o[k] + 16]: the same corner of sixteen windows
    v = combination(c₀, c₁, …)(a, p, o, k)        Σ cᵢ · load_at(a, p, o, k + i)
    v = gather_rectangle(a, starts, o, k)         lane l: Σ ±1 · a[starts[l] + o[k + i]]

`o` has the places of the corners (int32) relative to the first pixel of a window, `p` is where the
first of sixteen neighbours begins. Vectors may begin anywhere: nothing has to be aligned.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from haar.kernels.simd import LANES, VECTOR_OF, broadcast, i16

_I64 = ir.IntType(64)


def _load(builder: Any, pointer: Any, kind: ir.VectorType) -> Any:
    value = builder.load(builder.bitcast(pointer, kind.as_pointer()), typ=kind)
    value.align = 1
    return value


def _element(builder: Any, array: Any, k: Any) -> Any:
    return builder.load(builder.gep(array, [k]))


@intrinsic
def load(_typing: Any, array: Any, i: Any) -> Any:
    vector = VECTOR_OF[array.dtype]

    def generate(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        return _load(builder, builder.gep(args[0], [args[1]]), vector.llvm)

    return vector(array, types.intp), generate


@intrinsic
def load_at(_typing: Any, array: Any, p: Any, offsets: Any, k: Any) -> Any:
    vector = VECTOR_OF[array.dtype]

    def generate(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        array_, p_, offsets_, k_ = args
        offset = builder.sext(_element(builder, offsets_, k_), _I64)
        return _load(builder, builder.gep(builder.gep(array_, [p_]), [offset]), vector.llvm)

    return vector(array, types.intp, offsets, types.intp), generate


def combination(*coefficients: int) -> Any:
    """An intrinsic `f(a, p, o, k)`: Σ coefficientᵢ · load_at(a, p, o, k + i)."""

    @intrinsic
    def combine(_typing: Any, array: Any, p: Any, offsets: Any, k: Any) -> Any:
        vector = VECTOR_OF[array.dtype]

        def generate(context: Any, builder: Any, sig: Any, args: Any) -> Any:
            array_, p_, offsets_, k_ = args
            first, corners = builder.gep(array_, [p_]), builder.gep(offsets_, [k_])
            total = ir.Constant(vector.llvm, None)
            for i, coefficient in enumerate(coefficients):
                offset = _element(builder, corners, _I64(i))
                pointer = builder.gep(first, [builder.sext(offset, _I64)])
                corner = _load(builder, pointer, vector.llvm)
                for _ in range(abs(coefficient)):  # 1, 2 or 4: additions are as good as a shift
                    total = (builder.add if coefficient > 0 else builder.sub)(total, corner)
            return total

        return vector(array, types.intp, offsets, types.intp), generate

    return combine


@intrinsic
def gather_rectangle(_typing: Any, array: Any, starts: Any, offsets: Any, k: Any) -> Any:
    """`combination(1, -1, -1, 1)` for windows that begin anywhere: lane i at a[starts[i] + …]."""
    vector = VECTOR_OF[array.dtype]

    def generate(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        array_, starts_, offsets_, k_ = args
        corners = builder.gep(offsets_, [k_])
        places = [builder.sext(_element(builder, corners, _I64(i)), _I64) for i in range(4)]
        total = ir.Constant(vector.llvm, ir.Undefined)
        for lane in range(LANES):
            first = builder.gep(array_, [_element(builder, starts_, _I64(lane))])
            a, b, c, d = (builder.load(builder.gep(first, [place])) for place in places)
            value = builder.add(builder.sub(builder.sub(a, b), c), d)
            total = builder.insert_element(total, value, ir.IntType(32)(lane))
        return total

    return vector(array, starts, offsets, types.intp), generate


@intrinsic
def load_bytes(_typing: Any, array: Any, i: Any) -> Any:
    """Sixteen uint8, widened to int16."""

    def generate(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        pointer = builder.gep(args[0], [args[1]])
        return builder.zext(_load(builder, pointer, ir.VectorType(ir.IntType(8), LANES)), i16.llvm)

    return i16(array, types.intp), generate


@intrinsic
def store(_typing: Any, array: Any, i: Any, value: Any) -> Any:
    def generate(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        pointer = builder.gep(args[0], [args[1]])
        kind = ir.VectorType(sig.args[2].element, LANES)
        builder.store(args[2], builder.bitcast(pointer, kind.as_pointer())).align = 1
        return context.get_dummy_value()

    return types.void(array, types.intp, value), generate


@intrinsic
def splat_at(_typing: Any, array: Any, k: Any) -> Any:
    vector = VECTOR_OF[array.dtype]

    def generate(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        return broadcast(builder, _element(builder, *args), vector.llvm)

    return vector(array, types.intp), generate
