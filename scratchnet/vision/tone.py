"""Brightness and contrast: the same curve for every pixel, wherever it is.

    linear    y = contrast·(x − 128) + 128 + brightness        a straight line, turned about the
                                                               middle grey and shifted
    gamma     y = 255 (x / 255)^γ                              black and white stay; γ < 1 lights
                                                               up the shadows, γ > 1 darkens

Bytes have only 256 values, so the curve is computed for each value once and looked up.

Shapes: (..., H, W) -> the same, dtype kept.
Source: Szeliski, "Computer Vision", 2nd ed., section 3.1.1.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scratchnet.vision.pixels import check_grey, to_bytes

Array = NDArray[Any]


def _through(curve: Callable[[Array], Array], images: Array) -> Array:
    if images.dtype == np.uint8:
        return to_bytes(curve(np.arange(256.0)))[images]
    return curve(images)


def linear(images: Array, contrast: float = 1.0, brightness: float = 0.0) -> Array:
    """Grey values `contrast` times as far from the middle, and `brightness` levels lighter.

    Raises:
        ValueError: no grey pictures, a negative contrast, or numbers that are not finite.
    """
    check_grey(images, "linear")
    if not (0 <= contrast < np.inf and np.isfinite(brightness)):
        raise ValueError(
            f"linear expects a contrast of at least 0 and a finite brightness, "
            f"got {contrast} and {brightness}"
        )
    return _through(lambda x: contrast * (x - 128) + (128 + brightness), images)


def gamma(images: Array, exponent: float) -> Array:
    """Lighter (exponent below 1) or darker (above 1), between black and white, which stay.

    Floats below 0 count as 0, which has no power otherwise.

    Raises:
        ValueError: no grey pictures, or an exponent that is not a positive number.
    """
    check_grey(images, "gamma")
    if not 0 < exponent < np.inf:
        raise ValueError(f"gamma expects an exponent above 0, got {exponent}")
    return _through(lambda x: 255 * (np.maximum(x, 0) / 255) ** exponent, images)
