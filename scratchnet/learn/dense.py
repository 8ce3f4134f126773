"""The dense layer: one matrix product forward, two backward.

y  = x @ W + b                x (N, D)   W (D, M)   b (M,)   y (N, M)
dx = dy @ Wᵀ    dW = xᵀ @ dy    db = Σ n  dy[n]
"""

from __future__ import annotations

from typing import Any

import numpy as np

from scratchnet.learn.exercise import Arguments, Array, Exercise, Loss, Task, mistake, whole

# -- forward --------------------------------------------------------------------------------------


def dense_forward(x: Array, W: Array, b: Array) -> Array:
    return x @ W + b


@mistake()
def bias_forgotten(x: Array, W: Array, b: Array) -> Array:
    """Add b: one number for each of the M outputs, the same for all samples."""
    return x @ W


@mistake()
def bias_along_the_batch(x: Array, W: Array, b: Array) -> Array:
    """b belongs to the outputs, the last axis: x @ W + b meets it there by itself. It went
    through because N = M here."""
    return x @ W + b[:, np.newaxis]


@mistake()
def weights_transposed(x: Array, W: Array, b: Array) -> Array:
    """W is (D, M): a row for each input, a column for each output. x @ W, without .T."""
    return x @ W.T + b


@mistake()
def bias_added_for_every_input(x: Array, W: Array, b: Array) -> Array:
    """The bias stands outside of the sum over D: add it once."""
    return x @ W + x.shape[1] * b


@mistake()
def relu_built_in(x: Array, W: Array, b: Array) -> Array:
    """Negative outputs are fine: the activation is a layer of its own."""
    return np.maximum(x @ W + b, 0)


def _inputs() -> list[Arguments]:
    rng = np.random.default_rng(20)
    return [
        (whole(rng, N, D), whole(rng, D, M), whole(rng, M, low=1))
        for N, D, M in [(2, 2, 2), (3, 4, 2), (1, 3, 5)]
    ]


DENSE = Exercise(
    name="dense",
    summary="dense_forward(x, W, b)",
    teaches="a batch as a matrix: N samples times D inputs become N times M outputs",
    read="docs/dense.md#equation",
    library="scratchnet/reference/dense.py",
    tasks=(
        Task(
            dense_forward,
            ("y",),
            _inputs,
            (
                bias_forgotten,
                bias_along_the_batch,
                weights_transposed,
                bias_added_for_every_input,
                relu_built_in,
            ),
        ),
    ),
)

# -- backward -------------------------------------------------------------------------------------


def dense_backward(dy: Array, x: Array, W: Array) -> tuple[Array, Array, Array]:
    return dy @ W.T, x.T @ dy, dy.sum(axis=0)


@mistake()
def weights_not_transposed(dy: Array, x: Array, W: Array) -> Any:
    """Forward goes D → M by W, so dy goes M → D by W.T; without it only D = M fits."""
    return dy @ W, x.T @ dy, dy.sum(axis=0)


@mistake()
def weight_gradient_transposed(dy: Array, x: Array, W: Array) -> Any:
    """dW has W's shape (D, M): x.T @ dy, not dy.T @ x."""
    return dy @ W.T, dy.T @ x, dy.sum(axis=0)


@mistake()
def mean_over_the_batch(dy: Array, x: Array, W: Array) -> Any:
    """The loss took the mean already, dy is divided by N: here the samples only add up."""
    return dy @ W.T, x.T @ dy / len(x), dy.mean(axis=0)


@mistake()
def first_sample_only(dy: Array, x: Array, W: Array) -> Any:
    """A weight acts on the loss through every sample: add up over n."""
    return dy @ W.T, np.outer(x[0], dy[0]), dy[0] * 1


@mistake()
def last_sample_only(dy: Array, x: Array, W: Array) -> Any:
    """= where += is meant: each sample's share replaces that of the sample before."""
    return dy @ W.T, np.outer(x[-1], dy[-1]), dy[-1] * 1


@mistake()
def bias_without_gradient(dy: Array, x: Array, W: Array) -> Any:
    """The bias is added to every sample's output, so db = Σ dy over the batch, not 0."""
    return dy @ W.T, x.T @ dy, 0 * dy[0]


@mistake()
def bias_summed_over_the_outputs(dy: Array, x: Array, W: Array) -> Any:
    """db has a number for each output: sum over the batch, axis 0."""
    return dy @ W.T, x.T @ dy, dy.sum(axis=1)


def _upstream() -> list[Arguments]:
    rng = np.random.default_rng(5)
    return [
        (whole(rng, N, M, low=1), whole(rng, N, D), whole(rng, D, M))
        for N, D, M in [(2, 2, 2), (3, 4, 2), (1, 3, 5)]
    ]


def _slopes(dy: Array, x: Array, W: Array) -> dict[str, tuple[Array, Loss]]:
    b = np.zeros(W.shape[1])
    return {
        "dx": (x, lambda v: np.sum(dy * dense_forward(v, W, b))),
        "dW": (W, lambda v: np.sum(dy * dense_forward(x, v, b))),
        "db": (b, lambda v: np.sum(dy * dense_forward(x, W, v))),
    }


DENSE_BACKWARD = Exercise(
    name="dense_backward",
    summary="dense_backward(dy, x, W): dx, dW and db",
    teaches="the chain rule for a matrix: gradients add up over all ways to the loss",
    read="docs/dense.md#backward-index-by-index",
    library="scratchnet/reference/dense.py",
    tasks=(
        Task(
            dense_backward,
            ("dx", "dW", "db"),
            _upstream,
            (
                weights_not_transposed,
                weight_gradient_transposed,
                mean_over_the_batch,
                first_sample_only,
                last_sample_only,
                bias_without_gradient,
                bias_summed_over_the_outputs,
            ),
            _slopes,
        ),
    ),
)
