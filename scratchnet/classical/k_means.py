"""k-means: K centres so placed that each sample is near one of them.

    inertia = Σᵢ minₖ ‖xᵢ - cₖ‖²

    Lloyd       repeat   labelᵢ = argminₖ ‖xᵢ - cₖ‖²          never raises the inertia
                         cₖ = mean of the xᵢ of label k        nor does this
                until no label changes, or the centres move by less than tol

    k-means++   c₁ = any sample; each next one a sample drawn with probability ∝ minₖ ‖xᵢ - cₖ‖²
                so centres start far apart, and the inertia is on average at most 8 (ln K + 2) times
                the best there is

A centre without samples takes the sample farthest from its own centre, which then is at distance 0:
that lowers the inertia, too. Lloyd finds a local minimum; the best of n_init runs is kept.

‖x - c‖² - ‖x‖² = (x, 1) · (-2 c, ‖c‖²) is one matrix product, a block of samples at a time; data
and centres are shifted by the data's mean first, so that both terms are of the distances' size and
little cancels. A mean is a sum over a count, and after the first iterations few samples change
their cluster: sums lose those that leave and gain those that come.

Sources: Lloyd, "Least squares quantization in PCM", 1982. Arthur, Vassilvitskii, "k-means++: the
advantages of careful seeding", 2007, theorem 1.1.
Chapter: docs/rbf_network.md
"""

from __future__ import annotations

from typing import Any, Literal, NamedTuple, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from scratchnet.classical.base import Transformer, check_features, check_X

Array = NDArray[Any]


BLOCK = 256
"""Samples whose distances are held at a time: few enough for a core's own cache."""


def squared_lengths(X: Array) -> Array:
    """‖xᵢ‖², (n,)."""
    return np.einsum("ij,ij->i", X, X)


def squared_distances(X: Array, centers: Array, lengths: Array | None = None) -> Array:
    """‖xᵢ - cₖ‖², (n, K), at least 0; `lengths` are X's squared ones, if they are known."""
    lengths = squared_lengths(X) if lengths is None else lengths
    distances = lengths[:, None] + squared_lengths(centers) - 2 * X @ centers.T
    return np.maximum(distances, 0.0)


def k_means_plus_plus(X: Array, K: int, rng: np.random.Generator) -> Array:
    """K samples (K, d), each next one likely far from those before it."""
    lengths = squared_lengths(X)
    centers = X[rng.integers(len(X))][None]
    nearest = squared_distances(X, centers, lengths)[:, 0]
    while len(centers) < K:
        steps = nearest.cumsum()
        # > all samples coincide with centres: any is as good
        chosen = np.searchsorted(steps, rng.random() * steps[-1], side="right")
        chosen = min(int(chosen), len(X) - 1)
        centers = np.concatenate([centers, X[chosen][None]])
        nearest = np.minimum(nearest, squared_distances(X, centers[-1:], lengths)[:, 0])
    return centers


class Clustering(NamedTuple):
    """What one run of Lloyd's algorithm found."""

    centers: Array
    labels: Array
    inertia: float
    iterations: int


def lloyd(X: Array, centers: Array, max_iter: int, tol: float) -> Clustering:
    """Run Lloyd's algorithm from `centers` (K, d); tol is the moves' squared length."""
    K, wide = len(centers), np.hstack([X, np.ones((len(X), 1))])
    labels = np.zeros(len(X), np.int64)  # > any will do: sums follow the samples
    sums = totals(wide, labels, K)
    iterations = 0
    while iterations < max_iter:
        iterations += 1
        before, labels = labels, fill_empty(X, nearest_centers(wide, centers), centers)
        changed = np.flatnonzero(before != labels)
        sums += totals(wide[changed], labels[changed], K)
        sums -= totals(wide[changed], before[changed], K)
        moved = sums[:, :-1] / sums[:, -1:]
        shift = float(np.sum((moved - centers) ** 2))
        centers = moved
        if len(changed) == 0 or shift <= tol:
            break
    labels = nearest_centers(wide, centers)
    inertia = float(np.sum((X - centers[labels]) ** 2))
    return Clustering(centers, labels, inertia, iterations)


def nearest_centers(wide: Array, centers: Array) -> Array:
    """The nearest of centers (K, d) to each sample of wide (n, d + 1), whose last column is 1."""
    right = np.vstack([-2 * centers.T, squared_lengths(centers)])
    distances = np.empty((BLOCK, len(centers)), np.float64)
    labels = np.empty(len(wide), np.intp)
    for start in range(0, len(wide), BLOCK):
        block = wide[start : start + BLOCK]
        here = np.matmul(block, right, out=distances[: len(block)])
        here.argmin(axis=1, out=labels[start : start + BLOCK])
    return labels


def totals(X: Array, labels: Array, K: int) -> Array:
    """The sum of each cluster's samples, (K, d)."""
    d = X.shape[1]
    entries = labels[:, None] * d + np.arange(d)
    return np.bincount(entries.ravel(), X.ravel(), K * d).reshape(K, d)


def fill_empty(X: Array, labels: Array, centers: Array) -> Array:
    """Give each cluster without samples the farthest sample of a cluster that has two or more."""
    counts = np.bincount(labels, minlength=len(centers))
    if counts.all():
        return labels
    labels, own = labels.copy(), squared_lengths(X - centers[labels])
    farthest = iter(np.argsort(-own, kind="stable"))
    for empty in np.flatnonzero(counts == 0):
        sample = next(i for i in farthest if counts[labels[i]] > 1)
        counts[labels[sample]] -= 1
        counts[empty], labels[sample] = 1, empty
    return labels


class KMeans(Transformer):
    """K clusters and their centres.

    Args:
        n_clusters: K.
        init: "k-means++", or centres (K, d) to start from (then one run is enough, and is made).
        n_init: runs, of which the one with the lowest inertia is kept.
        max_iter: of one run.
        tol: a run ends when the squared length of the centres' moves is below tol times the mean
            variance of the features.
        random_state: a seed or generator.

    Attributes:
        cluster_centers_: (K, d).
        labels_: (n,) the nearest centre of each sample in `fit`.
        inertia_: Σ ‖xᵢ - c‖².
        n_iter_: iterations of the run that was kept.
        n_features_in_: d.
    """

    def __init__(
        self,
        n_clusters: int = 8,
        *,
        init: Literal["k-means++"] | ArrayLike = "k-means++",
        n_init: int = 10,
        max_iter: int = 300,
        tol: float = 1e-4,
        random_state: int | np.random.Generator | None = None,
    ) -> None:
        self.n_clusters = n_clusters
        self.init = init
        self.n_init = n_init
        self.max_iter = max_iter
        self.tol = tol
        self.random_state = random_state

    def fit(self, X: ArrayLike, y: ArrayLike | None = None) -> Self:
        """Find the centres; y is not looked at.

        Raises:
            ValueError: bad samples, fewer samples than clusters, an argument out of its range.
        """
        X = check_X(X, estimator=self)
        n, d = X.shape
        K = self.n_clusters
        for name in ("n_clusters", "n_init", "max_iter"):
            if getattr(self, name) < 1:
                raise ValueError(f"KMeans expects {name} of at least 1, got {getattr(self, name)}")
        if n < K:
            raise ValueError(
                f"KMeans expects at least as many samples as clusters, got n_samples={n} for "
                f"n_clusters={K}; ask for fewer clusters"
            )
        middle = X.mean(axis=0)
        shifted, tol = X - middle, self.tol * float(X.var(axis=0).mean())
        rng = np.random.default_rng(self.random_state)
        if isinstance(self.init, str):
            if self.init != "k-means++":
                raise ValueError(f"KMeans expects init 'k-means++' or centres, got {self.init!r}")
            starts = (k_means_plus_plus(shifted, K, rng) for _ in range(self.n_init))
        else:
            given = check_X(self.init, estimator=self)
            if given.shape != (K, d):
                raise ValueError(f"KMeans expects centres ({K}, {d}), got init {given.shape}")
            starts = (centers - middle for centers in [given])
        runs = (lloyd(shifted, centers, self.max_iter, tol) for centers in starts)
        best = min(runs, key=lambda run: run.inertia)
        self.n_features_in_ = d
        self.cluster_centers_, self.labels_ = best.centers + middle, best.labels
        self.inertia_, self.n_iter_ = best.inertia, best.iterations
        return self

    def transform(self, X: ArrayLike) -> Array:
        """Distances to the centres, (n, K)."""
        X = check_features(self, X)
        middle = self.cluster_centers_.mean(axis=0)
        return np.sqrt(squared_distances(X - middle, self.cluster_centers_ - middle))

    def predict(self, X: ArrayLike) -> Array:
        """The nearest centre of each sample, (n,)."""
        return self.transform(X).argmin(axis=1)

    def fit_predict(self, X: ArrayLike, y: ArrayLike | None = None) -> Array:
        """`fit(X)`, then the clusters of X, (n,)."""
        return self.fit(X).labels_
