"""What a grey picture is here: (..., H, W) pixels, 0 is black and 255 is white.

    uint8               0 … 255; a result is rounded to the nearest whole number (of two that are
                        equally near, to the even one), and what lies beyond 0 or 255 is cut off
    float32, float64    a result is left as it is; the numbers mean the same as in bytes

Bytes are computed in float32. The dtype of the picture is the dtype of the result, but where an
operation says otherwise. The axes before H and W are a stack: each picture is treated by itself.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


def check_grey(images: Array, operation: str) -> None:
    """Refuse what is no grey picture.

    Raises:
        ValueError: the shape is not (..., H, W), a side is 0, or the dtype is not of the three.
    """
    if images.ndim < 2 or 0 in images.shape[-2:]:
        raise ValueError(f"{operation} expects grey images (..., H, W), got {images.shape}")
    if images.dtype not in (np.uint8, np.float32, np.float64):
        raise ValueError(
            f"{operation} expects uint8, float32 or float64 pixels, got {images.dtype}; "
            "convert with images.astype(np.float32)"
        )


def check_bytes(images: Array, operation: str) -> None:
    """Refuse what is no grey picture of bytes: a histogram counts whole numbers.

    Raises:
        ValueError: as above, or floats.
    """
    check_grey(images, operation)
    if images.dtype != np.uint8:
        raise ValueError(
            f"{operation} counts grey values and expects uint8, got {images.dtype}; "
            "convert with scratchnet.vision.pixels.to_bytes(images)"
        )


def to_floats(images: Array) -> Array:
    """Bytes in float32; floats as they are, not copied."""
    return images.astype(np.float32) if images.dtype == np.uint8 else images


def to_bytes(values: Array) -> NDArray[np.uint8]:
    """Floats rounded and cut off to uint8."""
    return np.clip(np.rint(values), 0, 255).astype(np.uint8)


def like(images: Array, values: Array) -> Array:
    """The result `values` in the dtype of the picture it was made of."""
    return to_bytes(values) if images.dtype == np.uint8 else values
