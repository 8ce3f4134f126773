"""How many faces a detector finds, against how often it is wrong: FROC, worked out.

    IoU     of two boxes: area of what they share / area that they cover together
    match   detections take their turns, most windows behind them first; each takes the annotated
            face with which its IoU is largest among those still free, if that is ½ or more
    found   detections with a face          false   detections without; a second one of a face, too
    recall  found / annotated faces

One point for each number of neighbours that a detection needs, 1, 2, …: each is a setting that one
can type, and the points of one cascade make its curve. The windows that the cascade accepts are
searched once and grouped anew for each number.

Bunch, Hamilton, Sanderson, Simmons, "A free-response approach to the measurement and
characterization of radiographic-observer performance" (1977); greedy matching at ½: Everingham et
al., "The PASCAL visual object classes challenge" (2010), section 4.2.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

import haar
from haar import ops
from haar.detector import clip
from haar.grouping import Groups, group_rectangles
from haar.scales import plan_levels

LEAST_IOU = 0.5
DEFAULT = 3
"""Neighbours that a detection needs if nobody says otherwise; more than this."""


class Point(NamedTuple):
    """What a detector does at one setting, over all photos."""

    min_neighbors: int
    found: int
    false: int


def iou(a: ArrayLike, b: ArrayLike) -> NDArray[np.float64]:
    """Of each box of a with each of b; (N, 4) and (M, 4) of x, y, width, height to (N, M)."""
    ax, ay, aw, ah = np.asarray(a, np.float64).reshape(-1, 4).T[:, :, None]
    bx, by, bw, bh = np.asarray(b, np.float64).reshape(-1, 4).T[:, None, :]
    across = np.minimum(ax + aw, bx + bw) - np.maximum(ax, bx)
    down = np.minimum(ay + ah, by + bh) - np.maximum(ay, by)
    shared = across.clip(0) * down.clip(0)
    return shared / (aw * ah + bw * bh - shared)


def match(detections: Groups, faces: ArrayLike, least: float = LEAST_IOU) -> NDArray[np.int64]:
    """The face of each detection, (N,); −1 for a false one."""
    overlap = iou(detections.rectangles, faces)
    matched = np.full(len(overlap), -1)
    if not overlap.size:
        return matched
    for i in np.lexsort((-detections.scores, -detections.counts)):
        best = int(overlap[i].argmax())
        if overlap[i, best] >= least:
            matched[i] = best
            overlap[:, best] = 0
    return matched


def accepted(cascade: haar.Cascade, grey: NDArray[np.uint8], scale_factor: float) -> Groups:
    """All windows of a photo that the cascade accepts, with their scores."""
    H, W = grey.shape
    levels = plan_levels((W, H), (cascade.width, cascade.height), scale_factor)
    if not levels:  # the photo is smaller than the window
        return Groups(np.zeros((0, 4), np.int32), np.zeros(0, np.int32), np.zeros(0))
    rectangles, sums = ops.find_candidates(grey, cascade, levels, ops.default_threads())
    return Groups(rectangles, np.ones(len(rectangles), np.int32), sums)


def grouped(windows: Groups, min_neighbors: int, shape: tuple[int, ...]) -> Groups:
    """The detections that `Cascade.search` returns for the same photo, of shape (H, W)."""
    groups = group_rectangles(windows.rectangles, min_neighbors, scores=windows.scores)
    return clip(groups, shape[1], shape[0])


def curve(
    windows: Sequence[Groups],
    faces: Sequence[Any],
    shapes: Sequence[tuple[int, ...]],
    most: int = 200,
) -> list[Point]:
    """A point for each setting from 1 on, until nothing is detected any more.

    Args:
        windows, faces, shapes: of each photo: accepted windows, annotated boxes (N, 4), (H, W).
        most: the largest setting that is tried.
    """
    points: list[Point] = []
    for min_neighbors in range(1, most + 1):
        found = false = 0
        for own, boxes, shape in zip(windows, faces, shapes, strict=True):
            face = match(grouped(own, min_neighbors, shape), boxes)
            found += int((face >= 0).sum())
            false += int((face < 0).sum())
        points.append(Point(min_neighbors, found, false))
        if found + false == 0:
            break
    return points


def wilson(successes: int, trials: int, z: float = 1.96) -> tuple[float, float]:
    """The 95 % interval of a share: Wilson (1927), which stays within 0 … 1."""
    if trials == 0:
        return 0.0, 1.0
    share = successes / trials
    middle = share + z * z / (2 * trials)
    half = z * math.sqrt(share * (1 - share) / trials + z * z / (4 * trials * trials))
    whole = 1 + z * z / trials
    return (middle - half) / whole, (middle + half) / whole
