"""Dense [+ ReLU] as one step, which writes dW where it belongs instead of copying it there."""

from __future__ import annotations

import numpy as np

from scratchnet.kernels.matmul import matmul
from scratchnet.layers import Dense
from scratchnet.layers.base import Array, Layer
from scratchnet.plan.chain import Step
from scratchnet.plan.store import Store


class Product(Step):
    """y = relu(x @ W + b), or without the ReLU."""

    algorithm = "matrix product"

    def __init__(self, dense: Dense, relu: Layer | None, *, wants_dx: bool) -> None:
        self.dense, self.relu, self.wants_dx = dense, relu is not None, wants_dx
        self.layers = (dense,) if relu is None else (dense, relu)

    def forward(self, x: Array, *, training: bool, store: Store) -> Array:
        self.dense.check_input(x)
        x = x.astype(np.float32, copy=False)
        y = matmul(x, self.dense.params["W"])
        if "b" in self.dense.params:
            y += self.dense.params["b"]
        if self.relu:
            np.maximum(y, 0, out=y)
        self.kept = x, y
        return y

    def backward(self, dy: Array, store: Store) -> Array | None:
        x, y = self.recall()
        dy = dy.astype(np.float32, copy=False)  # a loss of one's own may return float64
        dz = np.where(y > 0, dy, np.float32(0)) if self.relu else dy
        matmul(x.T, dz, out=self.dense.grads["W"])
        if "b" in self.dense.grads:
            dz.sum(axis=0, out=self.dense.grads["b"])
        return matmul(dz, self.dense.params["W"].T) if self.wants_dx else None
