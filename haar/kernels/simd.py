"""Explicit vectors for Numba: sixteen neighbouring windows, one to a lane.

LLVM maps a vector to what the machine has: sixteen float32 are one register of AVX-512, two of
AVX2, four of NEON. In a kernel,

    a = bare(array)            where the elements of an array begin, and nothing else
    a[i]                       one of them
    v = load(a, i)             a[i : i + 16], of int16, int32 or float32
    v = load_at(a, p, o, k)    a[p + o[k] : p + o[k] + 16], the same corner of sixteen windows
    v + w, v - w, v * w        sixteen numbers at once; integers wrap
    v < w, v >= w, m & ~n      sixteen truths: a *mask*
    select(m, v, w)            v where m, else w
    bits(m), mask(b)           a mask as the low bits of a uint64, and back
    splat(x), splat_at(a, k)   sixteen times the same number

and the conversions at the end. A bare array has no length, is not counted as a reference, and knows
no negative indices: that makes the kernels quick to compile and to run, and whoever uses it has to
keep the array alive and the indices inside.
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
_VECTOR_OF = {vector.scalar: vector for vector in (i16, i32, f32, f64)}


@register_model(Vector)
class _VectorModel(models.PrimitiveModel):
    def __init__(self, manager: Any, frontend_type: Any) -> None:
        super().__init__(manager, frontend_type, frontend_type.llvm)


class Bare(types.Type):
    """The address of an array's elements."""

    def __init__(self, dtype: Any) -> None:
        self.dtype = dtype
        super().__init__(f"bare({dtype})")


@register_model(Bare)
class _BareModel(models.PrimitiveModel):
    def __init__(self, manager: Any, frontend_type: Any) -> None:
        element = manager.lookup(frontend_type.dtype).get_data_type()
        super().__init__(manager, frontend_type, element.as_pointer())


def _bare_type(kind: Any) -> Any:
    if isinstance(kind, types.Array):
        return Bare(kind.dtype)
    if isinstance(kind, types.BaseNamedTuple):
        return types.NamedTuple([_bare_type(t) for t in kind.types], kind.instance_class)
    return kind


@intrinsic
def bare(_typing: Any, value: Any) -> Any:
    """A C-contiguous array as its address; in a named tuple, every array that it holds."""

    def strip(context: Any, builder: Any, kind: Any, given: Any) -> Any:
        if isinstance(kind, types.Array):
            return context.make_array(kind)(context, builder, given).data
        if isinstance(kind, types.BaseNamedTuple):
            parts = [
                strip(context, builder, part, builder.extract_value(given, i))
                for i, part in enumerate(kind.types)
            ]
            return context.make_tuple(builder, _bare_type(kind), parts)
        return given

    def generate(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        return strip(context, builder, sig.args[0], args[0])

    return _bare_type(value)(value), generate


@infer_global(operator.getitem)
class _Get(AbstractTemplate):
    def generic(self, args: Any, kws: Any) -> Any:
        array, index = args
        if isinstance(array, Bare) and isinstance(index, types.Integer):
            return signature(array.dtype, array, types.intp)
        return None


@lower_builtin(operator.getitem, Bare, types.Integer)
def _get(context: Any, builder: Any, sig: Any, args: Any) -> Any:
    return builder.load(builder.gep(args[0], [args[1]]))


@infer_global(operator.setitem)
class _Set(AbstractTemplate):
    def generic(self, args: Any, kws: Any) -> Any:
        array, index, _ = args
        if isinstance(array, Bare) and isinstance(index, types.Integer):
            return signature(types.none, array, types.intp, array.dtype)
        return None


@lower_builtin(operator.setitem, Bare, types.Integer, types.Any)
def _set(context: Any, builder: Any, sig: Any, args: Any) -> Any:
    builder.store(args[2], builder.gep(args[0], [args[1]]))
    return context.get_dummy_value()


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


# -- memory ---------------------------------------------------------------------------------------


def _load(builder: Any, pointer: Any, kind: ir.VectorType) -> Any:
    value = builder.load(builder.bitcast(pointer, kind.as_pointer()), typ=kind)
    value.align = 1
    return value


def _element(builder: Any, array: Any, k: Any) -> Any:
    return builder.load(builder.gep(array, [k]))


def _broadcast(builder: Any, scalar: Any, kind: ir.VectorType) -> Any:
    undefined = ir.Constant(kind, ir.Undefined)
    first = builder.insert_element(undefined, scalar, _I32(0))
    return builder.shuffle_vector(first, undefined, _lanes([0] * LANES))


def _lanes(numbers: list[int]) -> Any:
    return ir.Constant(ir.VectorType(_I32, len(numbers)), numbers)


@intrinsic
def load(_typing: Any, array: Any, i: Any) -> Any:
    vector = _VECTOR_OF[array.dtype]

    def generate(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        return _load(builder, builder.gep(args[0], [args[1]]), vector.llvm)

    return vector(array, types.intp), generate


@intrinsic
def load_at(_typing: Any, array: Any, p: Any, offsets: Any, k: Any) -> Any:
    vector = _VECTOR_OF[array.dtype]

    def generate(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        array_, p_, offsets_, k_ = args
        offset = builder.sext(_element(builder, offsets_, k_), ir.IntType(64))
        return _load(builder, builder.gep(builder.gep(array_, [p_]), [offset]), vector.llvm)

    return vector(array, types.intp, offsets, types.intp), generate


def combination(*coefficients: int) -> Any:
    """An intrinsic `f(a, p, o, k)`: Σ coefficientᵢ · load_at(a, p, o, k + i)."""

    @intrinsic
    def combine(_typing: Any, array: Any, p: Any, offsets: Any, k: Any) -> Any:
        vector = _VECTOR_OF[array.dtype]

        def generate(context: Any, builder: Any, sig: Any, args: Any) -> Any:
            array_, p_, offsets_, k_ = args
            first, corners = builder.gep(array_, [p_]), builder.gep(offsets_, [k_])
            total = ir.Constant(vector.llvm, None)
            for i, coefficient in enumerate(coefficients):
                offset = _element(builder, corners, ir.IntType(64)(i))
                pointer = builder.gep(first, [builder.sext(offset, ir.IntType(64))])
                corner = _load(builder, pointer, vector.llvm)
                for _ in range(abs(coefficient)):  # 1, 2 or 4: additions are as good as a shift
                    total = (builder.add if coefficient > 0 else builder.sub)(total, corner)
            return total

        return vector(array, types.intp, offsets, types.intp), generate

    return combine


@intrinsic
def gather_rectangle(_typing: Any, array: Any, starts: Any, offsets: Any, k: Any) -> Any:
    """`combination(1, -1, -1, 1)` for windows that begin anywhere: lane i at a[starts[i] + …]."""
    vector = _VECTOR_OF[array.dtype]

    def generate(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        array_, starts_, offsets_, k_ = args
        corners = builder.gep(offsets_, [k_])
        places = [
            builder.sext(_element(builder, corners, ir.IntType(64)(i)), ir.IntType(64))
            for i in range(4)
        ]
        total = ir.Constant(vector.llvm, ir.Undefined)
        for lane in range(LANES):
            first = builder.gep(array_, [_element(builder, starts_, ir.IntType(64)(lane))])
            a, b, c, d = (builder.load(builder.gep(first, [place])) for place in places)
            value = builder.add(builder.sub(builder.sub(a, b), c), d)
            total = builder.insert_element(total, value, _I32(lane))
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
def splat(_typing: Any, x: Any) -> Any:
    vector = _VECTOR_OF[x]

    def generate(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        return _broadcast(builder, args[0], vector.llvm)

    return vector(x), generate


@intrinsic
def splat_at(_typing: Any, array: Any, k: Any) -> Any:
    vector = _VECTOR_OF[array.dtype]

    def generate(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        return _broadcast(builder, _element(builder, *args), vector.llvm)

    return vector(array, types.intp), generate


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
