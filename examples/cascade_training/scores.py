"""What each stage says about windows: the sums that its threshold is compared with.

    held-out objects    windows of the cascade's size, below each other on one sheet
    backgrounds         every window of every scale, as detection looks at them

A window that a stage rejects gets −∞ from all later ones. So the share of windows whose sum in
stage k reaches t is what a cascade of k stages would let pass, if its last threshold were t.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

import haar
from haar.explain import windows_of
from haar.image import resize
from haar.reference import Integrals, integrate, normalise, stage_sums
from haar.scales import plan_levels

Grey = NDArray[np.uint8]
Scores = NDArray[np.float64]


def of_windows(cascade: haar.Cascade, windows: Grey) -> Scores:
    """(N, stages) of windows (N, h, w)."""
    N, h, w = windows.shape
    sheet = np.ascontiguousarray(windows.reshape(N * h, w))
    return _scores(cascade, integrate(sheet, cascade), np.zeros(N, np.int64), h * np.arange(N))


def of_pictures(cascade: haar.Cascade, pictures: Iterable[Grey]) -> Scores:
    """(N, stages) of all windows of pictures."""
    found = [np.zeros((0, len(cascade.stages)))]
    for grey in pictures:
        H, W = grey.shape
        for level in plan_levels((W, H), (cascade.width, cascade.height), 1.1):
            integrals = integrate(resize(grey, level.width, level.height), cascade)
            X, Y, _ = windows_of(level)
            found.append(_scores(cascade, integrals, X, Y))
    return np.concatenate(found)


def _scores(cascade: haar.Cascade, integrals: Integrals, X: Any, Y: Any) -> Scores:
    scores = np.full((len(X), len(cascade.stages)), -np.inf)
    norm, textured = normalise(integrals, cascade, X, Y)
    alive = np.flatnonzero(textured)
    for k, threshold in enumerate(cascade.tables().stage_threshold):
        if not len(alive):
            break
        sums, _ = stage_sums(integrals, cascade, k, X[alive], Y[alive], norm[alive])
        scores[alive, k] = sums
        alive = alive[sums >= threshold]
    return scores
