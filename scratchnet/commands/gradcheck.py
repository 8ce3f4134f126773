"""scratchnet gradcheck: is backward the derivative of forward? For each kind of layer, or a model.

A model takes minutes: every one of the entries that are drawn costs it several passes in float64.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from scratchnet import layers
from scratchnet.gradcheck import GradientError, check_gradients, spaced_input
from scratchnet.layers.base import Layer, Shape
from scratchnet.sequential import Sequential

IMAGE = (2, 2, 8, 8)

KINDS: list[tuple[Layer, Shape]] = [
    (layers.Conv2D(3, 3, padding=1), IMAGE),
    (layers.Conv2D(4, 3, stride=2, dilation=2, padding="same", groups=2), IMAGE),
    (layers.ZeroPadding2D(1), IMAGE),
    (layers.MaxPool2D(2), IMAGE),
    (layers.AvgPool2D(2), IMAGE),
    (layers.GlobalAvgPool2D(), IMAGE),
    (layers.BatchNorm(), IMAGE),
    (layers.ReLU(), IMAGE),
    (layers.Sigmoid(), IMAGE),
    (layers.Tanh(), IMAGE),
    (layers.Dropout(0.5), IMAGE),
    (layers.Flatten(), IMAGE),
    (layers.Residual([layers.Conv2D(2, 3, padding=1), layers.ReLU()]), IMAGE),
    (layers.Dense(5), (3, 7)),
    (layers.Softmax(), (3, 7)),
]


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--model", type=Path, metavar="FOLDER", help="a whole network instead")
    parser.add_argument(
        "--entries", type=int, default=4, help="of each gradient of the model; default: 4"
    )


def run(options: argparse.Namespace) -> int:
    rng = np.random.default_rng(0)
    if options.model is not None:
        model = Sequential.load(options.model)
        x = spaced_input((2, *(model.input_shape or ())), rng)
        return 0 if said(repr(options.model.name), model, x, entries=options.entries) else 1
    right = [said(repr(layer), layer, spaced_input(shape, rng)) for layer, shape in KINDS]
    print(f"{sum(right)} of {len(right)} layers have right gradients")
    return 0 if all(right) else 1


def said(name: str, function: Layer | Sequential, x: np.ndarray, entries: int = 256) -> bool:
    """Whether the gradients are right; says so, or prints the report of what is wrong."""
    try:
        check_gradients(function, x, entries=entries)
    except GradientError as error:
        print(f"✗ {name}\n{error}", flush=True)
        return False
    print(f"✓ {name}", flush=True)
    return True
