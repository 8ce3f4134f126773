"""Explicit vectors for Numba: sixteen neighbouring windows, one to a lane.

LLVM maps a vector to what the machine has: sixteen float32 are one register of AVX-512, two of
AVX2, four of NEON. In a kernel,

    v + w, v - w, v * w        sixteen numbers at once; integers wrap
    v < w, v >= w, m & ~n      sixteen truths: a *mask*
    select(m, v, w)            v where m, else w
    bits(m), mask(b)           a mask as the low bits of a uint64, and back
    splat(x)                   sixteen times the same number
    prefix_sum(v)              lane i: the sum of the lanes 0 … i

and the conversions at the end. How vectors come from memory is another file: `memory.py`.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.core.typing.templates import AbstractTemplate, infer_global, signature
from numba.extending import intrinsic, lower_builtin, models, register_model

LANES = 16
_I1, _I32 = ir.IntType(1), ir.IntType(32)


# -- the types ------------------------------------------------------------------------------------


class Vector(types.Type):
    """Sixteen numbers of one kind in registers."""

    def __init__(self, name: str, element: ir.Type, scalar: Any) -> None:
        self.element, self.scalar = element, scalar
        self.llvm = ir.VectorType(element, LANES)
        super().__init__(f"{name}x{LANES}")


i16 = Vector("int16", ir.IntType(16), types.int16)
i32 = Vector("int32", _I32, types.int32)
f32 = Vector("float32", ir.FloatType(), types.float32)
f64 = Vector("float64", ir.DoubleType(), types.float64)
truth = Vector("bool", _I1, types.boolean)
VECTOR_OF = {vector.scalar: vector for vector in (i16, i32, f32, f64)}


@register_model(Vector)
class _VectorModel(models.PrimitiveModel):
    def __init__(self, manager: Any, frontend_type: Any) -> None:
        super().__init__(manager, frontend_type, frontend_type.llvm)


# -- the same number sixteen times -----------------------------------------------------------------


def _lanes(numbers: list[int]) -> Any:
    return ir.Constant(ir.VectorType(_I32, len(numbers)), numbers)


def broadcast(builder: Any, scalar: Any, kind: ir.VectorType) -> Any:
    """A scalar of LLVM, sixteen times."""
    undefined = ir.Constant(kind, ir.Undefined)
    first = builder.insert_element(undefined, scalar, _I32(0))
    return builder.shuffle_vector(first, undefined, _lanes([0] * LANES))


@intrinsic
def splat(_typing: Any, x: Any) -> Any:
    vector = VECTOR_OF[x]

    def generate(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        return broadcast(builder, args[0], vector.llvm)

    return vector(x), generate


# -- operators ------------------------------------------------------------------------------------


def _define(operation: Any, kinds: tuple[Vector, ...], result: Any, emit: Callable) -> None:
    """Let `v operation w` on vectors of the same kind be `emit(builder, v, w)`."""

    @infer_global(operation)
    class _Template(AbstractTemplate):
        def generic(self, args: Any, kws: Any) -> Any:
            if all(kind in kinds and kind == args[0] for kind in args):
                return signature(result or args[0], *args)
            return None

    arity = 1 if operation is operator.invert else 2

    @lower_builtin(operation, *[Vector] * arity)
    def _lower(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        return emit(builder, *args)


def _is_float(value: Any) -> bool:
    return isinstance(value.type.element, (ir.FloatType, ir.DoubleType))


def _arithmetic(name: str) -> Callable[..., Any]:
    return lambda builder, v, w: getattr(builder, ("f" if _is_float(v) else "") + name)(v, w)


def _comparison(sign: str) -> Callable[..., Any]:
    def emit(builder: Any, v: Any, w: Any) -> Any:
        compare = builder.fcmp_ordered if _is_float(v) else builder.icmp_signed
        return compare(sign, v, w)

    return emit


_NUMBERS = (i16, i32, f32, f64)
_define(operator.add, _NUMBERS, None, _arithmetic("add"))
_define(operator.sub, _NUMBERS, None, _arithmetic("sub"))
_define(operator.mul, _NUMBERS, None, _arithmetic("mul"))
_define(operator.truediv, (f32, f64), None, _arithmetic("div"))
_define(operator.lt, _NUMBERS, truth, _comparison("<"))
_define(operator.gt, _NUMBERS, truth, _comparison(">"))
_define(operator.ge, _NUMBERS, truth, _comparison(">="))
_define(operator.and_, (i16, i32, truth), None, lambda builder, v, w: builder.and_(v, w))
_define(operator.or_, (i16, i32, truth), None, lambda builder, v, w: builder.or_(v, w))
_define(operator.lshift, (i16, i32), None, lambda builder, v, w: builder.shl(v, w))
_define(operator.invert, (truth,), None, lambda builder, v: builder.not_(v))


# -- masks ----------------------------------------------------------------------------------------


@intrinsic
def select(_typing: Any, condition: Any, v: Any, w: Any) -> Any:
    def generate(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        return builder.select(*args)

    return v(condition, v, v), generate


@intrinsic
def bits(_typing: Any, condition: Any) -> Any:
    def generate(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        return builder.zext(builder.bitcast(args[0], ir.IntType(LANES)), ir.IntType(64))

    return types.uint64(truth), generate


@intrinsic
def mask(_typing: Any, word: Any) -> Any:
    def generate(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        return builder.bitcast(builder.trunc(args[0], ir.IntType(LANES)), truth.llvm)

    return truth(types.uint64), generate


@intrinsic
def trailing_zeros(_typing: Any, word: Any) -> Any:
    """The position of the lowest bit that is set; the word must not be 0."""

    def generate(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        return builder.cttz(args[0], _I1(1))

    return types.int64(types.uint64), generate


# -- moves between lanes --------------------------------------------------------------------------


@intrinsic
def prefix_sum(_typing: Any, v: Any) -> Any:
    """Lane i becomes the sum of the lanes 0 … i: shifted by 1, 2, 4, 8 lanes and added."""

    def generate(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        total, zero = args[0], ir.Constant(v.llvm, None)
        for shift in (1, 2, 4, 8):
            moved = _lanes([LANES - shift + i for i in range(LANES)])
            total = builder.add(total, builder.shuffle_vector(zero, total, moved))
        return total

    return v(v), generate


@intrinsic
def last_lane(_typing: Any, v: Any) -> Any:
    """The last lane, sixteen times."""

    def generate(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        return builder.shuffle_vector(args[0], args[0], _lanes([LANES - 1] * LANES))

    return v(v), generate


# -- conversions ----------------------------------------------------------------------------------


def _conversion(instruction: str, source: Vector, target: Vector) -> Any:
    @intrinsic
    def convert(_typing: Any, v: Any) -> Any:
        def generate(context: Any, builder: Any, sig: Any, args: Any) -> Any:
            return getattr(builder, instruction)(args[0], target.llvm)

        return target(source), generate

    return convert


widen = _conversion("sext", i16, i32)
widen_unsigned = _conversion("zext", i16, i32)
narrow = _conversion("trunc", i32, i16)
to_single = _conversion("sitofp", i32, f32)
to_double = _conversion("sitofp", i32, f64)
unsigned_to_double = _conversion("uitofp", i32, f64)
single = _conversion("fptrunc", f64, f32)
double = _conversion("fpext", f32, f64)


@intrinsic
def square_root(_typing: Any, v: Any) -> Any:
    def generate(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        kind = ir.FunctionType(f64.llvm, [f64.llvm])
        name = f"llvm.sqrt.v{LANES}f64"
        return builder.call(cgutils.get_or_insert_function(builder.module, kind, name), args)

    return f64(f64), generate


@intrinsic
def at_least(_typing: Any, v: Any, w: Any) -> Any:
    """v >= w of sums of pixels: 16 bits are read as unsigned, 32 as signed."""

    def generate(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        compare = builder.icmp_unsigned if sig.args[0] == i16 else builder.icmp_signed
        return compare(">=", *args)

    return truth(v, v), generate
