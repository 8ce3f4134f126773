"""Softmax: scores become probabilities.

    p[n,k] = e^x[n,k] / Σ j  e^x[n,j]          over axis 1: the classes of (N, K), or the
                                               channels of (N, C, H, W) at each pixel

    ∂p[k] / ∂x[j] = p[k] · (1[k = j] − p[j])   each probability depends on every score, so
    dx = p · (dy − Σ k  dy[k] · p[k])          this is (∂p/∂x)ᵀ dy without storing the matrix

Subtracting the largest score first changes nothing, for e^(x−m) = e^x / e^m, and keeps e^x finite.

To train a classifier, leave this layer out: the loss SoftmaxCrossEntropy takes the scores, and
its gradient p − target needs no Jacobian. Bridle, "Probabilistic interpretation of feedforward
classification network outputs" (1990).

Chapter: docs/softmax.md
"""

from __future__ import annotations

import numpy as np

from scratchnet.layers.base import Array, Layer


class Softmax(Layer):
    """Probabilities over axis 1, with the full Jacobian in backward."""

    def forward(self, x: Array, *, training: bool = False) -> Array:
        self.check_input(x)
        e = np.exp(x - x.max(axis=1, keepdims=True))
        p = e / e.sum(axis=1, keepdims=True)
        self.cache = p
        return p

    def backward(self, dy: Array) -> Array:
        p = self.recall()
        return p * (dy - (dy * p).sum(axis=1, keepdims=True))
