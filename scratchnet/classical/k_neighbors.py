"""k nearest neighbours: a sample has the label that most of the k training samples near it have.

    |q - x|² - |q|² = (-2 q, 1) · (x, |x|²)       all pairs of a block: one matrix product
    votes_c  = Σ over the k nearest of class c of w,      w = 1   or   w = 1 / |q - x|
    p_c      = votes_c / Σ votes

The matrix product is fast but loses digits where q and x are close together and far from 0. So it
only nominates: every x whose product distance is within the rounding bound of the k-th smallest;
their distances are then computed again from q - x itself, and these decide. Nor is the k-th
smallest looked for: the samples are dealt out to groups, and the k-th smallest of the groups'
minima is no smaller, but hardly larger. What comes out is what a plain loop over all pairs gives:

    neighbours  by distance; of equal distances, the earlier training sample
    classes     by votes; of equal votes, the first in `classes_`
    w = 1 / 0   training samples in the very place of q are the only ones that vote

Sources: Fix & Hodges 1951; Cover & Hart 1967; Dudani 1976 (votes weighted by distance).
Chapter: docs/neighbours.md
"""

from __future__ import annotations

from typing import Self

import numpy as np
from numpy.typing import ArrayLike

from scratchnet.classical.base import Array, Classifier, check_features, check_X_y

WEIGHTS = ("uniform", "distance")
BLOCK = 1 << 20
"""Distances that are held at a time: 8 MB."""
GROUPS = 64


class KNeighborsClassifier(Classifier):
    """Majority of the nearest training samples.

    Args:
        n_neighbors: k.
        weights: "uniform", one neighbour one vote; "distance", 1 / distance votes.

    Attributes:
        classes_: (K,) labels, sorted; n_features_in_: d.
    """

    def __init__(self, n_neighbors: int = 5, *, weights: str = "uniform") -> None:
        self.n_neighbors = n_neighbors
        self.weights = weights

    def fit(self, X: ArrayLike, y: ArrayLike) -> Self:
        """Remember X (n, d) and the labels y (n,).

        Raises:
            ValueError: X or y is not what `check_X_y` expects; unknown weights; k < 1.
        """
        X, self.classes_, self._labels = check_X_y(X, y, estimator=self)
        if self.weights not in WEIGHTS:
            raise ValueError(f"weights expects one of {WEIGHTS}, got {self.weights!r}")
        if self.n_neighbors < 1:
            raise ValueError(f"n_neighbors expects at least 1, got {self.n_neighbors}")
        self.n_features_in_ = X.shape[1]
        self._X = X.copy()  # the caller's array may change, what was learned may not
        return self

    def predict(self, X: ArrayLike) -> Array:
        """Labels (n,) of X (n, d)."""
        best = self.predict_proba(X).argmax(axis=1)
        return self.classes_[best]

    def predict_proba(self, X: ArrayLike) -> Array:
        """Each class's share of the votes (n, K)."""
        distances, neighbors = self.kneighbors(X)
        votes = np.ones_like(distances)
        if self.weights == "distance":
            same = distances == 0
            np.divide(1.0, distances, out=votes, where=~same)
            votes = np.where(same.any(axis=1, keepdims=True), same, votes)
        n, K = len(votes), len(self.classes_)
        ballot = np.arange(n)[:, None] * K + self._labels[neighbors]
        counted = np.bincount(ballot.ravel(), votes.ravel(), minlength=n * K).reshape(n, K)
        return counted / counted.sum(axis=1, keepdims=True)

    def kneighbors(self, X: ArrayLike, n_neighbors: int | None = None) -> tuple[Array, Array]:
        """(distances, indices) of the nearest training samples, each (n, k), nearest first.

        Raises:
            ValueError: more neighbours than training samples.
        """
        X = check_features(self, X)
        k = self.n_neighbors if n_neighbors is None else n_neighbors
        if not 1 <= k <= len(self._X):
            raise ValueError(
                f"expected 1 <= n_neighbors <= n_samples = {len(self._X)}, the samples of fit; "
                f"got n_neighbors = {k}"
            )
        return nearest(X, self._X, k)


def nearest(Q: Array, X: Array, k: int) -> tuple[Array, Array]:
    """Distances and indices (q, k) of the k rows of X (n, d) nearest to each row of Q (q, d)."""
    q, x = _nominated(Q, X, k)
    exact = _pair_distances(Q, X, q, x)
    order = np.lexsort((x, exact, q))
    first = np.searchsorted(q, np.arange(len(Q)))[:, None] + np.arange(k)
    chosen = order[first]
    return np.sqrt(exact[chosen]), x[chosen]


def _nominated(Q: Array, X: Array, k: int) -> tuple[Array, Array]:
    """Pairs of indices, in order: for each row of Q at least the k rows of X nearest to it."""
    n, d = X.shape
    centre = X.mean(axis=0)  # > about it vectors are short, and rounding small
    left, right = np.ones((len(Q), d + 1), np.float64), np.empty((n, d + 1), np.float64)
    np.subtract(Q, centre, out=left[:, :d])
    np.subtract(X, centre, out=right[:, :d])
    Q2, X2 = (np.einsum("nd,nd->n", V[:, :d], V[:, :d]) for V in (left, right))
    left[:, :d] *= -2
    right[:, d] = X2
    bound = 6 * (d + 9) * np.finfo(np.float64).eps * (Q2 + X2.max())  # twice what can be wrong

    groups, rows = max(k, min(n, GROUPS)), max(1, BLOCK // n)
    members = n // groups
    product, pairs = np.empty((rows, n), np.float64), []
    for start in range(0, len(Q), rows):
        part = left[start : start + rows]
        rough = np.matmul(part, right.T, out=product[: len(part)])
        dealt = rough[:, : groups * members].reshape(-1, members, groups)
        kth = np.partition(dealt.min(axis=1), k - 1, axis=1)[:, k - 1]
        near = rough <= (kth + bound[start : start + rows])[:, None]
        pairs.append(np.flatnonzero(near) + start * n)
    q, x = np.divmod(np.concatenate(pairs), n)
    return q, x


def _pair_distances(Q: Array, X: Array, q: Array, x: Array) -> Array:
    """|Q[q] - X[x]|² for each pair of indices."""
    squares = np.empty(len(q), np.float64)
    step = max(1, BLOCK // 32 // X.shape[1])  # > what a core's own cache holds
    for start in range(0, len(q), step):
        pairs = slice(start, start + step)
        difference = Q[q[pairs]]
        difference -= X[x[pairs]]
        np.einsum("pd,pd->p", difference, difference, out=squares[pairs])
    return squares
