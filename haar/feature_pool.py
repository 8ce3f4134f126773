"""The features that training chooses from: all of `haar.shapes`, as arrays of their places.

    pool[i] is the i-th feature of enumerate_haar(width, height, name), or of enumerate_lbp

Objects for 162,336 features would fill a hundred megabytes, so the pool keeps five numbers of each
(shape, x, y, dx, dy), and makes the object of the one that is asked for.

**Corners.** A feature is a sum over places of the integral image, and all features of one shape
take the same multiples of them. Two bars side by side, with the cells' sides dx and dy:

    (0,0)  −1     (1,0)  +2     (2,0)  −1           −(whole) + 2·(right bar), rectangle sums
    (0,1)  +1     (1,1)  −2     (2,1)  +1           written out and merged: six look-ups

A corner (c, r) lies at (x + c·dx, y + r·dy); tilted, where columns go down to the right and rows
down to the left, at (x + c·dx − r·dy, y + c·dx + r·dy).
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from haar.features import HaarFeature, LBPFeature
from haar.shapes import MODES, Shape, place

Array = NDArray[Any]

BLOCKS = Shape("3×3 blocks", 3, 3, ())
NAMES = (*MODES, "lbp")
MAX_AREA = 2**24 // (2 * 3 * 255)
"""Pixels of a window up to which every sum of a feature is exact in single precision."""


class FeaturePool:
    """All features of a window.

    Args:
        name: "basic", "core", "all" or "lbp".
        width, height: of the window.

    Raises:
        ValueError: an unknown name, or a window that is too large or holds no feature.
    """

    def __init__(self, name: str, width: int, height: int) -> None:
        if name not in NAMES:
            raise ValueError(f"features expects one of {', '.join(NAMES)}, got {name!r}")
        if width * height > MAX_AREA or min(width, height) < 3:
            raise ValueError(
                f"training expects windows of 3×3 to {MAX_AREA} pixels, got {width}×{height}"
            )
        self.name, self.width, self.height = name, width, height
        self.feature_type = "lbp" if name == "lbp" else "haar"
        self.shapes = MODES.get(name, (BLOCKS,))
        places = [_places(shape, width, height) for shape in self.shapes]
        numbers = [np.full(len(own), s, np.int16) for s, own in enumerate(places)]
        self.shape: NDArray[np.int16] = np.concatenate(numbers)
        self.place: NDArray[np.int16] = np.concatenate(places)  # (F, 4) x, y, dx, dy

    def __len__(self) -> int:
        return len(self.shape)

    def __getitem__(self, i: int) -> HaarFeature | LBPFeature:
        x, y, dx, dy = map(int, self.place[i])
        if self.feature_type == "lbp":
            return LBPFeature(x, y, dx, dy)
        return place(self.shapes[self.shape[i]], x, y, dx, dy)

    def __repr__(self) -> str:
        return f"<FeaturePool {self.name}, {len(self)} features of {self.width}×{self.height}>"


def _places(shape: Shape, width: int, height: int) -> NDArray[np.int16]:
    """x, y, dx, dy of a shape wherever it fits, in the order of `enumerate_haar`."""
    sizes = height, width, width // shape.columns, height // shape.rows
    y, x, dx, dy = np.indices(sizes, np.int16).reshape(4, -1)
    dx, dy = dx + 1, dy + 1
    w, h = shape.columns * dx, shape.rows * dy
    if shape.tilted:
        inside = (x >= h) & (x + w <= width) & (y + w + h <= height)
    else:
        inside = (x + w <= width) & (y + h <= height)
    return np.stack((x, y, dx, dy), axis=1)[inside].astype(np.int16)


# -- corners --------------------------------------------------------------------------------------


class Corners(NamedTuple):
    """Where the features look: rows of a table with one row for each place of an integral image.

    Place (X, Y) of S is row Y·(width + 1) + X; those of T, the tilted one, come behind all of S.
    """

    row: NDArray[np.int32]  # (F, C) 0 where a feature has fewer corners than C
    coefficient: NDArray[np.int32]  # (F, C); for LBP zeros: corners of 3×3 blocks, row by row
    number: NDArray[np.int32]  # (F,) of corners


def find_corners(pool: FeaturePool) -> Corners:
    """The merged corners of every feature."""
    patterns = [shape_corners(shape) for shape in pool.shapes]
    most = max(map(len, patterns))
    row = np.zeros((len(pool), most), np.int32)
    coefficient = np.zeros((len(pool), most), np.int32)
    for s, (shape, pattern) in enumerate(zip(pool.shapes, patterns, strict=True)):
        own = pool.shape == s
        x, y, dx, dy = pool.place[own].astype(np.int32).T
        for i, (c, r, factor) in enumerate(pattern):
            right, down = c * dx, r * dy
            if shape.tilted:
                right, down = right - down, right + down
            rows = (y + down) * (pool.width + 1) + x + right
            row[own, i] = rows + shape.tilted * (pool.width + 1) * (pool.height + 1)
            coefficient[own, i] = factor
    number = np.array([len(pattern) for pattern in patterns], np.int32)[pool.shape]
    return Corners(row, coefficient, number)


def shape_corners(shape: Shape) -> list[tuple[int, int, int]]:
    """(column, row, coefficient) of the corners, in cells; those that cancel are left out."""
    if shape is BLOCKS:
        return [(c, r, 0) for r in range(4) for c in range(4)]
    found: dict[tuple[int, int], int] = {}
    for c, r, columns, rows, weight in ((0, 0, shape.columns, shape.rows, -1), *shape.bright):
        for dc, dr, sign in ((0, 0, 1), (columns, 0, -1), (0, rows, -1), (columns, rows, 1)):
            at = c + dc, r + dr
            found[at] = found.get(at, 0) + sign * int(weight)
    return [(c, r, factor) for (c, r), factor in found.items() if factor]
