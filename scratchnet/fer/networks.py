"""The networks by name: those of the 2018 student report, and a better default.

Written as the report counts them: numbers are filters of 3 × 3 convolutions with a padding of 1,
each followed by a ReLU; P is a 2 × 2 max-pool. Input (1, 48, 48), output one logit a class.

    simple    32 P 64 P 128 P                       dense
    seven     32 32 P 64 64 P 128 128 128 P         dense 1024, dense 512, both with dropout; dense
    vgg       seven, then 512 512 512 P 512 512 512 P, and the same dense layers
    nine      32 32 32 P 64 64 64 P 128 128 128 P   dense
    nine-norm nine, with batch norm between each convolution and its ReLU
    residual  16, then residual blocks of 16, 32, 64, 128 filters, batch norm, global average; dense
    wide      32, then residual blocks of P 64, P 128, 128, 128, P 192 filters, and the same end

The report trained `seven` (its code) and `nine` (its final network, 58 % of six classes), kept
`vgg` commented out, and saw `simple` guess at random. `residual` (He et al., "Identity mappings in
deep residual networks", 2016) has three fifths of the arithmetic of `seven` and an eighth of its
weights; its batch norm lets it take larger steps.

`wide` is the network whose weights come with the package: three halvings by a max-pool within the
block, where `residual` takes every other pixel. Its 172 million multiply-accumulates are where a
million of them takes least time: two thirds on 128 filters at 12 × 12 pixels, a fifth on 64 at
24 × 24, one block at 6 × 6, and at 48 × 48 a single thin convolution. Pools cost less than strides:
a convolution of stride 1 behind a pool runs by Winograd's algorithm, one with a stride does not.

The last layer starts at zero: the first prediction gives every class 1/K, the first loss is ln K.

Chapter: docs/report.md
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from scratchnet.layers import (
    BatchNorm,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    GlobalAvgPool2D,
    MaxPool2D,
    ReLU,
    Residual,
)
from scratchnet.layers.base import Layer
from scratchnet.sequential import Sequential

POOL = "P"


def convolutions(*plan: int | str, norm: bool = False) -> list[Layer]:
    """`convolutions(32, 32, "P")`: 3 × 3 convolutions with ReLU, and pools."""
    layers: list[Layer] = []
    for item in plan:
        if item == POOL:
            layers.append(MaxPool2D(2))
        elif norm:  # its beta does what a bias would
            layers += [Conv2D(int(item), 3, padding=1, bias=False), BatchNorm(), ReLU()]
        else:
            layers += [Conv2D(int(item), 3, padding=1), ReLU()]
    return layers


def dense_head(classes: int, *units: int) -> list[Layer]:
    """Hidden dense layers, each with ReLU and half of its outputs dropped, then the logits."""
    layers: list[Layer] = [Flatten()]
    for width in units:
        layers += [Dense(width), ReLU(), Dropout(0.5)]
    return [*layers, Dense(classes, initializer="zeros")]


def residual_block(filters: int, *, widen: bool) -> Layer:
    """x + f(x) with f = (BN, ReLU, conv) twice; `widen` doubles the filters and halves the map."""
    stride = 2 if widen else 1
    body = [
        BatchNorm(),
        ReLU(),
        Conv2D(filters, 3, stride=stride, padding=1, bias=False),
        BatchNorm(),
        ReLU(),
        Conv2D(filters, 3, padding=1, bias=False),
    ]
    if not widen:
        return Residual(body)
    return Residual(body, projection=[Conv2D(filters, 1, stride=2, bias=False)])


def pooled_block(filters: int) -> Layer:
    """A residual block for more filters, on half the map: f = BN, ReLU, P, conv, BN, ReLU, conv."""
    body = [
        BatchNorm(),
        ReLU(),
        MaxPool2D(2),
        Conv2D(filters, 3, padding=1, bias=False),
        BatchNorm(),
        ReLU(),
        Conv2D(filters, 3, padding=1, bias=False),
    ]
    return Residual(body, projection=[Conv2D(filters, 1, stride=2, bias=False)])


def _simple(classes: int) -> list[Layer]:
    return [*convolutions(32, POOL, 64, POOL, 128, POOL), *dense_head(classes)]


def _seven(classes: int) -> list[Layer]:
    trunk = convolutions(32, 32, POOL, 64, 64, POOL, 128, 128, 128, POOL)
    return [*trunk, *dense_head(classes, 1024, 512)]


def _vgg(classes: int) -> list[Layer]:
    trunk = convolutions(32, 32, POOL, 64, 64, POOL, 128, 128, 128, POOL)
    deeper = convolutions(512, 512, 512, POOL, 512, 512, 512, POOL)
    return [*trunk, *deeper, *dense_head(classes, 1024, 512)]


NINE = 32, 32, 32, POOL, 64, 64, 64, POOL, 128, 128, 128, POOL


def _nine(classes: int) -> list[Layer]:
    return [*convolutions(*NINE), *dense_head(classes)]


def _nine_norm(classes: int) -> list[Layer]:
    return [*convolutions(*NINE, norm=True), *dense_head(classes)]


def _averaged_head(classes: int) -> list[Layer]:
    """What comes after residual blocks: the mean of each map, and the logits."""
    end = [BatchNorm(), ReLU(), GlobalAvgPool2D(), Dropout(0.3)]
    return [*end, Dense(classes, initializer="zeros")]


def _residual(classes: int) -> list[Layer]:
    return [
        Conv2D(16, 3, padding=1, bias=False),
        residual_block(16, widen=False),
        residual_block(32, widen=True),
        residual_block(32, widen=False),
        residual_block(64, widen=True),
        residual_block(64, widen=False),
        residual_block(128, widen=True),
        residual_block(128, widen=False),
        *_averaged_head(classes),
    ]


def _wide(classes: int) -> list[Layer]:
    return [
        Conv2D(32, 3, padding=1, bias=False),
        pooled_block(64),
        pooled_block(128),
        residual_block(128, widen=False),
        residual_block(128, widen=False),
        pooled_block(192),
        *_averaged_head(classes),
    ]


NETWORKS: dict[str, Callable[[int], Sequence[Layer]]] = {
    "residual": _residual,
    "wide": _wide,
    "simple": _simple,
    "seven": _seven,
    "vgg": _vgg,
    "nine": _nine,
    "nine-norm": _nine_norm,
}
"""Each network's name and what makes its layers; the first is the default."""


def make_network(name: str, classes: int) -> Sequential:
    """An unbuilt network for so many classes.

    Raises:
        ValueError: there is no network of that name.
    """
    if name not in NETWORKS:
        raise ValueError(f"unknown network {name!r}; expected one of {', '.join(NETWORKS)}")
    return Sequential(NETWORKS[name](classes))
