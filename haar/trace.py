"""One window, question by question: what each node of the cascade measured, and where it sent it.

    for stage in trace(cascade, window):
        stage.answers   value < threshold?  left or right; the leaf that it ended in
        stage.total     Σ leaves, against stage.threshold

`haar.window.evaluate` computes the same and keeps only the totals.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from haar.cascade import Cascade, WeakClassifier
from haar.features import HaarFeature, LBPFeature
from haar.image import to_grey
from haar.integral import Integral, rectangle_sum
from haar.reference import Integrals, integrate, normalise
from haar.window import f32, haar_value, lbp_code


class Answer(NamedTuple):
    """What one node says about a window."""

    weak: int  # the number of its weak classifier in the stage
    feature: HaarFeature | LBPFeature
    value: float  # Haar: the sum over the standard deviation and area; LBP: the code, 0 … 255
    threshold: float  # Haar: less than this goes left; LBP: 0, its subset decides
    left: bool
    leaf: float | None  # what it adds to the stage's sum; None: another node of the tree is asked


class StageTrace(NamedTuple):
    """What one stage says about a window."""

    answers: tuple[Answer, ...]
    total: float
    threshold: float
    passed: bool


def trace(cascade: Cascade, window: Any) -> list[StageTrace]:
    """The stages that a window of `width` × `height` pixels reaches; none if it is flat.

    Raises:
        TypeError, ValueError: it is no such image.
    """
    grey = to_grey(window)
    if grey.shape != (cascade.height, cascade.width):
        raise ValueError(
            f"trace expects one window of {cascade.width}×{cascade.height} pixels, got "
            f"{grey.shape[1]}×{grey.shape[0]}; cut it out of the scaled picture"
        )
    integrals = integrate(grey, cascade)
    corner = np.zeros(1, np.int64)
    (norm,), (textured,) = normalise(integrals, cascade, corner, corner)
    stages: list[StageTrace] = []
    if not textured:
        return stages
    thresholds = cascade.tables().stage_threshold.tolist()
    for stage, threshold in zip(cascade.stages, thresholds, strict=True):
        answers: list[Answer] = []
        for number, weak in enumerate(stage.weak):
            answers += ask(number, weak, cascade, integrals, norm)
        total = sum((answer.leaf for answer in answers if answer.leaf is not None), 0.0)
        stages.append(StageTrace(tuple(answers), total, threshold, total >= threshold))
        if not stages[-1].passed:
            break
    return stages


def ask(
    number: int, weak: WeakClassifier, cascade: Cascade, integrals: Integrals, norm: np.float32
) -> list[Answer]:
    """The answers on the way from a tree's root to the leaf."""
    answers: list[Answer] = []
    at = 0
    while True:
        node = weak.nodes[at]
        feature = cascade.features[node.feature]
        if isinstance(feature, LBPFeature):
            value, threshold = float(lbp_code(feature, integrals.S)), 0.0
            left = node.subset[int(value) // 32] >> int(value) % 32 & 1 == 1
        else:
            threshold = float(f32(node.threshold))
            value = float(haar_value(feature, integrals, norm))
            left = value < threshold
        child = node.left if left else node.right
        if cascade.tables().stumps:
            child = 0 if left else -1
        leaf = None if child > 0 else float(f32(weak.leaves[-child]))
        answers.append(Answer(number, feature, value, threshold, left, leaf))
        if leaf is not None:
            return answers
        at = child


def block_means(feature: LBPFeature, S: Integral) -> np.ndarray:
    """The mean grey of each of the 3×3 blocks of an LBP feature: (3, 3) float64."""
    column, row = np.meshgrid(np.arange(3), np.arange(3))
    x, y = feature.x + column * feature.width, feature.y + row * feature.height
    return rectangle_sum(S, x, y, feature.width, feature.height) / (feature.width * feature.height)
