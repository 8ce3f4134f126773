"""The training loop: shuffle, forward, loss, backward, step; and the mean loss of every epoch.

The solution is not a loop but the library's `Training`, which `Sequential.fit` runs: whoever
reaches its losses, to the last digit, has rebuilt it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from scratchnet.layers import Dense, Tanh
from scratchnet.learn.exercise import Arguments, Array, Exercise, Mistake, Task
from scratchnet.losses import SoftmaxCrossEntropy
from scratchnet.optimizers import SGD
from scratchnet.sequential import Sequential
from scratchnet.training import Training


def train(
    model: Any, loss: Any, optimizer: Any, x: Array, labels: Array, epochs: int, batch_size: int,
    rng: np.random.Generator,
) -> list[float]:  # fmt: skip
    training = Training(model, loss, optimizer, x, labels, None, epochs, batch_size, rng)
    return [row["loss"] for row in training.run().rows]


# -- what people write ----------------------------------------------------------------------------


def _variant(name: str, advice: str, loop: Callable[..., list[float]]) -> Mistake:
    """A training loop under the name and the advice of what is wrong with it."""
    loop.__name__, loop.__doc__ = name.replace(" ", "_"), advice
    return Mistake(loop)


def _loop(
    *,
    shuffle: str = "each epoch",
    labels_follow: bool = True,
    last_batch: bool = True,
    step: str = "each batch",
    report: str = "mean over samples",
) -> Callable[..., list[float]]:
    """The loop by hand, with one of its parts done wrongly."""

    def train(
        model: Any, loss: Any, optimizer: Any, x: Array, labels: Array, epochs: int,
        batch_size: int, rng: np.random.Generator,
    ) -> list[float]:  # fmt: skip
        N, losses = len(x), []
        order = rng.permutation(N) if shuffle == "once" else np.arange(N)
        for _ in range(epochs):
            if shuffle == "each epoch":
                order = rng.permutation(N)
            values: list[float] = []
            sizes: list[int] = []
            for first in range(0, N if last_batch else N - N % batch_size, batch_size):
                batch = order[first : first + batch_size]
                own = labels[batch if labels_follow else np.arange(N)[first : first + batch_size]]
                values.append(loss.forward(model.forward(x[batch], training=True), own))
                sizes.append(len(batch))
                if step == "before backward":
                    optimizer.step(model.plan.parameters)
                if step != "never":
                    model.backward(loss.backward())
                if step == "each batch":
                    optimizer.step(model.plan.parameters)
                if report == "after the step":
                    values[-1] = loss.forward(model.forward(x[batch]), own)
            if step == "each epoch":
                optimizer.step(model.plan.parameters)
            if report == "mean over batches":
                losses.append(float(np.mean(values)))
            elif report == "last batch":
                losses.append(values[-1])
            elif report == "sum":
                losses.append(float(np.dot(values, sizes)))
            else:
                losses.append(float(np.dot(values, sizes)) / sum(sizes))
        return losses

    return train


MISTAKES = (
    _variant(
        "not shuffled",
        "Each epoch goes through the samples in a new order: order = rng.permutation(len(x)).",
        _loop(shuffle="never"),
    ),
    _variant(
        "shuffled only once",
        "Draw a new order at the beginning of *each* epoch.",
        _loop(shuffle="once"),
    ),
    _variant(
        "labels left unshuffled",
        "x is taken in the new order, so labels must be too: labels[batch], with the same batch.",
        _loop(labels_follow=False),
    ),
    _variant(
        "last batch dropped",
        "The last batch is smaller, and counts: range(0, N, batch_size) reaches it.",
        _loop(last_batch=False),
    ),
    _variant(
        "never stepped",
        "After backward, optimizer.step(model.plan.parameters) changes the weights.",
        _loop(step="never"),
    ),
    _variant(
        "one step an epoch",
        "The optimiser steps after every batch, with that batch's gradients.",
        _loop(step="each epoch"),
    ),
    _variant(
        "step before backward",
        "The optimiser uses the gradients that backward leaves: backward first, then the step.",
        _loop(step="before backward"),
    ),
    _variant(
        "mean over batches",
        "The last batch is smaller: weigh each batch's loss by its samples, divide by all samples.",
        _loop(report="mean over batches"),
    ),
    _variant(
        "loss of the last batch",
        "The epoch's loss is the mean over all of its samples, not its last batch's.",
        _loop(report="last batch"),
    ),
    _variant(
        "loss not divided",
        "Divide the epoch's sum by the number of samples.",
        _loop(report="sum"),
    ),
    _variant(
        "loss measured after the step",
        "Keep the loss that forward gave before the step: no second forward is needed.",
        _loop(report="after the step"),
    ),
)


# -- the exercise ---------------------------------------------------------------------------------


def _problem(N: int, epochs: int, batch_size: int, momentum: float, seed: int) -> tuple[Any, ...]:
    """A tiny problem: three classes of points in a plane, a network of two layers."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 3, N)
    x = rng.standard_normal((N, 2)) + np.eye(3)[labels][:, :2] * 2
    model = Sequential([Dense(4), Tanh(), Dense(3)]).build((2,), rng, np.float64)
    loss, optimizer = SoftmaxCrossEntropy(), SGD(0.5, momentum=momentum)
    return model, loss, optimizer, x, labels, epochs, batch_size, np.random.default_rng(seed)


def _problems() -> list[Arguments]:
    return [_problem(10, 3, 4, 0.0, seed=18), _problem(23, 4, 5, 0.9, seed=19)]


TRAINING_LOOP = Exercise(
    name="training_loop",
    summary="train(model, loss, optimizer, x, labels, epochs, batch_size, rng)",
    teaches="how everything before works together: the loop that trains every network",
    read="docs/mlp.md#by-hand",
    library="scratchnet/training.py",
    tasks=(Task(train, ("losses",), _problems, MISTAKES),),
)
