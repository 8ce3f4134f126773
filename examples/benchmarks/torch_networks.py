"""Our networks in PyTorch: the same layers, in the same order, with copies of the same parameters.

    Dense        y = x W + b        Linear       y = x Aᵀ + b      A = Wᵀ
    BatchNorm    running = m · running + (1 − m) · batch           torch's momentum is 1 − m

All else has the same conventions on both sides: NCHW, filters (F, C/groups, KH, KW), flattened
channel by channel. So for the same input both give the same output, but for rounding.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import nn

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


class Sum(nn.Module):
    """body(x) + shortcut(x)."""

    def __init__(self, body: nn.Module, shortcut: nn.Module) -> None:
        super().__init__()
        self.body, self.shortcut = body, shortcut

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.body(x) + self.shortcut(x)


def mirrored(layers: Sequence[Layer]) -> nn.Sequential:
    """The network of these built layers.

    Raises:
        ValueError: torch has no such layer.
    """
    return nn.Sequential(*map(_module, layers))


def _module(layer: Layer) -> nn.Module:
    match layer:
        case Conv2D():
            return _convolution(layer)
        case Dense():
            D, M = layer.params["W"].shape
            linear = nn.Linear(D, M, bias="b" in layer.params)
            _copy(linear, weight=layer.params["W"].T, bias=layer.params.get("b"))
            return linear
        case BatchNorm():
            return _batch_norm(layer)
        case MaxPool2D(stride=stride, size=size, edges=((0, 0), (0, 0))):
            return nn.MaxPool2d(size, stride)
        case ReLU():
            return nn.ReLU()
        case Flatten():
            return nn.Flatten()
        case Dropout(rate=rate):
            return nn.Dropout(rate)
        case GlobalAvgPool2D():
            return nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten())
        case Residual():
            return Sum(mirrored(layer.body), mirrored(layer.projection))
    raise ValueError(f"no counterpart in torch is known for {layer!r}")


def _convolution(layer: Conv2D) -> nn.Module:
    (top, bottom), (left, right) = layer.edges
    if (top, left) != (bottom, right):
        raise ValueError(f"torch pads both sides alike, got {layer.edges}")
    W = layer.params["W"]
    conv = nn.Conv2d(
        W.shape[1] * layer.groups,
        len(W),
        layer.kernel_size,
        layer.stride,
        (top, left),
        layer.dilation,
        layer.groups,
        bias=layer.bias,
    )
    _copy(conv, weight=W, bias=layer.params.get("b"))
    return conv


def _batch_norm(layer: BatchNorm) -> nn.Module:
    kind = nn.BatchNorm1d if len(layer.built()[0]) == 1 else nn.BatchNorm2d
    gamma, beta = layer.params["gamma"], layer.params["beta"]
    norm = kind(len(gamma), layer.eps, 1 - layer.momentum)
    _copy(norm, weight=gamma, bias=beta, **layer.buffers)
    return norm


def _copy(module: nn.Module, **arrays: Any) -> None:
    state = {name: array for name, array in arrays.items() if array is not None}
    with torch.no_grad():
        for name, array in state.items():
            getattr(module, name).copy_(torch.from_numpy(np.ascontiguousarray(array)))
