"""Linear support vector classifier for large data: no kernel matrix, one pass after another.

    minimise    ½|w|² + Σ C_k loss(y_k wᵀx_k)
    hinge           loss(m) = max(0, 1 - m)
    squared hinge   loss(m) = max(0, 1 - m)²

The bias is one more weight, of a feature that is `intercept_scaling` for every sample; so it is a
little regularised, as in liblinear; and a constant feature is a second one. Many classes: for each
class one machine, it against the rest; the class of the largest decision value is predicted.

A pass is `ops.coordinate_descent_pass`; `scratchnet.reference.coordinate_descent` defines it. The
samples are visited in a new random order in every pass. Solved means that the largest violation
and the smallest are within `tol`, over all samples. X (n, D), K classes.

Source: Hsieh, Chang, Lin, Keerthi and Sundararajan, "A dual coordinate descent method for
large-scale linear SVM", 2008.
Chapter: docs/svm.md
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from scratchnet import ops
from scratchnet.classical.base import Classifier, check_features, check_X_y
from scratchnet.classical.class_weights import class_weights
from scratchnet.classical.kernel_functions import squared_lengths

Array = NDArray[Any]


class LinearSVC(Classifier):
    """Linear support vector classification by dual coordinate descent.

    Args:
        C: the price of a sample inside the street; above 0.
        loss: "squared_hinge" or "hinge".
        fit_intercept: whether there is a bias.
        intercept_scaling: the feature that the bias is the weight of; large: less regularised.
        tol: by how much the optimality conditions may be missed.
        class_weight: None, "balanced" or {label: weight}.
        max_iter: passes at most.
        random_state: for the order of the samples; a Generator, a seed or None.

    Attributes:
        classes_: (K,); n_features_in_: D.
        coef_: (K, D), intercept_: (K,); with two classes (1, D) and (1,), for classes_[1].
        n_iter_: passes of the machine that took most.
    """

    def __init__(
        self, *, C: float = 1.0, loss: str = "squared_hinge", fit_intercept: bool = True,
        intercept_scaling: float = 1.0, tol: float = 1e-4,
        class_weight: Mapping[Any, float] | str | None = None, max_iter: int = 1000,
        random_state: np.random.Generator | int | None = 0,
    ) -> None:  # fmt: skip
        self.C = C
        self.loss = loss
        self.fit_intercept = fit_intercept
        self.intercept_scaling = intercept_scaling
        self.tol = tol
        self.class_weight = class_weight
        self.max_iter = max_iter
        self.random_state = random_state

    def fit(self, X: ArrayLike, y: ArrayLike) -> Self:
        """Learn from X (n, D) and labels y (n,).

        Raises:
            ValueError: X is not finite numbers (n, D), y is not one label a sample or of one class
                only, an argument of the constructor is out of its range.
        """
        self._check_arguments()
        X, self.classes_, labels = check_X_y(X, y, estimator=self)
        n, self.n_features_in_ = X.shape
        weights = class_weights(self.class_weight, self.classes_, labels)
        if self.fit_intercept:
            X = np.column_stack([X, np.full(n, self.intercept_scaling)])
        rng = np.random.default_rng(self.random_state)
        K = len(self.classes_)
        machines, passes = [], []
        for positive in range(K) if K > 2 else [1]:
            signs = np.where(labels == positive, 1.0, -1.0)
            # > against one class stands all the rest, and it counts as it is: weight 1
            others = weights[0] if K == 2 else 1.0
            C = self.C * np.where(labels == positive, weights[positive], others)
            w, count = self._train(X, signs, C, rng)
            machines.append(w)
            passes.append(count)
        w = np.array(machines)
        self.coef_ = w[:, : self.n_features_in_]
        self.intercept_ = np.zeros(len(w), np.float64)
        if self.fit_intercept:
            self.intercept_ = self.intercept_scaling * w[:, -1]
        self.n_iter_ = max(passes)
        return self

    def _check_arguments(self) -> None:
        for name in ("C", "tol", "intercept_scaling", "max_iter"):
            value = getattr(self, name)
            if not 0 < value < np.inf:
                raise ValueError(f"LinearSVC expects {name} above 0 and finite, got {value!r}")
        if self.loss not in ("hinge", "squared_hinge"):
            raise ValueError(f"loss expects 'hinge' or 'squared_hinge', got {self.loss!r}")

    def _train(
        self, X: Array, signs: Array, C: Array, rng: np.random.Generator
    ) -> tuple[Array, int]:
        """One machine: w (D,), and how many passes it took."""
        n, D = X.shape
        hinge = self.loss == "hinge"
        U = C if hinge else np.full(n, np.inf)
        ridge = np.zeros(n, np.float64) if hinge else 1 / (2 * C)
        curvature = np.maximum(squared_lengths(X) + ridge, np.finfo(np.float64).tiny)
        alpha, w = np.zeros(n, np.float64), np.zeros(D, np.float64)
        order, kept, high, low = np.arange(n), n, np.inf, -np.inf
        for passes in range(1, self.max_iter + 1):
            rng.shuffle(order[:kept])
            kept, most, least = ops.coordinate_descent_pass(
                X, signs, alpha, w, U, ridge, curvature, order[:kept], high, low
            )
            if most - least > self.tol:
                # who is left out next violates less than every sample did in this pass
                high, low = most if most > 0 else np.inf, least if least < 0 else -np.inf
            elif kept < n:
                kept, high, low = n, np.inf, -np.inf  # look at all of them again
            else:
                return w, passes
        warnings.warn(
            f"LinearSVC stopped after {self.max_iter} passes with violations of {least:.1e} to "
            f"{most:.1e}, tol={self.tol}; scale the features, lower C, or raise max_iter",
            RuntimeWarning,
            stacklevel=3,
        )
        return w, self.max_iter

    def decision_function(self, X: ArrayLike) -> Array:
        """wᵀx + b: (n,), above 0 for classes_[1]; with more than two classes (n, K)."""
        X = check_features(self, X)
        f = X @ self.coef_.T + self.intercept_
        return f[:, 0] if len(self.classes_) == 2 else f

    def predict(self, X: ArrayLike) -> Array:
        """The label (n,) of the largest decision value."""
        f = self.decision_function(X)
        winner = np.argmax(f, axis=1) if f.ndim > 1 else (f > 0).astype(np.int64)
        return self.classes_[winner]
