"""Shapes: how arguments become pairs, padding becomes pixels, and a sliding window is counted.

    span       = (K − 1) · dilation + 1                                      pixels a window covers
    OH         = ⌊(top + H + bottom − span) / stride⌋ + 1                    the last window counts
    "valid"      top = bottom = 0
    "same"       OH = ⌈H / stride⌉, top = ⌊total / 2⌋, bottom = total − top, where
                 total = max((OH − 1) · stride + span − H, 0)

An odd pixel of "same" padding goes to the bottom and to the right, as in Keras and TensorFlow, so
weights can be carried over. Dumoulin, Visin, "A guide to convolution arithmetic" (2016).
"""

from __future__ import annotations

from operator import index
from typing import Any

from scratchnet.layers.base import Layer, Shape

Pair = tuple[int, int]
Edges = tuple[Pair, Pair]
"""Pixels around an image: ((top, bottom), (left, right))."""


def whole(value: Any, name: str, least: int = 1) -> int:
    """`value` as an int of at least `least`.

    Raises:
        ValueError: it is no such int.
    """
    try:
        number = index(value)
    except TypeError:
        number = least - 1
    if isinstance(value, bool) or number < least:
        raise ValueError(f"{name} expects an int of at least {least}, got {value!r}")
    return number


def pair(value: Any, name: str, least: int = 1) -> Pair:
    """3 -> (3, 3), and (3, 5) as it is: rows first, then columns.

    Raises:
        ValueError: `value` is neither an int nor two of them, or one is below `least`.
    """
    if not isinstance(value, tuple | list):
        number = whole(value, name, least)
        return number, number
    if len(value) != 2:
        raise ValueError(f"{name} expects an int or a pair (rows, columns), got {value!r}")
    return whole(value[0], name, least), whole(value[1], name, least)


def unpair(value: Pair) -> int | list[int]:
    """What a person would type for this pair, as JSON: 3 for (3, 3), [3, 5] for (3, 5)."""
    return value[0] if value[0] == value[1] else list(value)


def check_padding(padding: Any, name: str) -> str | Edges:
    """ "valid", "same", an int, (rows, columns) or ((top, bottom), (left, right)), in one form.

    Raises:
        ValueError: it is none of these.
    """
    if isinstance(padding, str):
        if padding not in ("valid", "same"):
            raise ValueError(f"{name} expects 'valid', 'same', an int or a pair, got {padding!r}")
        return padding
    if isinstance(padding, tuple | list) and any(isinstance(p, tuple | list) for p in padding):
        if len(padding) != 2:
            raise ValueError(f"{name} expects ((top, bottom), (left, right)), got {padding!r}")
        return pair(padding[0], name, least=0), pair(padding[1], name, least=0)
    rows, columns = pair(padding, name, least=0)
    return (rows, rows), (columns, columns)


def padding_config(padding: str | Edges) -> Any:
    """The shortest form that `check_padding` reads back, as JSON."""
    if isinstance(padding, str):
        return padding
    (top, bottom), (left, right) = padding
    if top == bottom and left == right:
        return unpair((top, left))
    return [[top, bottom], [left, right]]


def resolve_padding(
    padding: str | Edges, size: Pair, window: Pair, stride: Pair, dilation: Pair = (1, 1)
) -> Edges:
    """The pixels that `padding` adds on each side of an image of `size` (H, W)."""
    if padding == "same":
        rows, columns = (_same(*axis) for axis in zip(size, window, stride, dilation, strict=True))
        return rows, columns
    return ((0, 0), (0, 0)) if isinstance(padding, str) else padding


def _same(size: int, window: int, stride: int, dilation: int) -> Pair:
    span = (window - 1) * dilation + 1
    windows = -(-size // stride)  # rounded up
    total = max((windows - 1) * stride + span - size, 0)
    return total // 2, total - total // 2


def output_size(
    layer: Layer,
    size: Pair,
    window: Pair,
    stride: Pair,
    edges: Edges = ((0, 0), (0, 0)),
    dilation: Pair = (1, 1),
) -> Pair:
    """How many windows fit: (OH, OW).

    Raises:
        ValueError: not one does.
    """
    padded = (size[0] + sum(edges[0]), size[1] + sum(edges[1]))
    span = ((window[0] - 1) * dilation[0] + 1, (window[1] - 1) * dilation[1] + 1)
    if span[0] > padded[0] or span[1] > padded[1]:
        raise ValueError(
            f"{type(layer).__name__} expects an image of at least {span[0]} × {span[1]} pixels, "
            f"got {padded[0]} × {padded[1]} with its padding; "
            "take a smaller window, more padding, or one pool less before it"
        )
    return (padded[0] - span[0]) // stride[0] + 1, (padded[1] - span[1]) // stride[1] + 1


def image_shape(layer: Layer, input_shape: Shape) -> tuple[int, int, int]:
    """The letters C, H, W of an image's shape.

    Raises:
        ValueError: it has not three axes, or an empty one.
    """
    if len(input_shape) != 3 or min(input_shape) < 1:
        remedy = "an image stands before Flatten() and before GlobalAvgPool2D()"
        if len(input_shape) == 2:
            remedy = f"a grey image is (1, {input_shape[0]}, {input_shape[1]})"
        name = type(layer).__name__
        raise ValueError(f"{name} expects (C, H, W), got {tuple(input_shape)}; {remedy}")
    C, H, W = input_shape
    return C, H, W
