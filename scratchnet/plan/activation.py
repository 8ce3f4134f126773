"""BatchNorm, ReLU and 2 × 2 max-pool on maps: a step of their own, or a convolution's first act.

    z = pool(relu(scale·x + shift))

Without a norm scale is 1 and shift 0. z need not be kept: backward computes it again from x. None
of the three is of use too: z = x in a frame as wide as a convolution's window reaches.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from scratchnet.kernels import one_image, pointwise
from scratchnet.kernels.maps import ONE, Pair, frame, whole_vectors
from scratchnet.layers import BatchNorm
from scratchnet.layers.base import Array, Layer
from scratchnet.plan.store import Maps, Store

NO_WINNERS = np.zeros(0, np.uint8)


def padded(array: Array, *shape: int) -> Array:
    """The array with zeros behind it, along every axis."""
    if array.shape == shape:
        return np.ascontiguousarray(array)
    filled = np.zeros(shape, array.dtype)
    filled[tuple(map(slice, array.shape))] = array
    return filled


def _single(array: Array) -> Array:
    return array.astype(np.float32)


class Activated(NamedTuple):
    """What a forward pass keeps: x, and how z comes of it."""

    x: Maps
    how: one_image.Activation
    mean: Array
    """(C,), float32; with `inv_std` x̂ = (x − mean)·inv_std."""
    inv_std: Array
    training: bool


class Activation:
    """Any of the three layers, in this order.

    Args:
        shape: of a sample of x.
        padding: the zeros around an image of z.

    Attributes:
        layers: those that there are.
        frame: of z.
    """

    def __init__(
        self,
        norm: BatchNorm | None,
        relu: Layer | None,
        pool: Layer | None,
        shape: Sequence[int],
        padding: tuple[Pair, Pair] = ONE,
    ) -> None:
        self.norm, self.relu, self.pool = norm, relu is not None, pool is not None
        self.layers = tuple(layer for layer in (norm, relu, pool) if layer is not None)
        C, H, W = shape
        self.C = whole_vectors(C)
        H, W = (H // 2, W // 2) if self.pool else (H, W)
        self.frame = frame(H, W, self.C, padding)

    def forward(self, x: Maps, *, training: bool, store: Store) -> Activated:
        """How z comes of x; z itself is for others to compute."""
        winners = store.array(x.N, self.frame, "uint8") if self.pool else NO_WINNERS
        scale, shift, mean, inv_std = self._norm(x, training)
        how = one_image.Activation(scale, shift, self.relu, self.pool, self.frame, winners)
        return Activated(x, how, mean, inv_std, training)

    def _norm(self, x: Maps, training: bool) -> tuple[Array, Array, Array, Array]:
        """scale, shift, mean, inv_std of each channel."""
        if self.norm is None:
            one, zero = np.ones(self.C, np.float32), np.zeros(self.C, np.float32)
            return one, zero, zero, one
        norm = self.norm
        gamma, beta = (padded(norm.params[name], self.C) for name in ("gamma", "beta"))
        if training:
            moments = x.moments or pointwise.measure(x.N, x.pixels, x.frame)
            mean, var = moments.batch
            channels = len(norm.params["gamma"])
            m = x.N * x.frame.H * x.frame.W
            norm.collect(_single(mean[:channels]), _single(var[:channels]), m)
        else:
            mean = padded(norm.buffers["running_mean"], self.C).astype(np.float64)
            var = padded(norm.buffers["running_var"], self.C).astype(np.float64)
        inv_std = 1 / np.sqrt(var + norm.eps)
        scale = gamma * inv_std
        shift = beta - mean * scale
        return _single(scale), _single(shift), _single(mean), _single(inv_std)

    def hand_back(
        self, z: Activated, dz: Maps, sums: one_image.NormSums | None, plus: Maps | None, dx: Maps
    ) -> None:
        """Write dx [+ plus], and set the norm's gradients from the sums of dz.

        Args:
            sums: needed if there is a norm.
            dx: may be dz, if there is no pool.
        """
        slope = constant = np.zeros(self.C, np.float32)
        if self.norm is not None:
            assert sums is not None
            dbeta = sums.dbeta.sum(axis=0, dtype=np.float64)
            dgamma = sums.dgamma.sum(axis=0, dtype=np.float64)
            channels = len(self.norm.params["gamma"])
            self.norm.grads["beta"][...] = dbeta[:channels]
            self.norm.grads["gamma"][...] = dgamma[:channels]
            if z.training:
                m = z.x.N * z.x.frame.H * z.x.frame.W
                per_x = z.how.scale * z.inv_std * dgamma / m
                slope = _single(per_x)
                constant = _single(z.how.scale * dbeta / m - per_x * z.mean)
        pointwise.hand_back(
            z.x.N, dz.pixels, z.x.pixels, z.x.frame, z.how, slope, constant,
            None if plus is None else plus.pixels, dx.pixels,
        )  # fmt: skip

    def release(self, z: Activated, store: Store) -> None:
        """Give back what forward took."""
        if self.pool:
            store.give_back(z.how.winners, self.frame)
