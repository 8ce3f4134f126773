"""Logistic regression: class probabilities from a linear score, by Newton's method.

    S = X Wᵀ + b                          scores (n, K),   W (K, d), b (K,)
    p = softmax(S)                        of two classes: W (1, d), p = σ(S)
    F = C Σ_i -log p_{i, y_i} + |W|² / 2                   b is not penalised

    gradient   dS = C (p - [y]),          dW = dSᵀ X + W,          db = Σ_i dS
    curvature along (V, v):
               R = X Vᵀ + v,              how the scores move
               dR = C p ∘ (R - Σ_k p_k R_k),               ∘ entry by entry
               (dRᵀ X + V,  Σ_i dR)

F is convex, and W no further from its minimum than the gradient is long. Each Newton step solves
`H step = -gradient` by conjugate gradients, which only ask for curvatures along a direction, never
for the matrix H of (K d + K)² entries; inexactly far from the minimum, ever more exactly near it.
Then a line search halves the step until F falls.

Source: Nocedal & Wright, "Numerical Optimization", 2nd ed., algorithms 7.1 and 3.1; Hastie,
Tibshirani & Friedman, "The Elements of Statistical Learning", 2nd ed., section 4.4.
Chapter: docs/neighbours.md
"""

from __future__ import annotations

import warnings
from typing import Self

import numpy as np
from numpy.typing import ArrayLike

from scratchnet.classical.base import Array, LinearClassifier, check_X_y
from scratchnet.classical.newton import minimise
from scratchnet.classical.softmax import class_probabilities, log_sum_exp


class LogisticRegression(LinearClassifier):
    """Multinomial logistic regression with an L2 penalty.

    Args:
        C: inverse strength of the penalty; larger fits closer.
        fit_intercept: whether scores have an offset b.
        tol: F counts as minimal where no entry of its gradient is larger.
        max_iter: Newton steps at most.

    Attributes:
        coef_ (K, d), intercept_ (K,); of two classes (1, d) and (1,).
        n_iter_: Newton steps; classes_; n_features_in_.
    """

    def __init__(
        self,
        C: float = 1.0,
        *,
        fit_intercept: bool = True,
        tol: float = 1e-6,
        max_iter: int = 100,
    ) -> None:
        self.C = C
        self.fit_intercept = fit_intercept
        self.tol = tol
        self.max_iter = max_iter

    def fit(self, X: ArrayLike, y: ArrayLike) -> Self:
        """Minimise F over X (n, d) with labels y (n,).

        Raises:
            ValueError: X or y is not what `check_X_y` expects; C is not positive.

        Warns:
            RuntimeWarning: the gradient is larger than `tol` after `max_iter` steps.
        """
        X, self.classes_, labels = check_X_y(X, y, estimator=self)
        if not (np.isfinite(self.C) and self.C > 0):
            raise ValueError(f"C expects a positive number, got {self.C}")
        (n, d), K = X.shape, len(self.classes_)
        self.n_features_in_ = d
        # A last column of ones makes b the last column of W; of zeros: without b.
        last = np.full((n, 1), float(self.fit_intercept))
        objective = _Objective(np.hstack([X, last]), np.eye(K)[labels], self.C)
        W, self.n_iter_, converged = minimise(objective, self.tol, self.max_iter)
        if not converged:
            warnings.warn(
                f"logistic regression is not at its minimum after {self.n_iter_} steps; scale the "
                "features to similar sizes, or raise max_iter",
                RuntimeWarning,
                stacklevel=2,
            )
        if K > 2:
            W[:, d] -= W[:, d].mean()  # F does not change with what all scores have in common
        self.coef_, self.intercept_ = np.ascontiguousarray(W[:, :d]), W[:, d].copy()
        return self

    def predict_proba(self, X: ArrayLike) -> Array:
        """Probabilities (n, K)."""
        return class_probabilities(self.decision_function(X))


class _Objective:
    """F, its gradient and its curvature; `at(W)` sets the place, W (rows, d + 1).

    rows = K; of two classes 1, and then the first class's score is 0.

    Args:
        X: (n, d + 1), the last column for b.
        Y: (n, K) one-hot.
    """

    def __init__(self, X: Array, Y: Array, C: float) -> None:
        K = Y.shape[1]
        rows = K if K > 2 else 1
        self.X, self.Y, self.C = X, Y[:, -rows:], C
        self.shape = rows, int(X.shape[1])
        self.penalty = np.ones(X.shape[1], np.float64)
        self.penalty[-1] = 0.0

    def at(self, W: Array) -> float:
        """F."""
        S = self.X @ W.T
        if len(W) == 1:
            p = np.exp(-np.logaddexp(0, -S))  # σ(S), and no overflow
            loss = np.logaddexp(0, np.where(self.Y, -S, S)).sum()
        else:
            p = class_probabilities(S)
            own = (self.Y * S).sum(axis=1, keepdims=True)
            loss = log_sum_exp(S - own).sum()  # 0 + … for all that are right: no cancellation
        self.W, self.p = W, p
        return float(self.C * loss + 0.5 * (W**2 @ self.penalty).sum())

    def gradient(self) -> Array:
        """(rows, d + 1)."""
        return self.C * (self.p - self.Y).T @ self.X + self.W * self.penalty

    def curvature(self, V: Array) -> Array:
        """H V, both (rows, d + 1)."""
        R = self.p * (self.X @ V.T)
        dR = R - self.p * R.sum(axis=1, keepdims=True)
        return self.C * dR.T @ self.X + V * self.penalty

    def diagonal(self) -> Array:
        """H's diagonal (rows, d + 1)."""
        return self.C * (self.p * (1 - self.p)).T @ self.X**2 + self.penalty
