"""A scan: how far each window of an image gets, and what that costs.

Detection leaves windows out (every other pixel, and more by OpenCV's rule); a scan looks at each
window of its grid, so that it makes a whole picture. The reference computes it.
"""

from __future__ import annotations

from numbers import Real
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from haar.cascade import Cascade
from haar.detector import check_whole
from haar.image import resize, to_grey
from haar.reference import integrate, normalise, stage_sums
from haar.scales import f32, rint

FLAT = -1


class Scan(NamedTuple):
    """NY × NX windows of one scale; [j, i] begins at (i·step, j·step) of the scaled image."""

    # all three (NY, NX)
    reached: NDArray[np.int16]  # the stage that rejected it; NS: accepted; FLAT: no texture
    features: NDArray[np.int32]  # how many were computed
    scores: NDArray[np.float64]  # the sum of the last stage that it reached; 0 if flat
    scale: float
    step: int
    stages: int  # NS

    def windows_left(self) -> NDArray[np.int64]:
        """How many windows go into stage 0, 1, …, and how many are accepted: (NS + 1,)."""
        return np.array([(self.reached >= k).sum() for k in range(self.stages + 1)], np.int64)

    def features_per_window(self) -> float:
        """The mean; the paper's "about ten"."""
        return float(self.features.mean()) if self.features.size else 0.0


def scan(
    cascade: Cascade, image: Any, scale: float = 1.0, step: int = 1, channels: str = "rgb"
) -> Scan:
    """How far each window gets at one scale.

    Args:
        image: as for `Cascade.detect`.
        scale: of the window, relative to the cascade's own; 1 or more.
        step: from window to window, in pixels of the scaled image.

    Raises:
        TypeError, ValueError: an argument is not as described.
    """
    if not isinstance(scale, Real) or not 1 <= float(scale) < np.inf:
        raise ValueError(f"scale expects a number of 1 or more, got {scale!r}")
    step = check_whole(step, "step", 1)
    grey = to_grey(image, channels)
    H, W = (rint(f32(side) / f32(scale)) for side in grey.shape)
    across = np.arange(0, W + 1 - cascade.width, step)
    down = np.arange(0, H + 1 - cascade.height, step)
    Y, X = (grid.ravel() for grid in np.meshgrid(down, across, indexing="ij"))
    reached = np.full(len(X), FLAT, np.int16)
    features = np.zeros(len(X), np.int32)
    scores = np.zeros(len(X))
    if len(X):
        integrals = integrate(resize(grey, W, H), cascade)
        norm, textured = normalise(integrals, cascade, X, Y)
        alive = np.flatnonzero(textured)
        for k in range(len(cascade.stages)):
            sums, computed = stage_sums(integrals, cascade, k, X[alive], Y[alive], norm[alive])
            reached[alive], scores[alive] = k, sums
            features[alive] += computed.astype(np.int32)
            alive = alive[sums >= cascade.tables().stage_threshold[k]]
        reached[alive] = len(cascade.stages)
    size = (len(down), len(across))
    return Scan(
        reached.reshape(size),
        features.reshape(size),
        scores.reshape(size),
        float(f32(scale)),
        step,
        len(cascade.stages),
    )
