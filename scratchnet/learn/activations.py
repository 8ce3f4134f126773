"""ReLU and dropout: functions of each number by itself, and the gates that they leave behind.

y = max(x, 0)       dx = dy where x > 0, else 0
y = x · mask        dx = dy · mask                  mask = 0 or 1 / (1 − rate)
"""

from __future__ import annotations

from typing import Any

import numpy as np

from scratchnet.learn.exercise import Arguments, Array, Exercise, Loss, Task, mistake, whole

# -- ReLU -----------------------------------------------------------------------------------------


def relu_forward(x: Array) -> Array:
    return np.maximum(x, 0)


@mistake()
def the_absolute_value(x: Array) -> Array:
    """ReLU does not turn a negative number around, it replaces it by 0."""
    return np.abs(x)


@mistake()
def the_minimum(x: Array) -> Array:
    """You keep what is negative; ReLU keeps what is positive."""
    return np.minimum(x, 0)


@mistake()
def the_slope_in_place_of_the_value(x: Array) -> Array:
    """0 and 1 are ReLU's derivative; forward returns x itself where x > 0."""
    return (x > 0).astype(x.dtype)


def relu_backward(dy: Array, x: Array) -> Array:
    return np.where(x > 0, dy, 0)


@mistake(read="docs/activations.md#the-kink-at-0")
def slope_one_at_zero(dy: Array, x: Array) -> Array:
    """At x = 0 any slope from 0 to 1 would do; the library takes 0, so the gate is x > 0."""
    return np.where(x >= 0, dy, 0)


@mistake(read="docs/gradients.md#random-not-ones")
def upstream_gradient_ignored(dy: Array, x: Array) -> Array:
    """That is ∂y/∂x alone. By the chain rule it is multiplied with dy."""
    return (x > 0).astype(x.dtype)


@mistake()
def gate_opened_by_dy(dy: Array, x: Array) -> Array:
    """The gate is where the *input* was positive; dy passes it with either sign."""
    return np.maximum(dy, 0)


@mistake(read="docs/gradients.md#exercises")
def gate_of_both(dy: Array, x: Array) -> Array:
    """dy passes where x > 0, also if it is negative; "guided" back-propagation drops these."""
    return np.where((x > 0) & (dy > 0), dy, 0)


@mistake()
def multiplied_by_y(dy: Array, x: Array) -> Array:
    """dy is multiplied with the slope, which is 0 or 1, not with the value y."""
    return dy * np.maximum(x, 0)


@mistake()
def gate_always_open(dy: Array, x: Array) -> Array:
    """dy passes only where x > 0: the numbers that ReLU replaced by 0 have no say in y."""
    return dy + 0 * x


def _relu_inputs() -> list[Arguments]:
    rng = np.random.default_rng(1)
    return [
        (np.array([[1.0, 2.0, -3.0, 4.0]]), np.array([[2.0, -1.0, 3.0, 0.0]])),
        (whole(rng, 3, 5), whole(rng, 3, 5)),
        (whole(rng, 2, 3, 2, 2), whole(rng, 2, 3, 2, 2)),
    ]


def _relu_slopes(dy: Array, x: Array) -> dict[str, tuple[Array, Loss]]:
    return {"dx": (x, lambda v: np.sum(dy * relu_forward(v)))}


RELU = Exercise(
    name="relu",
    summary="relu_forward(x) and relu_backward(dy, x)",
    teaches="what a backward is: dy comes in, dx goes out; a gate that forward leaves behind",
    read="docs/activations.md#equation",
    library="scratchnet/reference/relu.py",
    tasks=(
        Task(
            relu_forward,
            ("y",),
            lambda: [(x,) for _, x in _relu_inputs()],
            (the_absolute_value, the_minimum, the_slope_in_place_of_the_value),
        ),
        Task(
            relu_backward,
            ("dx",),
            _relu_inputs,
            (
                slope_one_at_zero,
                upstream_gradient_ignored,
                gate_opened_by_dy,
                gate_of_both,
                multiplied_by_y,
                gate_always_open,
            ),
            _relu_slopes,
        ),
    ),
)

# -- dropout --------------------------------------------------------------------------------------

Generator = np.random.Generator


def dropout_forward(x: Array, rate: float, rng: Generator, training: bool) -> tuple[Array, Array]:
    mask = np.ones_like(x)
    if training:
        mask = (rng.random(x.shape) >= rate) / (1 - rate)
    return x * mask, mask


@mistake()
def inverted_scaling_forgotten(x: Array, rate: float, rng: Generator, training: bool) -> Any:
    """What is kept is divided by 1 − rate: then y is x on average, and evaluation has nothing
    to correct."""
    _, mask = dropout_forward(x, rate, rng, training)
    return x * (mask > 0), (mask > 0).astype(x.dtype)


@mistake()
def divided_by_the_rate(x: Array, rate: float, rng: Generator, training: bool) -> Any:
    """Divide by 1 − rate, the share that is kept, not by rate, the share that is dropped."""
    if not training:
        return x * 1, np.ones_like(x)
    mask = (rng.random(x.shape) >= rate) / rate
    return x * mask, mask


@mistake()
def the_kept_are_dropped(x: Array, rate: float, rng: Generator, training: bool) -> Any:
    """rng.random() < rate happens with probability rate: that is what is *dropped*. Keep where
    it is >= rate."""
    if not training:
        return x * 1, np.ones_like(x)
    mask = (rng.random(x.shape) < rate) / (1 - rate)
    return x * mask, mask


@mistake()
def evaluation_drops_too(x: Array, rate: float, rng: Generator, training: bool) -> Any:
    """In evaluation nothing is dropped: y is x, and the mask is all ones."""
    return dropout_forward(x, rate, rng, True)


@mistake()
def evaluation_scaled(x: Array, rate: float, rng: Generator, training: bool) -> Any:
    """Training has divided by 1 − rate already; evaluation returns x as it is."""
    y, mask = dropout_forward(x, rate, rng, training)
    return (y, mask) if training else (y * (1 - rate), mask * (1 - rate))


@mistake()
def scaled_in_evaluation_instead(x: Array, rate: float, rng: Generator, training: bool) -> Any:
    """So it stands in the first paper; "inverted" dropout divides by 1 − rate in training, so
    that evaluation is x itself."""
    _, mask = dropout_forward(x, rate, rng, training)
    mask = (mask > 0).astype(x.dtype) if training else mask * (1 - rate)
    return x * mask, mask


@mistake()
def one_mask_for_the_batch(x: Array, rate: float, rng: Generator, training: bool) -> Any:
    """Every sample has a mask of its own: draw rng.random(x.shape), the batch axis included."""
    if not training:
        return x * 1, np.ones_like(x)
    mask = (rng.random(x.shape[1:]) >= rate) / (1 - rate) + 0 * x
    return x * mask, mask


def dropout_backward(dy: Array, mask: Array) -> Array:
    return dy * mask


@mistake()
def mask_forgotten(dy: Array, mask: Array) -> Array:
    """A number that was dropped had no part in y, so its gradient is 0: multiply with the mask."""
    return dy + 0 * mask


@mistake()
def scale_forgotten_in_backward(dy: Array, mask: Array) -> Array:
    """y = x · mask, so dx = dy · mask, with the 1 / (1 − rate) that is in the mask."""
    return dy * (mask > 0)


@mistake()
def dropped_ones_get_the_gradient(dy: Array, mask: Array) -> Array:
    """dy passes where the mask is *not* 0."""
    return dy * (mask == 0)


def _dropout_inputs() -> list[Arguments]:
    rng = np.random.default_rng(2)
    return [
        (whole(rng, 2, 4, low=1), 0.25, np.random.default_rng(7), True),
        (whole(rng, 2, 3, low=1), 0.25, np.random.default_rng(8), False),
        (whole(rng, 3, 2, 4, 4, low=1), 0.6, np.random.default_rng(9), True),
    ]


def _masks() -> list[Arguments]:
    """dy and a mask of forward's."""
    rng = np.random.default_rng(3)
    masks = [dropout_forward(*arguments)[1] for arguments in _dropout_inputs()]
    return [(whole(rng, *mask.shape, low=1), mask) for mask in masks]


DROPOUT = Exercise(
    name="dropout",
    summary="dropout_forward(x, rate, rng, training) and dropout_backward(dy, mask)",
    teaches="randomness that is passed in, two modes, and why the kept values are scaled up",
    read="docs/dropout.md#equation",
    library="scratchnet/layers/dropout.py",
    tasks=(
        Task(
            dropout_forward,
            ("y", "mask"),
            _dropout_inputs,
            (
                inverted_scaling_forgotten,
                divided_by_the_rate,
                the_kept_are_dropped,
                evaluation_drops_too,
                evaluation_scaled,
                scaled_in_evaluation_instead,
                one_mask_for_the_batch,
            ),
        ),
        Task(
            dropout_backward,
            ("dx",),
            _masks,
            (mask_forgotten, scale_forgotten_in_backward, dropped_ones_get_the_gradient),
        ),
    ),
)
