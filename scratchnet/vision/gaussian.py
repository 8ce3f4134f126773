"""Gaussian blur: noise averages out, since a pixel's neighbours mostly show the same thing.

    g(k) = exp(−k² / 2σ²) / Σ exp(−j² / 2σ²)        k = −r … r,  r = ⌊4σ + ½⌋
    G(u, v) = g(u) g(v)                              so first down, then across

2 (2r + 1) products a pixel, not (2r + 1)²: the Gaussian is the one round kernel that separates.
The weights at k and −k are equal and are used once, for the sum of both pixels; so a mirrored
picture gives the mirrored result to the last bit. Beyond the image its last pixels go on.

Shapes: (..., H, W) -> the same, dtype kept. Source: Szeliski, "Computer Vision", 2nd ed.,
section 3.2; beyond 4σ lies a share of 0.00006.

Chapter: docs/preprocessing.md
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from scratchnet.vision.pixels import check_grey, like, to_floats

Array = NDArray[Any]


def gaussian_weights(sigma: float) -> NDArray[np.float64]:
    """g(0), g(1), …, g(r), (r + 1,); g(−k) = g(k)."""
    k = np.arange(int(4 * sigma + 0.5) + 1)
    bell = np.exp(-(k**2) / (2 * sigma**2))
    return bell / (bell[0] + 2 * bell[1:].sum())


def _blur_rows(images: Array, weights: Array) -> Array:
    """(..., H, W): each row becomes the weighted mean of the rows around it."""
    H, r = images.shape[-2], len(weights) - 1
    beside = [(0, 0)] * (images.ndim - 2)
    padded = np.pad(images, [*beside, (r, r), (0, 0)], "edge")
    result = weights[0] * images
    for k in range(1, r + 1):
        above, below = padded[..., r - k : r - k + H, :], padded[..., r + k : r + k + H, :]
        result += weights[k] * (above + below)
    return result


def gaussian_blur(images: Array, sigma: float = 1.0) -> Array:
    """Each pixel becomes the mean of its neighbours, near ones counting most.

    Args:
        sigma: the width of the bell in pixels; two thirds of the weight lie within ±sigma.

    Raises:
        ValueError: no grey pictures, or a sigma that is not a positive number.
    """
    check_grey(images, "gaussian_blur")
    if not 0 < sigma < np.inf:
        raise ValueError(f"gaussian_blur expects a sigma above 0, got {sigma}")
    pixels = to_floats(images)
    weights = gaussian_weights(sigma).astype(pixels.dtype)
    down = _blur_rows(pixels, weights)
    across = _blur_rows(down.swapaxes(-1, -2), weights).swapaxes(-1, -2)
    return like(images, np.ascontiguousarray(across))
