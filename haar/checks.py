"""Checks: whatever is wrong with a cascade is said once, at the edge, and by the element's name.

OpenCV trusts its files: a wrong feature index reads foreign memory, a tree that points backwards
never ends. Here every index, size and number is looked at when the cascade is made, so that the
code that evaluates it needs no checks. The limits are far above every cascade in use (the largest
has 8,468 features) and far below what would hurt a machine.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from haar.features import MAX_RECTANGLES, HaarFeature, LBPFeature
from haar.tables import LBP_WORDS

if TYPE_CHECKING:
    from haar.cascade import Cascade, WeakClassifier

MAX_WINDOW = 1_000_000  # pixels, in width and in height
MAX_STAGES = 10_000
MAX_NODES = 1_000_000
MAX_FEATURES = 1_000_000
MAX_FLOAT = 3.4028234663852886e38  # the largest float32


class CascadeError(ValueError):
    """A cascade, or the file of one, is malformed. The message names the element."""


def check_cascade(cascade: Cascade) -> None:
    """Look at everything that evaluation relies on.

    Raises:
        CascadeError: expected, got, and where.
    """
    for name in ("width", "height"):
        size = getattr(cascade, name)
        if not (isinstance(size, int) and 1 <= size <= MAX_WINDOW):
            raise CascadeError(f"{name}: expected 1 to {MAX_WINDOW} pixels, got {size!r}")
    if cascade.feature_type not in ("haar", "lbp"):
        raise CascadeError(f"feature type: expected 'haar' or 'lbp', got {cascade.feature_type!r}")
    _check_number(cascade.features, 1, MAX_FEATURES, "features")
    _check_features(cascade)
    _check_number(cascade.stages, 1, MAX_STAGES, "stages")
    _check_stages(cascade)


def _check_number(items: Sequence[Any], least: int, most: int, name: str) -> None:
    if not least <= len(items) <= most:
        raise CascadeError(f"{name}: expected {least} to {most} of them, got {len(items)}")


def _check_finite(number: float, name: str) -> None:
    if not abs(number) <= MAX_FLOAT:  # NaN compares false
        raise CascadeError(f"{name}: expected a finite single-precision number, got {number!r}")


# -- stages, weak classifiers, nodes --------------------------------------------------------------


def _check_stages(cascade: Cascade) -> None:
    if sum(len(weak.nodes) for stage in cascade.stages for weak in stage.weak) > MAX_NODES:
        raise CascadeError(f"stages: expected at most {MAX_NODES} nodes in all of them, got more")
    stumps = all(len(weak.nodes) == 1 for stage in cascade.stages for weak in stage.weak)
    words = LBP_WORDS if cascade.feature_type == "lbp" else 0
    for k, stage in enumerate(cascade.stages):
        _check_finite(stage.threshold, f"stage {k}, threshold")
        if not stage.weak:
            raise CascadeError(f"stage {k}: expected at least one weak classifier, got none")
        for t, weak in enumerate(stage.weak):
            fault = _fault(weak, len(cascade.features), stumps, words)
            if fault:
                raise CascadeError(f"stage {k}, weak classifier {t}, {fault}")


def _fault(weak: WeakClassifier, features: int, stumps: bool, words: int) -> str:
    """What is wrong with a weak classifier, or nothing; the common case is quick."""
    nodes, leaves = weak
    number = len(nodes)
    if not number or len(leaves) != number + 1:
        return f"leaves: expected one more than its nodes, got {number} nodes, {len(leaves)} leaves"
    for leaf in leaves:
        if not abs(leaf) <= MAX_FLOAT:
            return f"leaves: expected finite single-precision numbers, got {leaf!r}"
    for i, (feature, threshold, left, right, subset) in enumerate(nodes):
        if not 0 <= feature < features:
            return f"node {i}: feature {feature} does not exist; there are {features}, from 0"
        if not abs(threshold) <= MAX_FLOAT:
            return f"node {i}, threshold: expected a finite number, got {threshold!r}"
        if len(subset) != words:
            return f"node {i}: expected a subset of {words} words, got {len(subset)}"
        if words and not all(-(2**31) <= word < 2**31 for word in subset):
            return f"node {i}: expected words of 32 bits, signed, in its subset, got {subset}"
        if stumps:
            continue
        for child in (left, right):
            if not (i < child < number or -number <= child <= 0):
                return (
                    f"node {i}: child {child} is neither a later node ({i + 1} to {number - 1}) "
                    f"nor a leaf (0 to {-number}); trees must not point backwards"
                )
    return ""


# -- features -------------------------------------------------------------------------------------


def _check_features(cascade: Cascade) -> None:
    kind = HaarFeature if cascade.feature_type == "haar" else LBPFeature
    for i, feature in enumerate(cascade.features):
        if not isinstance(feature, kind):
            raise CascadeError(f"feature {i}: expected a {kind.__name__}, got {feature!r}")
        if isinstance(feature, HaarFeature):
            _check_haar(feature, i, cascade.width, cascade.height)
        else:
            x, y, width, height = feature
            _check_extent((x, y, 3 * width, 3 * height), i, cascade, "its 3×3 blocks")


def _check_haar(feature: HaarFeature, i: int, W: int, H: int) -> None:
    rectangles, tilted = feature
    if not 1 <= len(rectangles) <= MAX_RECTANGLES:
        raise CascadeError(
            f"feature {i}: expected 1 to {MAX_RECTANGLES} rectangles, got {len(rectangles)}"
        )
    for x, y, width, height, weight in rectangles:
        if tilted:
            inside = height <= x and x + width <= W and y + width + height <= H
        else:
            inside = x >= 0 and x + width <= W and y + height <= H
        if not (inside and x < W and 0 <= y < H and width >= 0 and height >= 0):
            turned = "tilted " if tilted else ""
            raise CascadeError(
                f"feature {i}: {turned}rectangle (x {x}, y {y}, width {width}, height {height}) "
                f"leaves the window of {W}×{H} pixels"
            )
        if not math.isfinite(weight) or abs(weight) > MAX_FLOAT:
            _check_finite(weight, f"feature {i}, weight")


def _check_extent(box: tuple[int, int, int, int], i: int, cascade: Cascade, what: str) -> None:
    x, y, width, height = box
    W, H = cascade.width, cascade.height
    if not (x >= 0 and y >= 0 and width > 0 and height > 0 and x + width <= W and y + height <= H):
        raise CascadeError(
            f"feature {i}: {what}, (x {x}, y {y}, width {width}, height {height}), "
            f"leave the window of {W}×{H} pixels"
        )
