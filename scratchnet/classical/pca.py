"""Principal component analysis: the few directions along which the samples differ most.

    A = X - mean                             (n, d)
    A = U S Vᵀ                               singular values S, largest first
    components_ = first k rows of Vᵀ         (k, d), orthonormal
    explained variance λ = S² / (n - 1),     ratio = λ / Σ λ       over all min(n, d) of them
    transform            Z = A Vᵀ            (n, k), uncorrelated, variance λ
    whitened             Z / √λ              all variances 1
    inverse transform    X ≈ mean + Z V      the nearest point of the k-dimensional plane

An axis has no sign of its own: here each component's entry of largest size is positive, so that
the same data give the same components. Which road leads to V, `principal_axes` explains.

Sources: Pearson 1901; Jolliffe, "Principal Component Analysis", 2nd ed., chapters 1 to 3.
Chapter: docs/pca.md
"""

from __future__ import annotations

from typing import Self

import numpy as np
from numpy.typing import ArrayLike

from scratchnet.classical.base import Array, Transformer, check_features, check_fitted, check_X
from scratchnet.classical.principal_axes import Axes, by_eigenvectors, by_sketch, by_svd

SOLVERS = ("auto", "full", "randomized")
SMALL = 1000
"""Up to so many samples or features, whichever are fewer, "auto" solves exactly."""


class PCA(Transformer):
    """Principal component analysis.

    Args:
        n_components: how many; or, between 0 and 1, as few as explain more than this share of the
            variance; None: all min(n, d) of them.
        whiten: divide each coordinate by its standard deviation. A direction in which the samples
            do not differ at all has coordinate 0.
        svd_solver: "full", the SVD; "randomized", a sketch, which needs a number of components;
            "auto", exact too, unless there are more than 1000 samples and features and at most a
            tenth as many components wanted, which calls for the sketch.
        n_oversamples: columns of the sketch beyond n_components.
        iterated_power: passes over the data that sharpen the sketch.
        random_state: Generator or seed of the sketch.

    Attributes:
        components_: (k, d) float64, orthonormal rows, the largest variance first.
        explained_variance_, explained_variance_ratio_, singular_values_: (k,). Samples that are
            all the same explain nothing: ratio 0.
        mean_: (d,); n_components_: k; n_features_in_: d.
    """

    def __init__(
        self,
        n_components: int | float | None = None,
        *,
        whiten: bool = False,
        svd_solver: str = "auto",
        n_oversamples: int = 10,
        iterated_power: int = 7,
        random_state: np.random.Generator | int | None = None,
    ) -> None:
        self.n_components = n_components
        self.whiten = whiten
        self.svd_solver = svd_solver
        self.n_oversamples = n_oversamples
        self.iterated_power = iterated_power
        self.random_state = random_state

    def fit(self, X: ArrayLike, y: ArrayLike | None = None) -> Self:
        """Find the components of X (n, d), n >= 2; y is ignored.

        Raises:
            ValueError: X is not finite (n, d) with two samples; more components than min(n, d);
                an unknown solver.
        """
        X = check_X(X, estimator=self)
        n, self.n_features_in_ = X.shape
        if n < 2:
            raise ValueError("PCA expects at least two samples, got 1 sample: nothing varies")
        self._check_options(min(X.shape))
        self.mean_ = X.mean(axis=0)
        axes = self._solve(X)
        self.components_ = axes.rows
        self.n_components_ = len(axes.rows)
        self.singular_values_ = np.sqrt(axes.squares)
        self.explained_variance_ = axes.squares / (n - 1)
        self.explained_variance_ratio_ = axes.squares / (axes.total or 1.0)
        return self

    def transform(self, X: ArrayLike) -> Array:
        """Coordinates Z (n, k) of X (n, d) along the components."""
        X = check_features(self, X)
        Z = X @ self.components_.T - self.mean_ @ self.components_.T
        if self.whiten:
            scale = self._scale()
            return np.divide(Z, scale, out=np.zeros_like(Z), where=scale > 0)
        return Z

    def inverse_transform(self, Z: ArrayLike) -> Array:
        """The points X (n, d) of the plane whose coordinates are Z (n, k)."""
        check_fitted(self)
        Z = check_X(Z, estimator=self)
        if Z.shape[1] != self.n_components_:
            raise ValueError(f"expected {self.n_components_} coordinates, got {Z.shape[1]}")
        return self.mean_ + (Z * self._scale() if self.whiten else Z) @ self.components_

    def _scale(self) -> Array:
        """Standard deviation along each component; 0 where it is nothing but rounding."""
        S, d = self.singular_values_, self.n_features_in_
        noise = d * np.finfo(np.float64).eps * S[0]
        return np.where(noise < S, np.sqrt(self.explained_variance_), 0.0)

    def _solve(self, X: Array) -> Axes:
        m, k = min(X.shape), self.n_components
        few = isinstance(k, int | np.integer) and 10 * k <= m
        if self.svd_solver == "randomized" or (self.svd_solver == "auto" and few and m > SMALL):
            rng = np.random.default_rng(self.random_state)
            passes = self.iterated_power
            return by_sketch(X, self.mean_, int(k or m), self.n_oversamples, passes, rng)
        axes = None
        if self.svd_solver == "auto":
            axes = by_eigenvectors(X, self.mean_, self._count)
        return axes or by_svd(X, self.mean_, self._count)

    def _count(self, squares: Array) -> int:
        """How many components to keep, of all that there are."""
        k = self.n_components
        if k is None or isinstance(k, int | np.integer):
            return int(k or len(squares))
        explained = np.cumsum(squares) / (squares.sum() or 1.0)
        return min(int(np.searchsorted(explained, k, side="right")) + 1, len(squares))

    def _check_options(self, most: int) -> None:
        k = self.n_components
        if self.svd_solver not in SOLVERS:
            raise ValueError(f"svd_solver expects one of {SOLVERS}, got {self.svd_solver!r}")
        if isinstance(k, int | np.integer) and not isinstance(k, bool):
            if not 1 <= k <= most:
                raise ValueError(
                    f"n_components expects 1 to min(n_samples, n_features) = {most}, got {k}"
                )
        elif k is not None and not (isinstance(k, float | np.floating) and 0 < k < 1):
            raise ValueError(
                f"n_components expects a whole number, a share between 0 and 1, or None; got {k!r}"
            )
        elif k is not None and self.svd_solver == "randomized":
            raise ValueError(
                f"a sketch does not know the whole variance, of which n_components={k} is a share; "
                'give a number of components, or svd_solver="full"'
            )
