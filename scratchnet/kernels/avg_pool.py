"""Average pooling in one pass over the planes; `scratchnet.reference.avg_pool` defines it.

y[oh, ow] = the mean over the window         dx[every pixel of the window] += dy / (KH·KW)

Both add first and divide once, as the reference does: so both have the same bits.
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
def _forward(share, shares, x, KH, KW, stride_h, stride_w, y):
    planes = x.shape[0]
    OH, OW = y.shape[1:]
    for plane in range(planes * share // shares, planes * (share + 1) // shares):
        y[plane] = 0
        for oh in range(OH):
            for ow in range(OW):
                for kh in range(KH):
                    for kw in range(KW):
                        y[plane, oh, ow] += x[plane, oh * stride_h + kh, ow * stride_w + kw]
        y[plane] /= KH * KW


@kernel
def _backward(share, shares, dy, KH, KW, stride_h, stride_w, dx):
    planes, OH, OW = dy.shape
    for plane in range(planes * share // shares, planes * (share + 1) // shares):
        dx[plane] = 0
        for oh in range(OH):
            for ow in range(OW):
                d = dy[plane, oh, ow]
                for kh in range(KH):
                    for kw in range(KW):
                        dx[plane, oh * stride_h + kh, ow * stride_w + kw] += d
        dx[plane] /= KH * KW


def avg_pool_forward(x: Array, size: Pair, stride: Pair) -> Array:
    """y (N, C, OH, OW) from x (N, C, H, W)."""
    N, C, H, W = x.shape
    OH, OW = (H - size[0]) // stride[0] + 1, (W - size[1]) // stride[1] + 1
    y = np.empty((N * C, OH, OW), x.dtype)
    planes = np.ascontiguousarray(x).reshape(N * C, H, W)
    share_out(_forward, SHARES, planes, *size, *stride, y)
    return y.reshape(N, C, OH, OW)


def avg_pool_backward(dy: Array, x_shape: tuple[int, ...], size: Pair, stride: Pair) -> Array:
    """dx (N, C, H, W) from dy (N, C, OH, OW)."""
    N, C, H, W = x_shape
    dx = np.empty((N * C, H, W), dy.dtype)
    planes = np.ascontiguousarray(dy).reshape(N * C, *dy.shape[2:])
    share_out(_backward, SHARES, planes, *size, *stride, dx)
    return dx.reshape(x_shape)
