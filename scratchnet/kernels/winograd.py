"""Winograd's convolution F(4×4, 3×3): 36 products where the definition takes 144.

Cut the output into tiles of 4 × 4; each depends on a tile d of 6 × 6 input pixels. With

        ⎡4  0 −5  0  1  0⎤         ⎡ 1/4    0     0  ⎤
        ⎢0 −4 −4  1  1  0⎥         ⎢−1/6  −1/6  −1/6 ⎥         ⎡1  1  1  1  1  0⎤
   Bᵀ = ⎢0  4 −4 −1  1  0⎥    G =  ⎢−1/6   1/6  −1/6 ⎥    Aᵀ = ⎢0  1 −1  2 −2  0⎥
        ⎢0 −2 −1  2  1  0⎥         ⎢ 1/24  1/12  1/6 ⎥         ⎢0  1  1  4  4  0⎥
        ⎢0  2 −1 −2  1  0⎥         ⎢ 1/24 −1/12  1/6 ⎥         ⎣0  1 −1  8 −8  1⎦
        ⎣0  4  0 −5  0  1⎦         ⎣  0     0     1  ⎦

    forward     U = G w Gᵀ      V = Bᵀ d B      M = U ⊙ V, summed over channels      y = Aᵀ M A
    backward    dM = A dy Aᵀ                     the adjoint of the last step
                dU += Vᵀ dM     dw = Gᵀ dU G
                dV = dM Uᵀ      dd = B dV Bᵀ     added to the pixels, where tiles overlap

⊙ with the sum over channels is, for each of the 36 places of a tile, a matrix product: (tiles, C)
by (C, F). V is computed again in the backward pass rather than stored. Sixteen channels are one
vector, so a group of images is turned from NCHW to NHWC, with its zero halo, on the way in, and
back on the way out. A tile that reaches over the edge sees zeros, and its surplus is dropped.

Source: Lavin and Gray, "Fast algorithms for convolutional neural networks", 2016, section 4.3.
Rounding: the entries of Bᵀ and Aᵀ amplify it. The largest error measured, of y, dx and dW, is 5e-6
of the largest value with 16 channels, 1e-5 with 128 and 2e-5 with 512: five times that of plain
sums. Hence only float32, which trains; float64, which checks, takes the other road.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from scratchnet.kernels.jit import kernel
from scratchnet.kernels.matmul import matmul
from scratchnet.kernels.parallel import share_out
from scratchnet.kernels.simd import LANES, splat, transpose4, vector_load, vector_store
from scratchnet.kernels.tile import multiply_add

Array = NDArray[Any]
Pair = tuple[int, int]

G = np.array([[6, 0, 0], [-4, -4, -4], [-4, 4, -4], [1, 2, 4], [1, -2, 4], [0, 0, 24]]) / 24
GG = np.einsum("ai,bj->abij", G, G).reshape(36, 9).astype(np.float32)
"""U (36,) = GG @ w (9,): both transforms of a 3 × 3 window as one matrix."""

SHARES = 4
"""Parts of the batch that keep their own sum dU, 36·C·F numbers each."""


def fits(W: Array, stride: Pair, dilation: Pair, groups: int) -> bool:
    """Whether a convolution with these weights (F, C/groups, KH, KW) can take this road."""
    F, C, KH, KW = W.shape
    return (
        (KH, KW) == (3, 3)
        and (*stride, *dilation, groups) == (1, 1, 1, 1, 1)
        and W.dtype == np.float32
        and C % LANES == F % LANES == 0
    )


class Tiling(NamedTuple):
    """How images (C, H, W) and outputs (F, OH, OW) are cut into tiles."""

    C: int
    H: int
    W: int
    F: int
    OH: int
    OW: int
    top: int
    left: int
    TH: int
    """Tiles down; the padded image has HP = 4·TH + 2 rows."""
    TW: int
    HP: int
    WP: int
    together: int
    """Images that are turned to NHWC and worked on together."""
    block: int
    """Tiles whose V and M lie in the cache together."""


def tiling(x_shape: tuple[int, ...], F: int, padding: tuple[Pair, Pair]) -> Tiling:
    """The tiling of a convolution."""
    _, C, H, W = x_shape
    (top, bottom), (left, right) = padding
    OH, OW = H + top + bottom - 2, W + left + right - 2
    TH, TW = -(-OH // 4), -(-OW // 4)
    block = 72 if max(C, F) <= 32 else 36
    together = -(-block // (TH * TW))
    HP, WP = 4 * TH + 2, 4 * TW + 2
    return Tiling(C, H, W, F, OH, OW, top, left, TH, TW, HP, WP, together, block)


# -- the transforms: six vectors in, six or four out ----------------------------------------------


@kernel
def _bt(a, b, c, d, e, f):
    """Bᵀ v"""
    two, four, five = splat(np.float32(2)), splat(np.float32(4)), splat(np.float32(5))
    p, q = e - four * c, d - four * b
    r, s = e - c, two * (d - b)
    return four * a - five * c + e, p + q, p - q, r + s, r - s, four * b - five * d + f


@kernel
def _b(a, b, c, d, e, f):
    """B v"""
    two, four, five = splat(np.float32(2)), splat(np.float32(4)), splat(np.float32(5))
    p, q = b + c, b - c
    r, s = d + e, two * (d - e)
    zero = a - a
    return (
        four * a,
        four * (f - q) - s,
        zero - five * a - four * p - r,
        q + s - five * f,
        a + p + r,
        f,
    )


@kernel
def _at(a, b, c, d, e, f):
    """Aᵀ v"""
    two, four, eight = splat(np.float32(2)), splat(np.float32(4)), splat(np.float32(8))
    p, q, r, s = b + c, b - c, d + e, d - e
    return a + p + r, q + two * s, p + four * r, q + eight * s + f


@kernel
def _a(a, b, c, d):
    """A v"""
    two, four = splat(np.float32(2)), splat(np.float32(4))
    p, q = a + c, b + d
    r, s = a + four * c, two * (b + four * d)
    return a, p + q, p - q, r + s, r - s, d


@kernel
def _read6(v, o, step):
    return (
        vector_load(v, o),
        vector_load(v, o + step),
        vector_load(v, o + 2 * step),
        vector_load(v, o + 3 * step),
        vector_load(v, o + 4 * step),
        vector_load(v, o + 5 * step),
    )


@kernel
def _write6(v, o, step, w):
    vector_store(v, o, w[0])
    vector_store(v, o + step, w[1])
    vector_store(v, o + 2 * step, w[2])
    vector_store(v, o + 3 * step, w[3])
    vector_store(v, o + 4 * step, w[4])
    vector_store(v, o + 5 * step, w[5])


@kernel
def _read4(v, o, step):
    return (
        vector_load(v, o),
        vector_load(v, o + step),
        vector_load(v, o + 2 * step),
        vector_load(v, o + 3 * step),
    )


@kernel
def _write4(v, o, step, w):
    vector_store(v, o, w[0])
    vector_store(v, o + step, w[1])
    vector_store(v, o + 2 * step, w[2])
    vector_store(v, o + 3 * step, w[3])


@kernel
def _input(pixels, o, row, C, V, v, place, line):
    """V[36 places] = Bᵀ d B for sixteen channels of the tile at `o`; `line` is scratch."""
    for j in range(6):
        _write6(line, j * LANES, 6 * LANES, _bt(*_read6(pixels, o + j * C, row)))
    for i in range(6):
        _write6(V, v + 6 * i * place, place, _bt(*_read6(line, 6 * i * LANES, LANES)))


@kernel
def _input_adjoint(V, v, place, pixels, o, row, C, line):
    """d += B V Bᵀ: what `_input` read from a pixel comes back to it."""
    for j in range(6):
        _write6(line, j * LANES, 6 * LANES, _b(*_read6(V, v + j * place, 6 * place)))
    for i in range(6):
        w = _b(*_read6(line, 6 * i * LANES, LANES))
        p = o + i * row
        vector_store(pixels, p, vector_load(pixels, p) + w[0])
        vector_store(pixels, p + C, vector_load(pixels, p + C) + w[1])
        vector_store(pixels, p + 2 * C, vector_load(pixels, p + 2 * C) + w[2])
        vector_store(pixels, p + 3 * C, vector_load(pixels, p + 3 * C) + w[3])
        vector_store(pixels, p + 4 * C, vector_load(pixels, p + 4 * C) + w[4])
        vector_store(pixels, p + 5 * C, vector_load(pixels, p + 5 * C) + w[5])


@kernel
def _output(M, m, place, pixels, o, row, F, line):
    """y = Aᵀ M A for sixteen filters of the tile at `o`."""
    for j in range(6):
        _write4(line, j * LANES, 6 * LANES, _at(*_read6(M, m + j * place, 6 * place)))
    for i in range(4):
        _write4(pixels, o + i * row, F, _at(*_read6(line, 6 * i * LANES, LANES)))


@kernel
def _output_adjoint(pixels, o, row, F, M, m, place, line):
    """M = A dy Aᵀ"""
    for j in range(4):
        _write6(line, j * LANES, 4 * LANES, _a(*_read4(pixels, o + j * F, row)))
    for i in range(6):
        _write6(M, m + 6 * i * place, place, _a(*_read4(line, 4 * i * LANES, LANES)))


# -- NCHW and NHWC --------------------------------------------------------------------------------


@kernel
def _to_nhwc(x, n, images, top, left, HP, WP, pixels):
    """Images n, n + 1, … of x (N, C, H, W) into pixels (images, HP, WP, C)."""
    C, H, W = x.shape[1:]
    flat = x.reshape(-1)
    for i in range(images):
        for h in range(H):
            o = ((i * HP + h + top) * WP + left) * C
            for c in range(0, C, 4):
                q = (((n + i) * C + c) * H + h) * W
                fours = W // 4 * 4
                for w in range(0, fours, 4):
                    transpose4(pixels, o + w * C + c, C, flat, q + w, H * W)
                for w in range(fours, W):
                    for k in range(4):
                        pixels[o + w * C + c + k] = flat[q + k * H * W + w]


@kernel
def _to_nchw(pixels, n, images, top, left, HP, WP, x):
    """The inverse of `_to_nhwc`; what lies outside of the image is dropped."""
    C, H, W = x.shape[1:]
    flat = x.reshape(-1)
    for i in range(images):
        for h in range(H):
            o = ((i * HP + h + top) * WP + left) * C
            for c in range(0, C, 4):
                q = (((n + i) * C + c) * H + h) * W
                fours = W // 4 * 4
                for w in range(0, fours, 4):
                    transpose4(flat, q + w, H * W, pixels, o + w * C + c, C)
                for w in range(fours, W):
                    for k in range(4):
                        flat[q + k * H * W + w] = pixels[o + w * C + c + k]


@kernel
def _corner(tile, t, HP, WP, channels):
    """Where tile number `tile` of a group of images begins, in the padded images' flat array."""
    i, rest = divmod(tile, t.TH * t.TW)
    ty, tx = divmod(rest, t.TW)
    return ((i * HP + 4 * ty) * WP + 4 * tx) * channels


# -- forward --------------------------------------------------------------------------------------


@kernel
def _forward(share, shares, x, U, b, t, y):
    """U (36, C, F)."""
    N, C, F = x.shape[0], t.C, t.F
    pixels = np.zeros(t.together * t.HP * t.WP * C, np.float32)
    out = np.empty(t.together * 16 * t.TH * t.TW * F, np.float32)
    V = np.empty(36 * (t.block * C + LANES), np.float32)
    M = np.empty(36 * (t.block * F + LANES), np.float32)
    line = np.empty(36 * LANES, np.float32)
    v_place, m_place = t.block * C + LANES, t.block * F + LANES
    groups = (N + t.together - 1) // t.together
    for group in range(groups * share // shares, groups * (share + 1) // shares):
        n = group * t.together
        images = min(t.together, N - n)
        _to_nhwc(x, n, images, t.top, t.left, t.HP, t.WP, pixels)
        for first in range(0, images * t.TH * t.TW, t.block):
            T = min(t.block, images * t.TH * t.TW - first)
            for tile in range(T):
                o = _corner(first + tile, t, t.HP, t.WP, C)
                for c in range(0, C, LANES):
                    _input(pixels, o + c, t.WP * C, C, V, tile * C + c, v_place, line)
            M[:] = 0
            for e in range(36):
                multiply_add(
                    V, e * v_place, C, 1, U, e * C * F, F, M, e * m_place, F, T, F, C
                )  # fmt: skip
            for tile in range(T):
                o = _corner(first + tile, t, 4 * t.TH, 4 * t.TW, F)
                for f in range(0, F, LANES):
                    _output(M, tile * F + f, m_place, out, o + f, 4 * t.TW * F, F, line)
        _to_nchw(out, n, images, 0, 0, 4 * t.TH, 4 * t.TW, y)
        for i in range(n, n + images):
            for f in range(F):
                y[i, f] += b[f]


def forward(
    x: Array,
    W: Array,
    b: Array | None,
    stride: Pair,
    padding: tuple[Pair, Pair],
    dilation: Pair,
    groups: int,
) -> Array:
    """As `conv2d_forward`, where `fits` says yes."""
    F, C = W.shape[:2]
    t = tiling(x.shape, F, padding)
    y = np.empty((len(x), F, t.OH, t.OW), np.float32)
    U = matmul(GG, W.transpose(2, 3, 1, 0).reshape(9, C * F)).reshape(-1)
    bias = np.zeros(F, np.float32) if b is None else b
    shares = min(64, -(-len(x) // t.together))
    share_out(_forward, shares, np.ascontiguousarray(x), U, bias, t, y)
    return y


# -- backward -------------------------------------------------------------------------------------


@kernel
def _backward(share, shares, dy, x, Ut, t, dx, dU):
    """Ut (36, F, C); dU (shares, 36, C, F) are the shares' own sums."""
    N, C, F = x.shape[0], t.C, t.F
    own_dU = dU[share].reshape(-1)
    pixels = np.zeros(t.together * t.HP * t.WP * C, np.float32)
    d_pixels = np.empty_like(pixels)
    upstream = np.zeros(t.together * 16 * t.TH * t.TW * F, np.float32)
    V = np.empty(36 * (t.block * C + LANES), np.float32)
    M = np.empty(36 * (t.block * F + LANES), np.float32)
    line = np.empty(36 * LANES, np.float32)
    v_place, m_place = t.block * C + LANES, t.block * F + LANES
    groups = (N + t.together - 1) // t.together
    for group in range(groups * share // shares, groups * (share + 1) // shares):
        n = group * t.together
        images = min(t.together, N - n)
        _to_nhwc(x, n, images, t.top, t.left, t.HP, t.WP, pixels)
        _to_nhwc(dy, n, images, 0, 0, 4 * t.TH, 4 * t.TW, upstream)
        d_pixels[:] = 0
        for first in range(0, images * t.TH * t.TW, t.block):
            T = min(t.block, images * t.TH * t.TW - first)
            for tile in range(T):
                o = _corner(first + tile, t, t.HP, t.WP, C)
                for c in range(0, C, LANES):
                    _input(pixels, o + c, t.WP * C, C, V, tile * C + c, v_place, line)
                o = _corner(first + tile, t, 4 * t.TH, 4 * t.TW, F)
                for f in range(0, F, LANES):
                    _output_adjoint(
                        upstream, o + f, 4 * t.TW * F, F, M, tile * F + f, m_place, line
                    )  # fmt: skip
            for e in range(36):
                v, m = e * v_place, e * m_place
                multiply_add(V, v, 1, C, M, m, F, own_dU, e * C * F, F, C, F, T)
                V[v : v + T * C] = 0
                multiply_add(M, m, F, 1, Ut, e * F * C, C, V, v, C, T, C, F)
            for tile in range(T):
                o = _corner(first + tile, t, t.HP, t.WP, C)
                for c in range(0, C, LANES):
                    _input_adjoint(V, tile * C + c, v_place, d_pixels, o + c, t.WP * C, C, line)
        _to_nchw(d_pixels, n, images, t.top, t.left, t.HP, t.WP, dx)


def backward(
    dy: Array,
    x: Array,
    W: Array,
    stride: Pair,
    padding: tuple[Pair, Pair],
    dilation: Pair,
    groups: int,
) -> tuple[Array, Array, Array]:
    """As `conv2d_backward`, where `fits` says yes."""
    F, C = W.shape[:2]
    t = tiling(x.shape, F, padding)
    dx = np.empty(x.shape, np.float32)
    Ut = matmul(GG, W.transpose(2, 3, 0, 1).reshape(9, F * C)).reshape(-1)
    shares = max(1, min(SHARES, -(-len(x) // t.together)))
    dU = np.zeros((shares, 36, C, F), np.float32)
    upstream = np.ascontiguousarray(dy)
    share_out(_backward, shares, upstream, np.ascontiguousarray(x), Ut, t, dx, dU)
    dw = matmul(GG.T, dU.sum(axis=0).reshape(36, C * F)).reshape(3, 3, C, F)
    return dx, np.ascontiguousarray(dw.transpose(3, 2, 0, 1)), upstream.sum(axis=(0, 2, 3))
