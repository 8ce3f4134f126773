"""Whole networks: the chain rule through all layers at once, and two checks of common sense."""

import numpy as np
import pytest

from scratchnet.gradcheck import check_gradients
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
    Tanh,
    ZeroPadding2D,
)
from scratchnet.losses import MeanSquaredError, SoftmaxCrossEntropy, SquaredHinge
from scratchnet.optimizers import Adam
from scratchnet.sequential import Sequential

NETWORKS = {
    "plain": (lambda: [Conv2D(3, 3, padding="same"), ReLU(), MaxPool2D(2), Flatten(), Dense(4)]),
    "normalised": (
        lambda: [Conv2D(3, 3, bias=False), BatchNorm(), ReLU(), GlobalAvgPool2D(), Dense(4)]
    ),
    "regularised": (
        lambda: [
            ZeroPadding2D(1),
            Conv2D(2, 3, stride=2),
            Tanh(),
            Dropout(0.3),
            Flatten(),
            Dense(4),
        ]
    ),
    "residual": (
        lambda: [
            Residual([Conv2D(4, 3, padding=1), BatchNorm(), ReLU()], [Conv2D(4, 1)]),
            Residual([ReLU(), Conv2D(4, 3, padding=1, groups=2)]),
            AvgPool2D(3, stride=2),
            Flatten(),
            Dense(4),
        ]
    ),
    "old school": (
        lambda: [Conv2D(2, 3), Sigmoid(), AvgPool2D(2), Flatten(), Dense(5), Tanh(), Dense(4)]
    ),
}
LOSSES = [SoftmaxCrossEntropy(0.1), SquaredHinge(), MeanSquaredError()]


def pictures(N=5, C=1):
    rng = np.random.default_rng(4)
    return rng.standard_normal((N, C, 6, 6)), np.arange(N) % 4


@pytest.mark.parametrize("training", [True, False], ids=["training", "evaluation"])
@pytest.mark.parametrize("name", NETWORKS)
def test_gradients_of_a_network_are_right(name, training):
    x, labels = pictures()
    loss = SoftmaxCrossEntropy()
    report = check_gradients(
        Sequential(NETWORKS[name]()), x, loss=loss, target=labels, training=training, entries=24
    )
    assert report.error < 1e-7


@pytest.mark.parametrize("loss", LOSSES, ids=lambda loss: type(loss).__name__)
def test_gradients_through_every_loss_are_right(loss):
    x, labels = pictures()
    check_gradients(Sequential(NETWORKS["plain"]()), x, loss=loss, target=labels, entries=24)


def test_the_first_loss_is_that_of_a_guess():
    """A network that knows nothing gives 7 classes about 1/7 each: a loss of about log 7."""
    rng = np.random.default_rng(0)
    model = Sequential([Conv2D(8, 3, padding=1), ReLU(), Flatten(), Dense(7, initializer="lecun")])
    model.build((1, 12, 12), rng)
    x, labels = 0.1 * rng.standard_normal((64, 1, 12, 12)), rng.integers(7, size=64)
    loss = SoftmaxCrossEntropy().forward(model.forward(x), labels)
    assert loss == pytest.approx(np.log(7), rel=0.05)


@pytest.mark.parametrize("between", [ReLU, BatchNorm])
def test_twenty_samples_are_learned_by_heart(between):
    rng = np.random.default_rng(0)
    x, labels = rng.standard_normal((20, 1, 6, 6)), rng.integers(4, size=20)
    model = Sequential([Conv2D(8, 3), between(), MaxPool2D(2), Flatten(), Dense(4)])
    model.build((1, 6, 6), rng)
    model.fit(x, labels, rng=rng, optimizer=Adam(0.02), epochs=60, batch_size=10)
    assert model.evaluate(x, labels)["accuracy"] == 1
