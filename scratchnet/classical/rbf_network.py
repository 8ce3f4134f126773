"""RBF network: a hidden layer of bells that stand among the samples, and a linear layer on top.

    φⱼ(x) = exp(-‖x - cⱼ‖² / 2σⱼ²)               M bells; near its centre a bell rings loudest
    s(x) = b + Σⱼ φⱼ(x) wⱼ                        scores (K,)

The two layers are learned apart, which is why it is quick: centres without labels, by k-means;
then, with the bells fixed, the weights by a convex problem.

    width "nearest"    σⱼ² = mean of ‖cⱼ - c‖² over the P centres nearest to cⱼ
          "common"     σ² = mean of these σⱼ², for all bells
          a number     σ for all

    output "linear"    ridge regression on targets tᵢₖ = [yᵢ = k]:
                       min Σᵢ ‖s(xᵢ) - tᵢ‖² + α ‖W‖²   ⇒   (Φᵀ Φ + α I) W = Φᵀ T, Φ and T centred,
                                                            b = mean t - W · mean φ
           "logistic"  p = softmax(s), the likeliest weights with the penalty α ‖W‖² / 2
                       (`LogisticRegression`, C = 1 / α)

Features are put on one scale first (mean 0, variance 1; a constant feature is left at 0), as a
distance adds up their squares.

Sources: Broomhead, Lowe, "Multivariable functional interpolation and adaptive networks", 1988 (the
network, least squares). Moody, Darken, "Fast learning in networks of locally-tuned processing
units", 1989 (k-means, both widths).
Chapter: docs/rbf_network.md
"""

from __future__ import annotations

from typing import Any, Literal, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from scratchnet.classical.base import Classifier, check_features, check_X_y
from scratchnet.classical.k_means import KMeans, squared_distances
from scratchnet.classical.logistic_regression import LogisticRegression
from scratchnet.classical.softmax import class_probabilities

Array = NDArray[Any]


def bells(X: Array, centers: Array, widths: Array) -> Array:
    """φ, (n, M), for samples (n, d), centres (M, d) and widths σ (M,)."""
    return np.exp(-squared_distances(X, centers) / (2 * widths**2))


def nearest_widths(centers: Array, neighbors: int) -> Array:
    """σⱼ (M,): the root of the mean squared distance to the `neighbors` nearest other centres."""
    distances = squared_distances(centers, centers)
    np.fill_diagonal(distances, np.inf)
    return np.sqrt(np.sort(distances, axis=1)[:, :neighbors].mean(axis=1))


def ridge(phi: Array, targets: Array, alpha: float) -> tuple[Array, Array]:
    """W (M, K) and b (K,) of the penalised least squares; b is free of the penalty."""
    phi_mean, target_mean = phi.mean(axis=0), targets.mean(axis=0)
    centred = phi - phi_mean
    gram = centred.T @ centred
    gram[np.diag_indices_from(gram)] += alpha
    W = np.linalg.solve(gram, centred.T @ (targets - target_mean))
    return W, target_mean - phi_mean @ W


class RBFNetwork(Classifier):
    """Radial basis functions about k-means' centres, and a linear or logistic output.

    Args:
        n_centers: M; with fewer samples, each sample is a centre.
        width: "nearest", "common" or a number > 0, in units of the scaled features.
        neighbors: P.
        output: "linear" or "logistic".
        alpha: the penalty, > 0.
        random_state: a seed or generator for k-means.

    Attributes:
        classes_, n_features_in_: as in all classifiers.
        mean_, scale_: (d,) what features are shifted and divided by.
        centers_: (M, d), of scaled features.
        widths_: σⱼ (M,).
        coef_: W (M, K).
        intercept_: b (K,).
    """

    def __init__(
        self,
        n_centers: int = 100,
        *,
        width: Literal["nearest", "common"] | float = "nearest",
        neighbors: int = 10,
        output: Literal["linear", "logistic"] = "linear",
        alpha: float = 1e-2,
        random_state: int | np.random.Generator | None = None,
    ) -> None:
        self.n_centers = n_centers
        self.width = width
        self.neighbors = neighbors
        self.output = output
        self.alpha = alpha
        self.random_state = random_state

    def fit(self, X: ArrayLike, y: ArrayLike) -> Self:
        """Place the centres, then solve for the weights.

        Raises:
            ValueError: bad samples, or an argument out of its range.
        """
        self._check_arguments()
        X, self.classes_, indices = check_X_y(X, y, estimator=self)
        n, self.n_features_in_ = X.shape
        self.mean_, deviation = X.mean(axis=0), X.std(axis=0)
        self.scale_ = np.where(deviation > 0, deviation, 1.0)
        scaled = (X - self.mean_) / self.scale_
        M = min(self.n_centers, n)
        k_means = KMeans(M, n_init=1, random_state=self.random_state).fit(scaled)
        self.centers_ = k_means.cluster_centers_
        self.widths_ = self._widths()
        phi = bells(scaled, self.centers_, self.widths_)
        if self.output == "linear":
            targets = np.eye(len(self.classes_))[indices]
            self.coef_, self.intercept_ = ridge(phi, targets, self.alpha)
        else:
            model = LogisticRegression(C=1 / self.alpha).fit(phi, indices)
            self.coef_, self.intercept_ = _for_every_class(model.coef_, model.intercept_)
        return self

    def _widths(self) -> Array:
        """σⱼ (M,); never 0, so that a bell on top of another stays a bell."""
        M = len(self.centers_)
        if not isinstance(self.width, str):
            return np.full(M, float(self.width))
        if M == 1:
            return np.full(M, np.sqrt(self.n_features_in_))  # > of unit variance: the typical ‖x‖
        widths = nearest_widths(self.centers_, min(self.neighbors, M - 1))
        if self.width == "common":
            widths = np.full(M, np.sqrt(np.mean(widths**2)))
        return np.where(widths > 1e-9, widths, 1.0)

    def hidden(self, X: ArrayLike) -> Array:
        """φ (n, M): how loud each bell rings."""
        scaled = (check_features(self, X) - self.mean_) / self.scale_
        return bells(scaled, self.centers_, self.widths_)

    def scores(self, X: ArrayLike) -> Array:
        """s (n, K)."""
        return self.hidden(X) @ self.coef_ + self.intercept_

    def decision_function(self, X: ArrayLike) -> Array:
        """s (n, K); for two classes the difference of their scores, (n,)."""
        scores = self.scores(X)
        return scores[:, 1] - scores[:, 0] if len(self.classes_) == 2 else scores

    def predict(self, X: ArrayLike) -> Array:
        """Labels (n,)."""
        scores = self.scores(X)
        return self.classes_[scores.argmax(axis=1)]

    def predict_proba(self, X: ArrayLike) -> Array:
        """(n, K): softmax of the scores. Only for the logistic output are these estimates of how
        likely a class is; for the linear one they keep the scores' order, and no more."""
        return class_probabilities(self.scores(X))

    def _check_arguments(self) -> None:
        for name in ("n_centers", "neighbors"):
            if getattr(self, name) < 1:
                raise ValueError(
                    f"RBFNetwork expects {name} of at least 1, got {getattr(self, name)}"
                )
        if not self.alpha > 0:
            raise ValueError(f"RBFNetwork expects alpha > 0, got {self.alpha}; try 1e-6")
        width = self.width
        if width not in ("nearest", "common") if isinstance(width, str) else not width > 0:
            raise ValueError(
                f"RBFNetwork expects width 'nearest', 'common' or a number > 0, got {self.width!r}"
            )
        if self.output not in ("linear", "logistic"):
            raise ValueError(
                f"RBFNetwork expects output 'linear' or 'logistic', got {self.output!r}"
            )


def _for_every_class(coef: Array, intercept: Array) -> tuple[Array, Array]:
    """W (M, K) and b (K,) from a logistic regression, which for two classes has one row only."""
    if len(coef) == 1:
        coef, intercept = np.concatenate([0 * coef, coef]), np.concatenate([[0.0], intercept])
    return coef.T, intercept
