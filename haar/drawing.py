"""Features as pictures: which pixels a feature adds and which it subtracts.

pixel_weights(feature)[y, x] = Σ weightᵢ over the rectangles that cover the pixel
value of the feature         = Σ pixel_weights · pixels         (before normalisation)

An LBP feature adds nothing up; its picture is the centre, and the eight blocks compared with it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from haar.features import HaarFeature, LBPFeature, Rectangle

LIGHT, DARK = 255, 0


def pixel_weights(
    feature: HaarFeature | LBPFeature, width: int, height: int
) -> NDArray[np.float64]:
    """The weight of each pixel of a window of `width` × `height`: (height, width).

    LBP: 1 in the centre, −1 in its neighbours.
    """
    if isinstance(feature, LBPFeature):
        x, y, w, h = feature
        blocks = Rectangle(x, y, 3 * w, 3 * h, -1.0), Rectangle(x + w, y + h, w, h, 2.0)
        feature = HaarFeature(blocks)
    weights = np.zeros((height, width), np.float64)
    covered = tilted_rectangle if feature.tilted else upright_rectangle
    for rectangle in feature.rectangles:
        weights += rectangle.weight * covered(rectangle, width, height)
    return weights


def upright_rectangle(rectangle: Rectangle, width: int, height: int) -> NDArray[np.int64]:
    """1 in the rectangle, 0 outside of it."""
    x, y, w, h, _ = rectangle
    covered = np.zeros((height, width), np.int64)
    covered[y : y + h, x : x + w] = 1
    return covered


def tilted_rectangle(rectangle: Rectangle, width: int, height: int) -> NDArray[np.int64]:
    """The same for one that is turned by 45°, out of the four triangles of the tilted integral."""
    x, y, w, h, _ = rectangle
    below = triangle(x + w - h, y + w + h, width, height)
    left, right = triangle(x - h, y + h, width, height), triangle(x + w, y + w, width, height)
    return triangle(x, y, width, height) - left - right + below


def triangle(X: int, Y: int, width: int, height: int) -> NDArray[np.int64]:
    """1 where the tilted integral image at (X, Y) looks: a triangle above its tip."""
    y, x = np.mgrid[:height, :width]
    return ((y < Y) & (np.abs(x - X + 1) <= Y - y - 1)).astype(np.int64)


def draw_feature(
    picture: Image.Image,
    feature: HaarFeature | LBPFeature,
    window: tuple[int, int],
    box: tuple[int, int, int, int],
    opacity: float = 0.7,
) -> Image.Image:
    """A copy of a picture with a feature on it: white where it adds, black where it subtracts.

    Args:
        window: (width, height) of the cascade.
        box: x, y, width, height of the window in the picture.
    """
    x, y, width, height = box
    weights = pixel_weights(feature, *window)
    shade = Image.fromarray(np.where(weights > 0, LIGHT, DARK).astype(np.uint8))
    mask = Image.fromarray(np.where(weights != 0, round(255 * opacity), 0).astype(np.uint8))
    nearest = Image.Resampling.NEAREST
    drawn = picture.convert("RGB")
    shade = shade.resize((width, height), nearest).convert("RGB")
    drawn.paste(shade, (x, y), mask.resize((width, height), nearest))
    return drawn
