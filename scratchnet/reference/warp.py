"""Affine warp: every output pixel looks up where it came from, and reads there between pixels.

Output pixel (h, w) of image n came from the point (x, y) of the input; A = source[n] is 2 × 3:

    x = A₀₀ w + A₀₁ h + A₀₂          x counts columns, y rows; a pixel's centre is a whole number
    y = A₁₀ w + A₁₁ h + A₁₂

    x₀ = ⌊x⌋, r = x - x₀             p₀₀ ── r ──┬──── p₀₁     the four pixels around the point
    y₀ = ⌊y⌋, s = y - y₀                        s
                                                ●
    top    = p₀₀ + r (p₀₁ - p₀₀)                │
    bottom = p₁₀ + r (p₁₁ - p₁₀)     p₁₀ ───────┴──── p₁₁
    result = top + s (bottom - top)

Beyond the image (every coordinate is folded first, then read):

    edge       the last pixel goes on:   a a a | a b c d | d d d
    reflect    a mirror in the centre of the last pixel:   d c b | a b c d | c b a
    constant   `value` everywhere; the step to it is one pixel wide, as between any two pixels

Shapes: images (N, H, W), source (N, 2, 3) float64 -> (N, OH, OW). Coordinates are float64, pixel
arithmetic has the images' dtype. Source: Szeliski, "Computer Vision", 2nd ed., section 3.6.1.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


def fold(x: Array, size: int, border: str) -> Array:
    """Coordinates x brought back to 0 … size - 1, or for "constant" to -1 … size."""
    low, high = (-1, size) if border == "constant" else (0, size - 1)
    if border == "reflect" and size > 1:
        period = 2.0 * (size - 1)
        x = x - period * np.floor(x / period)
        x = np.minimum(x, period - x)
    return np.fmin(np.fmax(x, low), high)


def warp_affine(
    images: Array, source: Array, shape: tuple[int, int], border: str, value: float
) -> Array:
    """Sample every image at the points that its `source` matrix gives."""
    (N, H, W), (OH, OW) = images.shape, shape
    outside = value if border == "constant" else 0.0
    h, w = np.arange(OH, dtype=np.float64)[:, None], np.arange(OW, dtype=np.float64)[None, :]
    result = np.empty((N, OH, OW), images.dtype)
    for n in range(N):
        (a, b, c), (d, e, f) = source[n]
        x = fold(a * w + (b * h + c), W, border)
        y = fold(d * w + (e * h + f), H, border)
        x0, y0 = np.floor(x).astype(np.intp), np.floor(y).astype(np.intp)
        r, s = (x - x0).astype(images.dtype), (y - y0).astype(images.dtype)

        # Pixels are read at -1 … H + 1: a frame spares every bounds check. Without "constant",
        # its pixels are only ever read with the weight 0.
        p = np.pad(images[n], ((1, 2), (1, 2)), constant_values=outside)
        p00, p01 = p[y0 + 1, x0 + 1], p[y0 + 1, x0 + 2]
        p10, p11 = p[y0 + 2, x0 + 1], p[y0 + 2, x0 + 2]
        top = p00 + r * (p01 - p00)
        bottom = p10 + r * (p11 - p10)
        result[n] = top + s * (bottom - top)
    return result
