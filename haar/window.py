"""One window, step by step: what each stage of a cascade says about it.

This is the slow way, written to be followed: plain numbers, one feature after the other. It gives
the same bits as `haar.reference`, which does it for all windows at once.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from haar.cascade import Cascade, WeakClassifier
from haar.features import HaarFeature, LBPFeature
from haar.image import to_grey
from haar.integral import Integral, rectangle_sum, tilted_sum
from haar.reference import NEIGHBOURS, Integrals, integrate, normalise

f32 = np.float32


class Evaluation(NamedTuple):
    """The way of one window through the cascade."""

    accepted: bool
    stage_sums: tuple[float, ...]  # of the stages that it reached; the last one may have failed it
    margins: tuple[float, ...]  # stage sum − stage threshold: a stage rejects below 0
    features: int  # how many were computed
    deviation: float  # of its pixels without the border, in grey levels; 0 if flat (and for LBP)

    @property
    def stages_passed(self) -> int:
        return sum(margin >= 0 for margin in self.margins)


def evaluate(cascade: Cascade, window: Any, channels: str = "rgb") -> Evaluation:
    """What the cascade makes of one window: an image of `width` × `height` pixels.

    Raises:
        TypeError, ValueError: it is no such image.
    """
    grey = to_grey(window, channels)
    if grey.shape != (cascade.height, cascade.width):
        raise ValueError(
            f"evaluate expects one window of {cascade.width}×{cascade.height} pixels, got "
            f"{grey.shape[1]}×{grey.shape[0]}; resize it, or search with detect"
        )
    integrals = integrate(grey, cascade)
    corner = np.zeros(1, np.int64)
    (norm,), (textured,) = normalise(integrals, cascade, corner, corner)
    if not textured:
        return Evaluation(False, (), (), 0, 0.0)

    deviation = 0.0
    if cascade.feature_type == "haar":
        deviation = 1 / (float(norm) * (cascade.width - 2) * (cascade.height - 2))
    sums: list[float] = []
    margins: list[float] = []
    features = 0
    thresholds = cascade.tables().stage_threshold
    for stage, threshold in zip(cascade.stages, thresholds, strict=True):
        total = 0.0
        for weak in stage.weak:
            leaf, nodes = choose_leaf(weak, cascade, integrals, norm)
            total += float(f32(leaf))
            features += nodes
        sums.append(total)
        margins.append(total - float(threshold))
        if margins[-1] < 0:  # in double precision: `threshold` alone is a float32
            break
    accepted = len(sums) == len(cascade.stages) and margins[-1] >= 0
    return Evaluation(accepted, tuple(sums), tuple(margins), features, deviation)


def choose_leaf(
    weak: WeakClassifier, cascade: Cascade, integrals: Integrals, norm: np.float32
) -> tuple[float, int]:
    """The value of the leaf where the window arrives, and how many nodes it took."""
    at, nodes = 0, 0
    while True:
        node = weak.nodes[at]
        nodes += 1
        feature = cascade.features[node.feature]
        if isinstance(feature, LBPFeature):
            code = lbp_code(feature, integrals.S)
            left = node.subset[code // 32] >> code % 32 & 1 == 1
        else:
            left = bool(haar_value(feature, integrals, norm) < f32(node.threshold))
        if cascade.tables().stumps:
            return weak.leaves[0 if left else 1], nodes
        at = node.left if left else node.right
        if at <= 0:
            return weak.leaves[-at], nodes


def haar_value(feature: HaarFeature, integrals: Integrals, norm: np.float32) -> np.float32:
    """Σ weight · sum, in single precision, times 1 / (area · standard deviation)."""
    integral, look_up = (
        (integrals.T, tilted_sum) if feature.tilted else (integrals.S, rectangle_sum)
    )
    value = f32(0)
    with np.errstate(over="ignore", invalid="ignore"):  # absurd weights give infinity, or NaN
        for x, y, width, height, weight in feature.rectangles:
            value = value + f32(weight) * f32(look_up(integral, x, y, width, height))
        return value * norm


def lbp_code(feature: LBPFeature, S: Integral) -> int:
    """The eight comparisons with the centre, read clockwise as a binary number."""
    x, y, width, height = feature
    sums = {
        (column, row): int(rectangle_sum(S, x + column * width, y + row * height, width, height))
        for column in range(3)
        for row in range(3)
    }
    code = 0
    for block in NEIGHBOURS:
        code = 2 * code + (sums[block] >= sums[1, 1])
    return code
