"""Shrinking a picture: bilinear, in integers, as OpenCV's "bit-exact linear" resize of 8-bit data.

Along an axis from n to m pixels, all in double precision:

    scale = 1 / (m / n)      p = scale · (i + ½) − ½      k = ⌊p⌋      c = rint(256 · (p − k))

    pixel i = ((256 − c) · source[k] + c · source[k + 1]) / 256        at the ends: the last pixel

Both axes together: (Σ Σ wy · wx · source + 2¹⁵) >> 16. The sum over one axis is at most 255 · 256,
so it is exact in 16 bits, and the axes may come in any order. Down the columns first: there sixteen
neighbours are one vector. Along a row, each pixel takes a pair of neighbours in one multiplication,
with two 32-bit numbers in each 64-bit word:

    (lo + hi·2³²) · (c + (256 − c)·2³²)  =  … + ((256 − c)·lo + c·hi) · 2³² + …

The terms below cannot reach bit 32, those above fall off the end.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic
from numpy.typing import NDArray

from haar.kernels.jit import kernel
from haar.kernels.memory import load_bytes, store
from haar.kernels.simd import LANES, splat, widen_unsigned

Array = NDArray[Any]


def taps(source: int, target: int) -> tuple[Array, Array]:
    """k and c (target,) int32 of an axis that shrinks from `source` to `target` pixels."""
    p = 1 / (target / source) * (np.arange(target) + 0.5) - 0.5
    k = np.floor(p)
    c = np.rint((p - k) * 256)
    c[(k < 0) | (k >= source - 1)] = 0
    return k.clip(0, source - 1).astype(np.int32), c.astype(np.int32)


def pair_weights(c: Array) -> Array:
    """The weights of two neighbours in one uint64."""
    c = c.astype(np.uint64)
    return c | (np.uint64(256) - c) << np.uint64(32)


@intrinsic
def _blend_pair(_typing: Any, line: Any, first: Any, k: Any, weights: Any, x: Any) -> Any:
    """Pixel x of a row: line[k[x] − first] and its neighbour, with weights[x], rounded."""

    def generate(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        i64 = ir.IntType(64)
        line_, first_, k_, weights_, x_ = args

        def element(array: Any, index: Any) -> Any:
            return builder.gep(array, [index])

        start = builder.sub(builder.sext(builder.load(element(k_, x_)), i64), first_)
        pointer = builder.bitcast(element(line_, start), i64.as_pointer())
        pair = builder.load(pointer, typ=i64)
        pair.align = 4
        product = builder.mul(pair, builder.load(element(weights_, x_)))
        rounded = builder.add(product, i64(1 << 47))
        return builder.trunc(builder.lshr(rounded, i64(48)), ir.IntType(8))

    return types.uint8(line, types.intp, k, weights, types.intp), generate


@kernel
def blend_rows(image, upper, lower, c, count, line):
    """line[j] = (256 − c) · image[upper + j] + c · image[lower + j]; `count` of them."""
    a, b = splat(np.int16(256 - c)), splat(np.int16(c))
    for j in range(0, count, LANES):
        sums = load_bytes(image, upper + j) * a + load_bytes(image, lower + j) * b
        store(line, j, widen_unsigned(sums))


@kernel
def shrink_row(line, first, k, weights, x, n, step, pixels, at, half):
    """Pixels x … x + n − 1 of a scaled row to pixels[at:], at step 2 the odd ones to at + half.

    `line` begins at column `first` of the source.
    """
    for i in range((n + step - 1) // step):
        pixels[at + i] = _blend_pair(line, first, k, weights, x + i * step)
    if step == 2:
        for i in range(n // 2):
            pixels[at + half + i] = _blend_pair(line, first, k, weights, x + 2 * i + 1)
