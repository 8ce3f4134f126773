"""Bugs of batch norm: three paths from x to y, two modes, and statistics that outlive the batch."""

from __future__ import annotations

import numpy as np

from scratchnet import ops
from scratchnet.layers import BatchNorm
from tests.gradients.bug_museum.exhibits import planted

BACKWARD = (ops, "batch_norm_backward")


@planted(*BACKWARD, case="BatchNorm", comes_from="mean and variance taken for constants")
def statistics_without_gradient(right, dy, x_hat, gamma, inv_std):
    """dx = gamma · inv_std · dy: evaluation's formula, in training."""
    _, dgamma, dbeta = right(dy, x_hat, gamma, inv_std)
    return dy * (gamma * inv_std)[:, np.newaxis], dgamma, dbeta


@planted(*BACKWARD, case="BatchNorm", comes_from="a chain rule that stops at the mean")
def variance_without_gradient(right, dy, x_hat, gamma, inv_std):
    """The term x_hat · dgamma / m is missing."""
    _, dgamma, dbeta = right(dy, x_hat, gamma, inv_std)
    centred = dy - dy.mean(axis=(0, 2), keepdims=True)
    return centred * (gamma * inv_std)[:, np.newaxis], dgamma, dbeta


@planted(*BACKWARD, case="BatchNorm", comes_from="a chain rule that forgets the mean")
def mean_without_gradient(right, dy, x_hat, gamma, inv_std):
    """The term dbeta / m is missing."""
    dx, dgamma, dbeta = right(dy, x_hat, gamma, inv_std)
    mean = dy.mean(axis=(0, 2))
    return dx + (gamma * inv_std * mean)[:, np.newaxis], dgamma, dbeta


@planted(*BACKWARD, case="BatchNorm", comes_from="a test at gamma = 1")
def gamma_missing_in_the_input_gradient(right, dy, x_hat, gamma, inv_std):
    """dx lacks the factor gamma, which a new layer sets to 1: so the check shakes parameters."""
    dx, _, _ = right(dy, x_hat, np.ones_like(gamma), inv_std)
    _, dgamma, dbeta = right(dy, x_hat, gamma, inv_std)
    return dx, dgamma, dbeta


@planted(*BACKWARD, case="BatchNorm", comes_from="the dense formula, used on images")
def means_over_the_batch_only(right, dy, x_hat, gamma, inv_std):
    """m counts samples, not samples times pixels."""
    _, dgamma, dbeta = right(dy, x_hat, gamma, inv_std)
    m = len(dy)
    terms = (dbeta[:, np.newaxis] + x_hat * dgamma[:, np.newaxis]) / m
    return (gamma * inv_std)[:, np.newaxis] * (dy - terms), dgamma, dbeta


@planted(ops, "batch_norm_forward", case="BatchNorm dense", comes_from="std + eps, to be safe")
def eps_outside_of_the_root(right, x, gamma, beta, eps):
    """1 / (√var + eps) forward, 1 / √(var + eps) in backward's formula: wrong by 1e-5 only."""
    _, x_hat, mean, var, inv_std = right(x, gamma, beta, eps)
    other = 1 / (np.sqrt(var) + eps)
    x_hat = x_hat * (other / inv_std)[:, np.newaxis]
    return gamma[:, np.newaxis] * x_hat + beta[:, np.newaxis], x_hat, mean, var, other


@planted(
    BatchNorm,
    "backward",
    case="BatchNorm",
    training=False,
    comes_from="one backward for both modes",
)
def training_gradient_in_evaluation(right, layer, dy):
    """The running statistics are differentiated as if the batch had made them."""
    x_hat, inv_std, _ = layer.cache
    layer.cache = x_hat, inv_std, True
    return right(layer, dy)


@planted(
    BatchNorm,
    "forward",
    case="BatchNorm",
    training=False,
    comes_from="a flag that nobody passed on",
)
def batch_statistics_in_evaluation(right, layer, x, *, training=False):
    """Evaluation normalises by its own batch, and collects: a test set changes the model."""
    return right(layer, x, training=True)


@planted(
    BatchNorm,
    "collect",
    case="BatchNorm",
    comes_from="the other convention of momentum",
    caught_by="test_running_statistics_keep_the_share_momentum",
)
def momentum_the_wrong_way_round(right, layer, mean, var, m):
    """running = (1 - momentum) · running + momentum · batch."""
    layer.momentum, kept = 1 - layer.momentum, layer.momentum
    right(layer, mean, var, m)
    layer.momentum = kept


@planted(
    BatchNorm,
    "collect",
    case="BatchNorm",
    comes_from="one variance for both purposes",
    caught_by="test_running_variance_is_the_unbiased_one",
)
def running_variance_biased(right, layer, mean, var, m):
    """The running variance collects Σ (x - mean)² / m, without the m / (m - 1)."""
    right(layer, mean, var * ((m - 1) / m), m)
