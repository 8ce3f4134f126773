"""The last layer's biases, set right by the labels that count.

A network that learned from FER+'s votes says what FER+'s voters would say, and they use the words
in other proportions than FER2013's labels do: more Neutral, less Sad. Faces are seen better for it,
but answered in another dialect. One number for each class translates most of it:

    p = softmax(s + b)        b minimises  L(b) = −mean ln p[label] + ‖b‖² / 2N

over N answers, to faces that took no part in training, with their own labels. L is convex, and
Newton's method finds its minimum in a few steps:

    gradient  ∂L/∂b  = mean(p) − share + b/N        share: of each class among the labels
    Hessian   ∂²L/∂b² = mean(diag p − p pᵀ) + I/N

At the minimum the network expects each class as often as it is labelled, up to b/N: that term
weighs as much as one answer, and keeps b finite where a class is not labelled at all. Since scores
are s = x W + b₀, the sum b₀ + b is a bias, too: nothing is added to the network.

Source: Alexandari, Kundaje and Shrikumar, "Maximum likelihood with bias-corrected calibration is
hard-to-beat at label shift adaptation", 2020, section 3.

Chapter: docs/recognizer.md
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from scratchnet.layers import Dense
from scratchnet.losses import softmax
from scratchnet.sequential import Sequential

Array = NDArray[Any]


def fit_class_biases(scores: Array, labels: NDArray[np.integer]) -> Array:
    """The b (K,) that makes softmax(scores + b) fit labels (N,) best; scores (N, K).

    Raises:
        ValueError: there are no scores, or some of them are no finite numbers.
    """
    s = np.asarray(scores, np.float64)
    if s.size == 0 or not np.isfinite(s).all():
        raise ValueError(f"fit_class_biases expects finite scores (N, K), got {s.shape}: {s}")
    N, K = s.shape
    share = np.bincount(labels, minlength=K) / N
    b = np.zeros(K, np.float64)

    def loss(b: Array) -> float:
        p = softmax(s + b)[np.arange(N), labels]
        return float(b @ b / (2 * N) - np.log(np.maximum(p, np.finfo(np.float64).tiny)).mean())

    while True:
        p = softmax(s + b)
        mean = p.mean(axis=0)
        gradient = mean - share + b / N
        step = np.linalg.solve(np.diag(mean + 1 / N) - p.T @ p / N, gradient)
        while loss(b - step) > loss(b) and np.abs(step).max() > 1e-9:
            step /= 2  # too far from the minimum for a whole one
        if np.abs(step).max() <= 1e-9:
            return b
        b = b - step


def match_labels(model: Sequential, x: Array, labels: NDArray[np.integer]) -> Array:
    """Shift the biases of the model's last layer, so that it expects the labels (N,) of inputs x.

    Args:
        x: (N, C, H, W), which took no part in training; their mirror images are looked at, too.

    Returns:
        b (K,): by how much.

    Raises:
        ValueError: the last layer is no Dense layer with biases.
    """
    last = model.layers[-1]
    if not isinstance(last, Dense) or "b" not in last.params:
        raise ValueError(f"match_labels expects a last layer Dense with biases, got {last!r}")
    scores = np.concatenate([model.scores(x), model.scores(np.ascontiguousarray(x[..., ::-1]))])
    b = fit_class_biases(scores, np.concatenate([labels, labels]))
    last.params["b"][...] += b.astype(last.params["b"].dtype)
    return b
