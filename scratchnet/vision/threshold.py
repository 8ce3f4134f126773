"""Black and white: white is what is brighter than a threshold t, given or found by Otsu.

    y = 255 where x > t, else 0

Otsu's threshold parts the grey values into two classes, dark (v ≤ t) and bright (v > t), whose
means lie as far apart as can be, for how many pixels they hold:

    σ²(t) = ω₀ ω₁ (μ₁ − μ₀)²                      ω the classes' shares of the pixels, μ their means

With n(t) = Σ_{v ≤ t} counts[v] and s(t) = Σ_{v ≤ t} v·counts[v], and n, s for all pixels:

    σ²(t) = (n·s(t) − n(t)·s)² / (n²·n(t)·(n − n(t)))

The first t with the largest σ² counts. The variance within the classes is then the smallest: both
add up to the variance of the picture. A picture of one grey value has no two classes: t = 0.

Shapes: (..., H, W) -> the same, dtype kept; thresholds (...,).
Source: Otsu, "A threshold selection method from gray-level histograms", 1979.
Chapter: docs/preprocessing.md
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from scratchnet.vision.histogram import histograms
from scratchnet.vision.pixels import check_bytes, check_grey

Array = NDArray[Any]


def threshold(images: Array, value: ArrayLike = 127) -> Array:
    """White (255) where a pixel is above `value`, else black (0).

    Args:
        value: one number, or (...,): one for each picture.

    Raises:
        ValueError: no grey pictures.
    """
    check_grey(images, "threshold")
    t = np.asarray(value)[..., None, None]
    return np.where(images > t, 255, 0).astype(images.dtype)


def otsu_threshold(images: NDArray[np.uint8]) -> NDArray[np.int64]:
    """Otsu's t for every picture, (...,).

    Raises:
        ValueError: no grey pictures of bytes.
    """
    check_bytes(images, "otsu_threshold")
    counts = histograms(images)
    n_t = counts.cumsum(axis=-1)
    s_t = (counts * np.arange(256)).cumsum(axis=-1)
    n, s = n_t[..., -1:], s_t[..., -1:]
    apart = (n * s_t - n_t * s).astype(np.float64) ** 2  # int64 until here: equal stays equal
    between = apart / np.maximum(n_t * (n - n_t), 1)  # without the factor 1/n²
    return between.argmax(axis=-1)


def otsu(images: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Black and white, each picture at its own threshold.

    Raises:
        ValueError: no grey pictures of bytes.
    """
    return threshold(images, otsu_threshold(images))
