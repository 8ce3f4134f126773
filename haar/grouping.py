"""Grouping: an object is accepted by many overlapping windows; each cluster becomes one rectangle.

    similar    all four sides of two rectangles differ by at most  ε · (min width + min height) / 2
    cluster    rectangles connected by a chain of similar ones, in the order of their first members
    mean       the mean of a cluster's x, y, width and height, rounded
    kept       clusters of more than `min_neighbors` members, but for those that lie inside of
               another one that counts more

A true object is found at neighbouring places and scales, an accident usually once: that is what
`min_neighbors` is about. Rounding is OpenCV's, so the rectangles are the same, in the same order.

Chapter: docs/viola_jones.md
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

EPSILON = 0.2


class Groups(NamedTuple):
    """Rectangles, how many candidates stand behind each, and the best candidate's score."""

    rectangles: NDArray[np.int32]  # (N, 4) x, y, width, height
    counts: NDArray[np.int32]  # (N,)
    scores: NDArray[np.float64]  # (N,) the sum of the last stage


def group_rectangles(
    rectangles: ArrayLike,
    min_neighbors: int = 3,
    epsilon: float = EPSILON,
    scores: ArrayLike | None = None,
) -> Groups:
    """One rectangle for each cluster of more than `min_neighbors` rectangles.

    Args:
        rectangles: (N, 4) whole numbers: x, y, width, height.
        min_neighbors: 0 or less returns the rectangles as they are.
        epsilon: how unlike two rectangles of one cluster may be, as a share of their size.
        scores: (N,) numbers; zeros if there are none.

    Raises:
        ValueError: the arrays have another shape, or the rectangles other numbers.
    """
    boxes = np.asarray(rectangles)
    boxes = boxes.reshape(-1, 4) if boxes.size == 0 else boxes
    if boxes.ndim != 2 or boxes.shape[1] != 4:
        raise ValueError(f"rectangles expects the shape (N, 4), got {boxes.shape}")
    if boxes.size and boxes.dtype.kind not in "iu":
        raise ValueError(f"rectangles expects whole numbers, got {boxes.dtype}; round them first")
    if boxes.size and not -(2**31) <= boxes.min() <= boxes.max() < 2**31:
        raise ValueError(f"rectangles expects numbers of 32 bits, got {boxes.min()}…{boxes.max()}")
    boxes = boxes.astype(np.int32)
    marks = np.zeros(len(boxes)) if scores is None else np.array(scores, np.float64)
    if marks.shape != (len(boxes),):
        raise ValueError(f"scores expects the shape ({len(boxes)},), got {marks.shape}")
    if min_neighbors <= 0 or not len(boxes):
        return Groups(boxes, np.ones(len(boxes), np.int32), marks)

    label = clusters(boxes, epsilon)
    counts = np.bincount(label).astype(np.int32)
    best = np.full(len(counts), -np.inf)
    np.maximum.at(best, label, marks)
    groups = Groups(means(boxes, label, counts), counts, best)
    groups = _choose(groups, counts > min_neighbors)
    return _choose(groups, ~covered(groups.rectangles, groups.counts, epsilon))


def _choose(groups: Groups, kept: NDArray[np.bool_]) -> Groups:
    return Groups(groups.rectangles[kept], groups.counts[kept], groups.scores[kept])


def similar(a: NDArray[Any], b: NDArray[Any], epsilon: float) -> NDArray[np.bool_]:
    """Whether a[i] and b[i] are similar; (N, 4) each."""
    a, b = a.astype(np.int64).T, b.astype(np.int64).T
    smaller = np.minimum(a[2], b[2]) + np.minimum(a[3], b[3])
    most = epsilon * smaller * 0.5
    right, bottom = a[0] + a[2] - b[0] - b[2], a[1] + a[3] - b[1] - b[3]
    differences = np.abs((a[0] - b[0], a[1] - b[1], right, bottom))
    return (differences <= most).all(axis=0)


def clusters(boxes: NDArray[np.int32], epsilon: float) -> NDArray[np.int64]:
    """The number of each rectangle's cluster.

    Similar rectangles have similar x. In the order of x, each one is compared with the next, then
    with the next but one, and so on, until no pair is near enough any more.
    """
    order = np.argsort(boxes[:, 0], kind="stable")
    x, _, width, height = boxes[order].astype(np.int64).T
    reach = x + epsilon * (width + height) * 0.5  # where those that may be similar end
    parent = np.arange(len(boxes))  # of each rectangle; the first of a cluster is its own
    first = np.arange(len(boxes))
    for distance in range(1, len(boxes)):
        first = first[first < len(boxes) - distance]
        first = first[x[first + distance] <= reach[first]]
        if not len(first):
            break
        a, b = order[first], order[first + distance]
        apart = parent[a] != parent[b]
        a, b = a[apart], b[apart]
        alike = similar(boxes[a], boxes[b], epsilon)
        parent = unite(parent, a[alike], b[alike])
    return np.unique(parent, return_inverse=True)[1].reshape(-1)


def unite(parent: NDArray[Any], a: NDArray[Any], b: NDArray[Any]) -> NDArray[Any]:
    """Join the clusters of a[i] and b[i]; every rectangle then points at its cluster's first."""
    while len(a):
        low, high = np.minimum(parent[a], parent[b]), np.maximum(parent[a], parent[b])
        np.minimum.at(parent, high, low)  # of several, the lowest; the others come again
        while (further := parent[parent] != parent).any():
            parent[further] = parent[parent[further]]
        apart = parent[a] != parent[b]
        a, b = a[apart], b[apart]
    return parent


def means(
    boxes: NDArray[np.int32], label: NDArray[Any], counts: NDArray[np.int32]
) -> NDArray[np.int32]:
    """The mean rectangle of each cluster: f32(Σ) · f32(1 / n), rounded, ties to even."""
    sums = np.zeros((len(counts), 4), np.int64)
    np.add.at(sums, label, boxes)
    share = np.float32(1) / counts.astype(np.float32)
    return np.rint(sums.astype(np.int32).astype(np.float32) * share[:, None]).astype(np.int32)


def covered(
    boxes: NDArray[np.int32], counts: NDArray[np.int32], epsilon: float
) -> NDArray[np.bool_]:
    """Which clusters lie inside of another one, widened by ε, that counts more.

    More is: more members and more than 3; or the inner one has fewer than 3.
    """
    x, y, width, height = boxes.astype(np.int64).T
    dx, dy = np.rint(width * epsilon), np.rint(height * epsilon)
    inside = np.zeros(len(boxes), np.bool_)
    for i in range(len(boxes)):
        within = (x[i] >= x - dx) & (x[i] + width[i] <= x + width + dx)
        within &= (y[i] >= y - dy) & (y[i] + height[i] <= y + height + dy)
        within &= (counts > max(3, counts[i])) | (counts[i] < 3)
        within[i] = False
        inside[i] = within.any()
    return inside
