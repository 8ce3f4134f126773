"""From labels alone: `true` and `predicted`, (N,) integers 0..K-1, or their confusion matrix.

    accuracy            mean(true = predicted)
    confusion           M[i, j] = #{n : true_n = i, predicted_n = j}             rows are true
    precision, recall   P_k = M[k, k] / Σ_i M[i, k],    R_k = M[k, k] / Σ_j M[k, j]
    F1                  2 M[k, k] / (Σ_i M[i, k] + Σ_j M[k, j])         harmonic mean of P and R
    balanced accuracy   mean of R_k                     over the classes that have samples
    macro-F1            mean of F1_k                    over the classes that occur at all
    Cohen's kappa       (a - e) / (1 - e),  a = accuracy,  e = Σ_k (row_k / N)(column_k / N)

One convention for empty classes: 0 / 0 is 0 in every score, and the two means leave out the
classes named above.

Sources: Sokolova & Lapalme 2009 (precision to macro averages); Cohen 1960 (kappa); Efron 1979
(bootstrap).
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from scratchnet.metrics.checks import check_labels, check_lengths, ratio

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


def accuracy(true: ArrayLike, predicted: ArrayLike) -> float:
    """The share of samples whose predicted label is the true one."""
    true, predicted = check_labels(true, "true"), check_labels(predicted, "predicted")
    check_lengths(true, predicted)
    return float(np.mean(true == predicted))


def confusion_matrix(true: ArrayLike, predicted: ArrayLike, classes: int) -> Array:
    """Counts (K, K) int64: row = true class, column = predicted class."""
    true, predicted = (
        check_labels(true, "true", classes),
        check_labels(predicted, "predicted", classes),
    )
    check_lengths(true, predicted)
    return np.bincount(true * classes + predicted, minlength=classes**2).reshape(classes, classes)


def precision_recall_f1(confusion: Array) -> ClassScores:
    """Per class: precision, recall, F1 and support. 0 / 0 is 0."""
    hits, support, chosen = np.diag(confusion), confusion.sum(axis=1), confusion.sum(axis=0)
    return ClassScores(
        ratio(hits, chosen), ratio(hits, support), ratio(2 * hits, chosen + support), support
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
    counts = np.bincount(check_labels(true, "true", classes), minlength=classes)
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
