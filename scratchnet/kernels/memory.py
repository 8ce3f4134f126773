"""Memory that begins at a cache line.

A vector is 64 bytes, as long as a cache line. Where arrays begin just anywhere, every vector lies
across two lines, and each load is two: transforms of Winograd's algorithm take three times as long.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from scratchnet.kernels.jit import kernel

Array = NDArray[Any]

LINE = 64  # bytes of a cache line


def aligned_empty(shape: int | tuple[int, ...], dtype: Any = np.float32) -> Array:
    """An array whose values are whatever was there."""
    return _aligned(np.empty, shape, dtype)


def aligned_zeros(shape: int | tuple[int, ...], dtype: Any = np.float32) -> Array:
    """An array of zeros."""
    return _aligned(np.zeros, shape, dtype)


def _aligned(make: Any, shape: int | tuple[int, ...], dtype: Any) -> Array:
    size = int(np.prod(shape)) * np.dtype(dtype).itemsize
    raw = make(size + LINE, np.uint8)
    start = -raw.ctypes.data % LINE
    return raw[start : start + size].view(dtype).reshape(shape)


@kernel
def scratch(size, like):
    """In a kernel: `size` numbers of the dtype of `like`, whose values are whatever was there."""
    raw = np.empty(size + LINE // like.itemsize, like.dtype)
    start = (-raw.ctypes.data) % LINE // like.itemsize
    return raw[start : start + size]
