"""A cascade: stages of boosted classifiers, each of which may reject a window for good.

    cascade   accepts a window if no stage rejects it
    stage     rejects it if  Σ (leaf that each of its weak classifiers chooses) < threshold
    weak      a small decision tree: at a node, value < threshold goes left, else right
    value     a Haar feature divided by the window's standard deviation (`haar.window`),
              or an LBP code, which goes left if its bit of `subset` is set

Nearly all windows fail in the first stages, which hold a handful of features: that is why the
whole cascade costs about as much as its beginning (Viola and Jones measured ten features a window).

The classes here are what a file says. `Cascade.tables()` gives the same as flat arrays, rounded to
the precision that detection uses: `haar.tables`.

Viola, Jones, "Rapid object detection using a boosted cascade of simple features" (2001).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple

from haar.checks import check_cascade
from haar.features import HaarFeature, LBPFeature
from haar.tables import Tables, flatten

# The small ones are named tuples rather than dataclasses: a file makes thousands of them.


class Node(NamedTuple):
    """A question about one feature.

    `left` and `right` say where to go on: a positive number is another node of the same weak
    classifier, zero or a negative number −k is its leaf k. If no weak classifier of the cascade
    has more than one node, both are ignored: left is leaf 0 and right is leaf 1.
    """

    feature: int
    threshold: float = 0.0
    left: int = 0
    right: int = -1
    subset: tuple[int, ...] = ()  # LBP: 8 words of 32 bits, signed; code k is bit k % 32 of k // 32


class WeakClassifier(NamedTuple):
    """A decision tree of n nodes, the root first, and n + 1 leaves."""

    nodes: tuple[Node, ...]
    leaves: tuple[float, ...]


class Stage(NamedTuple):
    """The window goes on if the sum of the chosen leaves reaches the threshold.

    `threshold` is what the file says; detection subtracts 0.00001 from it, like OpenCV.
    """

    threshold: float
    weak: tuple[WeakClassifier, ...]


@dataclass(frozen=True)
class Cascade:
    """A detector for windows of `width` × `height` pixels.

    Args:
        width, height: the size of the window, and of the smallest object that it finds.
        feature_type: "haar" or "lbp".
        stages: in the order of evaluation.
        features: the nodes refer to them by their position.

    Raises:
        CascadeError: the parts do not fit together; the message names the element.
    """

    width: int
    height: int
    feature_type: str
    stages: tuple[Stage, ...]
    features: tuple[HaarFeature, ...] | tuple[LBPFeature, ...]
    old_format: bool = field(default=False, compare=False)  # the file was written by OpenCV 1
    prepared: dict[str, Any] = field(default_factory=dict, init=False, repr=False, compare=False)
    """What is derived from the cascade once and kept with it: its tables, a kernel's own ones."""

    def __post_init__(self) -> None:
        check_cascade(self)

    def tables(self) -> Tables:
        """The cascade as flat arrays; always the same object."""
        if "tables" not in self.prepared:
            self.prepared["tables"] = flatten(self)
        return self.prepared["tables"]
