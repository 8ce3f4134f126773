"""Support vector clustering: the smallest sphere around the data, in the space of the rbf kernel.

    minimise    R² + C Σ ξ_k    subject to  |φ(x_k) - a|² ≤ R² + ξ_k
    its dual    maximise Σ β_k K_kk - Σ β_k β_l K_kl,   0 ≤ β_k ≤ C = 1 / (n ν),   Σ β = 1
    centre      a = Σ β_k φ(x_k)
    distance    |φ(x) - a|² = K(x, x) - 2 Σ β_k K(x_k, x) + βᵀKβ

Mapped back, the sphere is one or more contours around the data, tighter with larger γ. Two samples
belong together if the whole segment between them stays inside the sphere, or if a chain of such
segments joins them: clusters of any shape. Samples with β_k = C lie outside; they are at most the
share ν of all, and belong to no cluster.

Half the dual is what `smo` solves: p = K_kk / 2. A segment is looked at in `segment_points` places.
X (n, D); every cluster is walked from its first sample, and only samples without a cluster are
looked at, so far fewer than n² / 2 segments are.

Source: Ben-Hur, Horn, Siegelmann and Vapnik, "Support vector clustering", 2001.
Chapter: docs/svm.md
"""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from scratchnet.classical.base import Estimator, check_features, check_X
from scratchnet.classical.kernel_functions import PAIRS, make_kernel
from scratchnet.classical.smo import solve

Array = NDArray[Any]

OUTSIDE = -1


class SupportVectorClustering(Estimator):
    """Clusters as the contours of a sphere in feature space.

    Args:
        gamma: γ of the kernel exp(-γ|x - z|²), "scale" or "auto": large for many small clusters.
        nu: the largest share of samples that may be left outside, 0 ≤ ν < 1.
        segment_points: in how many places a segment is looked at.
        tol: by how much the optimality conditions may be missed.
        cache_size: megabytes for rows of the kernel matrix.

    Attributes:
        labels_: (n,) clusters from 0 on, in the order of their first samples; -1 is outside.
        n_clusters_; radius_: R; n_features_in_: D.
        support_: (S,) indices of the samples with β > 0; support_vectors_: (S, D).
        dual_coef_: (S,) β.
    """

    def __init__(
        self, *, gamma: str | float = "scale", nu: float = 0.0, segment_points: int = 12,
        tol: float = 1e-4, cache_size: float = 200,
    ) -> None:  # fmt: skip
        self.gamma = gamma
        self.nu = nu
        self.segment_points = segment_points
        self.tol = tol
        self.cache_size = cache_size

    def fit(self, X: ArrayLike, y: ArrayLike | None = None) -> Self:
        """Find the sphere and the clusters of X (n, D); y is not looked at.

        Raises:
            ValueError: X is not finite numbers (n, D), or an argument is out of its range.
        """
        if not 0 <= self.nu < 1:
            raise ValueError(f"nu expects a share, 0 ≤ nu < 1, got {self.nu!r}")
        if self.segment_points < 1 or not self.tol > 0:
            raise ValueError(
                "SupportVectorClustering expects segment_points of at least 1 and tol above 0, "
                f"got {self.segment_points!r} and {self.tol!r}"
            )
        X = check_X(X, estimator=self)
        n, self.n_features_in_ = X.shape
        self._kernel = make_kernel("rbf", self.gamma, 0, 0.0, X)

        C = min(1.0, 1 / (n * self.nu)) if self.nu > 0 else 1.0
        A, B = np.zeros(n, np.float64), np.full(n, C)
        start = np.clip(1 - C * np.arange(n), 0, C)  # C for the first samples, until Σ β = 1
        p = self._kernel.diagonal(X) / 2
        solution = solve(
            self._kernel, X, p, A, B, start, tolerance=self.tol, megabytes=self.cache_size
        )
        beta = solution.beta
        self.support_ = np.flatnonzero(beta)
        self.support_vectors_, self.dual_coef_ = X[self.support_], beta[self.support_]
        self._centre_squared = float(beta @ (p - solution.g))  # |a|² = βᵀKβ
        outside = (beta == C) & (C < 1)
        distances = self._squared_distance(X)
        self._radius_squared = float(distances[~outside].max())
        self.radius_ = float(np.sqrt(max(self._radius_squared, 0.0)))
        self.labels_ = self._walk(X, outside)
        self.n_clusters_ = int(self.labels_.max(initial=OUTSIDE)) + 1
        self._members = X[~outside], self.labels_[~outside]
        return self

    def _squared_distance(self, X: Array) -> Array:
        """|φ(x) - a|², (n,); K(x, x) = 1."""
        sums = self._kernel.weighted_sum(X, self.support_vectors_, self.dual_coef_)
        return 1 - 2 * sums + self._centre_squared

    def _joined(self, x: Array, others: Array) -> Array:
        """Whether the whole segment from x (D,) to each of others (m, D) lies inside, (m,)."""
        S = self.segment_points
        t = (np.arange(1, S + 1) / (S + 1))[:, np.newaxis]
        inside = np.zeros(len(others), bool)
        band = max(1, PAIRS // (S * len(x)))
        for start in range(0, len(others), band):
            ends = others[start : start + band, np.newaxis]
            points = (x + t * (ends - x)).reshape(-1, len(x))
            within = self._squared_distance(points) <= self._radius_squared
            inside[start : start + band] = within.reshape(-1, S).all(axis=1)
        return inside

    def _walk(self, X: Array, outside: Array) -> Array:
        """The connected components of the samples inside the sphere."""
        labels = np.full(len(X), OUTSIDE)
        free = np.flatnonzero(~outside)
        cluster = 0
        while len(free):
            reached, free = [free[0]], free[1:]
            while reached:
                k = reached.pop()
                labels[k] = cluster
                joined = self._joined(X[k], X[free])
                reached.extend(free[joined])
                free = free[~joined]
            cluster += 1
        return labels

    def fit_predict(self, X: ArrayLike, y: ArrayLike | None = None) -> Array:
        """`fit(X)`, then `labels_`."""
        return self.fit(X, y).labels_

    def decision_function(self, X: ArrayLike) -> Array:
        """R² - |φ(x) - a|², (n,): above 0 inside of a contour, 0 on it."""
        X = check_features(self, X)
        return self._radius_squared - self._squared_distance(X)

    def predict(self, X: ArrayLike) -> Array:
        """The cluster (n,) of the nearest sample of `fit` that has one; -1 outside the contours."""
        X = check_features(self, X)
        inside = np.flatnonzero(self.decision_function(X) >= 0)
        members, clusters = self._members
        labels = np.full(len(X), OUTSIDE)
        band = max(1, PAIRS // len(members))
        for start in range(0, len(inside), band):
            some = inside[start : start + band]
            # |x - m|² = |x|² + |m|² - 2 xᵀm, of which |x|² is the same for every m
            distances = np.sum(members * members, axis=1) - 2 * X[some] @ members.T
            labels[some] = clusters[np.argmin(distances, axis=1)]
        return labels
