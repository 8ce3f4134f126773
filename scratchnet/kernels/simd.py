"""Explicit vectors for Numba: the few operations that LLVM does not find in a plain loop.

A *vector* is 16 neighbouring numbers. LLVM maps it to what the machine has: for float32 one
register of AVX-512, two of AVX2, four of NEON. In a kernel,

    v = vector_load(a, i)              a[i : i + 16] of a flat float32 array
    v + w, v - w, v * w, splat(x)      16 numbers at once
    fused(v, w, u)                     v · w + u
    maximum(v, w)                      the larger of each pair; NaN where v is NaN
    where_positive(v, w)               w where v > 0, else 0
    vector_store(a, i, v)
    prefetch(a, i)                     a[i] will be read soon; i may lie outside of the array
    prefetch_to_write(a, i)            or written

    pool4(a, b, c, d, winners, i)      the maximum of four, and which it was: winners[i : i + 16]
    unpool(v, winners, i, k)           v where the winner was k, else 0

and, for float32 and float64, `copy4`, `copy16`, `add4` move neighbours between flat arrays, and
`transpose4` writes a 4 × 4 block of one to the other, transposed.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.core.errors import TypingError
from numba.core.typing.templates import AbstractTemplate, infer_global, signature
from numba.extending import intrinsic, lower_builtin, models, register_model

LANES = 16
I64 = ir.IntType(64)
_F32X16 = ir.VectorType(ir.FloatType(), LANES)
_U8X16 = ir.VectorType(ir.IntType(8), LANES)


# -- generating code ------------------------------------------------------------------------------


def _element(array_type: Any) -> ir.Type:
    return ir.DoubleType() if array_type.dtype == types.float64 else ir.FloatType()


def one_dtype(*array_types: Any) -> None:
    """Refuse to compile for arrays of different dtypes: loads would take one for the other."""
    dtypes = {array_type.dtype for array_type in array_types}
    if len(dtypes) > 1 or not dtypes <= {types.float32, types.float64}:
        names = ", ".join(sorted(map(str, dtypes)))
        raise TypingError(f"vectors expect arrays of float32 or of float64, got {names}")


def address(context: Any, builder: Any, array_type: Any, array: Any, offset: Any) -> Any:
    """The address of element `offset` of a one-dimensional array."""
    data = context.make_array(array_type)(context, builder, array).data
    return builder.gep(data, [offset])


def load(builder: Any, pointer: Any, kind: ir.VectorType) -> Any:
    value = builder.load(builder.bitcast(pointer, kind.as_pointer()), typ=kind)
    value.align = 4 if isinstance(kind.element, ir.FloatType) else 8
    return value


def store(builder: Any, value: Any, pointer: Any, kind: ir.VectorType) -> None:
    stored = builder.store(value, builder.bitcast(pointer, kind.as_pointer()))
    stored.align = 4 if isinstance(kind.element, ir.FloatType) else 8


def broadcast(builder: Any, scalar: Any, kind: ir.VectorType) -> Any:
    undefined = ir.Constant(kind, ir.Undefined)
    zeros = ir.Constant(ir.VectorType(ir.IntType(32), kind.count), [0] * kind.count)
    first = builder.insert_element(undefined, scalar, ir.IntType(32)(0))
    return builder.shuffle_vector(first, undefined, zeros)


def fused_multiply_add(builder: Any, x: Any, y: Any, z: Any, kind: ir.VectorType) -> Any:
    bits = 32 if isinstance(kind.element, ir.FloatType) else 64
    name = f"llvm.fmuladd.v{kind.count}f{bits}"
    signature = ir.FunctionType(kind, [kind] * 3)
    return builder.call(cgutils.get_or_insert_function(builder.module, signature, name), [x, y, z])


# -- the vector type ------------------------------------------------------------------------------


class Vector(types.Type):
    """Sixteen float32 in a register."""

    def __init__(self) -> None:
        super().__init__("float32x16")


vector = Vector()


@register_model(Vector)
class _VectorModel(models.PrimitiveModel):
    def __init__(self, manager: Any, frontend_type: Any) -> None:
        super().__init__(manager, frontend_type, _F32X16)


def _define(operation: Any, instruction: str) -> None:
    """Let `v operation w` on vectors be one instruction."""

    @infer_global(operation)
    class _Template(AbstractTemplate):
        def generic(self, args: Any, kws: Any) -> Any:
            return signature(vector, vector, vector) if args == (vector, vector) else None

    @lower_builtin(operation, Vector, Vector)
    def _lower(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        return getattr(builder, instruction)(*args)


for _operation, _instruction in (
    (operator.add, "fadd"),
    (operator.sub, "fsub"),
    (operator.mul, "fmul"),
):
    _define(_operation, _instruction)


@intrinsic
def vector_load(_typing: Any, array: Any, i: Any) -> Any:
    def generate(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        return load(builder, address(context, builder, sig.args[0], *args), _F32X16)

    return vector(array, types.intp), generate


@intrinsic
def vector_store(_typing: Any, array: Any, i: Any, value: Any) -> Any:
    def generate(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        store(builder, args[2], address(context, builder, sig.args[0], *args[:2]), _F32X16)
        return context.get_dummy_value()

    return types.void(array, types.intp, vector), generate


@intrinsic
def splat(_typing: Any, x: Any) -> Any:
    def generate(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        return broadcast(builder, args[0], _F32X16)

    return vector(types.float32), generate


@intrinsic
def fused(_typing: Any, v: Any, w: Any, u: Any) -> Any:
    def generate(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        v_, w_, u_ = args
        return fused_multiply_add(builder, v_, w_, u_, _F32X16)

    return vector(vector, vector, vector), generate


@intrinsic
def maximum(_typing: Any, v: Any, w: Any) -> Any:
    def generate(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        v_, w_ = args
        return builder.select(builder.fcmp_ordered(">", w_, v_), w_, v_)

    return vector(vector, vector), generate


@intrinsic
def where_positive(_typing: Any, v: Any, w: Any) -> Any:
    def generate(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        zero = ir.Constant(_F32X16, None)
        return builder.select(builder.fcmp_ordered(">", args[0], zero), args[1], zero)

    return vector(vector, vector), generate


def _prefetch(write: bool, nearness: int) -> Callable[..., None]:
    """An intrinsic that asks for a cache line; `nearness` 3 is the first cache, 2 the second."""

    @intrinsic
    def ask(_typing: Any, array: Any, i: Any) -> Any:
        def generate(context: Any, builder: Any, sig: Any, args: Any) -> Any:
            i32, byte = ir.IntType(32), ir.IntType(8).as_pointer()
            kind = ir.FunctionType(ir.VoidType(), [byte, i32, i32, i32])
            hint = cgutils.get_or_insert_function(builder.module, kind, "llvm.prefetch.p0i8")
            where = builder.bitcast(address(context, builder, sig.args[0], *args), byte)
            builder.call(hint, [where, i32(int(write)), i32(nearness), i32(1)])
            return context.get_dummy_value()

        return types.void(array, types.intp), generate

    return ask


prefetch = _prefetch(write=False, nearness=2)
prefetch_to_write = _prefetch(write=True, nearness=3)


# -- pooling --------------------------------------------------------------------------------------


@intrinsic
def pool4(_typing: Any, a: Any, b: Any, c: Any, d: Any, winners: Any, i: Any) -> Any:
    """The maximum of four; winners (uint8) gets the number, 0 … 3, of the first that has it."""

    def generate(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        best, number = args[0], ir.Constant(_U8X16, [0] * LANES)
        for k in range(1, 4):
            larger = builder.fcmp_ordered(">", args[k], best)
            best = builder.select(larger, args[k], best)
            number = builder.select(larger, ir.Constant(_U8X16, [k] * LANES), number)
        pointer = address(context, builder, sig.args[4], args[4], args[5])
        stored = builder.store(number, builder.bitcast(pointer, _U8X16.as_pointer()))
        stored.align = 1
        return best

    return vector(vector, vector, vector, vector, winners, types.intp), generate


@intrinsic
def unpool(_typing: Any, v: Any, winners: Any, i: Any, k: Any) -> Any:
    def generate(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        pointer = address(context, builder, sig.args[1], args[1], args[2])
        number = builder.load(builder.bitcast(pointer, _U8X16.as_pointer()), typ=_U8X16)
        number.align = 1
        wanted = broadcast(builder, builder.trunc(args[3], ir.IntType(8)), _U8X16)
        won = builder.icmp_unsigned("==", number, wanted)
        return builder.select(won, args[0], ir.Constant(_F32X16, None))

    return vector(vector, winners, types.intp, types.intp), generate


# -- moves ----------------------------------------------------------------------------------------


def _lanes(count: int, add: bool) -> Callable[..., None]:
    """An intrinsic `move(target, i, source, j)` over `count` neighbours: copy, or add to target."""

    @intrinsic
    def move(_typing: Any, target: Any, i: Any, source: Any, j: Any) -> Any:
        def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
            target_, i_, source_, j_ = values
            one_dtype(signature.args[0], signature.args[2])
            kind = ir.VectorType(_element(signature.args[0]), count)
            to = address(context, builder, signature.args[0], target_, i_)
            value = load(builder, address(context, builder, signature.args[2], source_, j_), kind)
            if add:
                value = builder.fadd(load(builder, to, kind), value)
            store(builder, value, to, kind)
            return context.get_dummy_value()

        return types.void(target, types.intp, source, types.intp), generate

    return move


copy4, add4 = _lanes(4, add=False), _lanes(4, add=True)
copy16 = _lanes(16, add=False)


@intrinsic
def transpose4(
    _typing: Any, target: Any, i: Any, row: Any, source: Any, j: Any, column: Any
) -> Any:
    """target[i + r·row + c] = source[j + c·column + r] for r, c in 0 … 3."""

    def generate(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        target_, i_, row_, source_, j_, column_ = args
        one_dtype(sig.args[0], sig.args[3])
        four = ir.VectorType(_element(sig.args[0]), 4)
        to = address(context, builder, sig.args[0], target_, i_)
        at = address(context, builder, sig.args[3], source_, j_)

        def shuffle(x: Any, y: Any, lanes: tuple[int, ...]) -> Any:
            mask = ir.Constant(ir.VectorType(ir.IntType(32), 4), list(lanes))
            return builder.shuffle_vector(x, y, mask)

        a, b, c, d = (
            load(builder, builder.gep(at, [builder.mul(I64(k), column_)]), four) for k in range(4)
        )
        ab, cd = shuffle(a, b, (0, 4, 1, 5)), shuffle(c, d, (0, 4, 1, 5))
        AB, CD = shuffle(a, b, (2, 6, 3, 7)), shuffle(c, d, (2, 6, 3, 7))
        rows = (
            shuffle(ab, cd, (0, 1, 4, 5)),
            shuffle(ab, cd, (2, 3, 6, 7)),
            shuffle(AB, CD, (0, 1, 4, 5)),
            shuffle(AB, CD, (2, 3, 6, 7)),
        )
        for k, value in enumerate(rows):
            store(builder, value, builder.gep(to, [builder.mul(I64(k), row_)]), four)
        return context.get_dummy_value()

    ip = types.intp
    return types.void(target, ip, ip, source, ip, ip), generate
