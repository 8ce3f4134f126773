"""scratchnet: a convolutional neural network library whose every layer is written by hand.

    from scratchnet import Sequential, losses, optimizers
    from scratchnet.layers import Conv2D, Dense, Flatten, MaxPool2D, ReLU

    model = Sequential([Conv2D(32, 3, padding=1), ReLU(), MaxPool2D(2), Flatten(), Dense(7)])
    model.build((1, 48, 48), rng)
    model.fit(x, labels, rng=rng, epochs=10)

`scratchnet.layers` is where to begin reading: one layer, one file.
"""

from scratchnet import callbacks, initializers, layers, losses, metrics, optimizers, schedules
from scratchnet.sequential import Sequential

__version__ = "0.1.0"

__all__ = [
    "Sequential",
    "callbacks",
    "initializers",
    "layers",
    "losses",
    "metrics",
    "optimizers",
    "schedules",
]
