"""A search, watched: how far each window got, what that cost, and what became of the accepted ones.

    watch(grey, cascade, levels)    a search: stages passed and features computed, window by window
    windows_left(watched)           how many windows are left after each stage
    accepted(cascade, watched)      the candidates: what `haar.reference.find_candidates` returns
    gather(candidates, least)       which candidates form a cluster, and which clusters stay
    telling(watched, …)             the window to look at: the best object's, or the nearest miss
    stage_map(…)                    windows as a picture: each at its centre

Detection looks at every other window where the picture is large, and after a window that the first
stage rejects it leaves out the next one of the row: those are SKIPPED. (`haar.scan` looks at all.)

A window that passes k stages has cost the features of k + 1 of them. Few pass the first ones, so
the mean is small: Viola and Jones, "Robust real-time face detection" (2004), section 5, computed
8 features of 6,060 for a window, on average; their paper of 2001 says ten.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from haar.cascade import Cascade
from haar.grouping import EPSILON, clusters, covered, means
from haar.image import Grey, resize
from haar.reference import Integrals, integrate, normalise, stage_sums, visited
from haar.scales import Level, f32

SKIPPED = -1


class Watched(NamedTuple):
    """One level of a search: NY × NX windows; [j, i] begins at (i·step, j·step) of its picture."""

    level: Level
    stages: int  # NS
    passed: NDArray[np.int16]  # (NY, NX) stages passed, NS if accepted; or SKIPPED
    features: NDArray[np.int32]  # (NY, NX) how many were computed; 0 for a flat window
    scores: NDArray[np.float64]  # (NY, NX) the sum of the last stage that it reached, or 0

    @property
    def looked_at(self) -> NDArray[np.bool_]:
        return self.passed != SKIPPED


def watch(grey: Grey, cascade: Cascade, levels: Sequence[Level]) -> list[Watched]:
    """What detection does, written down, level by level.

    The first stage runs level by level. The few windows that pass it go on together: the integral
    images of all levels stand below each other on one sheet, so that a feature is computed for all
    of them at once.

    Args:
        grey: (H, W) uint8, the whole picture.
        levels: what `haar.scales.plan_levels` returns.
    """
    if not levels:
        return []
    size = sum(level.height + 1 for level in levels), max(level.width for level in levels) + 1
    S = np.zeros(size, np.int32)
    T = np.zeros(size, np.int32) if cascade.tables().tilted.any() else S
    sheet = Integrals(S, S, T)
    begun: list[tuple[Any, ...]] = []
    top = 0
    for level in levels:
        integrals = integrate(resize(grey, level.width, level.height), cascade)
        place = slice(top, top + level.height + 1), slice(level.width + 1)
        S[place], T[place] = integrals.S, integrals.T
        begun.append(first_stage(integrals, cascade, level, top))
        top += level.height + 1

    X, Y, norm, passed, features, scores = (
        np.concatenate(part) for part in zip(*begun, strict=True)
    )
    alive = np.flatnonzero(passed == 1)
    thresholds = cascade.tables().stage_threshold
    for k in range(1, len(cascade.stages)):
        sums, computed = stage_sums(sheet, cascade, k, X[alive], Y[alive], norm[alive])
        features[alive] += computed.astype(np.int32)
        scores[alive] = sums
        alive = alive[sums >= thresholds[k]]
        passed[alive] = k + 1
        if not len(alive):
            break

    watched, first = [], 0
    for level in levels:
        shape = windows_of(level)[2]
        own = slice(first, first + shape[0] * shape[1])
        grids = passed[own].reshape(shape), features[own].reshape(shape), scores[own].reshape(shape)
        watched.append(Watched(level, len(cascade.stages), *grids))
        first = own.stop
    return watched


def first_stage(integrals: Integrals, cascade: Cascade, level: Level, top: int) -> tuple[Any, ...]:
    """X, Y, norm of a level's windows; stages passed, features and sums after the first one.

    Y counts from the top of the sheet, on which this level begins at `top`.
    """
    X, Y, shape = windows_of(level)
    norm, textured = normalise(integrals, cascade, X, Y)
    sums, computed = stage_sums(integrals, cascade, 0, X, Y, norm)
    enough = textured & (sums >= cascade.tables().stage_threshold[0])
    looked = visited((textured & ~enough).reshape(shape)).ravel()
    passed = np.where(looked, enough, SKIPPED).astype(np.int16)
    features = np.where(looked & textured, computed, 0).astype(np.int32)
    return X, Y + top, norm, passed, features, np.where(looked & textured, sums, 0.0)


def windows_of(level: Level) -> tuple[NDArray[np.int64], NDArray[np.int64], tuple[int, int]]:
    """X and Y of a level's windows in its own picture, in reading order, and (NY, NX)."""
    across = np.arange(0, level.columns, level.step, dtype=np.int64)
    down = np.arange(0, level.rows, level.step, dtype=np.int64)
    return np.tile(across, len(down)), np.repeat(down, len(across)), (len(down), len(across))


def windows_left(watched: Watched) -> NDArray[np.int64]:
    """How many windows are looked at, and left after stage 1, 2, … NS: (NS + 1,)."""
    passed = watched.passed[watched.looked_at]
    ended = np.bincount(passed, minlength=watched.stages + 1)  # after how many stages
    return np.cumsum(ended[::-1])[::-1]


# -- the accepted windows -------------------------------------------------------------------------


class Accepted(NamedTuple):
    """The windows that pass all stages, ordered by level, then y, then x."""

    rectangles: NDArray[np.int32]  # (N, 4) x, y, width, height in the picture
    scores: NDArray[np.float64]  # (N,) the sum of the last stage
    places: NDArray[np.int64]  # (N, 3) number of the level, row and column in its grid


def accepted(watched: Sequence[Watched]) -> Accepted:
    """The candidates of a whole search, before they are grouped."""
    rectangles = [np.zeros((0, 4), np.int32)]
    scores, places = [np.zeros(0)], [np.zeros((0, 3), np.int64)]
    for number, at in enumerate(watched):
        found = np.argwhere(at.passed == at.stages)
        boxes = [box(at.level, row, column) for row, column in found.tolist()]
        rectangles.append(np.array(boxes, np.int32).reshape(-1, 4))
        scores.append(at.scores[found[:, 0], found[:, 1]])
        places.append(np.insert(found, 0, number, axis=1))
    return Accepted(np.concatenate(rectangles), np.concatenate(scores), np.concatenate(places))


def pixels_of(
    grey: Grey, cascade: Cascade, level: Level, row: int, column: int
) -> NDArray[np.uint8]:
    """What the cascade saw of one window: (height, width) pixels of the level's picture."""
    x, y = column * level.step, row * level.step
    return resize(grey, level.width, level.height)[y : y + cascade.height, x : x + cascade.width]


def box(level: Level, row: int, column: int) -> tuple[int, int, int, int]:
    """x, y, width, height of a window in the original picture; row and column of the grid."""
    x, y = (int(np.rint(f32(n * level.step) * f32(level.scale))) for n in (column, row))
    return x, y, level.box_width, level.box_height


KEPT, FEW, COVERED = "kept", "too few", "inside of a larger one"


class Clusters(NamedTuple):
    """Similar candidates, and what becomes of them."""

    label: NDArray[np.int64]  # (N,) the number of each candidate's cluster
    rectangles: NDArray[np.int32]  # (C, 4) the mean of each cluster
    counts: NDArray[np.int32]  # (C,) its members
    fate: tuple[str, ...]  # (C,) KEPT, FEW or COVERED


def gather(candidates: NDArray[np.int32], min_neighbors: int = 3) -> Clusters:
    """What `haar.group_rectangles` does with candidates (N, 4), with what it drops.

    With min_neighbors 0, each candidate is a cluster of its own.
    """
    if not len(candidates) or min_neighbors <= 0:
        number = len(candidates)
        return Clusters(np.arange(number), candidates, np.ones(number, np.int32), (KEPT,) * number)
    label = clusters(candidates, EPSILON)
    counts = np.bincount(label).astype(np.int32)
    rectangles = means(candidates, label, counts)
    enough = np.flatnonzero(counts > min_neighbors)
    inner = enough[covered(rectangles[enough], counts[enough], EPSILON)]
    fate = np.full(len(counts), FEW, object)
    fate[enough] = KEPT
    fate[inner] = COVERED
    return Clusters(label, rectangles, counts, tuple(fate))


def telling(
    watched: Sequence[Watched], candidates: Accepted, groups: Clusters
) -> tuple[int, int, int]:
    """The window to look at: number of the level, row, column. There must be a level.

    The best one of the object that has the most windows; without an object, the window that got
    furthest; where all are flat, the one in the middle of the first level.
    """
    kept = [c for c, fate in enumerate(groups.fate) if fate == KEPT]
    if kept:
        scores = np.full(len(groups.counts), -np.inf)
        np.maximum.at(scores, groups.label, candidates.scores)
        object_ = max(kept, key=lambda c: (groups.counts[c], scores[c]))
        members = np.flatnonzero(groups.label == object_)
        best = members[np.argmax(candidates.scores[members])]
        level, row, column = candidates.places[best].tolist()
        return level, row, column
    nearest = -1, 0.0, (0, watched[0].passed.shape[0] // 2, watched[0].passed.shape[1] // 2)
    for number, at in enumerate(watched):
        textured = at.features > 0
        if textured.any():
            far = np.where(textured, at.passed, SKIPPED)
            front = np.where(far == far.max(), at.scores, -np.inf)
            row, column = (int(n) for n in np.unravel_index(np.argmax(front), front.shape))
            nearest = max(
                nearest, (int(far.max()), float(front[row, column]), (number, row, column))
            )
    return nearest[2]


# -- pictures of windows --------------------------------------------------------------------------


def deviations(grey: Grey, cascade: Cascade, level: Level) -> NDArray[np.float64]:
    """The standard deviation of each window of a level, in grey levels: (NY, NX); 0 if flat.

    Without the window's border of one pixel, as in detection; zeros for LBP, which has no use for
    it.
    """
    X, Y, shape = windows_of(level)
    if cascade.feature_type == "lbp":
        return np.zeros(shape)
    integrals = integrate(resize(grey, level.width, level.height), cascade)
    norm, textured = normalise(integrals, cascade, X, Y)
    area = (cascade.width - 2) * (cascade.height - 2)
    return np.where(textured, 1 / (area * norm.astype(np.float64)), 0.0).reshape(shape)


def stage_map(
    values: NDArray[Any],
    scale: float,
    step: int,
    window: tuple[int, int],
    size: tuple[int, int],
) -> NDArray[np.float64]:
    """Each pixel's window: the value of the one whose centre is nearest; NaN where none is centred.

    Args:
        values: (NY, NX), a number for each window of a grid, such as the stages it passed.
        scale, step: of the grid, as in `Level` and in `Scan`.
        window: (width, height) of the cascade.
        size: (width, height) of the picture.

    Returns:
        (height, width) float64.
    """
    pixels = np.full(size[::-1], np.nan)
    nearest, inside = [], []
    for number, side, length in zip(values.shape[::-1], window, size, strict=True):
        position = ((np.arange(length) + 0.5) / scale - side / 2) / step
        index = np.rint(position).astype(np.int64)
        inside.append(np.flatnonzero((index >= 0) & (index < number)))
        nearest.append(index[inside[-1]])
    pixels[np.ix_(inside[1], inside[0])] = values[np.ix_(nearest[1], nearest[0])]
    return pixels
