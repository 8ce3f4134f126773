"""Checks: whatever is wrong with a cascade is said once, at the edge, and by the element's name.

OpenCV trusts its files: a wrong feature index reads foreign memory, a tree that points backwards
never ends. Here every index, size and number is looked at when the cascade is made, so that the
code that evaluates it needs no checks. The limits are far above every cascade in use (the largest
has 8,468 features, and windows have sides of 12 to 64 pixels) and far below what hurts a machine.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from haar.features import MAX_RECTANGLES, HaarFeature, LBPFeature
from haar.tables import LBP_WORDS

if TYPE_CHECKING:
    from haar.cascade import Cascade, WeakClassifier

MAX_WINDOW = 10_000  # pixels, in width and in height
MAX_STAGES = 10_000
MAX_NODES = 300_000
MAX_FEATURES = 300_000  # a window of 24×24 has 261,600, tilted ones included
MAX_FLOAT = 3.4028234663852886e38  # the largest float32


WHOLE = (int, np.integer)
TILTED_EXTENT = "; it spans columns x − height … x + width, rows y … y + width + height"


class CascadeError(ValueError):
    """A cascade, or the file of one, is malformed. The message names the element."""


def check_cascade(cascade: Cascade) -> None:
    """Look at everything that evaluation relies on.

    Raises:
        CascadeError: expected, got, and where.
    """
    for name in ("width", "height"):
        size = getattr(cascade, name)
        if not (isinstance(size, WHOLE) and 1 <= size <= MAX_WINDOW):
            raise CascadeError(f"{name}: expected a whole number, 1 to {MAX_WINDOW}, got {size!r}")
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
        if not isinstance(feature + left + right, WHOLE):
            return f"node {i}: expected whole numbers, got {feature!r}, {left!r}, {right!r}"
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
                return f"node {i}: {_bad_child(child, i, number)}"
    return ""


def _bad_child(child: int, i: int, number: int) -> str:
    later = f"a later node ({i + 1} to {number - 1}) or " if i + 1 < number else ""
    backwards = "; trees must not point backwards" if 0 < child <= i else ""
    return f"expected {later}a leaf (0 to {-number}) as a child, got {child}{backwards}"


# -- features -------------------------------------------------------------------------------------


def _check_features(cascade: Cascade) -> None:
    kind = HaarFeature if cascade.feature_type == "haar" else LBPFeature
    for i, feature in enumerate(cascade.features):
        if not isinstance(feature, kind):
            raise CascadeError(f"feature {i}: expected a {kind.__name__}, got {feature!r}")
        if isinstance(feature, HaarFeature):
            _check_haar(feature, i, cascade.width, cascade.height)
        else:
            _check_lbp(feature, i, cascade.width, cascade.height)


def _check_haar(feature: HaarFeature, i: int, W: int, H: int) -> None:
    rectangles, tilted = feature
    if not 1 <= len(rectangles) <= MAX_RECTANGLES:
        raise CascadeError(
            f"feature {i}: expected 1 to {MAX_RECTANGLES} rectangles, got {len(rectangles)}"
        )
    for x, y, width, height, weight in rectangles:
        if not isinstance(x + y + width + height, WHOLE):
            raise CascadeError(f"feature {i}: expected whole pixels, got {(x, y, width, height)}")
        if tilted:
            inside = height <= x and x + width <= W and y + width + height <= H
        else:
            inside = x >= 0 and x + width <= W and y + height <= H
        if not (inside and x < W and 0 <= y < H and width >= 0 and height >= 0):
            turned = "tilted " if tilted else ""
            raise CascadeError(
                f"feature {i}: {turned}rectangle (x {x}, y {y}, width {width}, height {height}) "
                f"leaves the window of {W}×{H} pixels{TILTED_EXTENT if tilted else ''}"
            )
        if not math.isfinite(weight) or abs(weight) > MAX_FLOAT:
            _check_finite(weight, f"feature {i}, weight")


def _check_lbp(feature: LBPFeature, i: int, W: int, H: int) -> None:
    x, y, width, height = feature
    if not isinstance(x + y + width + height, WHOLE):
        raise CascadeError(f"feature {i}: expected whole pixels, got {tuple(feature)}")
    inside = x >= 0 and y >= 0 and x + 3 * width <= W and y + 3 * height <= H
    if not (inside and width > 0 and height > 0):
        raise CascadeError(
            f"feature {i}: 3×3 blocks of {width}×{height} pixels at (x {x}, y {y}) "
            f"leave the window of {W}×{H} pixels"
        )
