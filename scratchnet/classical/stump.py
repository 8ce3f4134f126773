"""Decision stump: one question, "is feature j at most t?", and a class for each answer.

    predict(x) = left   if x[j] <= t          L_k = Σ wᵢ of class k with xᵢ[j] <= t,   L = Σ L_k
                 right  otherwise             R_k = Σ wᵢ of class k with xᵢ[j] >  t,   R = Σ R_k

    criterion "gini"    the purest two sides:      maximise  Σ L_k² / L + Σ R_k² / R
    criterion "error"   the fewest mistakes:       maximise  max L_k + max R_k

Either way a side answers with its heaviest class. "gini" is CART's: it also sees that a cut which
changes neither answer makes a side purer, and so is the better half of a committee; "error" is what
the theory of boosting speaks of.

**Exact, by sorting once.** Samples sorted by feature j, every cut between two neighbours has the
L_k of the cut before plus one sample: one walk tries all n - 1 cuts (`scratchnet.reference.stump`).
 Boosting changes the weights only, so `sort_columns` is called once for all its rounds. Equal
values can't be cut apart; t lies midway between two values that differ. If the same score is
reached twice, the first feature wins, and of a feature its lowest cut.

Sources: Breiman, Friedman, Olshen, Stone, "Classification and regression trees", 1984, chapter 4.
Iba, Langley, "Induction of one-level decision trees", 1992.
Chapter: docs/adaboost.md
"""

from __future__ import annotations

from typing import Any, Literal, NamedTuple, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from scratchnet import ops
from scratchnet.classical.base import Classifier, check_features, check_X_y

Array = NDArray[Any]
Criterion = Literal["gini", "error"]
CRITERIA = ("gini", "error")


class SortedColumns(NamedTuple):
    """Samples X (n, d), and each feature's samples in the order of its values."""

    X: Array
    order: Array
    """(d, n) int32: order[j] sorts feature j."""
    divides: Array
    """(d, n-1) bool: whether the sample after position i has a greater value."""


class Split(NamedTuple):
    """One question and its two answers, as class indices."""

    feature: int
    threshold: float
    left: int
    right: int

    def answers(self, X: Array) -> Array:
        """Class indices (n,) for samples X (n, d)."""
        return np.where(X[:, self.feature] <= self.threshold, self.left, self.right)


def sort_columns(X: Array) -> SortedColumns:
    """Sort each feature of X (n, d), once."""
    order = np.asarray(np.argsort(X.T, axis=1, kind="stable"), np.int32)
    values = np.take_along_axis(X.T, order, axis=1)
    return SortedColumns(X, order, values[:, 1:] > values[:, :-1])


def best_split(
    columns: SortedColumns, y: Array, weights: Array, classes: int, criterion: Criterion
) -> Split:
    """The best cut of the best feature.

    If no feature has two values, the question is x[0] <= ∞, and the answer the heaviest class.

    Args:
        y: (n,) class indices below `classes`.
        weights: (n,), positive.
    """
    total = np.bincount(y, weights, classes)
    gini = criterion == "gini"
    scores, positions = ops.best_cuts(columns.order, columns.divides, y, weights, total, gini)
    feature = int(scores.argmax())
    position = positions[feature]
    if scores[feature] == -np.inf:
        return Split(0, np.inf, int(total.argmax()), int(total.argmax()))
    x, order = columns.X[:, feature], columns.order[feature]
    low, high = x[order[position]], x[order[position + 1]]
    middle = low / 2 + high / 2
    left = np.bincount(y[order[: position + 1]], weights[order[: position + 1]], classes)
    right = np.bincount(y[order[position + 1 :]], weights[order[position + 1 :]], classes)
    threshold = float(middle if middle < high else low)  # > neighbours of the last digit
    return Split(feature, threshold, int(left.argmax()), int(right.argmax()))


class DecisionStump(Classifier):
    """A decision tree with one question.

    Args:
        criterion: "gini" or "error".

    Attributes:
        classes_, n_features_in_: as in all classifiers.
        feature_, threshold_: the question x[feature_] <= threshold_.
        left_, right_: the answers to yes and no, indices into classes_.
        split_: these four in one.
    """

    def __init__(self, criterion: Criterion = "gini") -> None:
        self.criterion = criterion

    def fit(self, X: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None = None) -> Self:
        """Find the best question.

        Raises:
            ValueError: bad samples, weights that are negative or all 0, an unknown criterion.
        """
        if self.criterion not in CRITERIA:
            raise ValueError(
                f"DecisionStump expects criterion among {', '.join(CRITERIA)}, "
                f"got {self.criterion!r}"
            )
        X, classes, indices = check_X_y(X, y, estimator=self)
        weights = check_weights(sample_weight, len(X), self)
        used = weights > 0  # > samples of no weight are as good as absent
        columns, K = sort_columns(X[used]), len(classes)
        split = best_split(columns, indices[used], weights[used], K, self.criterion)
        return self.set_split(split, classes, X.shape[1])

    def set_split(self, split: Split, classes: Array, n_features: int) -> Self:
        """Be fitted, with a split that was found elsewhere."""
        self.classes_, self.n_features_in_ = classes, n_features
        self.split_ = split
        self.feature_, self.threshold_, self.left_, self.right_ = split
        return self

    def predict(self, X: ArrayLike) -> Array:
        """Labels (n,)."""
        X = check_features(self, X)
        return self.classes_[self.split_.answers(X)]


def check_weights(sample_weight: ArrayLike | None, n: int, estimator: object) -> Array:
    """Weights (n,) float64 of sum 1; all the same for None.

    Raises:
        ValueError: a wrong shape, a negative or infinite weight, or a sum of 0.
    """
    if sample_weight is None:
        return np.full(n, 1 / n)
    weights = np.asarray(sample_weight, np.float64)
    good = weights.shape == (n,) and np.isfinite(weights).all() and weights.min() >= 0
    if not good or weights.sum() == 0:
        raise ValueError(
            f"{type(estimator).__name__} expects sample_weight ({n},): weights that are finite, at "
            f"least 0 and not all zero; got shape {weights.shape}"
        )
    return weights / weights.sum()
