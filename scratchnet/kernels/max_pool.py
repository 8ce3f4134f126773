"""Max-pooling in one pass over the planes; `scratchnet.reference.max_pool` defines it.

    y[oh, ow] = max over the window          winner = kh·KW + kw of its first maximum
    dx[the winner's pixel] += dy[oh, ow]     windows may overlap, so gradients add up

A window that reaches over the edge is cut to the image: outside counts as −∞, and never wins.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from scratchnet.kernels.jit import kernel
from scratchnet.kernels.parallel import SHARES, share_out

Array = NDArray[Any]
Pair = tuple[int, int]


@kernel
def _forward(share, shares, x, KH, KW, stride_h, stride_w, top, left, y, winner):
    """x (planes, H, W), y and winner (planes, OH, OW)."""
    planes, H, W = x.shape
    OH, OW = y.shape[1:]
    for plane in range(planes * share // shares, planes * (share + 1) // shares):
        for oh in range(OH):
            h = oh * stride_h - top
            first_row, last_row = max(0, -h), min(KH, H - h)
            for ow in range(OW):
                w = ow * stride_w - left
                first_column, last_column = max(0, -w), min(KW, W - w)
                best, index = (
                    x[plane, h + first_row, w + first_column],
                    first_row * KW + first_column,
                )
                for kh in range(first_row, last_row):
                    for kw in range(first_column, last_column):
                        value = x[plane, h + kh, w + kw]
                        if value > best:  # > keeps the first of ties, like argmax
                            best, index = value, kh * KW + kw
                y[plane, oh, ow] = best
                winner[plane, oh, ow] = index


@kernel
def _backward(share, shares, dy, winner, KW, stride_h, stride_w, top, left, dx):
    planes, OH, OW = dy.shape
    for plane in range(planes * share // shares, planes * (share + 1) // shares):
        dx[plane] = 0
        for oh in range(OH):
            for ow in range(OW):
                index = np.intp(winner[plane, oh, ow])
                kh = index // KW
                h = oh * stride_h - top + kh
                w = ow * stride_w - left + index - kh * KW
                dx[plane, h, w] += dy[plane, oh, ow]


def max_pool_forward(
    x: Array, size: Pair, stride: Pair, padding: tuple[Pair, Pair]
) -> tuple[Array, Array]:
    """y (N, C, OH, OW) and the winner's index in its window, from x (N, C, H, W)."""
    N, C, H, W = x.shape
    (KH, KW), ((top, bottom), (left, right)) = size, padding
    OH = (H + top + bottom - KH) // stride[0] + 1
    OW = (W + left + right - KW) // stride[1] + 1
    y = np.empty((N * C, OH, OW), x.dtype)
    winner = np.empty(y.shape, np.uint8 if KH * KW <= 256 else np.int32)
    planes = np.ascontiguousarray(x).reshape(N * C, H, W)
    share_out(_forward, SHARES, planes, KH, KW, *stride, top, left, y, winner)
    return y.reshape(N, C, OH, OW), winner.reshape(N, C, OH, OW)


def max_pool_backward(
    dy: Array,
    winner: Array,
    x_shape: tuple[int, ...],
    size: Pair,
    stride: Pair,
    padding: tuple[Pair, Pair],
) -> Array:
    """dx (N, C, H, W) from dy and the winners of the forward pass."""
    N, C, H, W = x_shape
    planes = (N * C, *dy.shape[2:])
    dx = np.empty((N * C, H, W), dy.dtype)
    share_out(
        _backward, SHARES, np.ascontiguousarray(dy).reshape(planes), winner.reshape(planes),
        size[1], *stride, padding[0][0], padding[1][0], dx,
    )  # fmt: skip
    return dx.reshape(x_shape)
