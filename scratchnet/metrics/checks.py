"""Checks at the edge of every metric: expected, got, remedy; and 0 / 0 is 0."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[Any]


def ratio(numerator: Array, denominator: Array) -> Array:
    """numerator / denominator, where 0 / 0 is 0."""
    zeros = np.zeros(len(numerator), np.float64)
    return np.divide(numerator, denominator, out=zeros, where=denominator > 0)


def check_labels(values: ArrayLike, name: str, classes: int | None = None) -> Array:
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


def check_lengths(first: Array, second: Array) -> None:
    if len(first) != len(second):
        raise ValueError(f"expected one prediction a label, got {len(second)} for {len(first)}")


def check_scores(probabilities: ArrayLike, true: ArrayLike) -> tuple[Array, Array]:
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
    labels = check_labels(true, "true", p.shape[1])
    check_lengths(labels, p)
    return p, labels


def check_distributions(probabilities: ArrayLike, true: ArrayLike) -> tuple[Array, Array]:
    p, true = check_scores(probabilities, true)
    if not are_distributions(p):
        raise ValueError(
            f"each row must be >= 0 and sum to 1, got {p.min():.3g} as the least and sums "
            f"{p.sum(axis=1).min():.3g}..{p.sum(axis=1).max():.3g}; apply softmax to scores first"
        )
    return p, true


def are_distributions(probabilities: ArrayLike) -> bool:
    """Whether every row is >= 0 and sums to 1, within what float32 loses."""
    p = np.asarray(probabilities, dtype=np.float64)
    return bool((p >= 0).all() and np.allclose(p.sum(axis=-1), 1.0, rtol=0.0, atol=1e-3))
