"""Coverage: a classifier that may say "I don't know" answers less often, and is right more often.

    answer where confidence = max_k p_k >= t:      coverage = share answered
                                                   accuracy = share of those that is right

Sorted by confidence, the surest first, all thresholds are seen at once: entry n - 1 of the curve
is for the n surest. A curve that does not fall towards the right tells that confidence is
worthless.

Source: El-Yaniv & Wiener, "On the foundations of noise-free selective classification" (2010).
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from scratchnet.metrics.checks import check_scores

Array = NDArray[Any]


class CoverageCurve(NamedTuple):
    """For the 1, 2, .. N surest answers: their share of all, their accuracy, the least sure's
    confidence; (N,) each."""

    coverage: Array
    accuracy: Array
    threshold: Array

    def at(self, coverage: float) -> tuple[float, float]:
        """(accuracy, threshold) where so large a share is answered, rounded up to whole samples."""
        if not 0 < coverage <= 1:
            raise ValueError(f"coverage expects a share above 0 and at most 1, got {coverage}")
        n = int(np.ceil(round(coverage * len(self.coverage), 9)))
        return float(self.accuracy[n - 1]), float(self.threshold[n - 1])


def coverage_curve(probabilities: ArrayLike, true: ArrayLike) -> CoverageCurve:
    """Accuracy of the surest n of N answers, for every n; the first comes first among equals."""
    p, true = check_scores(probabilities, true)
    confidence, right = p.max(axis=1), p.argmax(axis=1) == true
    order = np.argsort(-confidence, kind="stable")
    n = np.arange(1, len(p) + 1)
    return CoverageCurve(n / len(p), np.cumsum(right[order]) / n, confidence[order])
