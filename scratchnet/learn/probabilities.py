"""Softmax, and the gradient of the cross-entropy behind it: scores, probabilities, and blame.

p[n,k]  = exp(s[n,k]) / Σ j  exp(s[n,j])          s, p, ds (N, K)   labels (N,)
L       = − Σ n  log p[n, labels[n]] / N
ds[n,k] = (p[n,k] − [k = labels[n]]) / N
"""

from __future__ import annotations

import numpy as np

from scratchnet.learn.exercise import Arguments, Array, Exercise, Loss, Task, mistake, whole

# -- softmax --------------------------------------------------------------------------------------


def softmax(scores: Array) -> Array:
    exponentials = np.exp(scores - scores.max(axis=1, keepdims=True))
    return exponentials / exponentials.sum(axis=1, keepdims=True)


@mistake(read="docs/softmax.md#what-a-computer-can-hold")
def largest_score_not_subtracted(scores: Array) -> Array:
    """exp(1000) overflows. Subtract each row's largest score first: p does not change by it."""
    exponentials = np.exp(scores)
    return exponentials / exponentials.sum(axis=1, keepdims=True)


@mistake()
def over_the_batch(scores: Array) -> Array:
    """The K scores of one sample compete, not the samples: sum along axis 1."""
    return softmax(scores.T).T


@mistake()
def over_everything(scores: Array) -> Array:
    """Each row sums to 1 by itself: axis=1, keepdims=True."""
    exponentials = np.exp(scores - scores.max())
    return exponentials / exponentials.sum()


@mistake()
def not_normalised(scores: Array) -> Array:
    """Divide by the row's sum, so that it becomes 1."""
    return np.exp(scores - scores.max(axis=1, keepdims=True))


@mistake()
def the_logarithm(scores: Array) -> Array:
    """That is log p; softmax returns p itself."""
    return np.log(np.maximum(softmax(scores), 1e-300))


@mistake()
def a_sigmoid_for_each_score(scores: Array) -> Array:
    """The sigmoid looks at one score only; softmax lets the K scores of a sample compete."""
    return 1 / (1 + np.exp(-scores))


def _scores() -> list[Arguments]:
    rng = np.random.default_rng(6)
    return [
        (np.array([[0.0, 1.0, 2.0], [3.0, 3.0, 0.0]]),),
        (whole(rng, 4, 3),),
        (np.array([[1000.0, 999.0, 0.0, -1000.0], [5.0, 5.0, 5.0, 5.0]]),),
    ]


SOFTMAX = Exercise(
    name="softmax",
    summary="softmax(scores)",
    teaches="scores become probabilities, row by row, without an overflow",
    read="docs/softmax.md#equation",
    library="scratchnet/losses.py",
    tasks=(
        Task(
            softmax,
            ("p",),
            _scores,
            (
                largest_score_not_subtracted,
                over_the_batch,
                over_everything,
                not_normalised,
                the_logarithm,
                a_sigmoid_for_each_score,
            ),
        ),
    ),
)

# -- cross-entropy --------------------------------------------------------------------------------


def cross_entropy_backward(scores: Array, labels: Array) -> Array:
    N, K = scores.shape
    return (softmax(scores) - np.eye(K)[labels]) / N


@mistake()
def mean_over_the_batch_forgotten(scores: Array, labels: Array) -> Array:
    """The loss is the *mean* over the N samples: divide p − q by N, or the step grows with the
    batch."""
    return cross_entropy_backward(scores, labels) * len(scores)


@mistake()
def mean_taken_twice(scores: Array, labels: Array) -> Array:
    """Divided by N twice: the step would shrink as the batch grows."""
    return cross_entropy_backward(scores, labels) / len(scores)


@mistake()
def mean_over_all_entries(scores: Array, labels: Array) -> Array:
    """Divide by the number of samples N, not by all N · K entries."""
    return cross_entropy_backward(scores, labels) / scores.shape[1]


@mistake()
def labels_not_subtracted(scores: Array, labels: Array) -> Array:
    """Subtract 1 at each sample's own class; otherwise nothing tells what is right."""
    return softmax(scores) / len(scores)


@mistake()
def sign_reversed(scores: Array, labels: Array) -> Array:
    """q − p climbs the loss. The right class has p − 1 < 0: *down* the gradient its score grows."""
    return -cross_entropy_backward(scores, labels)


@mistake()
def own_class_only(scores: Array, labels: Array) -> Array:
    """The other classes have p / N: by softmax their scores act on the loss too."""
    return cross_entropy_backward(scores, labels) * np.eye(scores.shape[1])[labels]


@mistake()
def gradient_of_the_probabilities(scores: Array, labels: Array) -> Array:
    """−1 / p is ∂L/∂p. The scores are one softmax further back, and there it becomes p − q."""
    return -np.eye(scores.shape[1])[labels] / softmax(scores) / len(scores)


@mistake()
def softmax_differentiated_twice(scores: Array, labels: Array) -> Array:
    """p − q contains softmax's derivative already; do not send it through softmax again."""
    p, g = softmax(scores), cross_entropy_backward(scores, labels)
    return p * (g - (g * p).sum(axis=1, keepdims=True))


def _labelled() -> list[Arguments]:
    rng = np.random.default_rng(7)
    return [
        (np.array([[0.0, 1.0, 2.0], [3.0, 3.0, 0.0]]), np.array([2, 0])),
        (whole(rng, 5, 4) / 2, np.array([3, 1, 0, 1, 2])),
        (whole(rng, 3, 2) / 2, np.array([1, 1, 0])),
    ]


def _slopes(scores: Array, labels: Array) -> dict[str, tuple[Array, Loss]]:
    rows = np.arange(len(labels))
    return {"ds": (scores, lambda s: -np.log(softmax(s)[rows, labels]).mean())}


CROSS_ENTROPY = Exercise(
    name="cross_entropy",
    summary="cross_entropy_backward(scores, labels)",
    teaches="why softmax and cross-entropy are one loss: their gradient is p − q",
    read="docs/softmax.md#backward-index-by-index",
    library="scratchnet/losses.py",
    tasks=(
        Task(
            cross_entropy_backward,
            ("ds",),
            _labelled,
            (
                mean_over_the_batch_forgotten,
                mean_taken_twice,
                mean_over_all_entries,
                labels_not_subtracted,
                sign_reversed,
                own_class_only,
                gradient_of_the_probabilities,
                softmax_differentiated_twice,
            ),
            _slopes,
        ),
    ),
)
