"""Occlusion: hide a part of the picture, and see how much less sure the network is.

    d(i, j) = p_k(x) - p_k(x with the square at i, j hidden)         squares `stride` pixels apart
    map(h, w) = mean of d(i, j) over the squares that cover pixel (h, w)

Above 0: that part speaks for class k; below 0: it speaks against. Unlike a gradient it asks about
large changes, and it needs no backward pass, only many forward ones.

Source: Zeiler & Fergus, "Visualizing and understanding convolutional networks" (2014), section 4.2.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from scratchnet.sequential import Sequential

Array = NDArray[Any]


def occlusion(
    model: Sequential,
    x: Array,
    label: int | None = None,
    *,
    size: int = 8,
    stride: int = 4,
    fill: float = 0.0,
) -> Array:
    """The map (H, W) float64 of one picture: mean drop of `predict` where it is hidden.

    Args:
        x: (C, H, W), one of the network's inputs.
        label: the class; None for the predicted one.
        size: side of the hidden square in pixels.
        stride: pixels from one square to the next; the last always ends at the edge.
        fill: what hides: 0 is the picture's mean after the usual pre-processing.

    Raises:
        ValueError: no picture, a square that does not fit, or no such class.
    """
    if x.ndim != 3 or not 1 <= size <= min(x.shape[1:]) or not 1 <= stride <= size:
        raise ValueError(
            f"occlusion expects one picture (C, H, W) with H, W >= size >= stride >= 1, got "
            f"{x.shape}, size {size}, stride {stride}"
        )
    _, H, W = x.shape
    whole = model.predict(x[np.newaxis])[0]
    chosen = int(whole.argmax()) if label is None else label
    if not 0 <= chosen < len(whole):
        raise ValueError(f"label expects a class 0..{len(whole) - 1}, got {label}")

    corners = [(i, j) for i in _corners(H, size, stride) for j in _corners(W, size, stride)]
    hidden = np.repeat(x[np.newaxis], len(corners), axis=0)
    for picture, (i, j) in zip(hidden, corners, strict=True):
        picture[:, i : i + size, j : j + size] = fill
    drops = whole[chosen] - model.predict(hidden)[:, chosen]

    total, squares = np.zeros((H, W), np.float64), np.zeros((H, W), np.int64)
    for drop, (i, j) in zip(drops, corners, strict=True):
        total[i : i + size, j : j + size] += drop
        squares[i : i + size, j : j + size] += 1
    return total / squares  # stride <= size: every pixel is covered


def _corners(length: int, size: int, stride: int) -> list[int]:
    last = length - size
    return sorted({*range(0, last + 1, stride), last})
