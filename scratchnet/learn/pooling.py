"""Max pooling: of each window the largest pixel, and backward the way it came.

y[n,c,i,j] = max over kh, kw of x[n, c, i·stride + kh, j·stride + kw]
dx at the pixel that won  +=  dy[n,c,i,j]          of equal pixels the first in reading order wins

x, dx (N, C, H, W)   y, dy (N, C, OH, OW)   OH = (H − size) // stride + 1   OW likewise
"""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from scratchnet.learn.exercise import Arguments, Array, Exercise, Loss, Task, mistake, whole


def _windows(x: Array, size: int, stride: int) -> Array:
    """(N, C, OH, OW, size, size)."""
    return sliding_window_view(x, (size, size), axis=(2, 3))[:, :, ::stride, ::stride]


# -- forward --------------------------------------------------------------------------------------


def max_pool_forward(x: Array, size: int, stride: int) -> Array:
    return _windows(x, size, stride).max(axis=(4, 5))


@mistake()
def last_window_missing(x: Array, size: int, stride: int) -> Array:
    """The last window that fits counts: (H − size) // stride + 1 rows of them, with the + 1."""
    return max_pool_forward(x, size, stride)[:, :, :-1, :-1]


@mistake()
def stride_ignored(x: Array, size: int, stride: int) -> Array:
    """From one window to the next it goes on by `stride` pixels, not by 1."""
    return max_pool_forward(x, size, 1)


@mistake()
def stride_taken_for_the_size(x: Array, size: int, stride: int) -> Array:
    """Windows may overlap: they begin at multiples of `stride`, not of `size`."""
    return max_pool_forward(x, size, size)


@mistake()
def zero_beats_the_negative(x: Array, size: int, stride: int) -> Array:
    """A window of negative pixels has a negative maximum: start from its first pixel or from
    −inf, not from 0."""
    return np.maximum(max_pool_forward(x, size, stride), 0)


@mistake()
def the_average(x: Array, size: int, stride: int) -> Array:
    """That is average pooling; take the window's largest pixel."""
    return _windows(x, size, stride).mean(axis=(4, 5))


@mistake()
def window_one_pixel_too_large(x: Array, size: int, stride: int) -> Array:
    """A slice's end does not count: x[i : i + size] has `size` pixels already."""
    N, C, OH, OW = max_pool_forward(x, size, stride).shape
    y = np.zeros((N, C, OH, OW), x.dtype)
    for i, j in np.ndindex(OH, OW):
        top, left = i * stride, j * stride
        y[:, :, i, j] = x[:, :, top : top + size + 1, left : left + size + 1].max(axis=(2, 3))
    return y


def _images() -> list[Arguments]:
    rng = np.random.default_rng(8)
    return [
        (whole(rng, 1, 1, 4, 4), 2, 2),
        (whole(rng, 1, 1, 5, 5, low=-9, high=0), 2, 2),
        (whole(rng, 2, 3, 7, 5, low=-9, high=9), 3, 2),
    ]


MAX_POOL = Exercise(
    name="max_pool",
    summary="max_pool_forward(x, size, stride)",
    teaches="windows that slide over an image: how many there are, and where each begins",
    read="docs/max_pool.md#equation",
    library="scratchnet/reference/max_pool.py",
    tasks=(
        Task(
            max_pool_forward,
            ("y",),
            _images,
            (
                last_window_missing,
                stride_ignored,
                stride_taken_for_the_size,
                zero_beats_the_negative,
                the_average,
                window_one_pixel_too_large,
            ),
        ),
    ),
)

# -- backward -------------------------------------------------------------------------------------


def max_pool_backward(dy: Array, x: Array, size: int, stride: int) -> Array:
    dx = np.zeros_like(x)
    for n, c, i, j in np.ndindex(dy.shape):
        top, left = i * stride, j * stride
        window = x[n, c, top : top + size, left : left + size]
        kh, kw = np.unravel_index(window.argmax(), window.shape)
        dx[n, c, top + kh, left + kw] += dy[n, c, i, j]
    return dx


@mistake()
def all_ties_get_the_gradient(dy: Array, x: Array, size: int, stride: int) -> Array:
    """Of equal pixels only the first wins: dy must not be handed out twice. argmax finds it;
    window == window.max() finds all."""
    dx = np.zeros_like(x)
    for n, c, i, j in np.ndindex(dy.shape):
        top, left = i * stride, j * stride
        window = x[n, c, top : top + size, left : left + size]
        share = (window == window.max()) * dy[n, c, i, j]
        dx[n, c, top : top + size, left : left + size] += share
    return dx


@mistake()
def ties_share_the_gradient(dy: Array, x: Array, size: int, stride: int) -> Array:
    """A fair convention, but not the library's: of equal pixels the first in reading order gets
    all of dy."""
    dx = np.zeros_like(x)
    for n, c, i, j in np.ndindex(dy.shape):
        top, left = i * stride, j * stride
        window = x[n, c, top : top + size, left : left + size]
        winners = window == window.max()
        share = winners * dy[n, c, i, j] / winners.sum()
        dx[n, c, top : top + size, left : left + size] += share
    return dx


@mistake()
def the_last_of_ties_wins(dy: Array, x: Array, size: int, stride: int) -> Array:
    """>= in the comparison: of equal pixels the *first* in reading order wins."""
    N, C, OH, OW = dy.shape
    dx = np.zeros_like(x)
    for n, c, i, j in np.ndindex(N, C, OH, OW):
        top, left = i * stride, j * stride
        window = x[n, c, top : top + size, left : left + size]
        kh, kw = np.argwhere(window == window.max())[-1]
        dx[n, c, top + kh, left + kw] += dy[n, c, i, j]
    return dx


@mistake()
def overlap_overwritten(dy: Array, x: Array, size: int, stride: int) -> Array:
    """= where += is meant: a pixel that wins two windows gets the gradient of both."""
    dx = np.zeros_like(x)
    for n, c, i, j in np.ndindex(dy.shape):
        top, left = i * stride, j * stride
        window = x[n, c, top : top + size, left : left + size]
        kh, kw = np.unravel_index(window.argmax(), window.shape)
        dx[n, c, top + kh, left + kw] = dy[n, c, i, j]
    return dx


@mistake()
def shared_out_evenly(dy: Array, x: Array, size: int, stride: int) -> Array:
    """So does average pooling. Only the pixel that won has a say in y, so it gets all of dy."""
    dx = np.zeros_like(x)
    for i, j in np.ndindex(*dy.shape[2:]):
        top, left = i * stride, j * stride
        share = dy[:, :, i, j, np.newaxis, np.newaxis] / size**2
        dx[:, :, top : top + size, left : left + size] += share
    return dx


@mistake()
def into_the_corner(dy: Array, x: Array, size: int, stride: int) -> Array:
    """dy goes to the pixel that won, wherever in its window it lies, not to the window's
    corner."""
    dx = np.zeros_like(x)
    for i, j in np.ndindex(*dy.shape[2:]):
        dx[:, :, i * stride, j * stride] += dy[:, :, i, j]
    return dx


@mistake()
def upstream_gradient_ignored(dy: Array, x: Array, size: int, stride: int) -> Array:
    """A 1 at every winner is ∂y/∂x alone; by the chain rule it is multiplied with dy."""
    return max_pool_backward(np.ones_like(dy), x, size, stride)


def _upstream() -> list[Arguments]:
    rng = np.random.default_rng(9)
    tied = np.array([[[[1.0, 3.0, 2.0, 2.0], [3.0, 0.0, 2.0, 1.0]]]])
    distinct = rng.permutation(2.0 * 7 * 5 * np.linspace(-1, 1, 70)).reshape(2, 1, 7, 5)
    return [
        (np.array([[[[5.0, 7.0]]]]), tied, 2, 2),
        (whole(rng, 1, 1, 2, 2, low=1), whole(rng, 1, 1, 3, 3), 2, 1),
        (whole(rng, 2, 1, 3, 2, low=1), distinct, 3, 2),
    ]


def _slopes(dy: Array, x: Array, size: int, stride: int) -> dict[str, tuple[Array, Loss]]:
    return {"dx": (x, lambda v: np.sum(dy * max_pool_forward(v, size, stride)))}


MAX_POOL_BACKWARD = Exercise(
    name="max_pool_backward",
    summary="max_pool_backward(dy, x, size, stride)",
    teaches="a gradient that is sent, not computed; += where windows overlap; ties",
    read="docs/max_pool.md#backward-index-by-index",
    library="scratchnet/reference/max_pool.py",
    tasks=(
        Task(
            max_pool_backward,
            ("dx",),
            _upstream,
            (
                all_ties_get_the_gradient,
                ties_share_the_gradient,
                the_last_of_ties_wins,
                overlap_overwritten,
                shared_out_evenly,
                into_the_corner,
                upstream_gradient_ignored,
            ),
            _slopes,
        ),
    ),
)
