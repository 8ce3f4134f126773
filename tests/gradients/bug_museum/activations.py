"""Bugs of the activations: a derivative taken of the wrong variable, or of the wrong thing."""

from __future__ import annotations

import numpy as np

from scratchnet import ops
from scratchnet.layers import Dropout, ReLU, Sigmoid, Softmax, Tanh
from tests.gradients.bug_museum.exhibits import planted


@planted(ops, "relu_backward", case="ReLU", comes_from="a way to draw saliency, used to train")
def relu_gated_on_the_upstream(right, dy, y):
    """The sign of dy decides, not that of x."""
    return np.where(dy > 0, dy, 0)


@planted(ops, "relu_backward", case="ReLU", comes_from="y >= 0 in the comparison")
def relu_gate_always_open(right, dy, y):
    """dy passes wherever y >= 0, and y is never below 0."""
    return dy * (y >= 0)


@planted(
    ReLU,
    "forward",
    case="ReLU",
    comes_from="x >= 0 in the comparison",
    caught_by="test_relu_slope_at_zero_is_zero",
)
def relu_slope_one_at_zero(right, layer, x, *, training=False):
    """dy passes where x is 0, too: another implementation gives another gradient."""
    layer.backward = lambda dy: dy * (x >= 0)
    return right(layer, x, training=training)


@planted(ops, "relu_forward", case="ReLU", comes_from="np.maximum(x, 0, out=x)")
def relu_in_place(right, x):
    """Forward overwrites its input, which the layer before has kept for its backward."""
    return np.maximum(x, 0, out=x)


@planted(Sigmoid, "backward", case="Sigmoid", comes_from="the right formula with the wrong letter")
def sigmoid_slope_of_x(right, layer, dy):
    """x (1 - x) instead of y (1 - y)."""
    y = layer.recall()
    x = np.log(y / (1 - y))
    return dy * x * (1 - x)


@planted(Tanh, "backward", case="Tanh", comes_from="the sigmoid's y (1 - y), half remembered")
def tanh_slope_without_the_square(right, layer, dy):
    """1 - y instead of 1 - y²."""
    y = layer.recall()
    return dy * (1 - y)


@planted(Softmax, "backward", case="Softmax", comes_from="a published project")
def softmax_diagonal_only(right, layer, dy):
    """p (1 - p), as if each probability depended on its own score only."""
    p = layer.recall()
    return dy * p * (1 - p)


@planted(Softmax, "backward", case="Softmax", comes_from="the sum over the batch's axis")
def softmax_over_the_batch(right, layer, dy):
    """The inner sum runs over samples instead of classes."""
    p = layer.recall()
    return p * (dy - (dy * p).sum(axis=0, keepdims=True))


@planted(Softmax, "backward", case="Softmax", comes_from="the loss that contains a softmax")
def softmax_left_to_the_loss(right, layer, dy):
    """dy is passed on, as if the loss had differentiated the softmax already."""
    return dy


@planted(Softmax, "backward", case="Softmax", comes_from="a test whose upstream was all ones")
def softmax_without_gradient(right, layer, dy):
    """dx = 0, which is right for an upstream of ones: the probabilities' sum is constant."""
    return np.zeros_like(dy)


@planted(Dropout, "backward", case="Dropout", comes_from="a published project")
def dropout_forgets_its_mask(right, layer, dy):
    """dropped units get a gradient all the same."""
    return dy


@planted(Dropout, "backward", case="Dropout", comes_from="one function for both directions")
def dropout_draws_again(right, layer, dy):
    """Backward drops other units than forward did."""
    return layer.forward(dy, training=True)


@planted(Dropout, "backward", case="Dropout", comes_from="a mask kept as true and false")
def dropout_scale_missing_in_backward(right, layer, dy):
    """dy passes the mask, but is not divided by 1 - rate."""
    return dy * (layer.recall() > 0)


@planted(
    Dropout,
    "forward",
    case="Dropout",
    comes_from="the first paper, without its test-time scaling",
    caught_by="test_dropout_keeps_the_expectation",
)
def dropout_not_inverted(right, layer, x, *, training=False):
    """Values are dropped but the rest is not scaled up: evaluation sees larger inputs."""
    y = right(layer, x, training=training)
    if training:
        layer.cache, y = (1 - layer.rate) * layer.cache, (1 - layer.rate) * y
    return y


@planted(Dropout, "forward", case="Dropout", comes_from="a generator of the whole process")
def dropout_from_a_hidden_generator(right, layer, x, *, training=False):
    """The mask cannot be replayed: the layer's own generator is not asked."""
    layer.rng = np.random.default_rng()
    return right(layer, x, training=training)
