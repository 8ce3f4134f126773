"""The cascade as flat arrays: what the reference and the kernels read.

    weak classifiers of stage k   stage_start[k] … stage_start[k+1] − 1
    nodes of weak classifier t    node_start[t] … node_start[t+1] − 1; a child c > 0 is node
                                  node_start[t] + c
    leaves of weak classifier t   leaf_start[t] … leaf_start[t+1] − 1; a child c ≤ 0 is leaf
                                  leaf_start[t] − c

    NS stages   NW weak classifiers   NN nodes   NL leaves   NF features

Numbers are float32, because that is how OpenCV compares them: a decimal is rounded to double and
then to single. A stage's threshold is  f32(f32(t) − f32(0.00001)), the rounding included.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from haar.cascade import Cascade

STAGE_MARGIN = np.float32(1e-5)
NO_RECTANGLE = (0, 0, 0, 0, 0.0)
LBP_WORDS = 8  # of 32 bits: one bit for each of the 256 codes


class Tables(NamedTuple):
    """A cascade in arrays; all of them are read-only and C-contiguous."""

    stage_start: NDArray[np.int32]  # (NS + 1,)
    stage_threshold: NDArray[np.float32]  # (NS,)  the margin is subtracted
    node_start: NDArray[np.int32]  # (NW + 1,)
    leaf_start: NDArray[np.int32]  # (NW + 1,)
    node_feature: NDArray[np.int32]  # (NN,)
    node_threshold: NDArray[np.float32]  # (NN,)   Haar; zeros in LBP
    node_left: NDArray[np.int32]  # (NN,)   0 in a cascade of stumps
    node_right: NDArray[np.int32]  # (NN,)  −1 in a cascade of stumps
    node_subset: NDArray[np.int32]  # (NN, 8) in LBP, (0, 8) in Haar
    leaf: NDArray[np.float32]  # (NL,)
    rectangles: NDArray[np.int32]  # (NF, 3, 4) x, y, width, height; LBP: (NF, 1, 4), first block
    weights: NDArray[np.float32]  # (NF, 3), 0 where there is no such rectangle; LBP: (NF, 0)
    tilted: NDArray[np.bool_]  # (NF,)
    stumps: bool  # no weak classifier has more than one node


def flatten(cascade: Cascade) -> Tables:
    """The tables of a cascade whose parts fit together (`haar.checks` sees to that)."""
    weak = [classifier for stage in cascade.stages for classifier in stage.weak]
    nodes = list(chain.from_iterable(classifier.nodes for classifier in weak))
    leaf = list(chain.from_iterable(classifier.leaves for classifier in weak))
    feature, threshold, left, right, subset = zip(*nodes, strict=True)

    stumps = len(nodes) == len(weak)
    haar = cascade.feature_type == "haar"
    rectangles, weights, tilted = _haar(cascade.features) if haar else _lbp(cascade.features)
    stage_threshold = np.array([stage.threshold for stage in cascade.stages], np.float32)
    tables = Tables(
        stage_start=_starts([len(stage.weak) for stage in cascade.stages]),
        stage_threshold=stage_threshold - STAGE_MARGIN,
        node_start=_starts([len(classifier.nodes) for classifier in weak]),
        leaf_start=_starts([len(classifier.leaves) for classifier in weak]),
        node_feature=np.array(feature, np.int32),
        node_threshold=np.array(threshold, np.float32),
        node_left=np.zeros(len(nodes), np.int32) if stumps else np.array(left, np.int32),
        node_right=np.full(len(nodes), -1, np.int32) if stumps else np.array(right, np.int32),
        node_subset=np.array(() if haar else subset, np.int32).reshape(-1, LBP_WORDS),
        leaf=np.array(leaf, np.float32),
        rectangles=rectangles,
        weights=weights,
        tilted=tilted,
        stumps=stumps,
    )
    for table in tables[:-1]:
        table.setflags(write=False)
    return tables


def _starts(lengths: Sequence[int]) -> NDArray[np.int32]:
    starts = np.zeros(len(lengths) + 1, np.int32)
    np.cumsum(lengths, out=starts[1:])
    return starts


def _haar(features: Sequence[Any]) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
    padding = (NO_RECTANGLE, NO_RECTANGLE)
    rows = [((*feature.rectangles, *padding)[:3]) for feature in features]
    numbers = np.array(rows, np.float64).reshape(-1, 3, 5)
    tilted = np.array([feature.tilted for feature in features], np.bool_)
    rectangles = numbers[:, :, :4].astype(np.int32)
    return rectangles, numbers[:, :, 4].astype(np.float32), tilted


def _lbp(features: Sequence[Any]) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
    rectangles = np.array(features, np.int32).reshape(-1, 1, 4)
    number = len(features)
    return rectangles, np.zeros((number, 0), np.float32), np.zeros(number, np.bool_)
