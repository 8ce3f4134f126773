"""Resize: every output pixel is a weighted mean of a few neighbours, first down, then across.

Along one axis, `size` pixels become `new`; ρ = size / new is an output pixel's width, measured in
input pixels. Output pixel o covers the interval from oρ to (o + 1)ρ (pixel i covers i to i + 1):

    area       weight of pixel i = length of its overlap with the interval / ρ

                 │  a   │  b   │  c   │       3 pixels become 2: ρ = 1½
                 │  first  │  second  │       first = (a + ½ b) / 1½

    bilinear   the interval's centre (o + ½)ρ - ½, in coordinates where pixel centres are whole,
               lies between pixels i and i + 1, at a distance t from i: weights 1 - t and t.
               Beyond the outer centres, the outer pixel goes on.

"area" loses no pixel and has no moiré: the way to shrink. Bilinear reading skips pixels when
ρ > 2, but is smooth when an image grows. "auto" takes for each axis the one that suits it.

Shapes: (..., H, W) -> (..., OH, OW), dtype kept. Pixel-centre convention as in `geometry`.
Source: Szeliski, "Computer Vision", 2nd ed., section 3.5.
Chapter: docs/preprocessing.md
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from scratchnet.vision.pixels import check_grey, like, to_floats

Array = NDArray[Any]

METHODS = ("auto", "area", "bilinear")


def area_taps(size: int, new: int) -> tuple[Array, Array]:
    """Which pixels (new, K) make each output pixel by overlap, and their weights (new, K)."""
    o = np.arange(new)[:, None]
    first, last = o * size // new, -(-(o + 1) * size // new)  # in whole numbers: ⌊oρ⌋, ⌈(o + 1)ρ⌉
    pixel = first + np.arange((last - first).max())
    # The overlap times `new`, again whole: no rounding decides whether a pixel takes part.
    overlap = np.minimum((pixel + 1) * new, (o + 1) * size) - np.maximum(pixel * new, o * size)
    return np.minimum(pixel, size - 1), np.maximum(overlap, 0) / size


def bilinear_taps(size: int, new: int) -> tuple[Array, Array]:
    """The two pixels (new, 2) around each output pixel's centre, and their weights (new, 2)."""
    centre = np.clip((np.arange(new) + 0.5) * size / new - 0.5, 0, size - 1)
    pixel = np.floor(centre).astype(np.intp)
    t = centre - pixel
    return np.stack([pixel, np.minimum(pixel + 1, size - 1)], 1), np.stack([1 - t, t], 1)


def resize_rows(images: Array, new: int, method: str) -> Array:
    """(..., H, W) -> (..., new, W): a weighted sum of rows, one tap after the other."""
    H = images.shape[-2]
    if new == H:
        return images.copy()
    if method == "auto":
        method = "area" if new < H else "bilinear"
    pixel, weight = (area_taps if method == "area" else bilinear_taps)(H, new)
    weight = weight.astype(images.dtype)
    result = np.zeros((*images.shape[:-2], new, images.shape[-1]), images.dtype)
    for k in range(pixel.shape[1]):
        result += weight[:, k, None] * images[..., pixel[:, k], :]
    return result


def resize(images: Array, shape: tuple[int, int], method: str = "auto") -> Array:
    """Images (..., H, W) in another size, (..., OH, OW).

    Args:
        images: uint8, float32 or float64.
        shape: (OH, OW).
        method: "area", "bilinear", or "auto": area where an axis shrinks, bilinear where it grows.

    Raises:
        ValueError: a wrong shape, dtype or method.
    """
    check_grey(images, "resize")
    if method not in METHODS:
        raise ValueError(f"resize expects a method of {', '.join(METHODS)}, got {method!r}")
    OH, OW = shape
    if OH < 1 or OW < 1:
        raise ValueError(f"resize expects at least 1 × 1 pixels, got {OH} × {OW}")
    rows = resize_rows(to_floats(images), OH, method)
    across = resize_rows(rows.swapaxes(-1, -2), OW, method).swapaxes(-1, -2)
    return like(images, np.ascontiguousarray(across))
