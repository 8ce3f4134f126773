"""Compile every kernel once, so that later runs begin at once.

Nothing is compiled when scratchnet is imported: a kernel is compiled when it is first called, and
its machine code stays on disk. To warm up is to call them all, on arrays as small as they come.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from scratchnet.layers import (
    AvgPool2D,
    BatchNorm,
    Conv2D,
    Dense,
    Flatten,
    MaxPool2D,
    ReLU,
    Residual,
)
from scratchnet.layers.base import Layer
from scratchnet.losses import SoftmaxCrossEntropy
from scratchnet.optimizers import SGD, AdamW, Optimizer, RMSProp
from scratchnet.sequential import Sequential
from scratchnet.vision.geometry import warp_affine


def _train(layers: list[Layer], optimizer: Optimizer) -> Callable[[], None]:
    """One training step and one prediction, by the plan and layer by layer."""

    def run() -> None:
        rng = np.random.default_rng(0)
        model = Sequential(layers).build((1, 8, 8), rng)
        x, y = rng.standard_normal((4, 1, 8, 8), dtype=np.float32), np.zeros(4, np.int64)
        loss = SoftmaxCrossEntropy()
        loss.forward(model.plan.forward(x, training=True), y)
        model.plan.backward(loss.backward())
        optimizer.step(model.plan.parameters)
        model.predict(x)
        model.forward(x, training=True)
        model.backward(loss.backward())

    return run


def _augment() -> None:
    warp_affine(np.zeros((1, 4, 4), np.float32), np.eye(3)[np.newaxis])


def tasks() -> list[tuple[str, Callable[[], None]]]:
    """What is compiled, in words, and the call that does it."""

    def conv(filters: int, **options: Any) -> list[Layer]:
        return [Conv2D(filters, 3, padding=1, **options), ReLU()]

    head: list[Layer] = [Flatten(), Dense(2)]
    pooled = [*conv(16), *conv(16), MaxPool2D(2), Flatten(), Dense(2)]

    def norm_conv(**options: Any) -> list[Layer]:
        return [BatchNorm(), ReLU(), Conv2D(16, 3, padding=1, **options)]

    block = Residual([*norm_conv(stride=2), *norm_conv()], [Conv2D(16, 1, stride=2)])
    normed = [*conv(16), *norm_conv(), block, BatchNorm(), ReLU(), Flatten(), Dense(2)]
    by_channel = [*conv(16), *norm_conv(groups=16), *conv(16, groups=16)]
    wide = Conv2D(16, 5, padding=2)
    others = [*by_channel, wide, AvgPool2D(2), *conv(4), *conv(8, stride=2, groups=2), *head]
    return [
        ("convolution, max-pool, dense, AdamW", _train(pooled, AdamW())),
        ("batch norm, residual sums, SGD", _train(normed, SGD(0.1))),
        ("depthwise, 5 × 5, groups, average pool, RMSProp", _train(others, RMSProp())),
        ("augmentation", _augment),
    ]
