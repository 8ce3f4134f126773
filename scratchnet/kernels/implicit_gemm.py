"""Convolution as a matrix product whose second matrix is never stored whole (implicit GEMM).

Number the output pixels of a few images q = 0, 1, 2, … and let

    cols[k, q] = the input pixel under weight k = (c, kh, kw) of output pixel q      K = C·KH·KW

Then, for the images together (W read as a matrix (F, K)),

    y     = W @ cols + b            forward
    dW    = dy @ colsᵀ              backward, weights
    dcols = Wᵀ @ dy                 backward, input: each dcols[k, q] is added to its pixel (col2im)

`cols` is K / C times as large as x. So it is written 64 output pixels and 256 rows at a time into
a panel that stays in the cache, used at once, and overwritten (Chetlur et al., "cuDNN", 2014,
section 3). Images are padded once; then no pixel needs a bounds check, and the four pixels of a
quarter-vector are copied together where they are neighbours.

Shapes, strides and groups of every kind take this road; `scratchnet.reference.conv2d` defines it.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from scratchnet.kernels.jit import kernel
from scratchnet.kernels.parallel import SHARES, share_out
from scratchnet.kernels.simd import LANES, add4, copy4, copy16
from scratchnet.kernels.tile import multiply_add

Array = NDArray[Any]
Pair = tuple[int, int]

PANEL = 64
"""Output pixels in a panel: four vectors."""
DEPTH = 256
"""Rows of a panel: 64 KB of float32, a part of the second-level cache."""
POSITIONS = 576
"""Output pixels of the images that are padded and worked on together, at least."""


class Geometry(NamedTuple):
    """How a window moves over a padded image."""

    KH: int
    KW: int
    stride_h: int
    stride_w: int
    dilation_h: int
    dilation_w: int
    top: int
    left: int
    HP: int
    """Height of the padded image."""
    WP: int
    OH: int
    OW: int


def geometry(
    x_shape: tuple[int, ...], window: Pair, stride: Pair, padding: tuple[Pair, Pair], dilation: Pair
) -> Geometry:
    """The geometry of a convolution; only whole windows count."""
    (top, bottom), (left, right) = padding
    HP, WP = x_shape[2] + top + bottom, x_shape[3] + left + right
    OH = (HP - dilation[0] * (window[0] - 1) - 1) // stride[0] + 1
    OW = (WP - dilation[1] * (window[1] - 1) - 1) // stride[1] + 1
    return Geometry(*window, *stride, *dilation, top, left, HP, WP, OH, OW)


# -- the panel ------------------------------------------------------------------------------------


@kernel
def _pad(x, n, images, g, padded):
    """Copy images n, n + 1, … of x into the zero halo of `padded`."""
    C, H, W = x.shape[1:]
    for i in range(images):
        for c in range(C):
            for h in range(H):
                o = ((i * C + c) * g.HP + h + g.top) * g.WP + g.left
                padded[o : o + W] = x[n + i, c, h]


@kernel
def _unpad(padded, n, images, g, dx):
    """The inverse of `_pad`: what fell on the halo is dropped."""
    C, H, W = dx.shape[1:]
    for i in range(images):
        for c in range(C):
            for h in range(H):
                o = ((i * C + c) * g.HP + h + g.top) * g.WP + g.left
                dx[n + i, c, h] = padded[o : o + W]


@kernel
def _locate(q, end, channels, g, base, run):
    """Where the windows of output pixels q … q + 63 begin in the padded images.

    run[v] is 16 where the vector's pixels are neighbours, 4 where each quarter's are, else 1.
    Pixels past the end begin at 0: their columns are computed and not used.
    """
    for j in range(PANEL):
        base[j] = 0
        if q + j < end:
            i, p = divmod(q + j, g.OH * g.OW)
            oh, ow = divmod(p, g.OW)
            base[j] = (i * channels * g.HP + oh * g.stride_h) * g.WP + ow * g.stride_w
    for v in range(PANEL // LANES):
        run[v] = 16
        for j in range(LANES * v, LANES * (v + 1), 4):
            if not (base[j + 1] == base[j] + 1 and base[j + 3] == base[j] + 3):
                run[v] = 1
            elif run[v] == 16 and base[j] != base[LANES * v] + j - LANES * v:
                run[v] = 4


@kernel
def _gather(padded, k0, k1, c0, base, run, g, panel):
    """panel[k - k0, j] = cols[k, q + j]; channel 0 of the weights is channel c0 of the images."""
    for k in range(k0, k1):
        c, tap = divmod(k, g.KH * g.KW)
        kh, kw = divmod(tap, g.KW)
        offset = ((c0 + c) * g.HP + kh * g.dilation_h) * g.WP + kw * g.dilation_w
        row = (k - k0) * PANEL
        for v in range(PANEL // LANES):
            j = v * LANES
            if run[v] == 16:
                copy16(panel, row + j, padded, base[j] + offset)
            elif run[v] == 4:
                for quarter in range(j, j + LANES, 4):
                    copy4(panel, row + quarter, padded, base[quarter] + offset)
            else:
                for lane in range(j, j + LANES):
                    panel[row + lane] = padded[base[lane] + offset]


@kernel
def _scatter(panel, used, k0, k1, c0, base, run, g, padded):
    """The adjoint of `_gather`: add each entry of the panel to the pixel it was read from."""
    for k in range(k0, k1):
        c, tap = divmod(k, g.KH * g.KW)
        kh, kw = divmod(tap, g.KW)
        offset = ((c0 + c) * g.HP + kh * g.dilation_h) * g.WP + kw * g.dilation_w
        row = (k - k0) * PANEL
        for j in range(0, PANEL, 4):
            if run[j // LANES] > 1 and j + 4 <= used:
                add4(padded, base[j] + offset, panel, row + j)
            else:
                for lane in range(j, min(j + 4, used)):
                    padded[base[lane] + offset] += panel[row + lane]


# -- forward --------------------------------------------------------------------------------------


@kernel
def _forward(share, shares, x, W, b, groups, together, g, y):
    N, C = x.shape[:2]
    F, K = W.shape
    P, FG = g.OH * g.OW, F // groups
    weights = W.reshape(-1)
    out = y.reshape(-1)
    padded = np.zeros(together * C * g.HP * g.WP, x.dtype)
    panel = np.empty(DEPTH * PANEL, x.dtype)
    total = np.empty(FG * PANEL, x.dtype)
    base = np.empty(PANEL, np.intp)
    run = np.empty(PANEL // LANES, np.intp)
    blocks = (N + together - 1) // together
    for block in range(blocks * share // shares, blocks * (share + 1) // shares):
        n = block * together
        images = min(together, N - n)
        _pad(x, n, images, g, padded)
        for q in range(0, images * P, PANEL):
            _locate(q, images * P, C, g, base, run)
            for group in range(groups):
                for f in range(FG):
                    total[f * PANEL : (f + 1) * PANEL] = b[group * FG + f]
                for k in range(0, K, DEPTH):
                    depth = min(DEPTH, K - k)
                    _gather(padded, k, k + depth, group * (C // groups), base, run, g, panel)
                    multiply_add(
                        weights, group * FG * K + k, K, 1, panel, 0, PANEL,
                        total, 0, PANEL, FG, PANEL, depth,
                    )  # fmt: skip
                j = 0
                while j < PANEL and q + j < images * P:  # one image after the other
                    i, p = divmod(q + j, P)
                    width = min(PANEL - j, P - p)
                    for f in range(FG):
                        o = ((n + i) * F + group * FG + f) * P + p
                        out[o : o + width] = total[f * PANEL + j : f * PANEL + j + width]
                    j += width


def forward(
    x: Array,
    W: Array,
    b: Array | None,
    stride: Pair,
    padding: tuple[Pair, Pair],
    dilation: Pair,
    groups: int,
) -> Array:
    """y (N, F, OH, OW) = x (N, C, H, W) ⋆ W (F, C/groups, KH, KW) + b."""
    N, F = x.shape[0], W.shape[0]
    g = geometry(x.shape, W.shape[2:], stride, padding, dilation)
    y = np.empty((N, F, g.OH, g.OW), x.dtype)
    together = -(-POSITIONS // (g.OH * g.OW))
    bias = np.zeros(F, x.dtype) if b is None else b
    weights = np.ascontiguousarray(W).reshape(F, -1)
    shares = min(4 * SHARES, -(-N // together))
    share_out(_forward, shares, np.ascontiguousarray(x), weights, bias, groups, together, g, y)
    return y


# -- backward -------------------------------------------------------------------------------------


@kernel
def _collect(dy, n, f0, FG, q, end, rows, columns, width):
    """64 pixels of dy: rows[f, j] and, transposed, columns[j, f]; past the end they are zero."""
    F, P = dy.shape[1], dy.shape[2]
    for j in range(PANEL):
        if q + j >= end:
            for f in range(FG):
                rows[f * PANEL + j] = 0
                columns[j * width + f] = 0
    flat = dy.reshape(-1)
    j = 0
    while j < PANEL and q + j < end:
        i, p = divmod(q + j, P)
        length = min(PANEL - j, P - p)
        for f in range(FG):
            o = ((n + i) * F + f0 + f) * P + p
            for t in range(length):
                value = flat[o + t]
                rows[f * PANEL + j + t] = value
                columns[(j + t) * width + f] = value
        j += length


@kernel
def _backward(share, shares, dy, x, W, groups, together, g, dx, dWT, db):
    """dWT (shares, groups, K, width) and db (shares, F) are the shares' own sums."""
    N, C = x.shape[:2]
    F, K = W.shape
    P, FG, width = g.OH * g.OW, F // groups, dWT.shape[3]
    weights = W.reshape(-1)
    own_dWT = dWT[share].reshape(-1)
    own_db = db[share]
    padded = np.zeros(together * C * g.HP * g.WP, x.dtype)
    d_padded = np.empty_like(padded)
    panel = np.empty(DEPTH * PANEL, x.dtype)
    rows = np.empty(FG * PANEL, x.dtype)
    columns = np.zeros(PANEL * width, x.dtype)
    base = np.empty(PANEL, np.intp)
    run = np.empty(PANEL // LANES, np.intp)
    blocks = (N + together - 1) // together
    for block in range(blocks * share // shares, blocks * (share + 1) // shares):
        n = block * together
        images = min(together, N - n)
        _pad(x, n, images, g, padded)
        d_padded[:] = 0
        for q in range(0, images * P, PANEL):
            used = min(PANEL, images * P - q)
            _locate(q, images * P, C, g, base, run)
            for group in range(groups):
                _collect(dy, n, group * FG, FG, q, images * P, rows, columns, width)
                for f in range(FG):
                    total = own_db[group * FG + f]
                    for j in range(used):
                        total += rows[f * PANEL + j]
                    own_db[group * FG + f] = total
                c0 = group * (C // groups)
                for k in range(0, K, DEPTH):
                    depth = min(DEPTH, K - k)
                    # dWᵀ[k, f] += Σ_q cols[k, q] dy[f, q]
                    _gather(padded, k, k + depth, c0, base, run, g, panel)
                    multiply_add(
                        panel, 0, PANEL, 1, columns, 0, width,
                        own_dWT, (group * K + k) * width, width, depth, width, PANEL,
                    )  # fmt: skip
                    # dcols[k, q] = Σ_f W[f, k] dy[f, q]
                    panel[: depth * PANEL] = 0
                    multiply_add(
                        weights, group * FG * K + k, 1, K, rows, 0, PANEL,
                        panel, 0, PANEL, depth, PANEL, FG,
                    )  # fmt: skip
                    _scatter(panel, used, k, k + depth, c0, base, run, g, d_padded)
        _unpad(d_padded, n, images, g, dx)


def backward(
    dy: Array,
    x: Array,
    W: Array,
    stride: Pair,
    padding: tuple[Pair, Pair],
    dilation: Pair,
    groups: int,
) -> tuple[Array, Array, Array]:
    """(dx, dW, db) from dy (N, F, OH, OW); each of the shape of what it is the gradient of."""
    N = x.shape[0]
    F, CG, KH, KW = W.shape
    g = geometry(x.shape, (KH, KW), stride, padding, dilation)
    K, FG, P = CG * KH * KW, F // groups, g.OH * g.OW
    dx = np.empty(x.shape, x.dtype)
    together = -(-POSITIONS // P)
    shares = max(1, min(SHARES, -(-N // together)))
    dWT = np.zeros((shares, groups, K, -(-FG // LANES) * LANES), x.dtype)
    db = np.zeros((shares, F), x.dtype)
    weights = np.ascontiguousarray(W).reshape(F, K)
    upstream = np.ascontiguousarray(dy).reshape(N, F, P)
    share_out(
        _backward, shares, upstream, np.ascontiguousarray(x), weights,
        groups, together, g, dx, dWT, db,
    )  # fmt: skip
    dW = dWT.sum(axis=0)[:, :, :FG].transpose(0, 2, 1).reshape(W.shape)
    return dx, dW, db.sum(axis=0)
