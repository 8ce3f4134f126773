"""Conv2D: each output pixel is the weighted sum of one window of the input.

    y[n,f,i,j] = b[f] + Σ c,kh,kw  W[f,c,kh,kw] · x[n, c, i·sh + kh·dh − top, j·sw + kw·dw − left]

    db[f]         = Σ n,i,j     dy[n,f,i,j]
    dW[f,c,kh,kw] = Σ n,i,j     dy[n,f,i,j] · x[the pixel it was multiplied with]
    dx[n,c,p,q]   = Σ f,kh,kw   dy[the output pixels that saw (p, q)] · W[f,c,kh,kw]

    x (N, C, H, W)   W (F, C/groups, KH, KW)   b (F,)   y (N, F, OH, OW)
    stride (sh, sw): the window's step      dilation (dh, dw): the step between its weights
    groups: filters f of group g see the channels of group g only; groups = C is "depthwise"
    outside of the image x is 0; `shapes` holds the formulas of OH, OW and "same" padding

Mathematics calls this a cross-correlation: the kernel is not turned around.

LeCun, Bottou, Bengio, Haffner, "Gradient-based learning applied to document recognition" (1998),
section II. Dilation: Yu, Koltun, "Multi-scale context aggregation by dilated convolutions" (2016).
Defined by `scratchnet.reference.conv2d`; derived and worked by hand in docs/conv2d.md.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from scratchnet import ops
from scratchnet.initializers import find_initializer
from scratchnet.layers.base import Array, Layer, Shape
from scratchnet.layers.shapes import (
    Edges,
    check_padding,
    image_shape,
    output_size,
    padding_config,
    pair,
    resolve_padding,
    unpair,
    whole,
)


class Conv2D(Layer):
    """A bank of `filters` learned filters that slides over the image.

    Args:
        filters: F, the number of output channels.
        kernel_size: (KH, KW), or one int for both.
        stride: (rows, columns) from window to window, or one int.
        padding: "valid" (none), "same" (OH = ⌈H / stride⌉), an int, (rows, columns) or
            ((top, bottom), (left, right)).
        dilation: (rows, columns) from weight to weight, or one int.
        groups: the channels are split into so many groups, each with its own filters.
        bias: whether there is a b; leave it out before a BatchNorm, which subtracts it again.
        initializer: the name of W's initialiser; b starts at 0.

    Raises:
        ValueError: an argument is out of range, or groups does not divide filters.
    """

    def __init__(
        self,
        filters: int,
        kernel_size: int | tuple[int, int],
        stride: int | tuple[int, int] = 1,
        padding: Any = "valid",
        dilation: int | tuple[int, int] = 1,
        groups: int = 1,
        bias: bool = True,
        initializer: str = "he",
    ) -> None:
        super().__init__()
        self.filters = whole(filters, "Conv2D filters")
        self.kernel_size = pair(kernel_size, "Conv2D kernel_size")
        self.stride = pair(stride, "Conv2D stride")
        self.padding = check_padding(padding, "Conv2D padding")
        self.dilation = pair(dilation, "Conv2D dilation")
        self.groups = whole(groups, "Conv2D groups")
        self.bias = bool(bias)
        self.initializer = initializer
        self.edges: Edges = ((0, 0), (0, 0))
        find_initializer(initializer)
        self._check_groups("filters", self.filters)

    def build(
        self, input_shape: Shape, rng: np.random.Generator, dtype: DTypeLike = np.float32
    ) -> Shape:
        C, H, W = image_shape(self, input_shape)
        self._check_groups("channels", C)
        F, (KH, KW) = self.filters, self.kernel_size
        self.edges = resolve_padding(self.padding, (H, W), (KH, KW), self.stride, self.dilation)
        size = output_size(self, (H, W), (KH, KW), self.stride, self.edges, self.dilation)

        shape = (F, C // self.groups, KH, KW)
        fan_in, fan_out = C // self.groups * KH * KW, F // self.groups * KH * KW
        initialize = find_initializer(self.initializer)
        self.add_parameter("W", initialize(shape, fan_in, fan_out, rng, dtype))
        if self.bias:
            self.add_parameter("b", np.zeros(F, dtype))
        self.input_shape, self.output_shape = (C, H, W), (F, *size)
        return self.output_shape

    def forward(self, x: Array, *, training: bool = False) -> Array:
        self.check_input(x)
        self.cache = x
        W, b = self.params["W"], self.params.get("b")
        return ops.conv2d_forward(x, W, b, self.stride, self.edges, self.dilation, self.groups)

    def backward(self, dy: Array) -> Array:
        x = self.recall()
        W = self.params["W"]
        dx, dW, db = ops.conv2d_backward(
            dy, x, W, self.stride, self.edges, self.dilation, self.groups
        )
        self.grads["W"][...] = dW
        if self.bias:
            self.grads["b"][...] = db
        return dx

    def macs(self) -> int:
        _, (_, OH, OW) = self.built()
        return OH * OW * self.params["W"].size  # every weight is used once per output pixel

    def config(self) -> dict[str, Any]:
        return {
            "filters": self.filters,
            "kernel_size": unpair(self.kernel_size),
            "stride": unpair(self.stride),
            "padding": padding_config(self.padding),
            "dilation": unpair(self.dilation),
            "groups": self.groups,
            "bias": self.bias,
            "initializer": self.initializer,
        }

    def _check_groups(self, name: str, number: int) -> None:
        if number % self.groups:
            raise ValueError(
                f"Conv2D expects {name} that groups={self.groups} divides, got {number}; "
                f"choose a divisor of {number} for groups"
            )
