"""Scales: the sizes at which the window is tried, and where it stops at each of them.

The window stays as it is and the picture shrinks: at scale s the picture is W/s × H/s, and a window
found at (x, y) is the rectangle  (x·s, y·s, w·s, h·s)  of the original.

    scales     1, f, f², … while the window fits:  rint(w·fᵏ) ≤ W  and  rint(h·fᵏ) ≤ H
    columns    x = 0, step, 2·step, …        step = 2 below scale 2 (every other pixel), else 1
    rows       y = 0, step, 2·step, …

The rows have a peculiarity, which is OpenCV's division of work and part of its results: the first
scale has nx₀ columns of windows, and all scales are cut into N = ⌈nx₀ / 32⌉ stripes. At step 2 and
an odd number of rows, ny // 2 forgets the last one; if N divides it exactly, that row is never
visited. For example 100×61 pixels, window 24×24, factor 1.1, fifth scale: N = 3, ny = 19, rows
0, 2, … 16; row 18 is left out.

f32(v) is v rounded to single precision, rint rounds ties to the even neighbour.

Chapter: docs/viola_jones.md
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

f32 = np.float32
Size = tuple[int, int]

STRIPE_COLUMNS = 32
MAX_SCALES = 10_000
MAX_CANDIDATES = 10_000_000


class Level(NamedTuple):
    """One scale of a search."""

    scale: float  # a single-precision value
    width: int  # of the scaled image
    height: int
    step: int  # from window to window, in both directions
    columns: int  # windows start at x = 0, step, … < columns
    rows: int  # and y = 0, step, … < rows, OpenCV's stripes considered
    box_width: int  # of the window in the original image
    box_height: int


def plan_levels(
    image: Size, window: Size, scale_factor: float, min_size: Size = (0, 0), max_size: Size = (0, 0)
) -> list[Level]:
    """The levels of a search, from the smallest window to the largest.

    Args:
        image, window: (width, height) in pixels.
        scale_factor: from one scale to the next; more than 1.
        min_size, max_size: (width, height) of the rectangles to find; a zero in max_size means the
            image's own size. If no scale fits, the one nearest to min_size is searched alone.

    Raises:
        ValueError: a scale_factor so close to 1 that there are more than MAX_SCALES scales.
    """
    scales = choose_scales(image, window, scale_factor, min_size, max_size)
    levels: list[Level] = []
    stripes = 0
    for scale in scales:
        width, height = (rint(f32(side) / scale) for side in image)
        columns = max(width + 1 - window[0], 0)
        step = 1 if scale >= 2 else 2
        stripes = stripes or -(-columns // STRIPE_COLUMNS)
        rows = visited_rows(max(height + 1 - window[1], 0), step, stripes)
        box = scaled(window, scale)
        levels.append(Level(float(scale), width, height, step, columns, rows, *box))
    return levels


def choose_scales(
    image: Size, window: Size, scale_factor: float, min_size: Size, max_size: Size
) -> list[np.float32]:
    """The scales whose windows fit into the image and between the two sizes."""
    if 0 in max_size:
        max_size = image
    fitting: list[np.float32] = []
    factor = 1.0
    while all(np.rint(w * factor) <= side for w, side in zip(window, image, strict=True)):
        if len(fitting) == MAX_SCALES:
            raise ValueError(
                f"scale_factor {scale_factor!r} makes more than {MAX_SCALES} scales of an image of "
                f"{image[0]}×{image[1]} pixels; choose a larger one, such as 1.1"
            )
        fitting.append(f32(factor))
        factor *= scale_factor

    kept: list[np.float32] = []
    for scale in fitting:
        width, height = scaled(window, scale)
        if width > max_size[0] or height > max_size[1]:
            break
        if width >= min_size[0] and height >= min_size[1]:
            kept.append(scale)
    if kept or not fitting:
        return kept
    return [min(fitting, key=lambda scale: _distance(scaled(window, scale), min_size))]


def visited_rows(rows: int, step: int, stripes: int) -> int:
    """How many of `rows` rows the stripes cover: rows, or one less."""
    stripes = max(stripes, 1)
    per_stripe = max((rows // step + stripes - 1) // stripes, 1) * step
    return min(stripes * per_stripe, rows)


def check_number(candidates: int) -> None:
    """Refuse a number of accepted windows that says that a cascade tells nothing apart.

    Raises:
        ValueError: more than MAX_CANDIDATES, which would fill the memory.
    """
    if candidates > MAX_CANDIDATES:
        raise ValueError(
            f"the cascade accepts {candidates} windows of this image, more than {MAX_CANDIDATES}: "
            "it hardly tells anything apart; a larger min_size leaves fewer"
        )


def scaled(size: Size, scale: np.float32) -> Size:
    """(width, height) times the scale, in single precision."""
    return rint(f32(size[0]) * scale), rint(f32(size[1]) * scale)


def rint(value: float | np.float32) -> int:
    """The nearest integer, ties to the even one."""
    return round(float(value))


def _distance(size: Size, wanted: Size) -> int:
    return (wanted[0] - size[0]) ** 2 + (wanted[1] - size[1]) ** 2
