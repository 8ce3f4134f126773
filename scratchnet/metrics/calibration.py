"""Calibration: does "80 % sure" come true 80 times in 100, and how to make it so.

    ECE            Σ_b (n_b / N) |accuracy_b - confidence_b|,    confidence = max_k p_k
    temperature    q = softmax(z / T),  z = log p         T > 1 less sure, T < 1 surer, same order

T is the one that makes held-out labels likeliest. In β = 1 / T the loss is smooth (and for a single
view convex), and its derivatives are means and variances, so Newton's method needs a few steps:

    q_v    = softmax(β z_v),   P = mean_v q_v[true]        views v, whose answers are averaged; or 1
    L(β)   = -mean_n log P
    L'(β)  = -mean_n E_w[a],           a_v = z_v[true] - E_q[z_v], w_v = q_v[true] / Σ_v q_v[true]
    L''(β) =  mean_n( E_w[s] - V_w[a] ),   s_v = V_q[z_v] >= 0                 β <- β - L' / L''

V is the variance over classes (weights q_v) or views (weights w). With one view V_w[a] = 0.

Logits serve as well as log p: both give the same q, as softmax ignores what all z_k share.

Source: Guo, Pleiss, Sun, Weinberger, "On calibration of modern neural networks" (2017), section 2
(ECE, bins of equal width) and 4.2 (temperature scaling).
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from scratchnet.metrics.checks import check_distributions, ratio

Array = NDArray[Any]

COLDEST, HOTTEST = 1 / 20, 20.0
"""T is sought between these: where every held-out answer is right, no finite T is the best."""


class ReliabilityBins(NamedTuple):
    """Predictions by confidence: each bin's samples, mean confidence, accuracy; (B,)."""

    samples: Array
    confidence: Array
    accuracy: Array


def reliability_bins(probabilities: ArrayLike, true: ArrayLike, bins: int = 15) -> ReliabilityBins:
    """Predictions in `bins` bins of equal width by confidence; bin b is (b/B, (b+1)/B].

    An empty bin has confidence and accuracy 0.
    """
    p, true = check_distributions(probabilities, true)
    confidence, right = p.max(axis=1), p.argmax(axis=1) == true
    which = np.clip(np.ceil(confidence * bins).astype(np.int64) - 1, 0, bins - 1)
    count, summed, hits = (
        np.bincount(which, weights, minlength=bins) for weights in (None, confidence, right)
    )
    return ReliabilityBins(count, ratio(summed, count), ratio(hits, count))


def expected_calibration_error(probabilities: ArrayLike, true: ArrayLike, bins: int = 15) -> float:
    """How far confidence is from accuracy, on average over the predictions: 0 best."""
    count, confidence, right = reliability_bins(probabilities, true, bins)
    return float((count * np.abs(right - confidence)).sum() / count.sum())


# -- temperature ----------------------------------------------------------------------------


def with_temperature(probabilities: ArrayLike, temperature: float) -> Array:
    """softmax(log p / T), (..., K) in the dtype of p: p itself for T = 1."""
    p = np.asarray(probabilities)
    if not temperature > 0:
        raise ValueError(f"temperature expects a number above 0, got {temperature}")
    return _softmax(_log(p) / temperature).astype(p.dtype)


def fit_temperature(probabilities: ArrayLike, true: ArrayLike, steps: int = 50) -> float:
    """The T in [1/20, 20] with the least negative log-likelihood on labels (N,).

    The labels should be of samples that the classifier was not trained on: on those that it has
    learned by heart it looks right to be sure.

    Args:
        probabilities: (N, K); or (V, N, K) of V views or networks, whose mean is the answer after
            each is scaled by T.
    """
    p = np.asarray(probabilities, np.float64)
    views = p[np.newaxis] if p.ndim == 2 else p
    labels = np.array([check_distributions(view, true)[1] for view in views])[0]
    z = _log(views)
    own = z[:, np.arange(z.shape[1]), labels]
    beta, (loss, slope, curve) = 1.0, _derivatives(z, own, 1.0)
    for _ in range(steps):
        step = slope / curve if curve > 0 else 0.0
        # Far from the minimum a full step may leap over it: halve until the loss falls.
        while True:
            moved = float(np.clip(beta - step, 1 / HOTTEST, 1 / COLDEST))
            found = _derivatives(z, own, moved)
            if found[0] <= loss or abs(step) < 1e-12:
                break
            step /= 2
        if abs(moved - beta) < 1e-9:
            break
        beta, (loss, slope, curve) = moved, found
    return 1 / beta


def _log(p: Array) -> Array:
    """log p in float64; what underflowed to 0 counts as the smallest normal float32."""
    return np.log(np.maximum(p.astype(np.float64), np.finfo(np.float32).tiny))


def _softmax(z: Array) -> Array:
    e = np.exp(z - z.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def _derivatives(z: Array, own: Array, beta: float) -> tuple[float, float, float]:
    """L, L' and L'' of the header; where L'' is not positive, its first term, which is."""
    top = beta * z.max(axis=-1, keepdims=True)
    log_q = beta * own - (top[..., 0] + np.log(np.exp(beta * z - top).sum(axis=-1)))
    q = _softmax(beta * z)
    mean = (q * z).sum(axis=-1)
    a, s = own - mean, (q * (z - mean[..., None]) ** 2).sum(axis=-1)
    w = _softmax(log_q.T).T  # over the views
    highest = log_q.max(axis=0)
    log_p = highest + np.log(np.exp(log_q - highest).mean(axis=0))
    slopes = (w * a).sum(axis=0)
    inside = float((w * s).sum(axis=0).mean())
    between = float(((w * a**2).sum(axis=0) - slopes**2).mean())
    curve = inside - between
    return -float(log_p.mean()), -float(slopes.mean()), curve if curve > 0 else inside
