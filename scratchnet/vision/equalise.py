"""Histogram equalisation: after it, each stretch of the grey scale holds as many pixels as any.

    y = round(255 (n(x) − m) / (H·W − m))        n(v) = number of pixels ≤ v
                                                 m = n(darkest value there is)

n is the cumulative histogram, a curve that is steep where grey values crowd: there it pulls them
apart. The darkest pixels become 0, the brightest 255. A picture of one grey value stays as it is.

In float32 and rounded to even, as OpenCV's `equalizeHist` does: the bits are the same.

Shapes: (..., H, W) uint8 -> the same. Source: Szeliski, "Computer Vision", 2nd ed., section 3.1.4.

Chapter: docs/preprocessing.md
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from scratchnet.vision.histogram import histograms, look_up
from scratchnet.vision.pixels import check_bytes, to_bytes


def equalise(images: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Every picture with its grey values spread evenly, by its own histogram.

    Raises:
        ValueError: no grey pictures of bytes.
    """
    check_bytes(images, "equalise")
    counts = histograms(images)
    n = counts.cumsum(axis=-1)
    total = n[..., -1:]
    m = np.where(n > 0, n, total).min(axis=-1, keepdims=True)
    scale = np.float32(255) / np.maximum(total - m, 1).astype(np.float32)
    tables = to_bytes((n - m).astype(np.float32) * scale)
    tables = np.where(total == m, np.arange(256, dtype=np.uint8), tables)
    return look_up(tables, images)
