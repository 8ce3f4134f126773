"""Losses: how wrong a batch of scores is, as one number, and its derivative.

Scores s (N, K), targets q (N, K): one row of probabilities for each sample. An integer label y
stands for the row that is 1 at y and 0 elsewhere, so both forms always give the same loss.

    SoftmaxCrossEntropy   p = softmax(s)
                          L  = -Σᵢₖ aᵢₖ log pᵢₖ             ds = p · Σₖ a - a
    CrossEntropy          L  = -Σᵢₖ aᵢₖ log max(sᵢₖ, floor)  ds = -a / max(s, floor)
    MeanSquaredError      L  = Σᵢₖ (sᵢₖ - qᵢₖ)² / NK         ds = 2 (s - q) / NK
    SquaredHinge          L  = Σᵢₖ max(0, 1 - tᵢₖ sᵢₖ)² / N  ds = -2 t max(0, 1 - t s) / N
                          t = 2q - 1 = ±1

    aᵢₖ = wₖ q̃ᵢₖ / Σᵢₖ wₖ qᵢₖ      q̃ = (1 - ε) q + ε / K     w class weights, ε label smoothing

**The mean.** With class weights, the batch's loss is divided by the weights of its labels,
Σ wₖ qᵢₖ: this is Σᵢ w[yᵢ] for integer labels, and N without class weights. PyTorch does the same
for integer labels; for soft labels it divides by N even with class weights, so that there a
one-hot row and its label give different losses. Here they give the same.

Everything is computed in float64 (scores are small arrays); gradients come in the scores' dtype.
The input of a loss is not checked for NaN: NaN scores give a NaN loss.

Sources: label smoothing, Szegedy et al., "Rethinking the Inception architecture" (2016), section
7; squared hinge on top of a CNN, Tang, "Deep learning using linear support vector machines"
(2013), equation 9, one class versus all others (its ½‖w‖² is the optimiser's weight decay).

Chapters: docs/softmax.md (both cross-entropies), docs/losses.md (all of them)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[Any]

LOSSES: dict[str, type[Loss]] = {}
"""Every loss class by its name: what a saved model may name, and nothing else."""

PROBABILITY_FLOOR = 1e-30
"""CrossEntropy takes smaller probabilities for this: its logarithm is -69 and its reciprocal fits
float32. Beneath the floor L is flat, but ds keeps the floor's slope. Behind a Softmax layer that
slope is multiplied with p and vanishes all the same: train with SoftmaxCrossEntropy."""


class Loss:
    """A function of scores and targets that is small where they agree."""

    def __init__(self) -> None:
        self.cache: Any = None

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        LOSSES[cls.__name__] = cls

    def forward(self, scores: Array, target: ArrayLike) -> float:
        """The mean loss of the batch.

        Args:
            scores: (N, K), float32 or float64.
            target: integer labels (N,), or a row of K probabilities for each sample (N, K).

        Raises:
            ValueError: shapes do not fit, a label is out of range, or a row is no distribution.
        """
        raise NotImplementedError

    def backward(self) -> Array:
        """∂L/∂scores of the last forward, in the scores' shape and dtype."""
        raise NotImplementedError

    def link(self, scores: Array) -> Array:
        """What `predict` returns for these scores: for most losses, the scores themselves."""
        return scores

    def config(self) -> dict[str, Any]:
        """The constructor's arguments, ready for JSON: `type(loss)(**loss.config())`."""
        return {}

    def recall(self) -> Any:
        """What the last forward kept; backward's first line."""
        if self.cache is None:
            raise RuntimeError(f"{type(self).__name__}.backward needs a forward pass before it")
        return self.cache

    def __repr__(self) -> str:
        arguments = ", ".join(f"{key}={value!r}" for key, value in self.config().items())
        return f"{type(self).__name__}({arguments})"


class SoftmaxCrossEntropy(Loss):
    """Cross-entropy of softmax(scores): the loss of a classifier that ends in logits.

    log softmax(s) = s - max(s) - log Σ exp(s - max(s)): nothing overflows, and no logarithm of 0.

    Args:
        label_smoothing: the share ε of each target that is spread over all K classes.
        class_weights: K positive numbers, how much each class counts; None for all the same.
    """

    def __init__(
        self, label_smoothing: float = 0.0, class_weights: Sequence[float] | Array | None = None
    ) -> None:
        super().__init__()
        if not 0 <= label_smoothing < 1:
            raise ValueError(
                f"SoftmaxCrossEntropy expects 0 <= label_smoothing < 1, got {label_smoothing!r}"
            )
        self.label_smoothing = float(label_smoothing)
        self.class_weights = _class_weights(self, class_weights)

    def forward(self, scores: Array, target: ArrayLike) -> float:
        _, K = _check_scores(self, scores)
        q, smoothing = _distribution(self, target, scores), self.label_smoothing
        a = _weigh(self, (1 - smoothing) * q + smoothing / K, q, self.class_weights)
        log_p = log_softmax(scores.astype(np.float64))
        self.cache = a, log_p, scores.dtype
        return -float(np.sum(a * log_p))

    def backward(self) -> Array:
        a, log_p, dtype = self.recall()
        ds: Array = np.exp(log_p) * a.sum(axis=1, keepdims=True) - a
        return ds.astype(dtype)

    def link(self, scores: Array) -> Array:
        """Probabilities: softmax(scores), in the scores' dtype."""
        return softmax(scores)

    def config(self) -> dict[str, Any]:
        return {"label_smoothing": self.label_smoothing, "class_weights": self.class_weights}


class CrossEntropy(Loss):
    """Cross-entropy of probabilities: the loss of a network that ends in a Softmax layer.

    The same function as SoftmaxCrossEntropy in two steps; that one stays exact where a
    probability underflows, and is the better choice for training.

    Args:
        class_weights: K positive numbers, how much each class counts; None for all the same.
    """

    def __init__(self, class_weights: Sequence[float] | Array | None = None) -> None:
        super().__init__()
        self.class_weights = _class_weights(self, class_weights)

    def forward(self, scores: Array, target: ArrayLike) -> float:
        _check_scores(self, scores)
        if scores.min() < 0 or scores.max() > 1.001:
            raise ValueError(
                f"CrossEntropy expects probabilities, got numbers from {scores.min():.4g} to "
                f"{scores.max():.4g}; end the network in Softmax(), or use SoftmaxCrossEntropy"
            )
        q = _distribution(self, target, scores)
        a = _weigh(self, q, q, self.class_weights)
        p = np.maximum(scores.astype(np.float64), PROBABILITY_FLOOR)
        self.cache = a, p, scores.dtype
        return -float(np.sum(a * np.log(p)))

    def backward(self) -> Array:
        a, p, dtype = self.recall()
        ds: Array = -a / p
        return ds.astype(dtype)

    def config(self) -> dict[str, Any]:
        return {"class_weights": self.class_weights}


class MeanSquaredError(Loss):
    """The mean of squared differences, over the batch and over all outputs of a sample.

    Scores may have any shape; real targets have the same shape. Integer labels (N,) stand for
    one-hot rows, for scores (N, K).
    """

    def forward(self, scores: Array, target: ArrayLike) -> float:
        _check_floats(self, scores)
        t = np.asarray(target)
        if t.ndim == 1 and scores.ndim == 2 and np.issubdtype(t.dtype, np.integer):
            t = _one_hot(self, t, scores)
        if t.shape != scores.shape:
            raise ValueError(
                f"MeanSquaredError expects targets of the scores' shape {scores.shape}, "
                f"got {t.shape}; reshape the targets, or give integer labels ({len(scores)},)"
            )
        difference = scores.astype(np.float64) - t
        self.cache = difference, scores.dtype
        return float(np.mean(np.square(difference)))

    def backward(self) -> Array:
        difference, dtype = self.recall()
        ds: Array = 2 * difference / difference.size
        return ds.astype(dtype)


class SquaredHinge(Loss):
    """A linear support vector machine for each class against all others, on the scores.

    The target of a sample's own class is +1, of each other -1; a score on the right side of the
    margin, t s >= 1, costs nothing. Targets are integer labels or one-hot rows.
    """

    def forward(self, scores: Array, target: ArrayLike) -> float:
        N, _ = _check_scores(self, scores)
        q = _distribution(self, target, scores)
        if not np.all((q == 0) | (q == 1)):
            raise ValueError(
                "SquaredHinge expects labels or one-hot rows, got soft labels; "
                "use SoftmaxCrossEntropy for these"
            )
        t = 2 * q - 1
        margin = np.maximum(0, 1 - t * scores)
        self.cache = t, margin, scores.dtype
        return float(np.sum(np.square(margin)) / N)

    def backward(self) -> Array:
        t, margin, dtype = self.recall()
        ds: Array = -2 * t * margin / len(t)
        return ds.astype(dtype)


def balanced_class_weights(labels: ArrayLike, classes: int) -> list[float]:
    """Class weights wₖ = N / (K Nₖ), with which each class counts as much as any other.

    Args:
        labels: (N,) integers, Nₖ of each class k.
        classes: K.

    Raises:
        ValueError: a class has no sample, so that no weight could make it count.
    """
    counts = np.bincount(np.asarray(labels), minlength=classes)
    if len(counts) > classes or not counts.all():
        raise ValueError(
            f"balanced_class_weights expects samples of each of {classes} classes and of no "
            f"other, got counts {counts.tolist()}"
        )
    return (counts.sum() / (classes * counts)).tolist()


def log_softmax(scores: Array) -> Array:
    """log softmax over the last axis, in the scores' dtype."""
    shifted: Array = scores - scores.max(axis=-1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))


def softmax(scores: Array) -> Array:
    """exp(sₖ) / Σ exp(s) over the last axis, in the scores' dtype."""
    exponentials: Array = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return exponentials / exponentials.sum(axis=-1, keepdims=True)


# -- as data, and back ----------------------------------------------------------------------------


def loss_spec(loss: Loss) -> dict[str, Any]:
    """A loss as data: its type's name and its constructor's arguments."""
    return {"type": type(loss).__name__, "config": loss.config()}


def loss_from_spec(spec: Mapping[str, Any]) -> Loss:
    """The loss that `loss_spec` described.

    Raises:
        ValueError: the type is unknown or its arguments do not fit.
    """
    if not isinstance(spec, Mapping) or set(spec) != {"type", "config"}:
        raise ValueError(f"a loss is described by 'type' and 'config', got {spec!r}")
    name, config = spec["type"], spec["config"]
    if name not in LOSSES:
        raise ValueError(f"unknown loss {name!r}; known: {', '.join(sorted(LOSSES))}")
    try:
        return LOSSES[name](**config)
    except TypeError as error:
        raise ValueError(f"{name} cannot be made from {config!r}: {error}") from error


# -- targets and weights --------------------------------------------------------------------------


def _check_floats(loss: Loss, scores: Array) -> None:
    if not np.issubdtype(scores.dtype, np.floating):
        raise ValueError(
            f"{type(loss).__name__} expects float scores, got {scores.dtype}; "
            "convert them with astype(np.float32)"
        )
    if scores.size == 0:
        raise ValueError(
            f"{type(loss).__name__} expects at least one sample, got scores {scores.shape}; "
            "leave out empty batches"
        )


def _check_scores(loss: Loss, scores: Array) -> tuple[int, int]:
    if scores.ndim != 2:
        raise ValueError(
            f"{type(loss).__name__} expects scores (N, K), got {scores.shape}; "
            "end the network in Dense(K), with Flatten() before it"
        )
    _check_floats(loss, scores)
    N, K = scores.shape
    return N, K


def _one_hot(loss: Loss, labels: Array, scores: Array) -> Array:
    """Integer labels (N,) as rows (N, K) of float64."""
    N, K = scores.shape
    if len(labels) != N:
        raise ValueError(
            f"{type(loss).__name__} expects a label for each of {N} samples, got {len(labels)}"
        )
    wrong = np.flatnonzero((labels < 0) | (labels >= K))
    if len(wrong):
        raise ValueError(
            f"{type(loss).__name__} expects labels from 0 to {K - 1} for {K} scores, got "
            f"{labels[wrong[0]]} in sample {wrong[0]}; give the last layer a unit for each class"
        )
    return np.eye(K, dtype=np.float64)[labels]


def _distribution(loss: Loss, target: ArrayLike, scores: Array) -> Array:
    """Targets in either form as rows (N, K) of float64 that sum to 1."""
    name, q = type(loss).__name__, np.asarray(target)
    if q.ndim == 1 and np.issubdtype(q.dtype, np.integer):
        return _one_hot(loss, q, scores)
    N, K = scores.shape
    if q.shape != (N, K):
        raise ValueError(
            f"{name} expects integer labels ({N},) or rows ({N}, {K}), "
            f"got {q.dtype} {q.shape}; convert labels with astype(int)"
        )
    q = q.astype(np.float64)
    total = q.sum(axis=1)
    wrong = np.flatnonzero(~((np.abs(total - 1) <= 1e-5) & (q >= 0).all(axis=1)))
    if len(wrong):
        raise ValueError(
            f"{name} expects rows of probabilities, at least 0 and with sum 1, got "
            f"{q[wrong[0]].tolist()} in sample {wrong[0]}; divide each row by its sum"
        )
    return q


def _class_weights(loss: Loss, class_weights: Sequence[float] | Array | None) -> list[float] | None:
    if class_weights is None:
        return None
    weights = np.asarray(class_weights, np.float64)
    if weights.ndim != 1 or not np.all((weights > 0) & np.isfinite(weights)):
        raise ValueError(
            f"{type(loss).__name__} expects a positive class weight for each class, "
            f"got {class_weights!r}; drop a class from the data instead of weighing it 0"
        )
    return weights.tolist()


def _weigh(loss: Loss, smoothed: Array, q: Array, class_weights: list[float] | None) -> Array:
    """a: how much -log p of each sample and class counts in the batch's loss."""
    K = q.shape[1]
    w = np.asarray(class_weights or [1.0] * K)
    if len(w) != K:
        raise ValueError(
            f"{type(loss).__name__} expects {K} class weights, one for each score, got {len(w)}"
        )
    return w * smoothed / np.sum(w * q)
