"""Networks of all kinds, small: each name says what is special about it."""

import numpy as np

from scratchnet import Sequential
from scratchnet.fer.networks import make_network, residual_block
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
)


def conv(filters, size=3, **how):
    return Conv2D(filters, size, **({"padding": 1} | how))


def conv_norm(filters):
    return [conv(filters, bias=False), BatchNorm(), ReLU()]


def separable(channels, filters, **how):
    """Depthwise and pointwise, as in MobileNet."""
    depthwise = conv(channels, groups=channels, bias=False, **how)
    pointwise = conv(filters, 1, padding=0, bias=False)
    return [depthwise, BatchNorm(), ReLU(), pointwise, BatchNorm(), ReLU()]


def norm_vgg():
    """The report's trunk with batch norm before each ReLU; odd sizes under every pool."""
    return [
        *conv_norm(16), *conv_norm(20), MaxPool2D(2),
        *conv_norm(32), *conv_norm(32), MaxPool2D(2),
        Flatten(), Dense(24), ReLU(), Dropout(0.5), Dense(5),
    ]  # fmt: skip


def post_activation():
    """He et al.'s first form: ReLU after the sum."""
    body = lambda n, stride: [  # noqa: E731
        conv(n, stride=stride, bias=False), BatchNorm(), ReLU(), conv(n, bias=False), BatchNorm(),
    ]  # fmt: skip
    return [
        *conv_norm(16),
        Residual(body(16, 1)), ReLU(),
        Residual(body(24, 2), [conv(24, 1, stride=2, padding=0, bias=False), BatchNorm()]), ReLU(),
        GlobalAvgPool2D(), Dense(5),
    ]  # fmt: skip


def nested():
    """Sums in sums, one whose body ends in a ReLU, one whose body is a pool, one of two ReLUs."""
    inner = Residual([conv(16), ReLU()])
    return [
        conv(16),
        Residual([Residual([BatchNorm()]), inner, ReLU()]),
        Residual([conv(32), MaxPool2D(2)], [conv(32, 1, padding=0), ReLU(), MaxPool2D(2)]),
        Residual([ReLU()], [ReLU()]),
        Flatten(), Dense(5),
    ]  # fmt: skip


NETWORKS = {
    "seven": ((1, 24, 24), lambda: make_network("seven", 6).layers),
    "residual": ((1, 12, 12), lambda: make_network("residual", 6).layers),
    "norm vgg": ((3, 13, 11), norm_vgg),
    "post-activation": ((2, 9, 10), post_activation),
    "nested sums": ((4, 7, 6), nested),
    "a sum first": ((16, 6, 5), lambda: [residual_block(16, widen=False), Flatten(), Dense(5)]),
    "groups between": (
        (3, 8, 8),
        lambda: [conv(40), ReLU(), conv(40, groups=20), ReLU(), conv(16), Flatten(), Dense(5)],
    ),
    "wide padding between": (
        (3, 8, 9),
        lambda: [conv(16), conv(16, 5, padding=2), ReLU(), conv(32, stride=2), Flatten(), Dense(5)],
    ),
    "wide padding everywhere": (
        (3, 13, 11),
        lambda: [
            conv(16, 7, stride=2, padding=3), conv(20, 5, padding=2, bias=False), BatchNorm(),
            ReLU(), conv(16, 5, padding=((3, 1), (0, 4))), ReLU(),
            Residual([conv(16, 5, padding=2, bias=False)]), BatchNorm(), ReLU(), MaxPool2D(2),
            conv(16, 3, padding=3, dilation=3),
            Residual([conv(16)], [BatchNorm(), conv(16, 5, padding=2)]), ReLU(),
            conv(16, 1, padding=2), Flatten(), Dense(5),
        ],
    ),
    "depthwise": (
        (3, 11, 12),
        lambda: [
            conv(20), *separable(20, 20), *separable(20, 36, stride=2),
            Residual([
                BatchNorm(), ReLU(), conv(36, 5, padding=2, groups=36), conv(36, 1, padding=0),
            ]),
            conv(36, groups=36, bias=False), BatchNorm(), ReLU(), MaxPool2D(2),
            Residual([conv(36, groups=36)]), conv(36, 2, stride=3, padding=2, groups=36), ReLU(),
            Flatten(), Dense(5),
        ],
    ),
    "depthwise first": ((3, 8, 7), lambda: [conv(3, 5, padding=2, groups=3), conv(16), Flatten()]),
    "groups": (
        (3, 10, 9),
        lambda: [
            conv(32, bias=False), BatchNorm(), ReLU(), conv(64, groups=2, bias=False), BatchNorm(),
            ReLU(), conv(32, 5, stride=2, padding=2, groups=2), ReLU(),
            Residual([conv(32, dilation=2, padding=2, groups=2)]), conv(40, groups=8), ReLU(),
            conv(80, groups=40), conv(20, groups=10), conv(9), conv(3, groups=3), Flatten(),
            Dense(5),
        ],
    ),
    "dilation": (
        (3, 11, 9),
        lambda: [
            conv(16, dilation=2), ReLU(), conv(16, padding=2, dilation=2), conv(16), Flatten(),
            Dense(5),
        ],
    ),
    "dropout between": (
        (2, 8, 8),
        lambda: [conv(16), ReLU(), Dropout(0.3), conv(16), Dropout(0.3), MaxPool2D(2), Flatten(),
                 Dropout(0.2), Dense(5)],
    ),
    "other layers between": (
        (1, 15, 15),
        lambda: [
            conv(16), Sigmoid(), conv(16), AvgPool2D(2, stride=1), ReLU(), MaxPool2D(3, 2),
            conv(16), MaxPool2D(2, stride=1), Residual([conv(16), Dropout(0.2)]), Flatten(),
            Dense(5),
        ],
    ),
    "few filters": ((3, 6, 6), lambda: [conv(4), ReLU(), conv(16), ReLU(), conv(3), Flatten()]),
    "ends in maps": (
        (3, 6, 7),
        lambda: [conv(16), ReLU(), conv(18, 2, padding=0, bias=False), BatchNorm()],
    ),
    "activated on the way": (
        (3, 31, 33),
        lambda: [
            conv(16, bias=False), BatchNorm(), ReLU(), MaxPool2D(2), conv(20, bias=False),
            BatchNorm(), conv(16, 2, stride=(1, 2), padding=0), ReLU(), MaxPool2D(2),
            conv(33, 1, padding=0), ReLU(), BatchNorm(), ReLU(), conv(16, dilation=2), ReLU(),
            Flatten(), Dense(5),
        ],
    ),
    "sums of all kinds": (
        (16, 9, 10),
        lambda: [
            conv(16), Residual([conv(16), ReLU()]), Residual([BatchNorm(), conv(16), ReLU()]),
            Residual([ReLU(), conv(16, bias=False)]), BatchNorm(), ReLU(),
            Residual(
                [conv(16, bias=False)], [BatchNorm(), ReLU(), conv(16, 1, padding=0, bias=False)]
            ),
            conv(16, padding=0, bias=False), BatchNorm(), Residual([BatchNorm(), ReLU()]),
            Flatten(), Dense(5),
        ],
    ),
    "one convolution": ((3, 6, 7), lambda: [conv(17)]),
    "one convolution by Winograd": ((17, 6, 7), lambda: [conv(17, bias=False)]),
    "one sum": ((16, 5, 5), lambda: [Residual([conv(16), ReLU()])]),
    "dense only": ((10,), lambda: [Dense(33), ReLU(), Dense(7, bias=False), ReLU(), Dense(3)]),
    "batch norm of numbers": ((10,), lambda: [Dense(9, bias=False), BatchNorm(), ReLU(), Dense(3)]),
}  # fmt: skip
"""Name: (shape of a sample, what makes the layers)."""


def built(name, dtype=np.float32, seed=0):
    """The network, all of its parameters drawn anew: zeros would hide what they multiply."""
    shape, make = NETWORKS[name]
    model = Sequential(make()).build(shape, np.random.default_rng(seed), dtype)
    rng = np.random.default_rng(seed + 1)
    for _, layer in model.leaves():
        for key, value in layer.params.items():
            if key == "gamma":
                value[...] = rng.uniform(0.5, 1.5, value.shape).astype(np.float32)
            elif key in ("b", "beta"):
                value[...] = rng.normal(0, 0.2, value.shape).astype(np.float32)
            elif not value.any():  # the last layer of the application's networks
                value[...] = rng.normal(0, 0.1, value.shape).astype(np.float32)
    return model


def batch(model, N, seed=2):
    """(x, dy) for N samples."""
    rng = np.random.default_rng(seed)
    draw = lambda shape: rng.standard_normal((N, *shape), np.float32)  # noqa: E731
    return draw(model.input_shape), draw(model.output_shape)
