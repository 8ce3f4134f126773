"""Bugs of the dense layer: square matrices, and what else N, D and M do to a sum."""

from __future__ import annotations

import numpy as np

from scratchnet import ops
from scratchnet.layers import Dense, Flatten
from tests.gradients.bug_museum.exhibits import planted

BACKWARD = (ops, "dense_backward")


@planted(*BACKWARD, case="Dense square", comes_from="a shape that fits by chance")
def weight_gradient_transposed(right, dy, x, W):
    """dW = dyᵀ @ x: the right shape only where D = M."""
    dx, _, db = right(dy, x, W)
    return dx, dy.T @ x, db


@planted(*BACKWARD, case="Dense square", comes_from="a shape that fits by chance")
def weights_not_transposed(right, dy, x, W):
    """dx = dy @ W: the right shape only where D = M."""
    _, dW, db = right(dy, x, W)
    return dy @ W, dW, db


@planted(*BACKWARD, case="Dense", comes_from="a mean that the loss has taken already")
def divided_by_the_batch_twice(right, dy, x, W):
    """dW is divided by N, though the loss's gradient was divided by it."""
    dx, dW, db = right(dy, x, W)
    return dx, dW / len(x), db


@planted(*BACKWARD, case="Dense", comes_from="a bias added to the code later")
def bias_without_gradient(right, dy, x, W):
    """db stays 0: the bias never learns, the loss still falls."""
    dx, dW, db = right(dy, x, W)
    return dx, dW, np.zeros_like(db)


@planted(*BACKWARD, case="Dense", comes_from="the sum of a batch of one")
def bias_of_the_first_sample(right, dy, x, W):
    """db is the first sample's dy: right in every test with N = 1."""
    dx, dW, _ = right(dy, x, W)
    return dx, dW, dy[0]


@planted(Dense, "backward", case="Dense", comes_from="dy /= len(dy), to save memory")
def upstream_divided_in_place(right, layer, dy):
    """dy is scaled where it stands: whoever reads it next reads something else."""
    dx = right(layer, dy.copy())
    dy /= len(dy)
    return dx


@planted(Dense, "backward", case="Dense of one sample", comes_from="db = dy, where N = 1")
def bias_gradient_is_the_upstream(right, layer, dy):
    """grads["b"] is dy itself, and changes when somebody changes dy."""
    dx = right(layer, dy)
    layer.grads["b"] = dy[0]
    return dx


@planted(Dense, "forward", case="Dense", comes_from="weight decay in the wrong place")
def forward_that_decays(right, layer, x, *, training=False):
    """Every forward pass shrinks the weights."""
    y = right(layer, x, training=training)
    layer.params["W"] *= 0.999
    return y


@planted(Flatten, "backward", case="Flatten", comes_from="code ported from channels-last")
def flattened_in_another_order(right, layer, dy):
    """Forward writes channels first, backward reads them last."""
    N, C, H, W = layer.recall()
    return dy.reshape(N, H, W, C).transpose(0, 3, 1, 2)
