"""Saliency: how much the score of a class changes with each pixel.

    s_k(x + δ) ≈ s_k(x) + Σ g δ,      g = ∂s_k/∂x       one backward pass from dscores = one-hot(k)

    saliency(h, w) = max_c |g(c, h, w)|

For a linear network g is its row of weights, whatever the picture. The score is the logit before
the softmax: a probability would also rise because other classes fall.

x is what the network takes, after pre-processing: (N, C, H, W).

Source: Simonyan, Vedaldi, Zisserman, "Deep inside convolutional networks" (2014), section 3.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

if TYPE_CHECKING:
    from scratchnet.sequential import Sequential

Array = NDArray[Any]


def saliency(model: Sequential, x: Array, label: ArrayLike | None = None) -> Array:
    """Maps (N, H, W) >= 0: the largest change of the label's score over the channels.

    Args:
        x: (N, C, H, W), the network's inputs.
        label: the class, one for all or one a sample; None asks about each sample's prediction.

    Raises:
        ValueError: x is no batch of pictures of the network's shape, or there is no such class.
    """
    gradient = score_gradient(model, x, label)
    if gradient.ndim != 4:
        raise ValueError(f"saliency expects pictures (N, C, H, W), got {gradient.shape}")
    return np.abs(gradient).max(axis=1)


def score_gradient(model: Sequential, x: Array, label: ArrayLike | None = None) -> Array:
    """∂s_label/∂x of each sample, in the shape of x: signs kept.

    It goes backward through every layer, so it overwrites their `grads`, and leaves the weights
    alone.
    """
    scores = model.forward(x)
    return model.backward(one_hot(scores, label))


def one_hot(scores: Array, label: ArrayLike | None) -> Array:
    """dscores (N, K) of "the score of this class", in the dtype of scores."""
    if scores.ndim != 2:
        raise ValueError(f"explanations expect a network of scores (N, K), got {scores.shape}")
    N, K = scores.shape
    chosen = scores.argmax(axis=1) if label is None else np.broadcast_to(np.asarray(label), N)
    if chosen.dtype.kind not in "iu" or chosen.min() < 0 or chosen.max() >= K:
        raise ValueError(f"label expects a class 0..{K - 1}, or one for each sample, got {label!r}")
    return np.eye(K, dtype=scores.dtype)[chosen]
