"""Histograms: how many pixels of each picture have each of the 256 grey values.

    counts[v] = number of pixels x = v          Σ counts = H·W

and what is done with them, a table for each picture:          y = table[x]

Shapes: (..., H, W) uint8 -> (..., 256).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


def histograms(images: NDArray[np.uint8]) -> NDArray[np.int64]:
    """The counts (..., 256) of every picture (..., H, W) in a stack."""
    *stack, H, W = images.shape
    N = int(np.prod(stack, dtype=np.int64))
    # Picture n counts in the places 256 n … 256 n + 255 of one long histogram.
    places = images.reshape(N, H * W) + 256 * np.arange(N)[:, None]
    counts = np.bincount(places.ravel(), minlength=256 * N)
    return counts.reshape(*stack, 256)


def look_up(tables: Array, images: NDArray[np.uint8]) -> Array:
    """Every pixel through the table (..., 256) of its picture."""
    *stack, H, W = images.shape
    pixels = images.reshape(*stack, H * W).astype(np.intp)
    return np.take_along_axis(tables, pixels, axis=-1).reshape(images.shape)
