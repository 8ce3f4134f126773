"""CLAHE: equalisation tile by tile, held back where it would only enlarge noise.

    1  cut the picture in TY × TX tiles of h × w pixels
    2  each tile's histogram is clipped at ⌊clip_limit·h·w / 256⌋, at least 1; what was above is
       spread over all 256 values, so that the sum stays h·w. A value that would crowd no more
       than `clip_limit` times the even share gets no steeper curve than that.
    3  each tile's curve is the sum of its histogram:   curve(v) = 255/(h·w) · Σ_{u ≤ v} counts[u]
    4  a pixel asks the curves of the four tiles whose centres are around it, and takes their
       mean, weighted by nearness: no seams

           ┌───────┬───────┐
           │   A   │   B   │         y = (1−s)((1−r) A(x) + r B(x)) + s ((1−r) C(x) + r D(x))
           │    x  │       │
           ├───────┼───────┤         r, s: the way from the centre of A to those of B and of C
           │   C   │   D   │         beyond the outer centres, the outer tiles only
           └───────┴───────┘

A picture that the tiles do not divide is continued at its right and below by its mirror image.
The centre of pixel i is i + ½ in tiles' edges, as everywhere here. OpenCV leaves the ½ away, which
moves its tiles by half a pixel; there a mirrored face is not the mirror image of the result.

Shapes: (..., H, W) uint8 -> the same. Source: Zuiderveld, "Contrast limited adaptive histogram
equalization", Graphics Gems IV, 1994; spreading the excess once, as OpenCV does.

Chapter: docs/preprocessing.md
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from scratchnet.vision.histogram import histograms
from scratchnet.vision.pixels import check_bytes, to_bytes

Array = NDArray[Any]


def clipped(counts: NDArray[np.int64], limit: int) -> NDArray[np.int64]:
    """Histograms (..., 256) cut at `limit`, the excess spread evenly; the sums stay."""
    excess = np.maximum(counts - limit, 0).sum(axis=-1, keepdims=True)
    share, rest = np.divmod(excess, 256)
    v, step = np.arange(256), np.maximum(256 // np.maximum(rest, 1), 1)
    bonus = (v % step == 0) & (v // step < rest)  # the rest in `rest` places, evenly apart
    return np.minimum(counts, limit) + share + bonus


def neighbours(size: int, tile: int, tiles: int) -> tuple[Array, Array, Array]:
    """For each pixel of an axis: the tiles before and after it, and the way between, (size,)."""
    place = (np.arange(size) + 0.5) / tile - 0.5  # in tiles, from the first one's centre
    before = np.floor(place).astype(np.intp)
    way = (place - before).astype(np.float32)
    return before.clip(0), (before + 1).clip(max=tiles - 1), way


def clahe(
    images: NDArray[np.uint8], clip_limit: float = 2.0, tiles: tuple[int, int] = (8, 8)
) -> NDArray[np.uint8]:
    """Every picture with its contrast equalised place by place.

    Args:
        clip_limit: how many times steeper than the identity a curve may get, about.
        tiles: (TY, TX), how many tiles from top to bottom and from left to right.

    Raises:
        ValueError: no grey pictures of bytes, a clip limit that is not above 0, no tiles.
    """
    check_bytes(images, "clahe")
    H, W = images.shape[-2:]
    TY, TX = tiles
    if not clip_limit > 0 or TY < 1 or TX < 1:
        raise ValueError(
            f"clahe expects a clip limit above 0 and at least 1 × 1 tiles, "
            f"got {clip_limit} and {TY} × {TX}"
        )
    pictures = images.reshape(-1, H, W)
    result = np.empty_like(pictures)
    for n, picture in enumerate(pictures):  # the histograms of one picture are many numbers
        result[n] = _clahe(picture, clip_limit, TY, TX)
    return result.reshape(images.shape)


def _clahe(picture: NDArray[np.uint8], clip_limit: float, TY: int, TX: int) -> NDArray[np.uint8]:
    """Steps 1 to 4 of the header, for one picture (H, W)."""
    H, W = picture.shape
    h, w = -(-H // TY), -(-W // TX)
    whole = np.pad(picture, ((0, TY * h - H), (0, TX * w - W)), "reflect")
    counts = histograms(whole.reshape(TY, h, TX, w).swapaxes(1, 2))
    sums = clipped(counts, max(int(clip_limit * h * w / 256), 1)).cumsum(axis=-1)
    curves = np.rint(sums.astype(np.float32) * (np.float32(255) / np.float32(h * w)))

    above, below, s = (a[:, None] for a in neighbours(H, h, TY))
    left, right, r = neighbours(W, w, TX)
    upper = curves[above, left, picture] * (1 - r) + curves[above, right, picture] * r
    lower = curves[below, left, picture] * (1 - r) + curves[below, right, picture] * r
    return to_bytes(upper * (1 - s) + lower * s)
