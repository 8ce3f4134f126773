"""Bugs of the losses: what backward forgets, and how often a mean is taken."""

from __future__ import annotations

import numpy as np

from scratchnet.losses import CrossEntropy, MeanSquaredError, SoftmaxCrossEntropy, SquaredHinge
from tests.gradients.bug_museum.exhibits import planted


@planted(
    SoftmaxCrossEntropy,
    "backward",
    case="SoftmaxCrossEntropy smoothed",
    comes_from="smoothing added to forward only",
)
def label_smoothing_missing_in_backward(right, loss):
    """p - q with the hard labels q."""
    smoothed, log_p, dtype = loss.recall()
    a = (smoothed == smoothed.max(axis=1, keepdims=True)) / len(smoothed)
    return (np.exp(log_p) / len(a) - a).astype(dtype)


@planted(
    SoftmaxCrossEntropy,
    "backward",
    case="SoftmaxCrossEntropy weighted",
    comes_from="weights added to forward only",
)
def class_weights_missing_in_backward(right, loss):
    """(p - q) / N, whatever the classes weigh."""
    a, log_p, dtype = loss.recall()
    q = a / a.sum(axis=1, keepdims=True)
    return ((np.exp(log_p) - q) / len(q)).astype(dtype)


@planted(
    SoftmaxCrossEntropy,
    "backward",
    case="SoftmaxCrossEntropy",
    comes_from="a mean in the layer and one in the loss",
)
def mean_taken_twice(right, loss):
    """Divided by N twice: the step shrinks as the batch grows."""
    ds = right(loss)
    return ds / len(ds)


@planted(
    SoftmaxCrossEntropy,
    "backward",
    case="SoftmaxCrossEntropy",
    comes_from="p - y, as it stands in every book",
)
def mean_not_taken(right, loss):
    """The gradient of the sum, while forward reports the mean."""
    ds = right(loss)
    return ds * len(ds)


@planted(CrossEntropy, "backward", case="CrossEntropy", comes_from="p - y, out of its place")
def probabilities_taken_for_scores(right, loss):
    """p - q: the gradient of the softmax and the loss together, though the softmax has its own."""
    a, p, dtype = loss.recall()
    return (p / len(p) - a).astype(dtype)


@planted(CrossEntropy, "backward", case="CrossEntropy", comes_from="a sign lost on the way")
def log_likelihood_climbed_down(right, loss):
    """+a / p: training makes the right class less likely."""
    return -right(loss)


@planted(MeanSquaredError, "backward", case="MeanSquaredError", comes_from="the ½ of a textbook")
def two_missing(right, loss):
    """The gradient of half the error, while forward reports all of it."""
    return right(loss) / 2


@planted(
    MeanSquaredError, "backward", case="MeanSquaredError", comes_from="another idea of the mean"
)
def mean_over_samples_only(right, loss):
    """Divided by N in backward, by N·K in forward."""
    ds = right(loss)
    return ds * ds.shape[1]


@planted(SquaredHinge, "backward", case="SquaredHinge", comes_from="the hinge without a square")
def slope_of_the_plain_hinge(right, loss):
    """-t wherever the margin is missed, however far."""
    t, margin, dtype = loss.recall()
    return (-t * (margin > 0) / len(t)).astype(dtype)
