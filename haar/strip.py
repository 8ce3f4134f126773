"""Many windows side by side, as one wide picture: so the detector's own functions measure them.

    +--------+--------+--------+--
    | window | window | window |  …        height h, width N·w; window i begins at column i·w
    |   0    |   1    |   2    |
    +--------+--------+--------+--

A rectangle inside of one window does not see its neighbours: only differences of an integral image
count. So sums, contrast and features come out of `haar.integral`, `haar.reference` and
`haar.window`, and a training sample has, bit for bit, the values that it has in detection.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from haar.cascade import Cascade, Node, Stage, WeakClassifier
from haar.feature_pool import FeaturePool
from haar.features import HaarFeature, LBPFeature
from haar.reference import Integrals, integrate, lbp_code, normalise, stage_sums
from haar.window import haar_value

Array = NDArray[Any]
Windows = NDArray[np.uint8]


def accept_all(pool: FeaturePool) -> Cascade:
    """A cascade that accepts every window with contrast: where training begins.

    Its only feature is the last of the pool, so that it needs the tilted integral if that does.
    """
    subset = (0,) * 8 if pool.feature_type == "lbp" else ()
    weak = WeakClassifier((Node(0, subset=subset),), (0.0, 0.0))
    stage = Stage(0.0, (weak,))
    features: Any = (pool[len(pool) - 1],)
    return Cascade(pool.width, pool.height, pool.feature_type, (stage,), features)


class Strip:
    """Windows, integrated and normalised.

    Args:
        windows: (N, h, w) uint8.
        pool: of the features that will be asked about.
    """

    def __init__(self, windows: Windows, pool: FeaturePool) -> None:
        N, h, w = windows.shape
        picture = np.ascontiguousarray(windows.transpose(1, 0, 2).reshape(h, N * w))
        every = accept_all(pool)
        S, Q, T = integrate(picture, every)
        self.sources = windows
        self.X: NDArray[np.int64] = w * np.arange(N)
        self.Y = np.zeros(N, np.int64)
        self.norm, self.textured = normalise(Integrals(S, Q, T), every, self.X, self.Y)
        self.integrals = Integrals(S, S, T)  # the squares have done their work

    def __len__(self) -> int:
        return len(self.X)

    def __getitem__(self, chosen: Array) -> Strip:
        """Some of the windows: indices, or a mask."""
        part = object.__new__(Strip)
        part.sources, part.integrals = self.sources, self.integrals
        part.X, part.Y = self.X[chosen], self.Y[chosen]
        part.norm, part.textured = self.norm[chosen], self.textured[chosen]
        return part

    @property
    def windows(self) -> Windows:
        """The pixels, (N, h, w)."""
        return self.sources[self.X // self.sources.shape[2]]

    def values(self, feature: HaarFeature | LBPFeature) -> Array:
        """Of a Haar feature float32 (N,), normalised; of an LBP feature its codes."""
        if isinstance(feature, LBPFeature):
            return lbp_code(self.integrals.S, np.array(feature), self.X, self.Y)
        X: Any = self.X
        moved = tuple(part._replace(x=X + part.x) for part in feature.rectangles)
        norm: Any = self.norm
        return np.asarray(haar_value(HaarFeature(moved, feature.tilted), self.integrals, norm))

    def goes_left(self, node: Node, feature: HaarFeature | LBPFeature) -> NDArray[np.bool_]:
        """Which windows answer a node's question with yes, (N,)."""
        values = self.values(feature)
        if isinstance(feature, LBPFeature):
            subset = np.array(node.subset, np.int32)
            return subset[values >> 5] >> (values & 31) & 1 == 1
        return values < np.float32(node.threshold)

    def outputs(self, weak: WeakClassifier, pool: FeaturePool) -> NDArray[np.float64]:
        """The leaf of each window, (N,), whose nodes name features of the pool."""
        at = np.zeros(len(self), np.int64)  # the node where each window stands
        leaf = np.zeros(len(self), np.int64)
        for i, node in enumerate(weak.nodes):  # children come after their parents
            here = np.flatnonzero(at == i)
            left = self[here].goes_left(node, pool[node.feature])
            child = np.where(left, node.left, node.right)
            at[here] = np.where(child > 0, child, -1)
            leaf[here] = np.where(child > 0, 0, -child)
        return np.array(weak.leaves, np.float32)[leaf].astype(np.float64)

    def stage_sums(self, cascade: Cascade, stage: int) -> NDArray[np.float64]:
        """What the detector adds up in a stage, (N,)."""
        return stage_sums(self.integrals, cascade, stage, self.X, self.Y, self.norm)[0]

    def accepted(self, cascade: Cascade) -> NDArray[np.bool_]:
        """Which windows the detector would accept, (N,)."""
        alive = self.textured.copy()
        for k, threshold in enumerate(cascade.tables().stage_threshold):
            left = np.flatnonzero(alive)
            alive[left] = self[left].stage_sums(cascade, k) >= threshold
        return alive
