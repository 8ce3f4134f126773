"""Convolution: one small question at every place of an image, and its three gradients.

y[n,f,i,j]   = b[f] + Σ c,kh,kw  W[f,c,kh,kw] · x[n, c, i + kh, j + kw]

db[f]                    = Σ n,i,j  dy[n,f,i,j]
dW[f,c,kh,kw]            = Σ n,i,j  dy[n,f,i,j] · x[n, c, i + kh, j + kw]
dx[n, c, i + kh, j + kw] += Σ f     dy[n,f,i,j] · W[f,c,kh,kw]

x, dx (N, C, H, W)   W, dW (F, C, KH, KW)   b, db (F,)   y, dy (N, F, H − KH + 1, W − KW + 1)
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from scratchnet.learn.exercise import Arguments, Array, Exercise, Loss, Task, mistake, whole

PITFALL = "docs/conv2d.md#a-pitfall"


def _windows(x: Array, W: Array) -> Array:
    """(N, C, OH, OW, KH, KW)."""
    return sliding_window_view(x, W.shape[2:], axis=(2, 3))


# -- forward --------------------------------------------------------------------------------------


def conv2d_forward(x: Array, W: Array, b: Array) -> Array:
    return np.einsum("ncijuv,fcuv->nfij", _windows(x, W), W) + b[:, np.newaxis, np.newaxis]


@mistake(read=PITFALL)
def kernel_flipped(x: Array, W: Array, b: Array) -> Array:
    """You turn the kernel around, as a mathematician's convolution does. Lay it on as it is:
    W[f, c, kh, kw] meets x[n, c, i + kh, j + kw]."""
    return conv2d_forward(x, W[:, :, ::-1, ::-1], b)


@mistake()
def kernel_transposed(x: Array, W: Array, b: Array) -> Array:
    """Rows and columns of the kernel are swapped: kh goes with the row i, kw with the column j."""
    return conv2d_forward(x, W.swapaxes(2, 3), b)


@mistake()
def bias_forgotten(x: Array, W: Array, b: Array) -> Array:
    """Add b[f], one number for each filter, to every output."""
    return conv2d_forward(x, W, 0 * b)


@mistake()
def bias_added_for_every_channel(x: Array, W: Array, b: Array) -> Array:
    """The bias stands outside of the sum over c: add it once."""
    return conv2d_forward(x, W, b * x.shape[1])


@mistake()
def bias_added_for_every_weight(x: Array, W: Array, b: Array) -> Array:
    """The bias stands outside of the sum over c, kh and kw: add it once."""
    return conv2d_forward(x, W, b * W[0].size)


@mistake()
def first_channel_only(x: Array, W: Array, b: Array) -> Array:
    """A filter is as deep as the image: the sum goes over all channels c."""
    return conv2d_forward(x[:, :1], W[:, :1], b)


@mistake()
def last_channel_only(x: Array, W: Array, b: Array) -> Array:
    """= where += is meant: each channel's product replaces that of the channel before."""
    return conv2d_forward(x[:, -1:], W[:, -1:], b)


@mistake()
def filters_and_channels_swapped(x: Array, W: Array, b: Array) -> Array:
    """W's first axis is the filter f, its second the channel c; it went through as F = C here."""
    return conv2d_forward(x, W.swapaxes(0, 1), b)


@mistake(read="docs/conv2d.md#stride-padding-dilation-groups")
def padded_with_zeros(x: Array, W: Array, b: Array) -> Array:
    """You padded the image. Here only whole windows count: H − KH + 1 rows of them."""
    KH, KW = W.shape[2:]
    edges = [((K - 1) // 2, K // 2) for K in (KH, KW)]
    return conv2d_forward(np.pad(x, ((0, 0), (0, 0), *edges)), W, b)


@mistake()
def last_window_missing(x: Array, W: Array, b: Array) -> Array:
    """The last window that fits counts: H − KH + 1 rows and W − KW + 1 columns, with the + 1."""
    return conv2d_forward(x, W, b)[:, :, :-1, :-1]


@mistake()
def last_window_left_at_zero(x: Array, W: Array, b: Array) -> Array:
    """The loop ends one window early: range(H − KH + 1), with the + 1."""
    y = conv2d_forward(x, W, b)
    y[:, :, -1], y[:, :, :, -1] = 0, 0
    return y


SHAPES = [(1, 1, 1, 3, 3, 2, 2), (1, 2, 2, 4, 4, 2, 2), (2, 3, 2, 5, 6, 3, 2)]
"""N, C, F, H, W, KH, KW: one channel by hand, F = C with a square kernel, all of them different."""


def _images() -> list[Arguments]:
    rng = np.random.default_rng(11)
    return [
        (whole(rng, N, C, H, W), whole(rng, F, C, KH, KW), whole(rng, F, low=1))
        for N, C, F, H, W, KH, KW in SHAPES
    ]


CONV2D = Exercise(
    name="conv2d",
    summary="conv2d_forward(x, W, b)",
    teaches="one small question at every place of an image; how many places there are",
    read="docs/conv2d.md#equation",
    library="scratchnet/reference/conv2d.py",
    tasks=(
        Task(
            conv2d_forward,
            ("y",),
            _images,
            (
                kernel_flipped,
                kernel_transposed,
                bias_forgotten,
                bias_added_for_every_channel,
                bias_added_for_every_weight,
                first_channel_only,
                last_channel_only,
                filters_and_channels_swapped,
                padded_with_zeros,
                last_window_missing,
                last_window_left_at_zero,
            ),
        ),
    ),
)

# -- backward -------------------------------------------------------------------------------------


def conv2d_backward(dy: Array, x: Array, W: Array) -> tuple[Array, Array, Array]:
    KH, KW = W.shape[2:]
    OH, OW = dy.shape[2:]
    dx = np.zeros_like(x)
    for i, j in np.ndindex(OH, OW):
        dx[:, :, i : i + KH, j : j + KW] += np.einsum("nf,fcuv->ncuv", dy[:, :, i, j], W)
    dW = np.einsum("nfij,ncijuv->fcuv", dy, _windows(x, W))
    return dx, dW, dy.sum(axis=(0, 2, 3))


@mistake(read=PITFALL)
def kernel_flipped_in_backward(dy: Array, x: Array, W: Array) -> Any:
    """The pixel x[i + kh, j + kw] met W[kh, kw] in forward, so it gets dy times that same
    weight; and dW[kh, kw] collects that same pixel. Your kernel is turned around."""
    dx, _, _ = conv2d_backward(dy, x, W[:, :, ::-1, ::-1])
    _, dW, db = conv2d_backward(dy, x, W)
    return dx, dW[:, :, ::-1, ::-1], db


@mistake()
def overlap_overwritten(dy: Array, x: Array, W: Array) -> Any:
    """= where += is meant: a pixel lies in many windows, and gets a share of each."""
    KH, KW = W.shape[2:]
    _, dW, db = conv2d_backward(dy, x, W)
    dx = np.zeros_like(x)
    for i, j in np.ndindex(*dy.shape[2:]):
        dx[:, :, i : i + KH, j : j + KW] = np.einsum("nf,fcuv->ncuv", dy[:, :, i, j], W)
        dW = np.einsum("nf,ncuv->fcuv", dy[:, :, i, j], x[:, :, i : i + KH, j : j + KW])
        db = dy[:, :, i, j].sum(axis=0)
    return dx, dW, db


@mistake()
def axes_of_the_weights_swapped(dy: Array, x: Array, W: Array) -> Any:
    """W's and dW's first axis is the filter f, the second the channel c; it went through as
    F = C here."""
    dx, _, _ = conv2d_backward(dy, x, W.swapaxes(0, 1))
    _, dW, db = conv2d_backward(dy, x, W)
    return dx, dW.swapaxes(0, 1), db


@mistake()
def last_filter_only(dy: Array, x: Array, W: Array) -> Any:
    """= where += is meant, in the loop over filters: a pixel acts on the loss through all F."""
    dx, _, _ = conv2d_backward(dy[:, -1:], x, W[-1:])
    _, dW, db = conv2d_backward(dy, x, W)
    return dx, dW, db


@mistake()
def last_image_only(dy: Array, x: Array, W: Array) -> Any:
    """= where += is meant, in the loop over images: the gradients of all images add up."""
    dx, _, _ = conv2d_backward(dy, x, W)
    _, dW, db = conv2d_backward(dy[-1:], x[-1:], W)
    return dx, dW, db


@mistake()
def mean_over_the_batch(dy: Array, x: Array, W: Array) -> Any:
    """The loss took the mean already, dy is divided by N: here the images only add up."""
    dx, dW, db = conv2d_backward(dy, x, W)
    return dx, dW / len(x), db / len(x)


@mistake()
def mean_over_the_places(dy: Array, x: Array, W: Array) -> Any:
    """A weight and a bias are used at every place, and what they do there *adds up*: no mean."""
    dx, dW, db = conv2d_backward(dy, x, W)
    places = dy[:, 0].size
    return dx, dW / places, db / places


@mistake()
def bias_without_gradient(dy: Array, x: Array, W: Array) -> Any:
    """The bias is added to every output of its filter, so db[f] is the sum of dy[:, f]."""
    dx, dW, db = conv2d_backward(dy, x, W)
    return dx, dW, 0 * db


@mistake()
def bias_summed_over_the_filters(dy: Array, x: Array, W: Array) -> Any:
    """db keeps the filter's axis: sum over (0, 2, 3), the images and the places."""
    dx, dW, _ = conv2d_backward(dy, x, W)
    return dx, dW, dy.sum(axis=(0, 1, 2))


@mistake()
def dx_and_dW_swapped(dy: Array, x: Array, W: Array) -> Any:
    """Return dx first, then dW, then db."""
    dx, dW, db = conv2d_backward(dy, x, W)
    return dW, dx, db


def _upstream() -> list[Arguments]:
    rng = np.random.default_rng(11)
    return [
        (
            whole(rng, N, F, H - KH + 1, W - KW + 1, low=1),
            whole(rng, N, C, H, W),
            whole(rng, F, C, KH, KW),
        )
        for N, C, F, H, W, KH, KW in SHAPES
    ]


def _slopes(dy: Array, x: Array, W: Array) -> dict[str, tuple[Array, Loss]]:
    b = np.zeros(len(W))
    return {
        "dx": (x, lambda v: np.sum(dy * conv2d_forward(v, W, b))),
        "dW": (W, lambda v: np.sum(dy * conv2d_forward(x, v, b))),
        "db": (b, lambda v: np.sum(dy * conv2d_forward(x, W, v))),
    }


CONV2D_BACKWARD = Exercise(
    name="conv2d_backward",
    summary="conv2d_backward(dy, x, W): dx, dW and db",
    teaches="which outputs does it act on, and how strongly? asked of each pixel and weight",
    read="docs/conv2d.md#backward-index-by-index",
    library="scratchnet/reference/conv2d.py",
    tasks=(
        Task(
            conv2d_backward,
            ("dx", "dW", "db"),
            _upstream,
            (
                kernel_flipped_in_backward,
                overlap_overwritten,
                axes_of_the_weights_swapped,
                last_filter_only,
                last_image_only,
                mean_over_the_batch,
                mean_over_the_places,
                bias_without_gradient,
                bias_summed_over_the_filters,
                dx_and_dW_swapped,
            ),
            _slopes,
        ),
    ),
)
