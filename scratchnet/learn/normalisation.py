"""Batch norm: each channel to mean 0 and variance 1, and a gradient that knows of all three paths.

mean = Σ x / m     var = Σ (x − mean)² / m          over the m = N·H·W values of each channel
x_hat = (x − mean) / √(var + eps)     y = gamma · x_hat + beta

dbeta = Σ dy     dgamma = Σ dy · x_hat
dx    = gamma / √(var + eps) · (dy − dbeta / m − x_hat · dgamma / m)

x, dx, y, dy (N, C, H, W)   gamma, beta, dgamma, dbeta (C,)
"""

from __future__ import annotations

from typing import Any

import numpy as np

from scratchnet.learn.exercise import Arguments, Array, Exercise, Loss, Task, mistake, whole

CHANNEL = (0, 2, 3)
"""The axes that one channel's values lie along."""


def _column(channel: Array) -> Array:
    """(C,) -> (C, 1, 1), to meet (N, C, H, W)."""
    return channel[:, np.newaxis, np.newaxis]


def _normalised(x: Array, eps: float, axes: tuple[int, ...] = CHANNEL, ddof: int = 0) -> Array:
    mean, var = x.mean(axis=axes, keepdims=True), x.var(axis=axes, ddof=ddof, keepdims=True)
    return (x - mean) / np.sqrt(var + eps)


# -- forward --------------------------------------------------------------------------------------


def batch_norm_forward(x: Array, gamma: Array, beta: Array, eps: float) -> Array:
    return _column(gamma) * _normalised(x, eps) + _column(beta)


@mistake(read="docs/batch_norm.md#training-and-prediction")
def variance_unbiased(x: Array, gamma: Array, beta: Array, eps: float) -> Array:
    """You divide the squares by m − 1. In training the batch's own variance is meant: divide by
    m. (Only the running variance takes m − 1.)"""
    return _column(gamma) * _normalised(x, eps, ddof=1) + _column(beta)


@mistake()
def statistics_over_the_batch_only(x: Array, gamma: Array, beta: Array, eps: float) -> Array:
    """A channel has one mean, over all images *and* pixels: axis=(0, 2, 3)."""
    return _column(gamma) * _normalised(x, eps, (0,)) + _column(beta)


@mistake()
def statistics_of_each_image(x: Array, gamma: Array, beta: Array, eps: float) -> Array:
    """You normalise each image by itself ("instance norm"); the mean goes over the batch too:
    axis=(0, 2, 3)."""
    return _column(gamma) * _normalised(x, eps, (2, 3)) + _column(beta)


@mistake()
def statistics_of_each_sample(x: Array, gamma: Array, beta: Array, eps: float) -> Array:
    """You normalise over the channels of each sample ("layer norm"); each channel has statistics
    of its own, over the batch and the pixels: axis=(0, 2, 3)."""
    return _column(gamma) * _normalised(x, eps, (1, 2, 3)) + _column(beta)


@mistake()
def statistics_of_all_channels(x: Array, gamma: Array, beta: Array, eps: float) -> Array:
    """Each channel has a mean and a variance of its own: axis=(0, 2, 3), which leaves axis 1."""
    return _column(gamma) * _normalised(x, eps, (0, 1, 2, 3)) + _column(beta)


@mistake()
def eps_outside_of_the_root(x: Array, gamma: Array, beta: Array, eps: float) -> Array:
    """eps is added to the variance, inside of the root: √(var + eps), not √var + eps."""
    centred = x - x.mean(axis=CHANNEL, keepdims=True)
    return _column(gamma) * centred / (x.std(axis=CHANNEL, keepdims=True) + eps) + _column(beta)


@mistake()
def eps_forgotten(x: Array, gamma: Array, beta: Array, eps: float) -> Array:
    """Add eps to the variance: a constant channel has variance 0."""
    return _column(gamma) * _normalised(x, 0.0) + _column(beta)


@mistake()
def divided_by_the_variance(x: Array, gamma: Array, beta: Array, eps: float) -> Array:
    """Divide by the *root* of var + eps."""
    centred = x - x.mean(axis=CHANNEL, keepdims=True)
    return _column(gamma) * centred / (x.var(axis=CHANNEL, keepdims=True) + eps) + _column(beta)


@mistake()
def gamma_and_beta_forgotten(x: Array, gamma: Array, beta: Array, eps: float) -> Array:
    """That is x_hat. y = gamma · x_hat + beta."""
    return _normalised(x, eps)


@mistake()
def beta_forgotten(x: Array, gamma: Array, beta: Array, eps: float) -> Array:
    """Add beta, one number for each channel."""
    return _column(gamma) * _normalised(x, eps)


def _images() -> list[Arguments]:
    rng = np.random.default_rng(12)
    flat = whole(rng, 2, 2, 2, 2)
    flat[:, 1] = 3.0
    return [
        (whole(rng, 2, 1, 1, 2), np.array([2.0]), np.array([1.0]), 0.5),
        (whole(rng, 3, 2, 2, 3), np.array([2.0, -1.0]), np.array([1.0, 3.0]), 0.1),
        (flat, np.array([2.0, 3.0]), np.array([1.0, -1.0]), 1e-5),
    ]


BATCH_NORM = Exercise(
    name="batch_norm",
    summary="batch_norm_forward(x, gamma, beta, eps)",
    teaches="statistics of a channel: over which axes, divided by what",
    read="docs/batch_norm.md#equation",
    library="scratchnet/reference/batch_norm.py",
    tasks=(
        Task(
            batch_norm_forward,
            ("y",),
            _images,
            (
                variance_unbiased,
                statistics_over_the_batch_only,
                statistics_of_each_image,
                statistics_of_each_sample,
                statistics_of_all_channels,
                eps_outside_of_the_root,
                eps_forgotten,
                divided_by_the_variance,
                gamma_and_beta_forgotten,
                beta_forgotten,
            ),
        ),
    ),
)

# -- backward -------------------------------------------------------------------------------------


def batch_norm_backward(
    dy: Array, x: Array, gamma: Array, eps: float
) -> tuple[Array, Array, Array]:
    return _backward(dy, x, gamma, eps, mean_term=1.0, var_term=1.0)


def _backward(
    dy: Array, x: Array, gamma: Array, eps: float, mean_term: float, var_term: float
) -> tuple[Array, Array, Array]:
    """The gradients, with each of dx's two corrections multiplied by a factor."""
    m = dy[:, 0].size
    x_hat = _normalised(x, eps)
    inv_std = 1 / np.sqrt(x.var(axis=CHANNEL) + eps)
    dbeta, dgamma = dy.sum(axis=CHANNEL), (dy * x_hat).sum(axis=CHANNEL)
    corrections = mean_term * _column(dbeta) + var_term * x_hat * _column(dgamma)
    return _column(gamma * inv_std) * (dy - corrections / m), dgamma, dbeta


@mistake()
def term_through_the_mean_missing(dy: Array, x: Array, gamma: Array, eps: float) -> Any:
    """x acts through the batch's mean too: subtract dbeta / m. All entries of a channel may not
    push in the same direction, since a shift of the channel changes nothing."""
    return _backward(dy, x, gamma, eps, mean_term=0, var_term=1)


@mistake()
def term_through_the_variance_missing(dy: Array, x: Array, gamma: Array, eps: float) -> Any:
    """x acts through the batch's variance too: subtract x_hat · dgamma / m."""
    return _backward(dy, x, gamma, eps, mean_term=1, var_term=0)


@mistake()
def statistics_taken_for_constants(dy: Array, x: Array, gamma: Array, eps: float) -> Any:
    """gamma / √(var + eps) · dy is evaluation's formula. In training mean and variance depend on
    x: subtract dbeta / m and x_hat · dgamma / m."""
    return _backward(dy, x, gamma, eps, mean_term=0, var_term=0)


@mistake()
def terms_added_not_subtracted(dy: Array, x: Array, gamma: Array, eps: float) -> Any:
    """Both corrections are subtracted from dy."""
    return _backward(dy, x, gamma, eps, mean_term=-1, var_term=-1)


@mistake()
def means_over_the_batch_only(dy: Array, x: Array, gamma: Array, eps: float) -> Any:
    """m counts all values of a channel, N·H·W, not only the N images."""
    pixels = dy[0, 0].size
    return _backward(dy, x, gamma, eps, mean_term=pixels, var_term=pixels)


@mistake()
def means_not_taken(dy: Array, x: Array, gamma: Array, eps: float) -> Any:
    """Divide dbeta and x_hat · dgamma by m, the number of values of a channel."""
    m = dy[:, 0].size
    return _backward(dy, x, gamma, eps, mean_term=m, var_term=m)


@mistake()
def gamma_forgotten_in_dx(dy: Array, x: Array, gamma: Array, eps: float) -> Any:
    """dx has the factor gamma. A new layer has gamma = 1, where nobody sees that it is missing."""
    dx, _, _ = batch_norm_backward(dy, x, np.ones_like(gamma), eps)
    _, dgamma, dbeta = batch_norm_backward(dy, x, gamma, eps)
    return dx, dgamma, dbeta


@mistake()
def inv_std_forgotten_in_dx(dy: Array, x: Array, gamma: Array, eps: float) -> Any:
    """dx has the factor 1 / √(var + eps): what was divided in forward is divided in backward."""
    std = np.sqrt(x.var(axis=CHANNEL) + eps)
    dx, _, _ = batch_norm_backward(dy, x, gamma * std, eps)
    _, dgamma, dbeta = batch_norm_backward(dy, x, gamma, eps)
    return dx, dgamma, dbeta


@mistake()
def x_for_x_hat(dy: Array, x: Array, gamma: Array, eps: float) -> Any:
    """gamma multiplies x_hat in forward, so dgamma = Σ dy · x_hat, the normalised values."""
    dx, _, dbeta = batch_norm_backward(dy, x, gamma, eps)
    return dx, (dy * x).sum(axis=CHANNEL), dbeta


@mistake()
def parameters_get_means(dy: Array, x: Array, gamma: Array, eps: float) -> Any:
    """dgamma and dbeta are sums over the batch and the pixels; the loss took the mean already."""
    dx, dgamma, dbeta = batch_norm_backward(dy, x, gamma, eps)
    m = dy[:, 0].size
    return dx, dgamma / m, dbeta / m


def _samples(*values: float) -> Array:
    """One channel of one pixel."""
    return np.array(values, np.float64).reshape(-1, 1, 1, 1)


def _upstream() -> list[Arguments]:
    rng = np.random.default_rng(13)
    return [
        (_samples(1, 4, 2), _samples(3, -4, 1), np.array([2.0]), 0.5),
        (whole(rng, 3, 2, 2, 3, low=1), whole(rng, 3, 2, 2, 3), np.array([2.0, -3.0]), 0.1),
        (whole(rng, 4, 3, 1, 1, low=1), whole(rng, 4, 3, 1, 1), np.array([1.0, 2.0, 0.5]), 1e-2),
    ]


def _slopes(dy: Array, x: Array, gamma: Array, eps: float) -> dict[str, tuple[Array, Loss]]:
    beta = np.zeros_like(gamma)
    return {
        "dx": (x, lambda v: np.sum(dy * batch_norm_forward(v, gamma, beta, eps))),
        "dgamma": (gamma, lambda v: np.sum(dy * batch_norm_forward(x, v, beta, eps))),
        "dbeta": (beta, lambda v: np.sum(dy * batch_norm_forward(x, gamma, v, eps))),
    }


BATCH_NORM_BACKWARD = Exercise(
    name="batch_norm_backward",
    summary="batch_norm_backward(dy, x, gamma, eps): dx, dgamma and dbeta",
    teaches="three paths from x to y, through the value, the mean and the variance",
    read="docs/batch_norm.md#backward-index-by-index",
    library="scratchnet/reference/batch_norm.py",
    tasks=(
        Task(
            batch_norm_backward,
            ("dx", "dgamma", "dbeta"),
            _upstream,
            (
                term_through_the_mean_missing,
                term_through_the_variance_missing,
                statistics_taken_for_constants,
                terms_added_not_subtracted,
                means_over_the_batch_only,
                means_not_taken,
                gamma_forgotten_in_dx,
                inv_std_forgotten_in_dx,
                x_for_x_hat,
                parameters_get_means,
            ),
            _slopes,
        ),
    ),
)
