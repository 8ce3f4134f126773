"""Linear discriminant analysis: the directions in which classes lie far apart and are narrow.

    mean of a class μ_k, of all μ = Σ π_k μ_k,        priors π_k = n_k / n
    within the classes    S_w = Σ_k Σ_{y=k} (x - μ_k)(x - μ_k)ᵀ / n                (d, d)
    between them          S_b = Σ_k π_k (μ_k - μ)(μ_k - μ)ᵀ
    Fisher                max  wᵀ S_b w / wᵀ S_w w       at most K - 1 directions w say something

**Whitening.** No matrix d × d is ever inverted. With the samples, each less its class's mean, as
the rows of A, and σ the standard deviations of A's columns:

    A / σ √n = U S Vᵀ                     W = diag(1/σ) V / S            Wᵀ S_w W = 1
    √π (M - μ) W = U' S' V'ᵀ              scalings = W V'                M (K, d): the class means

In the space of W all classes are round, and Fisher's directions are the principal axes V' of the
class means. Directions in which S < tol are left out: there no class varies, as in a feature that
is constant, or in n - K < d dimensions that no sample reaches.

**Classifying.** The classes as normal distributions of one covariance: with z = scalingsᵀ(x - μ),

    score_k = m_k·z - |m_k|²/2 + log π_k,     m_k = scalingsᵀ(μ_k - μ),     p = softmax(score)

**Shrinkage** s, for few samples: S_w is `shrinkage.pooled_covariance`, which has full rank.

Sources: Fisher 1936; Rao 1948 (many classes); Hastie, Tibshirani & Friedman, "The Elements of
Statistical Learning", 2nd ed., section 4.3; Friedman 1989 (shrinkage).
Chapter: docs/lda.md
"""

from __future__ import annotations

from typing import Self

import numpy as np
from numpy.typing import ArrayLike

from scratchnet.classical.base import Array, LinearClassifier, check_features, check_X_y
from scratchnet.classical.shrinkage import pooled_covariance
from scratchnet.classical.softmax import class_probabilities


class LinearDiscriminantAnalysis(LinearClassifier):
    """Fisher's discriminant as a classifier, and as a projection to at most K - 1 dimensions.

    Args:
        n_components: dimensions that `transform` keeps; None: all, min(K - 1, d).
        shrinkage: None; a share from 0 to 1; or "auto", Ledoit and Wolf's estimate of the best.
        priors: (K,) probabilities of the classes before a sample is seen; None: as in the data.
        tol: directions whose standardised deviation is at most this do not count.

    Attributes:
        means_ (K, d), priors_ (K,), xbar_ (d,): of the classes, and of all weighed by priors.
        scalings_: (d, r), the discriminants, best first; r = 0 if all classes have one mean.
        explained_variance_ratio_: each kept discriminant's share of the variance between classes.
        coef_, intercept_: the scores as X @ coef_.T + intercept_; (K, d) and (K,). Of two classes,
            the one difference: (1, d) and (1,).
        classes_, n_features_in_.
    """

    def __init__(
        self,
        *,
        n_components: int | None = None,
        shrinkage: float | str | None = None,
        priors: ArrayLike | None = None,
        tol: float = 1e-4,
    ) -> None:
        self.n_components = n_components
        self.shrinkage = shrinkage
        self.priors = priors
        self.tol = tol

    def fit(self, X: ArrayLike, y: ArrayLike) -> Self:
        """Find the discriminants of X (n, d) with labels y (n,).

        Raises:
            ValueError: X or y is not what `check_X_y` expects; no class has two samples; no class
                varies at all; impossible options.
        """
        X, self.classes_, labels = check_X_y(X, y, estimator=self)
        (n, d), K = X.shape, len(self.classes_)
        if n == K:
            raise ValueError(
                f"expected more samples than classes, got {n} of each: with one sample a class, "
                "nothing tells how a class varies"
            )
        self.n_features_in_ = d
        counts = np.bincount(labels)
        self.priors_ = counts / n if self.priors is None else self._given_priors(K)
        self._most = self._count(min(K - 1, d))
        order = np.argsort(labels, kind="stable")
        grouped = X[order]
        sums = np.add.reduceat(grouped, np.cumsum(counts) - counts, axis=0)
        self.means_ = sums / counts[:, None]
        self.xbar_ = self.priors_ @ self.means_

        W = self._whitening(grouped, labels[order])
        if W.shape[1] == 0:
            raise ValueError(
                "expected classes that vary, got samples that all equal their class's mean; "
                "KNeighborsClassifier(1) can look them up"
            )
        spread = np.sqrt(self.priors_)[:, None] * (self.means_ - self.xbar_) @ W
        _, S, Vt = np.linalg.svd(spread, full_matrices=False)
        least, total = self.tol * S[0], float((S**2).sum())
        self.explained_variance_ratio_ = S[: self._most] ** 2 / (total or 1.0)
        self.scalings_ = W @ Vt[np.greater(S, least)].T

        M = (self.means_ - self.xbar_) @ self.scalings_
        coef = M @ self.scalings_.T
        intercept = np.log(self.priors_) - 0.5 * (M**2).sum(axis=1) - coef @ self.xbar_
        if K == 2:
            coef, intercept = coef[1:] - coef[:1], intercept[1:] - intercept[:1]
        self.coef_, self.intercept_ = coef, intercept
        return self

    def transform(self, X: ArrayLike) -> Array:
        """Coordinates (n, n_components) along the discriminants; `xbar_` is the origin."""
        X = check_features(self, X)
        scalings = self.scalings_[:, : self._most]
        return X @ scalings - self.xbar_ @ scalings

    def fit_transform(self, X: ArrayLike, y: ArrayLike) -> Array:
        """`fit(X, y)`, then `transform(X)`."""
        return self.fit(X, y).transform(X)

    def predict_proba(self, X: ArrayLike) -> Array:
        """Probabilities (n, K)."""
        return class_probabilities(self.decision_function(X))

    def _whitening(self, grouped: Array, labels: Array) -> Array:
        """W (d, r) with Wᵀ S_w W = 1, in the directions that vary."""
        n, d = grouped.shape
        if self.shrinkage is not None:
            covariance = pooled_covariance(grouped, labels, self.priors_, self.shrinkage)
            variances, V = np.linalg.eigh(covariance)
            kept = variances > self.tol**2 * max(variances[-1], 0.0)
            return V[:, kept] / np.sqrt(variances[kept])
        A = grouped - self.means_[labels]
        deviations = A.std(axis=0)
        deviations[deviations == 0] = 1.0
        A /= deviations * np.sqrt(n)
        if n > d:
            A = np.asarray(np.linalg.qr(A, mode="r"))  # same S and V, and no U that is not used
        _, S, Vt = np.linalg.svd(A, full_matrices=False)
        kept = np.greater(S, self.tol)
        return (Vt[kept] / deviations).T / S[kept]

    def _given_priors(self, K: int) -> Array:
        priors = np.asarray(self.priors, dtype=np.float64)
        if priors.shape != (K,) or not (priors > 0).all() or abs(priors.sum() - 1) > 1e-5:
            raise ValueError(f"priors expects {K} positive shares that sum to 1, got {priors}")
        return priors

    def _count(self, most: int) -> int:
        k = most if self.n_components is None else self.n_components
        if not 1 <= k <= most:
            raise ValueError(
                f"n_components expects 1 to min(n_classes - 1, n_features) = {most}, got {k}"
            )
        return k
