"""A window cut out of a picture: turned, mirrored and scaled in one step, so it blurs only once.

Pixel (i, j) of a window of w × h pixels lies at (u, v) in its box, and there in the picture:

    u = (i + ½) / w − ½,  v = (j + ½) / h − ½            from −½ to ½; in a mirror, −u
    p = centre of the box + R(angle) · (u · width, v · height) − ½

    value = (1 − cy)·((1 − cx)·a + cx·b) + cy·((1 − cx)·c + cx·d)

          a ─── b        the four pixels around p; cx, cy = p − ⌊p⌋
          │ p   │        beyond the edge, the picture's last pixel goes on
          c ─── d

That is one reading for each pixel, as the detector shrinks a picture (`haar.image.resize`): what it
would see there. With `area`, k × k readings spread over the pixel are averaged, k = ⌈box / window⌉:
every pixel of the picture counts, nothing is jagged, like in a picture that a camera took smaller.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

Grey = NDArray[np.uint8]
Numbers = NDArray[np.float64]
Box = tuple[float, float, float, float]


class Sample(NamedTuple):
    """One object: its picture, and the box around it."""

    grey: Grey  # (H, W)
    box: Box  # x, y, width, height; it may reach beyond the picture


def cut(
    grey: Grey,
    box: ArrayLike,
    size: tuple[int, int],
    *,
    angle: float = 0.0,
    mirror: bool = False,
    area: bool = False,
) -> Grey:
    """The window (h, w) of what a box frames.

    Args:
        grey: (H, W) uint8.
        box: x, y, width, height.
        size: (w, h) of the window, in pixels.
        angle: in degrees; the box turns clockwise about its centre, so what it shows turns back.
        mirror: exchange left and right.
        area: average over each pixel, instead of one reading.

    Raises:
        ValueError: no picture, no box, or a box that looks at nothing of the picture.
    """
    x, y, width, height = _checked(grey, box)
    w, h = size
    kx, ky = (math.ceil(width / w), math.ceil(height / h)) if area else (1, 1)
    u = ((np.arange(w * kx) + 0.5) / (w * kx) - 0.5) * width
    v = ((np.arange(h * ky) + 0.5) / (h * ky) - 0.5) * height
    u = -u if mirror else u
    cos, sin = math.cos(math.radians(angle)), math.sin(math.radians(angle))
    px = x + width / 2 - 0.5 + cos * u[None, :] - sin * v[:, None]
    py = y + height / 2 - 0.5 + sin * u[None, :] + cos * v[:, None]
    values = read(grey, px, py).reshape(h, ky, w, kx).mean(axis=(1, 3))
    return np.rint(values).astype(np.uint8)


def cut_all(samples: Iterable[Sample], size: tuple[int, int], area: bool = False) -> Grey:
    """The windows (N, h, w) of all samples, as they are."""
    windows = [cut(sample.grey, sample.box, size, area=area) for sample in samples]
    return np.stack(windows) if windows else np.zeros((0, size[1], size[0]), np.uint8)


def read(grey: Grey, px: Numbers, py: Numbers) -> Numbers:
    """The picture between its pixels, at points of any shape."""
    H, W = grey.shape
    px, py = px.clip(0, W - 1), py.clip(0, H - 1)
    left, top = px.astype(np.intp), py.astype(np.intp)
    right, below = np.minimum(left + 1, W - 1), np.minimum(top + 1, H - 1)
    cx, cy = px - left, py - top
    upper = (1 - cx) * grey[top, left] + cx * grey[top, right]
    lower = (1 - cx) * grey[below, left] + cx * grey[below, right]
    values: Numbers = (1 - cy) * upper + cy * lower
    return values


def _checked(grey: Grey, box: ArrayLike) -> Box:
    if grey.ndim != 2 or grey.dtype != np.uint8 or not grey.size:
        raise ValueError(
            f"cut expects a grey picture (H, W) of uint8, got {grey.shape} of {grey.dtype}; "
            "haar.image.to_grey makes one of any picture"
        )
    numbers = np.asarray(box, np.float64)
    if numbers.shape != (4,) or not np.isfinite(numbers).all() or min(numbers[2:]) <= 0:
        raise ValueError(f"a box expects x, y and a width and height above 0, got {box!r}")
    x, y, width, height = numbers.tolist()
    H, W = grey.shape
    if not (0 <= x + width / 2 <= W and 0 <= y + height / 2 <= H):
        raise ValueError(
            f"the middle of the box (x {x:g}, y {y:g}, width {width:g}, height {height:g}) lies "
            f"outside of its picture of {W}×{H} pixels"
        )
    return x, y, width, height
