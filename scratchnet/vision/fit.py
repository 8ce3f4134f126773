"""Another shape without distortion: fill it and cut off what stands out, or go by the height.

    cover_crop     ┌──┬─────┬──┐     the smallest enlargement that covers the wanted shape, of
                   │  │ OW  │  │ OH  which the middle is kept:
                   └──┴─────┴──┘     wider than wanted: OH × ⌈W·OH / H⌉, else ⌈H·OW / W⌉ × OW
    to_height      OH × W·OH / H, rounded, at least 1

Shapes: (..., H, W) -> (..., OH, OW), dtype kept; pixels as in `resize`, method "auto".

Chapter: docs/preprocessing.md
"""

from __future__ import annotations

from typing import Any

from numpy.typing import NDArray

from scratchnet.vision.pixels import check_grey
from scratchnet.vision.resize import resize

Array = NDArray[Any]


def cover_crop(images: Array, shape: tuple[int, int]) -> Array:
    """The middle of each picture, as much as has the wanted proportions, in the wanted shape.

    Raises:
        ValueError: no grey pictures, or a shape of less than 1 × 1.
    """
    check_grey(images, "cover_crop")
    (H, W), (OH, OW) = images.shape[-2:], shape
    if OH < 1 or OW < 1:
        raise ValueError(f"cover_crop expects at least 1 × 1 pixels, got {OH} × {OW}")
    if W * OH >= H * OW:
        covering = resize(images, (OH, -(-W * OH // H)))
    else:
        covering = resize(images, (-(-H * OW // W), OW))
    top, left = (covering.shape[-2] - OH) // 2, (covering.shape[-1] - OW) // 2
    return covering[..., top : top + OH, left : left + OW].copy()


def to_height(images: Array, height: int) -> Array:
    """Each picture at this height, as wide as its proportions make it.

    Raises:
        ValueError: no grey pictures, or a height of less than 1.
    """
    check_grey(images, "to_height")
    H, W = images.shape[-2:]
    return resize(images, (height, max(1, (2 * W * height + H) // (2 * H))))
