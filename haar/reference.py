"""The detector, defined: one level after the other, all of a level's windows at once, in NumPy.

    for each level:   shrink the image, integrate it
                      normalise each window by its standard deviation
                      stage 0 for all windows, then the rule that skips some of them
                      the further stages for those that are left

Arithmetic is OpenCV's, to the bit: sums of pixels are int32, a feature is computed in single
precision, the sum of a stage in double. All windows means the arrays X, Y of their upper left
corners; `haar.window` evaluates a single one, step by step.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from haar.cascade import Cascade
from haar.image import Grey, resize
from haar.integral import (
    Integral,
    integral_image,
    rectangle_sum,
    squared_integral_image,
    tilted_integral_image,
    tilted_sum,
)
from haar.scales import Level, check_number

Array = NDArray[Any]
f32 = np.float32

LARGEST_DEVIATION = 0.1  # of area · 1/norm: windows with σ ≤ 10 or so are flat, and no objects
NEIGHBOURS = ((0, 0), (1, 0), (2, 0), (2, 1), (2, 2), (1, 2), (0, 2), (0, 1))  # from bit 7 down


class Integrals(NamedTuple):
    """The integral images that a cascade needs; the others are S again."""

    S: Integral  # of the pixels
    Q: Integral  # of their squares
    T: Integral  # tilted


def find_candidates(
    grey: Grey, cascade: Cascade, levels: Sequence[Level], threads: int = 1
) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
    """Every window that passes all stages: the operation that `haar.detector` describes."""
    rectangles, sums = [], []
    for level in levels:
        X, Y, level_sums = accepted_windows(resize(grey, level.width, level.height), cascade, level)
        x, y = (np.rint(v.astype(f32) * f32(level.scale)).astype(np.int32) for v in (X, Y))
        width, height = np.full_like(x, level.box_width), np.full_like(x, level.box_height)
        rectangles.append(np.column_stack((x, y, width, height)))
        sums.append(level_sums)
        check_number(sum(map(len, sums)))
    none = np.zeros((0, 4), np.int32)
    return np.concatenate([none, *rectangles]), np.concatenate([np.zeros(0), *sums])


def accepted_windows(shrunk: Grey, cascade: Cascade, level: Level) -> tuple[Array, Array, Array]:
    """X, Y and the last stage's sum of a level's accepted windows, in reading order."""
    integrals = integrate(shrunk, cascade)
    across = np.arange(0, level.columns, level.step)
    down = np.arange(0, level.rows, level.step)
    Y, X = (grid.ravel() for grid in np.meshgrid(down, across, indexing="ij"))

    norm, textured = normalise(integrals, cascade, X, Y)
    sums, _ = stage_sums(integrals, cascade, 0, X, Y, norm)
    passed = sums >= cascade.tables().stage_threshold[0]
    rejected = (textured & ~passed).reshape(len(down), len(across))
    alive = textured & passed & visited(rejected).ravel()
    X, Y, norm, sums = X[alive], Y[alive], norm[alive], sums[alive]

    for k in range(1, len(cascade.stages)):
        if not len(X):
            break
        sums, _ = stage_sums(integrals, cascade, k, X, Y, norm)
        alive = sums >= cascade.tables().stage_threshold[k]
        X, Y, norm, sums = X[alive], Y[alive], norm[alive], sums[alive]
    return X, Y, sums


def integrate(grey: Grey, cascade: Cascade) -> Integrals:
    """The integral images of a (scaled) image, as far as the cascade needs them."""
    S = integral_image(grey)
    Q = squared_integral_image(grey) if cascade.feature_type == "haar" else S
    T = tilted_integral_image(grey) if cascade.tables().tilted.any() else S
    return Integrals(S, Q, T)


def normalise(
    integrals: Integrals, cascade: Cascade, X: Array, Y: Array
) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """1 / (area · standard deviation) of each window, and whether it is textured at all.

        n = A·Σp² − (Σp)²  over the window without its border of one pixel = (A·σ)²

    LBP compares sums with each other and needs none of it.
    """
    if cascade.feature_type == "lbp":
        return np.ones(len(X), f32), np.ones(len(X), np.bool_)
    width, height = cascade.width - 2, cascade.height - 2
    area = float(width * height)
    total = rectangle_sum(integrals.S, X + 1, Y + 1, width, height).astype(np.float64)
    squares = rectangle_sum(integrals.Q, X + 1, Y + 1, width, height).view(np.uint32)
    n = area * squares.astype(np.float64) - total * total
    positive = n > 0
    norm = (1.0 / np.sqrt(np.where(positive, n, 1.0))).astype(f32)
    return norm, positive & (area * norm.astype(np.float64) < LARGEST_DEVIATION)


def visited(rejected: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Which windows OpenCV looks at: (rows, columns) of those that stage 0 would reject.

    After a window that stage 0 rejects, the next one of the row is left out.
    """
    looked = np.ones_like(rejected)
    for i in range(1, rejected.shape[1]):
        looked[:, i] = ~(looked[:, i - 1] & rejected[:, i - 1])
    return looked


# -- stages, trees, features ----------------------------------------------------------------------


def stage_sums(
    integrals: Integrals, cascade: Cascade, stage: int, X: Array, Y: Array, norm: Array
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """The sum of the leaves that a stage chooses for each window, and the features it took."""
    tables = cascade.tables()
    sums, features = np.zeros(len(X)), np.zeros(len(X), np.int64)
    for t in range(tables.stage_start[stage], tables.stage_start[stage + 1]):
        leaf, nodes = chosen_leaf(integrals, cascade, t, X, Y, norm)
        sums += tables.leaf[tables.leaf_start[t] + leaf]  # single, widened to double
        features += nodes
    return sums, features


def chosen_leaf(
    integrals: Integrals, cascade: Cascade, t: int, X: Array, Y: Array, norm: Array
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The leaf, counted in its tree, where each window arrives, and the nodes on its way."""
    tables = cascade.tables()
    first, last = tables.node_start[t], tables.node_start[t + 1]
    at = np.zeros(len(X), np.int64)  # the node where each window stands; −1 − k at leaf k
    nodes = np.zeros(len(X), np.int64)
    for i in range(last - first):  # children come after their parents
        node = first + i
        here = np.flatnonzero(at == i)
        feature = tables.node_feature[node]
        if cascade.feature_type == "lbp":
            code = lbp_code(integrals.S, tables.rectangles[feature, 0], X[here], Y[here])
            left = tables.node_subset[node, code >> 5] >> (code & 31) & 1 == 1
        else:
            value = haar_value(integrals, cascade, feature, X[here], Y[here], norm[here])
            left = value < tables.node_threshold[node]
        child = np.where(left, tables.node_left[node], tables.node_right[node])
        at[here] = np.where(child > 0, child, child - 1)
        nodes[here] += 1
    return -1 - at, nodes


def haar_value(
    integrals: Integrals, cascade: Cascade, feature: int, X: Array, Y: Array, norm: Array
) -> NDArray[np.float32]:
    """(w₀·s₀ + w₁·s₁ + w₂·s₂) · norm in single precision, rounded after each operation."""
    tables = cascade.tables()
    tilted = tables.tilted[feature]
    integral, look_up = (integrals.T, tilted_sum) if tilted else (integrals.S, rectangle_sum)
    rectangles, weights = tables.rectangles[feature].tolist(), tables.weights[feature]
    value = np.zeros(len(X), f32)
    with np.errstate(over="ignore", invalid="ignore"):  # absurd weights give infinity, or NaN
        for (x, y, width, height), weight in zip(rectangles, weights, strict=True):
            if weight:
                value = value + weight * look_up(integral, X + x, Y + y, width, height).astype(f32)
        return value * norm


def lbp_code(S: Integral, block: Array, X: Array, Y: Array) -> NDArray[np.int32]:
    """The code, 0 … 255, of each window at one feature."""
    x, y, width, height = (int(v) for v in block)
    centre = rectangle_sum(S, X + x + width, Y + y + height, width, height)
    code = np.zeros(len(X), np.int32)
    for column, row in NEIGHBOURS:
        block_sum = rectangle_sum(S, X + x + column * width, Y + y + row * height, width, height)
        code = code << 1 | (block_sum >= centre)
    return code
