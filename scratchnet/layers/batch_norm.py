"""BatchNorm: each channel is brought to mean 0 and variance 1, then to a learned scale and shift.

    training    mean = Σ x / m      var = Σ (x − mean)² / m        over the m = N·H·W values of a
                                                                   channel (dense input: m = N)
    evaluation  mean, var = the running statistics, which training collected

    x_hat = (x − mean) / √(var + eps)        y = gamma · x_hat + beta

    dbeta  = Σ dy        dgamma = Σ dy · x_hat
    dx     = gamma / √(var + eps) · (dy − dbeta / m − x_hat · dgamma / m)     training
    dx     = gamma / √(var + eps) · dy                                        evaluation

In training mean and var depend on x too: their part of the gradient takes from dy whatever would
only shift (dbeta / m) or scale (x_hat · dgamma / m) the whole channel, as x_hat can do neither.
In evaluation they are constants.

    running = momentum · running + (1 − momentum) · batch

The running variance takes the batch's unbiased one, Σ (x − mean)² / (m − 1): evaluation stands for
all images, and the variance about a batch's own mean falls short of theirs by (m − 1) / m. A batch
of fewer than two values says nothing about a variance and leaves the running statistics alone.

    x (N, C, H, W) or (N, D)   gamma, beta, running_mean, running_var (C,) or (D,)

Ioffe, Szegedy, "Batch normalization" (2015), algorithms 1 and 2. Defined by
`scratchnet.reference.batch_norm`.

Chapter: docs/batch_norm.md
"""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from scratchnet import ops
from scratchnet.layers.base import Array, Layer, Shape


class BatchNorm(Layer):
    """Batch normalisation of axis 1: a feature of (N, D), or a channel of (N, C, H, W).

    Args:
        momentum: the share of the old running statistics that each batch keeps, in [0, 1].
        eps: added to the variance, so that a constant channel divides by no zero; > 0.

    Raises:
        ValueError: an argument is out of range.
    """

    def __init__(self, momentum: float = 0.9, eps: float = 1e-5) -> None:
        super().__init__()
        if not 0 <= momentum <= 1:
            raise ValueError(f"BatchNorm momentum expects a share in [0, 1], got {momentum!r}")
        if not eps > 0:
            raise ValueError(f"BatchNorm eps expects a small number > 0, got {eps!r}")
        self.momentum, self.eps = float(momentum), float(eps)

    def build(
        self, input_shape: Shape, rng: np.random.Generator, dtype: DTypeLike = np.float32
    ) -> Shape:
        if len(input_shape) not in (1, 3) or min(input_shape) < 1:
            raise ValueError(
                f"BatchNorm expects (D,) or (C, H, W), got {tuple(input_shape)}; "
                "put it after a Dense or a Conv2D layer"
            )
        C = input_shape[0]
        self.add_parameter("gamma", np.ones(C, dtype))
        self.add_parameter("beta", np.zeros(C, dtype))
        self.buffers["running_mean"] = np.zeros(C, dtype)
        self.buffers["running_var"] = np.ones(C, dtype)
        return super().build(input_shape, rng, dtype)

    def forward(self, x: Array, *, training: bool = False) -> Array:
        self.check_input(x)
        gamma, beta = self.params["gamma"], self.params["beta"]
        values = self._by_channel(x)
        if training:
            y, x_hat, mean, var, inv_std = ops.batch_norm_forward(values, gamma, beta, self.eps)
            self.collect(mean, var, len(values) * values.shape[2])
        else:
            mean, var = self.buffers["running_mean"], self.buffers["running_var"]
            inv_std = 1 / np.sqrt(var + self.eps)
            x_hat = (values - mean[:, np.newaxis]) * inv_std[:, np.newaxis]
            y = gamma[:, np.newaxis] * x_hat + beta[:, np.newaxis]
        self.cache = x_hat, inv_std, training
        return y.reshape(x.shape)

    def backward(self, dy: Array) -> Array:
        x_hat, inv_std, training = self.recall()
        gamma = self.params["gamma"]
        dvalues = self._by_channel(dy)
        if training:
            dx, dgamma, dbeta = ops.batch_norm_backward(dvalues, x_hat, gamma, inv_std)
        else:
            dx = dvalues * (gamma * inv_std)[:, np.newaxis]
            dgamma, dbeta = (dvalues * x_hat).sum(axis=(0, 2)), dvalues.sum(axis=(0, 2))
        self.grads["gamma"][...] = dgamma
        self.grads["beta"][...] = dbeta
        return dx.reshape(dy.shape)

    def config(self) -> dict[str, Any]:
        return {"momentum": self.momentum, "eps": self.eps}

    def _by_channel(self, x: Array) -> Array:
        """(N, C, H, W) -> (N, C, H·W), and (N, D) -> (N, D, 1): one formula for both."""
        N, C, *pixels = x.shape
        return x.reshape(N, C, prod(pixels))

    def collect(self, mean: Array, var: Array, m: int) -> None:
        """Move the running statistics towards those of a batch of m values a channel."""
        if m < 2:
            return
        unbiased = var * (m / (m - 1))
        for name, batch in (("running_mean", mean), ("running_var", unbiased)):
            running = self.buffers[name]
            running[...] = self.momentum * running + (1 - self.momentum) * batch
