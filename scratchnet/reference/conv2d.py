"""Convolution, defined: one product of a weight with all the pixels it meets, for each weight.

    y[n,f,i,j] = b[f] + Σ c,kh,kw  W[f,c,kh,kw] · x[n, c, i·sh + kh·dh, j·sw + kw·dw]

where x is padded with zeros first. Each of the three gradients turns that product around:

    db[f]                            = Σ n,i,j  dy[n,f,i,j]
    dW[f,c,kh,kw]                    = Σ n,i,j  dy[n,f,i,j] · x[n, c, i·sh + kh·dh, j·sw + kw·dw]
    dx[n, c, i·sh + kh·dh, j·sw + kw·dw]  +=  Σ f  W[f,c,kh,kw] · dy[n,f,i,j]

    x, dx (N, C, H, W)   W, dW (F, C/groups, KH, KW)   b, db (F,)   y, dy (N, F, OH, OW)
    stride (sh, sw)   padding ((top, bottom), (left, right))   dilation (dh, dw)
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scratchnet.reference.windows import Edges, Pair, output_size, pad, under, unpad

Array = NDArray[Any]


def conv2d_forward(
    x: Array,
    W: Array,
    b: Array | None,
    stride: Pair,
    padding: Edges,
    dilation: Pair,
    groups: int,
) -> Array:
    """y (N, F, OH, OW); b may be None."""
    x = pad(x, padding, 0)
    N, C, _, _ = x.shape
    F, _, KH, KW = W.shape
    size = output_size(x, (KH, KW), stride, dilation)

    y = np.zeros((N, F, *size), x.dtype)
    for f, c in _groups(F, C, groups):
        for kh, kw in np.ndindex(KH, KW):
            pixels = under(x, (kh, kw), size, stride, dilation)
            y[:, f] += _sum("fc,ncij->nfij", W[f, :, kh, kw], pixels[:, c])
    if b is not None:
        y += b[:, np.newaxis, np.newaxis]
    return y


def conv2d_backward(
    dy: Array,
    x: Array,
    W: Array,
    stride: Pair,
    padding: Edges,
    dilation: Pair,
    groups: int,
) -> tuple[Array, Array, Array]:
    """dx (N, C, H, W), dW (F, C/groups, KH, KW), db (F,)."""
    x = pad(x, padding, 0)
    _, C, _, _ = x.shape
    F, _, KH, KW = W.shape
    _, _, OH, OW = dy.shape

    dx, dW = np.zeros_like(x), np.zeros_like(W)
    for f, c in _groups(F, C, groups):
        for kh, kw in np.ndindex(KH, KW):
            pixels = under(x, (kh, kw), (OH, OW), stride, dilation)
            dpixels = under(dx, (kh, kw), (OH, OW), stride, dilation)
            dW[f, :, kh, kw] = _sum("nfij,ncij->fc", dy[:, f], pixels[:, c])
            dpixels[:, c] += _sum("fc,nfij->ncij", W[f, :, kh, kw], dy[:, f])
    return unpad(dx, padding), dW, dy.sum(axis=(0, 2, 3))


def _groups(F: int, C: int, groups: int) -> Iterator[tuple[slice, slice]]:
    """The filters and the channels of each group, as slices."""
    for g in range(groups):
        yield (
            slice(g * F // groups, (g + 1) * F // groups),
            slice(g * C // groups, (g + 1) * C // groups),
        )


def _sum(indices: str, a: Array, b: Array) -> Array:
    """Products of a and b, added up over the letters that the result does not have."""
    return np.einsum(indices, a, b, optimize=True)
