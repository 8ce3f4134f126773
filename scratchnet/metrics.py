"""Metrics: how good a classifier is, from its labels and from its probabilities.

Labels are integers 0..K-1, `true` and `predicted` (N,); probabilities p are (N, K).

    accuracy            mean(true = predicted)
    confusion           M[i, j] = #{n : true_n = i, predicted_n = j}             rows are true
    precision, recall   P_k = M[k, k] / Σ_i M[i, k],    R_k = M[k, k] / Σ_j M[k, j]
    F1                  2 M[k, k] / (Σ_i M[i, k] + Σ_j M[k, j])         harmonic mean of P and R
    balanced accuracy   mean of R_k                     over the classes that have samples
    macro-F1            mean of F1_k                    over the classes that occur at all
    Cohen's kappa       (a - e) / (1 - e),  a = accuracy,  e = Σ_k (row_k / N)(column_k / N)
    rank                1 + #{k : p_k stands before p_true}; top-k = share of ranks <= k
    NLL                 -mean log p_true
    Brier               mean Σ_k (p_k - [k = true])²                                      0 .. 2
    ECE                 Σ_b (n_b / N) |accuracy_b - confidence_b|,    confidence = max_k p_k

One convention for empty classes: 0 / 0 is 0 in every score, and the two means leave out the
classes named above. Equal probabilities rank in class order, since argmax takes the first:
so rank 1 means exactly that the prediction is right.

Sources: Sokolova & Lapalme 2009 (precision to macro averages); Cohen 1960 (kappa); Brier 1950;
Guo et al. 2017, section 2 (ECE, bins of equal width); Efron 1979 (bootstrap).
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[Any]


class ClassScores(NamedTuple):
    """One number a class in each: (K,) float64, and the support (K,) int64."""

    precision: Array
    recall: Array
    f1: Array
    support: Array


class ConfusedPair(NamedTuple):
    """`samples` of class `true` were taken for `predicted`: `share` of that class."""

    true: int
    predicted: int
    samples: int
    share: float


class ReliabilityBins(NamedTuple):
    """Predictions by confidence: each bin's samples, mean confidence, accuracy; (B,)."""

    samples: Array
    confidence: Array
    accuracy: Array


# -- from labels ----------------------------------------------------------------------------


def accuracy(true: ArrayLike, predicted: ArrayLike) -> float:
    """The share of samples whose predicted label is the true one."""
    true, predicted = _labels(true, "true"), _labels(predicted, "predicted")
    _same_length(true, predicted)
    return float(np.mean(true == predicted))


def confusion_matrix(true: ArrayLike, predicted: ArrayLike, classes: int) -> Array:
    """Counts (K, K) int64: row = true class, column = predicted class."""
    true, predicted = _labels(true, "true", classes), _labels(predicted, "predicted", classes)
    _same_length(true, predicted)
    return np.bincount(true * classes + predicted, minlength=classes**2).reshape(classes, classes)


def precision_recall_f1(confusion: Array) -> ClassScores:
    """Per class: precision, recall, F1 and support. 0 / 0 is 0."""
    hits, support, chosen = np.diag(confusion), confusion.sum(axis=1), confusion.sum(axis=0)
    return ClassScores(
        _ratio(hits, chosen), _ratio(hits, support), _ratio(2 * hits, chosen + support), support
    )


def balanced_accuracy(confusion: Array) -> float:
    """Mean recall of the classes that have samples: what accuracy would be, were all equal."""
    scores = precision_recall_f1(confusion)
    return float(scores.recall[scores.support > 0].mean())


def macro_f1(confusion: Array) -> float:
    """Mean F1 of the classes that occur, as a true label or as a prediction."""
    occurs = confusion.sum(axis=0) + confusion.sum(axis=1) > 0
    return float(precision_recall_f1(confusion).f1[occurs].mean())


def cohen_kappa(confusion: Array) -> float:
    """Agreement beyond chance: 1 perfect, 0 as good as chance; 0 where chance is already 1."""
    share = confusion / confusion.sum()
    chance = float(share.sum(axis=0) @ share.sum(axis=1))
    return 0.0 if chance == 1.0 else (float(np.trace(share)) - chance) / (1.0 - chance)


def most_confused(confusion: Array, count: int = 5) -> list[ConfusedPair]:
    """The `count` largest entries off the diagonal, most frequent first; empty ones left out."""
    K = len(confusion)
    errors = np.where(np.eye(K, dtype=bool), 0, confusion)
    support = confusion.sum(axis=1)
    # A stable sort of the negated counts keeps equal pairs in row-major order.
    largest = np.argsort(-errors, axis=None, kind="stable")[:count]
    pairs = [(int(flat) // K, int(flat) % K) for flat in largest if errors.flat[flat] > 0]
    return [
        ConfusedPair(i, j, int(errors[i, j]), float(errors[i, j] / support[i])) for i, j in pairs
    ]


def majority_baseline(true: ArrayLike, classes: int) -> tuple[int, float]:
    """The best constant answer on these labels: (class, its accuracy)."""
    counts = np.bincount(_labels(true, "true", classes), minlength=classes)
    return int(counts.argmax()), float(counts.max() / counts.sum())


def bootstrap_interval(
    correct: ArrayLike, rng: np.random.Generator, level: float = 0.95, draws: int = 10_000
) -> tuple[float, float]:
    """Percentile bootstrap interval of an accuracy, from one true/false a sample (N,).

    To draw N of N hits and misses with replacement and count the hits *is* to draw from
    Binomial(N, accuracy), so no sample has to be drawn one by one.
    """
    hits = np.asarray(correct, dtype=bool)
    if hits.ndim != 1 or hits.size == 0:
        raise ValueError(f"bootstrap_interval expects one true/false a sample, got {hits.shape}")
    if not 0.0 < level < 1.0:
        raise ValueError(f"level is a share between 0 and 1, got {level}; 95 % is 0.95")
    resampled = rng.binomial(hits.size, hits.mean(), size=draws) / hits.size
    low, high = np.quantile(resampled, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)


# -- from probabilities ---------------------------------------------------------------------


def are_distributions(probabilities: ArrayLike) -> bool:
    """Whether every row is >= 0 and sums to 1, within what float32 loses."""
    p = np.asarray(probabilities, dtype=np.float64)
    return bool((p >= 0).all() and np.allclose(p.sum(axis=-1), 1.0, rtol=0.0, atol=1e-3))


def label_rank(probabilities: ArrayLike, true: ArrayLike) -> Array:
    """Rank of the true label in each row (N,) int64: 1 = it has the highest probability."""
    p, true = _scores(probabilities, true)
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
    p, true = _distributions(probabilities, true)
    own = p[np.arange(len(p)), true]
    return float(-np.log(np.maximum(own, np.finfo(np.float32).tiny)).mean())


def brier_score(probabilities: ArrayLike, true: ArrayLike) -> float:
    """Mean squared distance from the one-hot truth, summed over classes: 0 best, 2 worst."""
    p, true = _distributions(probabilities, true)
    return float(((p - np.eye(p.shape[1])[true]) ** 2).sum(axis=1).mean())


def reliability_bins(probabilities: ArrayLike, true: ArrayLike, bins: int = 15) -> ReliabilityBins:
    """Predictions in `bins` bins of equal width by confidence; bin b is (b/B, (b+1)/B].

    An empty bin has confidence and accuracy 0.
    """
    p, true = _distributions(probabilities, true)
    confidence, right = p.max(axis=1), p.argmax(axis=1) == true
    which = np.clip(np.ceil(confidence * bins).astype(np.int64) - 1, 0, bins - 1)
    count, summed, hits = (
        np.bincount(which, weights, minlength=bins) for weights in (None, confidence, right)
    )
    return ReliabilityBins(count, _ratio(summed, count), _ratio(hits, count))


def expected_calibration_error(probabilities: ArrayLike, true: ArrayLike, bins: int = 15) -> float:
    """How far confidence is from accuracy, on average over the predictions: 0 best."""
    count, confidence, right = reliability_bins(probabilities, true, bins)
    return float((count * np.abs(right - confidence)).sum() / count.sum())


# -- checks at the edge ---------------------------------------------------------------------


def _ratio(numerator: Array, denominator: Array) -> Array:
    """numerator / denominator, where 0 / 0 is 0."""
    zeros = np.zeros(len(numerator), np.float64)
    return np.divide(numerator, denominator, out=zeros, where=denominator > 0)


def _labels(values: ArrayLike, name: str, classes: int | None = None) -> Array:
    labels = np.asarray(values)
    if labels.ndim != 1 or labels.size == 0 or labels.dtype.kind not in "iu":
        raise ValueError(
            f"{name} expects integer labels (N,) with N > 0, got {labels.dtype} {labels.shape}; "
            "one-hot labels or probabilities become labels by .argmax(axis=1)"
        )
    if classes is not None and (labels.min() < 0 or labels.max() >= classes):
        raise ValueError(
            f"{name} expects labels 0..{classes - 1}, got {labels.min()}..{labels.max()}"
        )
    return labels.astype(np.int64)


def _same_length(first: Array, second: Array) -> None:
    if len(first) != len(second):
        raise ValueError(f"expected one prediction a label, got {len(second)} for {len(first)}")


def _scores(probabilities: ArrayLike, true: ArrayLike) -> tuple[Array, Array]:
    """Any finite numbers (N, K) will do where only their order counts."""
    p = np.asarray(probabilities, dtype=np.float64)
    if p.ndim != 2:
        raise ValueError(f"probabilities expects (N, K), got {p.shape}")
    if not np.isfinite(p).all():
        row = int(np.argmin(np.isfinite(p).all(axis=1)))
        raise ValueError(
            f"probabilities must be finite, got {p[row]} in row {row}; "
            "if training diverged, lower the learning rate"
        )
    labels = _labels(true, "true", p.shape[1])
    _same_length(labels, p)
    return p, labels


def _distributions(probabilities: ArrayLike, true: ArrayLike) -> tuple[Array, Array]:
    p, true = _scores(probabilities, true)
    if not are_distributions(p):
        raise ValueError(
            f"each row must be >= 0 and sum to 1, got {p.min():.3g} as the least and sums "
            f"{p.sum(axis=1).min():.3g}..{p.sum(axis=1).max():.3g}; apply softmax to scores first"
        )
    return p, true
