"""Support vector classifier: one machine for each pair of classes, and a vote.

    machine (i, j)    f(x) = Σ β_k K(x_k, x) + b      above 0 for class i, else for class j
    predict           the class with the most votes; of equal ones the first
    probabilities     a sigmoid of each f, coupled to one distribution (`platt`)

`binary_svm` says what a machine is, `smo` solves its dual. The pairs are (0, 1), (0, 2), …, (1, 2),
…; P = K (K - 1) / 2 of them for K classes. X is (n, D), of which S samples are support vectors of
some machine; they are sorted by class.

A constant feature changes nothing under the kernels linear and rbf but through γ="scale".

Source: Chang and Lin, "LIBSVM: a library for support vector machines", 2011, sections 4.1 to 8,
whose conventions scikit-learn and this file share.
Chapter: docs/svm.md
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from scratchnet.classical.base import Classifier, check_features, check_fitted, check_X_y
from scratchnet.classical.binary_svm import Machine, decisions_out_of_fold, train
from scratchnet.classical.class_weights import class_weights
from scratchnet.classical.kernel_functions import make_kernel
from scratchnet.classical.platt import couple, fit_sigmoid, sigmoid

Array = NDArray[Any]


class SVC(Classifier):
    """C-support vector classification.

    Args:
        C: the price of a sample inside the street; above 0.
        kernel: "linear", "poly", "rbf" or "sigmoid" (`kernel_functions`).
        degree, gamma, coef0: d, γ and r of the kernel.
        shrinking: whether coefficients that will most likely stay on a bound are set aside.
        probability: whether `fit` also prepares `predict_proba`; takes six times as long.
        tol: by how much the optimality conditions may be missed.
        cache_size: megabytes for rows of the kernel matrix.
        class_weight: None, "balanced" or {label: weight}.
        max_iter: steps of each machine at most; -1 for as many as it takes.
        decision_function_shape: "ovr", a column a class, or "ovo", a column a pair.
        random_state: for the folds of `probability`; a Generator, a seed or None.

    Attributes:
        classes_: (K,); n_features_in_: D.
        support_: (S,) indices of the support vectors; support_vectors_: (S, D).
        n_support_: (K,) how many support vectors are of each class.
        dual_coef_: (K - 1, S) y α: of the machine (i, j), at row j - 1 for support vectors of
            class i, at row i for those of class j.
        intercept_: (P,) b; with two classes, f > 0 and y = 1 stand for classes_[1], else for the
            first class of a pair.
        dual_objective_: (P,) the maximum that was reached; n_iter_: (P,) steps taken.
        probA_, probB_: (P,) A and B of `platt`, for the first class of each pair.
    """

    def __init__(
        self, *, C: float = 1.0, kernel: str = "rbf", degree: int = 3,
        gamma: str | float = "scale", coef0: float = 0.0, shrinking: bool = True,
        probability: bool = False, tol: float = 1e-3, cache_size: float = 200,
        class_weight: Mapping[Any, float] | str | None = None, max_iter: int = -1,
        decision_function_shape: str = "ovr",
        random_state: np.random.Generator | int | None = 0,
    ) -> None:  # fmt: skip
        self.C = C
        self.kernel = kernel
        self.degree = degree
        self.gamma = gamma
        self.coef0 = coef0
        self.shrinking = shrinking
        self.probability = probability
        self.tol = tol
        self.cache_size = cache_size
        self.class_weight = class_weight
        self.max_iter = max_iter
        self.decision_function_shape = decision_function_shape
        self.random_state = random_state

    # -- fit ------------------------------------------------------------------------------------

    def fit(self, X: ArrayLike, y: ArrayLike) -> Self:
        """Learn from X (n, D) and labels y (n,).

        Raises:
            ValueError: X is not finite numbers (n, D), y is not one label a sample or of one class
                only, an argument of the constructor is out of its range.
        """
        self._check_arguments()
        X, self.classes_, labels = check_X_y(X, y, estimator=self)
        n, self.n_features_in_ = X.shape
        self._kernel = make_kernel(self.kernel, self.gamma, self.degree, self.coef0, X)
        price = self.C * class_weights(self.class_weight, self.classes_, labels)
        K = len(self.classes_)
        self._pairs = list(combinations(range(K), 2))

        beta = np.zeros((n, len(self._pairs)), np.float64)
        machines = []
        for p, (i, j) in enumerate(self._pairs):
            mine = np.concatenate([np.flatnonzero(labels == i), np.flatnonzero(labels == j)])
            signs = np.where(labels[mine] == i, 1.0, -1.0)
            machine = self._train(X[mine], signs, price[labels[mine]])
            beta[mine, p] = machine.beta
            machines.append(machine)

        by_class = np.argsort(labels, kind="stable")
        self.support_ = by_class[beta[by_class].any(axis=1)]
        self.support_vectors_ = X[self.support_]
        self.n_support_ = np.bincount(labels[self.support_], minlength=K)
        self._beta = beta[self.support_]
        self._offsets = np.array([machine.offset for machine in machines])
        self.dual_coef_ = self._packed(labels[self.support_])
        self.intercept_ = -self._offsets if K == 2 else self._offsets.copy()
        self.dual_objective_ = np.array([machine.objective for machine in machines])
        self.n_iter_ = np.array([machine.steps for machine in machines])
        if self.probability:
            self._fit_probabilities(X, labels, price)
        return self

    def _check_arguments(self) -> None:
        for name in ("C", "tol", "cache_size"):
            value = getattr(self, name)
            if not 0 < value < np.inf:
                raise ValueError(f"SVC expects {name} above 0 and finite, got {value!r}")
        if self.decision_function_shape not in ("ovr", "ovo"):
            got = self.decision_function_shape
            raise ValueError(f"decision_function_shape expects 'ovr' or 'ovo', got {got!r}")
        if self.max_iter < -1:
            raise ValueError(f"max_iter expects -1 (no limit) or more, got {self.max_iter!r}")

    def _train(self, X: Array, signs: Array, C: Array) -> Machine:
        """The machine for signs (n,), ±1, and prices C (n,)."""
        return train(
            self._kernel, X, signs, C, tolerance=self.tol, max_steps=self.max_iter,
            shrinking=self.shrinking, megabytes=self.cache_size,
        )  # fmt: skip

    def _packed(self, labels: Array) -> Array:
        """`dual_coef_` from β (S, P): a class meets each other class in one machine only."""
        K = len(self.classes_)
        packed = np.zeros((K - 1, len(labels)), np.float64)
        for p, (i, j) in enumerate(self._pairs):
            packed[j - 1, labels == i] = self._beta[labels == i, p]
            packed[i, labels == j] = self._beta[labels == j, p]
        return -packed if K == 2 else packed

    def _fit_probabilities(self, X: Array, labels: Array, price: Array) -> None:
        rng = np.random.default_rng(self.random_state)
        self.probA_, self.probB_ = np.zeros((2, len(self._pairs)), np.float64)
        for p, (i, j) in enumerate(self._pairs):
            members = [rng.permutation(np.flatnonzero(labels == c)) for c in (i, j)]
            if min(map(len, members)) < 2:
                raise ValueError(
                    "probability=True expects at least two samples of each class, got one of "
                    f"{self.classes_[i]!r} or {self.classes_[j]!r}"
                )
            mine = np.concatenate(members)
            signs, C = np.where(labels[mine] == i, 1.0, -1.0), price[labels[mine]]
            f = decisions_out_of_fold(self._train, self._kernel, X[mine], signs, C)
            self.probA_[p], self.probB_[p] = fit_sigmoid(f, signs > 0)

    # -- predict --------------------------------------------------------------------------------

    def _pair_decisions(self, X: ArrayLike) -> Array:
        """f of every machine, (n, P); above 0 means the first class of its pair."""
        X = check_features(self, X)
        return self._kernel.weighted_sum(X, self.support_vectors_, self._beta) + self._offsets

    def _votes(self, f: Array) -> Array:
        """How many machines decide for each class, (n, K)."""
        votes = np.zeros((len(f), len(self.classes_)), np.float64)
        for p, (i, j) in enumerate(self._pairs):
            votes[:, i] += f[:, p] > 0
            votes[:, j] += f[:, p] <= 0
        return votes

    def decision_function(self, X: ArrayLike) -> Array:
        """Two classes: f (n,), above 0 for classes_[1]. More: (n, K) for "ovr", (n, P) for "ovo".

        A column of "ovr" is the votes for its class, plus less than half a vote for how clear
        they were: the sum s of its decision values as s / 3(|s| + 1).
        """
        f = self._pair_decisions(X)
        if len(self.classes_) == 2:
            return -f[:, 0]
        if self.decision_function_shape == "ovo":
            return f
        clear = np.zeros((len(f), len(self.classes_)), np.float64)
        for p, (i, j) in enumerate(self._pairs):
            clear[:, i] += f[:, p]
            clear[:, j] -= f[:, p]
        return self._votes(f) + clear / (3 * (np.abs(clear) + 1))

    def predict(self, X: ArrayLike) -> Array:
        """The label (n,) with the most votes."""
        votes = self._votes(self._pair_decisions(X))
        return self.classes_[np.argmax(votes, axis=1)]

    def predict_proba(self, X: ArrayLike) -> Array:
        """(n, K), rows sum to 1; may rank classes a little differently than `predict`.

        Raises:
            AttributeError: fitted with probability=False.
        """
        check_fitted(self)
        if not hasattr(self, "probA_"):
            raise AttributeError("predict_proba needs SVC(probability=True) before fit")
        f = self._pair_decisions(X)
        first = sigmoid(f, self.probA_, self.probB_)
        if len(self.classes_) == 2:
            return np.column_stack([first[:, 0], 1 - first[:, 0]])
        r = np.zeros((len(f), len(self.classes_), len(self.classes_)), np.float64)
        for p, (i, j) in enumerate(self._pairs):
            r[:, i, j], r[:, j, i] = first[:, p], 1 - first[:, p]
        return couple(r)

    @property
    def coef_(self) -> Array:
        """w of each machine, (P, D); only the linear kernel has one.

        Raises:
            AttributeError: another kernel.
        """
        check_fitted(self)
        if self.kernel != "linear":
            raise AttributeError(f"only kernel='linear' has coef_, this SVC has {self.kernel!r}")
        w = self._beta.T @ self.support_vectors_
        return -w if len(self.classes_) == 2 else w
