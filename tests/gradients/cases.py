"""One small case of every layer and loss, on an input that suits its gradient check.

Shapes are as unlike as they can be (N ≠ C ≠ H ≠ W), so that no two axes can be mixed up, save
in the cases whose names say "square": there a forgotten transpose does not show in a shape.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from hypothesis import settings

from scratchnet.gradcheck import GradientReport, check_gradients, spaced_input
from scratchnet.layers import (
    AvgPool2D,
    BatchNorm,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    GlobalAvgPool2D,
    MaxPool2D,
    ReLU,
    Residual,
    Sigmoid,
    Softmax,
    Tanh,
    ZeroPadding2D,
)
from scratchnet.losses import CrossEntropy, MeanSquaredError, SoftmaxCrossEntropy, SquaredHinge

CONFIGURATIONS = settings(max_examples=20, deadline=None, derandomize=True)
"""How hypothesis draws configurations: the same ones in every run."""


@dataclass(frozen=True)
class Case:
    """Something to check, and the input to check it on."""

    make: Callable[[], Any]
    x: Any
    target: Any = None

    def check(self, **arguments: Any) -> GradientReport:
        """`check_gradients` of it."""
        return check_gradients(self.make(), self.x, target=self.target, **arguments)


def _spaced(*shape: int) -> Any:
    return spaced_input(shape, np.random.default_rng(2))


def _scores() -> Any:
    return np.random.default_rng(3).standard_normal((5, 4))


def _probabilities() -> Any:
    e = np.exp(_scores() / 2)
    return e / e.sum(axis=1, keepdims=True)


IMAGE = _spaced(2, 4, 6, 5)
LABELS = np.array([0, 3, 1, 1, 2])
SOFT_LABELS = _probabilities()[::-1]

LAYER_CASES = {
    "Conv2D": Case(lambda: Conv2D(3, 3), _spaced(2, 4, 5, 6)),
    "Conv2D padded": Case(lambda: Conv2D(3, (3, 2), padding=(1, 2)), IMAGE),
    "Conv2D same": Case(lambda: Conv2D(3, (4, 3), stride=(1, 2), padding="same"), IMAGE),
    "Conv2D strided": Case(lambda: Conv2D(3, 2, stride=2), IMAGE),
    "Conv2D dilated": Case(lambda: Conv2D(3, 2, dilation=(2, 3)), IMAGE),
    "Conv2D grouped": Case(lambda: Conv2D(6, 2, groups=2, padding=1), IMAGE),
    "Conv2D depthwise": Case(lambda: Conv2D(4, 3, groups=4), IMAGE),
    "Conv2D square": Case(lambda: Conv2D(4, 2), _spaced(2, 4, 5, 5)),
    "Conv2D without bias": Case(lambda: Conv2D(3, 3, bias=False), IMAGE),
    "Dense": Case(lambda: Dense(4), _spaced(3, 5)),
    "Dense of one sample": Case(lambda: Dense(4), _spaced(1, 5)),
    "Dense square": Case(lambda: Dense(4), _spaced(3, 4)),
    "Dense without bias": Case(lambda: Dense(4, bias=False), _spaced(3, 5)),
    "MaxPool2D": Case(lambda: MaxPool2D(2), IMAGE),
    "MaxPool2D overlapping": Case(lambda: MaxPool2D(3, stride=2), IMAGE),
    "MaxPool2D padded": Case(lambda: MaxPool2D((3, 2), stride=2, padding=1), IMAGE),
    "AvgPool2D": Case(lambda: AvgPool2D((2, 3)), IMAGE),
    "AvgPool2D overlapping": Case(lambda: AvgPool2D(3, stride=(2, 1)), IMAGE),
    "GlobalAvgPool2D": Case(lambda: GlobalAvgPool2D(), IMAGE),
    "ZeroPadding2D": Case(lambda: ZeroPadding2D(((1, 2), (0, 3))), IMAGE),
    "ZeroPadding2D at two sides": Case(lambda: ZeroPadding2D(((1, 0), (2, 0))), IMAGE),
    "Flatten": Case(lambda: Flatten(), IMAGE),
    "ReLU": Case(lambda: ReLU(), IMAGE),
    "Sigmoid": Case(lambda: Sigmoid(), IMAGE),
    "Tanh": Case(lambda: Tanh(), IMAGE),
    "Softmax": Case(lambda: Softmax(), _spaced(3, 5)),
    "Softmax of pixels": Case(lambda: Softmax(), IMAGE),
    "Dropout": Case(lambda: Dropout(0.4), IMAGE),
    "BatchNorm": Case(lambda: BatchNorm(), IMAGE),
    "BatchNorm dense": Case(lambda: BatchNorm(), _spaced(6, 5)),
    "Residual": Case(lambda: Residual([Conv2D(4, 3, padding=1), Tanh()]), IMAGE),
    "Residual projected": Case(
        lambda: Residual([Conv2D(4, 3, padding=1), Tanh()], [Conv2D(4, 1)]), IMAGE
    ),
}

LOSS_CASES = {
    "SoftmaxCrossEntropy": Case(lambda: SoftmaxCrossEntropy(), _scores(), LABELS),
    "SoftmaxCrossEntropy soft": Case(lambda: SoftmaxCrossEntropy(), _scores(), SOFT_LABELS),
    "SoftmaxCrossEntropy smoothed": Case(lambda: SoftmaxCrossEntropy(0.2), _scores(), LABELS),
    "SoftmaxCrossEntropy weighted": Case(
        lambda: SoftmaxCrossEntropy(0.1, [1.0, 2.0, 0.5, 3.0]), _scores(), LABELS
    ),
    "CrossEntropy": Case(lambda: CrossEntropy(), _probabilities(), LABELS),
    "CrossEntropy weighted": Case(
        lambda: CrossEntropy([1.0, 2.0, 0.5, 3.0]), _probabilities(), SOFT_LABELS
    ),
    "MeanSquaredError": Case(lambda: MeanSquaredError(), _scores(), SOFT_LABELS),
    "SquaredHinge": Case(lambda: SquaredHinge(), _scores(), LABELS),
}

CASES = LAYER_CASES | LOSS_CASES
