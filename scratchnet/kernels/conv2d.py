"""Convolution: which algorithm a shape gets.

    winograd        3 × 3, stride 1, channels in sixteens, float32: a quarter of the products
    implicit_gemm   every other shape

Both compute what `scratchnet.reference.conv2d` defines; Winograd's rounding differs (its header
says by how much). Operands of different dtypes are brought to one first, as NumPy would.
"""

from __future__ import annotations

from types import ModuleType
from typing import Any

from numpy.typing import NDArray

from scratchnet.kernels import implicit_gemm, winograd
from scratchnet.kernels.matmul import of_one_dtype

Array = NDArray[Any]
Pair = tuple[int, int]


def algorithm(W: Array, stride: Pair, dilation: Pair, groups: int) -> ModuleType:
    """The module that computes this convolution."""
    fits = winograd.fits(W, stride, dilation, groups)
    return winograd if fits else implicit_gemm


def conv2d_forward(
    x: Array,
    W: Array,
    b: Array | None,
    stride: Pair,
    padding: tuple[Pair, Pair],
    dilation: Pair,
    groups: int,
) -> Array:
    """y (N, F, OH, OW) = x (N, C, H, W) ⋆ W (F, C/groups, KH, KW) + b."""
    x, W = of_one_dtype(x, W)
    module = algorithm(W, stride, dilation, groups)
    return module.forward(x, W, b, stride, padding, dilation, groups)


def conv2d_backward(
    dy: Array,
    x: Array,
    W: Array,
    stride: Pair,
    padding: tuple[Pair, Pair],
    dilation: Pair,
    groups: int,
) -> tuple[Array, Array, Array]:
    """(dx, dW, db) from dy (N, F, OH, OW); each of the shape of what it is the gradient of."""
    dy, x, W = of_one_dtype(dy, x, W)
    module = algorithm(W, stride, dilation, groups)
    return module.backward(dy, x, W, stride, padding, dilation, groups)
