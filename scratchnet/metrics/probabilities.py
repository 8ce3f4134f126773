"""From probabilities p (N, K) and true labels (N,): where the truth stands, and how far off p is.

    rank     1 + #{k : p_k stands before p_true}; top-k = share of ranks <= k
    NLL      -mean log p_true
    Brier    mean Σ_k (p_k - [k = true])²                                      0 .. 2

Equal probabilities rank in class order, since argmax takes the first: so rank 1 means exactly
that the prediction is right.

Source of the score: Brier 1950.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from scratchnet.metrics.checks import check_distributions, check_scores

Array = NDArray[Any]


def label_rank(probabilities: ArrayLike, true: ArrayLike) -> Array:
    """Rank of the true label in each row (N,) int64: 1 = it has the highest probability."""
    p, true = check_scores(probabilities, true)
    N, K = p.shape
    own = p[np.arange(N), true][:, None]
    before = (p > own) | ((p == own) & (np.arange(K) < true[:, None]))
    return 1 + before.sum(axis=1)


def rank_histogram(probabilities: ArrayLike, true: ArrayLike) -> Array:
    """How many samples have the true label 1st, 2nd, .. K-th: (K,) int64."""
    classes = np.shape(probabilities)[-1]
    return np.bincount(label_rank(probabilities, true) - 1, minlength=classes)


def top_k(probabilities: ArrayLike, true: ArrayLike, k: int) -> float:
    """The share of samples whose true label is among the k most probable."""
    return float(np.mean(label_rank(probabilities, true) <= k))


def negative_log_likelihood(probabilities: ArrayLike, true: ArrayLike) -> float:
    """Mean of -log p_true, in nats.

    A float32 softmax underflows to 0; such a p counts as the smallest normal float32, which
    costs 87.3 nats and keeps the mean finite.
    """
    p, true = check_distributions(probabilities, true)
    own = p[np.arange(len(p)), true]
    return float(-np.log(np.maximum(own, np.finfo(np.float32).tiny)).mean())


def brier_score(probabilities: ArrayLike, true: ArrayLike) -> float:
    """Mean squared distance from the one-hot truth, summed over classes: 0 best, 2 worst."""
    p, true = check_distributions(probabilities, true)
    return float(((p - np.eye(p.shape[1])[true]) ** 2).sum(axis=1).mean())
