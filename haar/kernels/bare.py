"""Bare arrays: where the elements begin, and nothing else.

    a = bare(array)    of a C-contiguous array; of a named tuple: every array that it holds
    a[i], a[i] = x     one element, i ≥ 0

A bare array has no length, is not counted as a reference, and knows no negative indices: that makes
the kernels quick to compile and to run, and whoever uses it has to keep the array alive and the
indices inside.
"""

from __future__ import annotations

import operator
from typing import Any

from numba import types
from numba.core.typing.templates import AbstractTemplate, infer_global, signature
from numba.extending import intrinsic, lower_builtin, models, register_model


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
