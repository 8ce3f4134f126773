"""What happens to each pixel of a map on its own: scale and shift, ReLU, 2 × 2 max-pool.

    z = pool(relu(scale·x + shift))                scale, shift (C,); relu and pool if wanted

Batch norm is this once its statistics are known: scale = γ / √(σ² + ε), shift = β − μ·scale.
What is done to one image, and the gradients, stand in `scratchnet.kernels.one_image`.

The mean and the squares of images a and b together (Chan, Golub and LeVeque, "Updating formulae and
a pairwise algorithm for computing sample variances", 1979), δ = mean_b − mean_a:

    mean = mean_a + δ·m_b / m        squares = squares_a + squares_b + δ²·m_a·m_b / m
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from scratchnet.kernels.jit import kernel
from scratchnet.kernels.maps import Frame
from scratchnet.kernels.one_image import (
    Activation,
    NormSums,
    activate_image,
    hand_back_image,
    measure_image,
    sum_image,
)
from scratchnet.kernels.parallel import SHARES, pieces, share_out
from scratchnet.kernels.simd import LANES, vector_load, vector_store

Array = NDArray[Any]

# -- forward --------------------------------------------------------------------------------------


@kernel
def _apply(share, shares, N, x, fx, act, z):
    for n in range(N * share // shares, N * (share + 1) // shares):
        activate_image(x, fx, n, act, z, n)


def apply(N: int, x: Array, fx: Frame, act: Activation, z: Array) -> None:
    """Maps z = pool(relu(scale·x + shift)), and the winners of a pool."""
    share_out(_apply, pieces(N), N, x, fx, act, z)


class Moments(NamedTuple):
    """Of each image by itself: the mean and the squares of a channel, both (N, C) float32."""

    mean: Array
    squares: Array
    pixels: int
    """In an image."""

    @property
    def batch(self) -> tuple[Array, Array]:
        """Mean and biased variance of each channel over all images: two (C,), float64."""
        means = self.mean.astype(np.float64)
        centre = means.mean(axis=0)
        between = ((means - centre) ** 2).sum(axis=0)  # all images have as many pixels
        squares = self.squares.sum(axis=0, dtype=np.float64) + self.pixels * between
        return centre, squares / (len(means) * self.pixels)


def empty_moments(N: int, f: Frame) -> Moments:
    """Memory for the moments of N images of this frame."""
    mean, squares = np.empty((2, N, f.C), np.float32)
    return Moments(mean, squares, f.H * f.W)


@kernel
def _measure(share, shares, N, x, f, mean, squares):
    for n in range(N * share // shares, N * (share + 1) // shares):
        measure_image(x, f, n, mean, squares)


def measure(N: int, x: Array, f: Frame) -> Moments:
    """The moments of the images of maps x."""
    moments = empty_moments(N, f)
    mean, squares = moments.mean.reshape(-1), moments.squares.reshape(-1)
    share_out(_measure, pieces(N), N, x, f, mean, squares)
    return moments


# -- backward -------------------------------------------------------------------------------------


def empty_sums(shares: int, mean: Array, inv_std: Array) -> NormSums:
    """Sums that are zero so far."""
    dbeta, dgamma = np.zeros((2, shares, len(mean)), np.float32)
    return NormSums(mean, inv_std, dbeta, dgamma)


@kernel
def _sums(share, shares, N, dz, x, fx, act, norm):
    dbeta, dgamma = norm.dbeta[share], norm.dgamma[share]
    for n in range(N * share // shares, N * (share + 1) // shares):
        sum_image(dz, x, fx, n, act, norm.mean, norm.inv_std, dbeta, dgamma)


def sums(
    N: int, dz: Array, x: Array, fx: Frame, act: Activation, mean: Array, inv_std: Array
) -> NormSums:
    """The sums over all images."""
    norm = empty_sums(max(1, min(SHARES, N)), mean, inv_std)
    share_out(_sums, len(norm.dbeta), N, dz, x, fx, act, norm)
    return norm


@kernel
def _hand_back(share, shares, N, dz, x, fx, act, slope, constant, add, plus, dx):
    for n in range(N * share // shares, N * (share + 1) // shares):
        hand_back_image(dz, x, fx, n, act, slope, constant, add, plus, dx)


def hand_back(
    N: int, dz: Array, x: Array, fx: Frame, act: Activation, slope: Array, constant: Array,
    plus: Array | None, dx: Array,
) -> None:  # fmt: skip
    """Maps dx = scale·da − slope·x − constant [+ plus]; dx may be x, or dz if there is no pool."""
    add = plus is not None
    share_out(
        _hand_back, pieces(N), N, dz, x, fx, act, slope, constant, add, plus if add else x, dx
    )


# -- sums of maps ---------------------------------------------------------------------------------


@kernel
def _add(share, shares, a, b):
    vectors = a.size // LANES
    for i in range(vectors * share // shares, vectors * (share + 1) // shares):
        vector_store(a, i * LANES, vector_load(a, i * LANES) + vector_load(b, i * LANES))


def add_to(a: Array, b: Array) -> None:
    """a += b, two flat maps of one frame, whose sizes are whole vectors."""
    share_out(_add, pieces(a.size // LANES), a, b)
