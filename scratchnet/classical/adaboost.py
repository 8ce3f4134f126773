"""AdaBoost: a committee of stumps, each made for the samples that those before it got wrong.

    w ← 1/n                                     all samples count alike
    repeat for each round t
        hₜ = the best stump for the weights w
        eₜ = Σ wᵢ [hₜ(xᵢ) ≠ yᵢ]                 its weighted error; chance would be 1 - 1/K
        αₜ = η (ln (1 - eₜ)/eₜ + ln(K - 1))     its say: 0 at chance, more the fewer mistakes
        wᵢ ← wᵢ exp(αₜ [hₜ(xᵢ) ≠ yᵢ]) / Σ       mistakes weigh more in the next round

    predict(x) = argmax_k Σ αₜ [hₜ(x) = k]

For two classes ln(K - 1) = 0: this is discrete AdaBoost, as Freund and Schapire wrote it (their
β = e / (1 - e), with weights w β for the right answers instead of w / β for the wrong ones; others
halve α). After each such round hₜ has on the new weights an error of exactly ½: the next stump must
ask something else. The error of the committee on its own samples is at most Π 2 √(eₜ (1 - eₜ)).

For K classes, ln(K - 1) makes the same hold with chance, 1 - 1/K, in ½'s place (SAMME).

A stump without mistakes ends the training: it decides alone. One no better than chance ends it too,
and is dropped.

Sources: Freund, Schapire, "A decision-theoretic generalization of on-line learning and an
application to boosting", 1997, figure 2 and theorem 6. Zhu, Zou, Rosset, Hastie, "Multi-class
AdaBoost", 2009, algorithm 2. Learning rate η: Friedman, "Greedy function approximation", 2001.
Chapter: docs/adaboost.md
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from scratchnet.classical.base import Classifier, accuracy, check_features, check_X_y
from scratchnet.classical.softmax import class_probabilities
from scratchnet.classical.stump import (
    CRITERIA,
    Criterion,
    DecisionStump,
    SortedColumns,
    best_split,
    check_weights,
    sort_columns,
)

Array = NDArray[Any]


class AdaBoostClassifier(Classifier):
    """Boosted decision stumps, for two classes or more.

    Args:
        n_estimators: rounds, at most.
        learning_rate: η; below 1 every stump has less say, and more of them are needed.
        criterion: how a stump is chosen, "gini" or "error" (`stump`).

    Attributes:
        classes_, n_features_in_: as in all classifiers.
        estimators_: the T stumps hₜ.
        estimator_weights_: αₜ (T,).
        estimator_errors_: eₜ (T,).
        sample_weights_: (T, n): row t has the weights for which stump t was made.
    """

    def __init__(
        self,
        n_estimators: int = 50,
        *,
        learning_rate: float = 1.0,
        criterion: Criterion = "gini",
    ) -> None:
        self.n_estimators = n_estimators
        self.learning_rate = learning_rate
        self.criterion = criterion

    def fit(self, X: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None = None) -> Self:
        """Train the committee.

        Raises:
            ValueError: bad samples or arguments, or no stump is better than chance.
        """
        self._check_arguments()
        X, self.classes_, indices = check_X_y(X, y, estimator=self)
        self.n_features_in_ = X.shape[1]
        everything = check_weights(sample_weight, len(X), self)
        used = everything > 0  # > samples of no weight are as good as absent
        columns, indices, w = sort_columns(X[used]), indices[used], everything[used]
        K = len(self.classes_)
        stumps, says, errors, history = [], [], [], []
        for _ in range(self.n_estimators):
            stump, wrong = self._boost(columns, indices, w)
            error = float(w[wrong].sum())
            if error >= 1 - 1 / K - 1e-12:  # > rounding must not pass for knowledge
                break
            perfect = error <= 0
            odds = 0.0 if perfect else np.log((1 - error) / error) + np.log(K - 1)
            say = 1.0 if perfect else self.learning_rate * odds
            stumps.append(stump)
            says.append(say)
            errors.append(error)
            history.append(w)
            if perfect:
                break
            w = w * np.exp(say * wrong)
            w /= w.sum()
        if not stumps:
            raise ValueError(
                "AdaBoostClassifier expects a feature that tells the classes apart better than "
                f"chance, an error below {1 - 1 / K:.3g}; none of {X.shape[1]} does: are they "
                "constant?"
            )
        self.estimators_ = stumps
        self.estimator_weights_, self.estimator_errors_ = np.array(says), np.array(errors)
        self.sample_weights_ = np.zeros((len(stumps), len(X)), np.float64)
        self.sample_weights_[:, used] = history
        return self

    def _boost(self, columns: SortedColumns, y: Array, w: Array) -> tuple[DecisionStump, Array]:
        """One round: the best stump for the weights w, and which samples it gets wrong (n,)."""
        split = best_split(columns, y, w, len(self.classes_), self.criterion)
        stump = DecisionStump(self.criterion)
        stump.set_split(split, self.classes_, self.n_features_in_)
        return stump, split.answers(columns.X) != y

    # -- the committee's answer -------------------------------------------------------------

    def staged_votes(self, X: ArrayLike) -> Iterator[Array]:
        """After each round, each class's share Σ αₜ [hₜ(x) = k] / Σ αₜ, (n, K)."""
        X = check_features(self, X)
        votes, total = np.zeros((len(X), len(self.classes_))), 0.0
        rows = np.arange(len(X))
        for stump, say in zip(self.estimators_, self.estimator_weights_, strict=True):
            votes[rows, stump.split_.answers(X)] += say
            total += say
            yield votes / total

    def _votes(self, X: ArrayLike) -> Array:
        for votes in self.staged_votes(X):
            last = votes
        return last

    def staged_predict(self, X: ArrayLike) -> Iterator[Array]:
        """Labels (n,) after each round."""
        for votes in self.staged_votes(X):
            yield self.classes_[votes.argmax(axis=1)]

    def staged_score(self, X: ArrayLike, y: ArrayLike) -> Iterator[float]:
        """Accuracy after each round."""
        for predicted in self.staged_predict(X):
            yield accuracy(predicted, y)

    def decision_function(self, X: ArrayLike) -> Array:
        """How sure: for two classes (n,), from -1 to 1, above 0 for classes_[1]; else (n, K), from
        -1 / (K - 1) to 1, with 0 for what chance would give a class."""
        votes = self._votes(X)
        K = votes.shape[1]
        if K == 2:
            return votes[:, 1] - votes[:, 0]
        return (K * votes - 1) / (K - 1)

    def predict(self, X: ArrayLike) -> Array:
        """Labels (n,)."""
        votes = self._votes(X)
        return self.classes_[votes.argmax(axis=1)]

    def predict_proba(self, X: ArrayLike) -> Array:
        """(n, K): softmax of the decision function / (K - 1) (Zhu et al., section 2.1)."""
        votes = self._votes(X)
        K = votes.shape[1]
        return class_probabilities((K * votes - 1) / (K - 1) ** 2)

    def _check_arguments(self) -> None:
        if self.n_estimators < 1:
            raise ValueError(
                f"AdaBoostClassifier expects n_estimators of at least 1, got {self.n_estimators}"
            )
        if not self.learning_rate > 0:
            raise ValueError(
                f"AdaBoostClassifier expects learning_rate > 0, got {self.learning_rate}"
            )
        if self.criterion not in CRITERIA:
            raise ValueError(
                f"AdaBoostClassifier expects criterion among {', '.join(CRITERIA)}, "
                f"got {self.criterion!r}"
            )
