"""Chain: features, and after them a classifier. What the rows of the table are written with.

fit       X ─▶ step 1 ─▶ step 2 ─▶ … ─▶ classifier     each learns from what the one before makes
predict   the same way, nothing learned
"""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


class Chain:
    """`Chain(PCA(100), LinearDiscriminantAnalysis())` is one classifier.

    Args:
        steps: transformers, and at the end something that predicts.
    """

    def __init__(self, *steps: Any) -> None:
        self.steps = steps

    def fit(self, X: Array, y: Array) -> Self:
        """Fit step by step; X (n, d), y (n,)."""
        for step in self.steps[:-1]:
            X = step.fit_transform(X, y)
        self.steps[-1].fit(X, y)
        return self

    def predict(self, X: Array) -> Array:
        """Labels (n,)."""
        for step in self.steps[:-1]:
            X = step.transform(X)
        return np.asarray(self.steps[-1].predict(X))

    @property
    def borrowed_seconds(self) -> float:
        """Processor time of learning that a step did not do, for another system had done it."""
        return sum(getattr(step, "borrowed_seconds", 0.0) for step in self.steps)
