"""The steps that run on maps: fused operations of the fast kernels.

    Import          images → maps
    Convolution     Conv2D [+ ReLU] [+ 2 × 2 max-pool]
    Pointwise       BatchNorm, ReLU, 2 × 2 max-pool: any of them, in this order
    Sum             Residual: two chains and their sum
    Export          maps → images

Maps have their channels filled up to whole vectors; so are weights, with zeros, on their way into a
kernel, and gradients are cut on their way out.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from scratchnet.kernels import pointwise, row_conv, winograd
from scratchnet.kernels.maps import (
    export_images,
    frame,
    import_images,
    numbers,
    whole_vectors,
)
from scratchnet.layers import BatchNorm, Conv2D, Residual
from scratchnet.layers.base import Array, Layer, Shape
from scratchnet.plan.chain import Chain, Step
from scratchnet.plan.store import Maps, Store

_NO_WINNERS = np.zeros(0, np.uint8)


def padded(array: Array, *shape: int) -> Array:
    """The array with zeros behind it, along every axis."""
    if array.shape == shape:
        return np.ascontiguousarray(array)
    filled = np.zeros(shape, array.dtype)
    filled[tuple(map(slice, array.shape))] = array
    return filled


def _single(array: Array) -> Array:
    return array.astype(np.float32)


class Import(Step):
    """Images (N, C, H, W) become maps.

    Args:
        layer: which takes the images.
        channels: of the maps.
        wants_dx: whether somebody asks for the gradient of the images.
    """

    algorithm = "NCHW → NHWC"

    def __init__(self, layer: Layer, channels: int, *, wants_dx: bool) -> None:
        self.layer, self.wants_dx = layer, wants_dx
        self.shape, _ = layer.built()
        _, H, W = self.shape
        self.frame = frame(H, W, channels)

    def forward(self, x: Array, *, training: bool, store: Store) -> Maps:
        self.layer.check_input(x)
        maps = store.maps(len(x), self.frame)
        import_images(x, self.frame, maps.pixels)
        self.kept = maps
        return maps

    def backward(self, dy: Maps | None, store: Store) -> Array | None:
        if dy is None or not self.wants_dx:
            return None
        dx = np.empty((dy.N, *self.shape), np.float32)
        export_images(dy.pixels, dy.frame, dx)
        return dx

    def release(self, store: Store) -> None:
        store.give_back(self.kept)
        self.kept = None


class Export(Step):
    """Maps become images (N, C, H, W)."""

    algorithm = "NHWC → NCHW"

    def __init__(self, shape: Shape) -> None:
        self.shape = shape

    def forward(self, x: Maps, *, training: bool, store: Store) -> Array:
        self.kept = x.frame
        y = np.empty((x.N, *self.shape), np.float32)
        export_images(x.pixels, x.frame, y)
        return y

    def backward(self, dy: Array, store: Store) -> Maps:
        dx = store.maps(len(dy), self.recall())
        import_images(dy, dx.frame, dx.pixels)
        return dx


class Convolution(Step):
    """y = pool(relu(x ⋆ W + b)), by Winograd's algorithm or row by row.

    Args:
        wants_dx: whether somebody asks for dx.
        channels: of the maps x.
    """

    def __init__(
        self,
        conv: Conv2D,
        relu: Layer | None,
        pool: Layer | None,
        *,
        by_winograd: bool,
        wants_dx: bool,
        channels: int,
    ) -> None:
        self.conv, self.relu, self.pool = conv, relu is not None, pool is not None
        self.by_winograd, self.wants_dx = by_winograd, wants_dx
        self.layers = tuple(layer for layer in (conv, relu, pool) if layer is not None)
        self.algorithm = "Winograd F(4×4, 3×3)" if by_winograd else "rows of products"

        _, (filters, OH, OW) = conv.built()
        self.C, self.F = channels, whole_vectors(filters)
        self.frame = frame(OH // 2, OW // 2, self.F) if self.pool else frame(OH, OW, self.F)
        self.size = OH, OW
        self.needs_output = self.relu
        self.weights: Array = np.zeros(0, np.float32)
        self.sums: winograd.Sums | row_conv.Sums | None = None
        self.fresh = True

    def _how(self, C: int) -> winograd.Job:
        return winograd.job(*self.size, C, self.F, relu=self.relu, pool=self.pool)

    def _window(self) -> row_conv.Window:
        conv = self.conv
        (top, _), (left, _) = conv.edges
        return row_conv.Window(
            *conv.kernel_size, *conv.stride, *conv.dilation, top, left, self.relu
        )

    def _weights(self, order: str) -> Array:
        """The weights as the kernels want them, channels before filters ("CF") or behind them."""
        W = self.conv.params["W"]
        W = padded(W, self.F, self.C, *W.shape[2:])
        return winograd.transformed(W, order) if self.by_winograd else row_conv.ordered(W, order)

    def prepare(self, *, backward: bool) -> None:
        self.weights = self._weights("FC" if backward else "CF")
        self.fresh = True
        if backward and self.sums is None:
            size = self.conv.kernel_size
            self.sums = (
                winograd.empty_sums(self.C, self.F)
                if self.by_winograd
                else row_conv.empty_sums(self.C, self.F, *size)
            )

    def forward(self, x: Maps, *, training: bool, store: Store) -> Maps:
        y = store.maps(x.N, self.frame)
        winners = store.array(x.N, self.frame, "uint8") if self.pool else _NO_WINNERS
        b = padded(self.conv.params.get("b", np.zeros(0, np.float32)), self.F)
        if self.by_winograd:
            winograd.forward_maps(
                x.N, x.pixels, x.frame, self.weights, b, self._how(self.C),
                y.pixels, y.frame, winners,
            )  # fmt: skip
        else:
            row_conv.forward_maps(
                x.N, x.pixels, x.frame, self.weights, b, self._window(), y.pixels, y.frame
            )
        self.kept = x, y, winners
        return y

    def backward(self, dy: Maps, store: Store) -> Maps | None:
        x, y, winners = self.recall()
        dx = store.maps(x.N, x.frame) if self.wants_dx or self.by_winograd else None
        if isinstance(self.sums, winograd.Sums):
            assert dx is not None
            winograd.backward_maps(
                x.N, dy.pixels, y.pixels, winners, y.frame, x.pixels, x.frame, self.weights,
                self._how(self.C), dx.pixels, self.sums, self.fresh,
            )  # fmt: skip
        else:
            assert self.sums is not None
            row_conv.backward_maps(
                x.N, dy.pixels, y.pixels, y.frame, x.pixels, x.frame, self.weights,
                self._window(), None if dx is None else dx.pixels, self.sums, self.fresh,
            )  # fmt: skip
        self.fresh = False
        return dx

    def finish(self) -> None:
        if isinstance(self.sums, winograd.Sums):
            dW, db = winograd.gradients(self.sums)
        else:
            assert self.sums is not None
            dW, db = row_conv.gradients(self.sums)
        grads = self.conv.grads
        F, C = grads["W"].shape[:2]
        grads["W"][...] = dW[:F, :C]
        if "b" in grads:
            grads["b"][...] = db[:F]

    def release(self, store: Store) -> None:
        if self.kept is not None:
            _, y, winners = self.kept
            store.give_back(y)
            if self.pool:
                store.give_back(winners, y.frame)
        self.kept = None


class Pointwise(Step):
    """y = pool(relu(norm(x))), each of them if there is such a layer."""

    def __init__(
        self, norm: BatchNorm | None, relu: Layer | None, pool: Layer | None, shape: Sequence[int]
    ) -> None:
        self.norm, self.relu, self.pool = norm, relu is not None, pool is not None
        self.layers = tuple(layer for layer in (norm, relu, pool) if layer is not None)
        self.algorithm = "pixel by pixel"
        C, H, W = shape
        self.C = whole_vectors(C)
        self.frame = frame(H // 2, W // 2, self.C) if self.pool else frame(H, W, self.C)
        self.needs_output = self.relu

    def _norm(self, x: Maps, training: bool) -> tuple[Array, Array, Array, Array]:
        """scale, shift, mean, inv_std of each channel."""
        if self.norm is None:
            one, zero = np.ones(self.C, np.float32), np.zeros(self.C, np.float32)
            return one, zero, zero, one
        norm = self.norm
        gamma, beta = (padded(norm.params[name], self.C) for name in ("gamma", "beta"))
        if training:
            mean, var = pointwise.statistics(x.N, x.pixels, x.frame)
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

    def forward(self, x: Maps, *, training: bool, store: Store) -> Maps:
        y = store.maps(x.N, self.frame)
        winners = store.array(x.N, self.frame, "uint8") if self.pool else _NO_WINNERS
        scale, shift, mean, inv_std = self._norm(x, training)
        pointwise.apply(
            x.N, x.pixels, x.frame, scale, shift, self.relu, self.pool,
            y.pixels, y.frame, winners,
        )  # fmt: skip
        self.kept = x, y, winners, scale, mean, inv_std, training
        return y

    def backward(self, dy: Maps, store: Store) -> Maps:
        x, y, winners, scale, mean, inv_std, training = self.recall()
        gradient = (
            x.N, dy.pixels, y.pixels, winners, y.frame, x.pixels, x.frame, self.relu, self.pool,
        )  # fmt: skip
        slope = constant = np.zeros(self.C, np.float32)
        if self.norm is not None:
            dbeta, dgamma = pointwise.sums(*gradient, mean, inv_std)
            channels = len(self.norm.params["gamma"])
            self.norm.grads["beta"][...] = dbeta[:channels]
            self.norm.grads["gamma"][...] = dgamma[:channels]
            if training:
                m = x.N * x.frame.H * x.frame.W
                per_x = scale * inv_std * dgamma / m
                slope, constant = _single(per_x), _single(scale * dbeta / m - per_x * mean)
        dx = store.maps(x.N, x.frame)
        pointwise.hand_back(*gradient, scale, slope, constant, dx.pixels)
        return dx

    def release(self, store: Store) -> None:
        if self.kept is not None:
            y, winners = self.kept[1:3]
            store.give_back(y)
            if self.pool:
                store.give_back(winners, y.frame)
        self.kept = None


class Sum(Step):
    """y = body(x) + shortcut(x), for a Residual layer; without a shortcut chain, + x."""

    def __init__(self, layer: Residual, body: Chain, shortcut: Chain | None) -> None:
        self.layers = (layer,)
        self.body, self.shortcut = body, shortcut
        steps = [*body.steps, *(shortcut.steps if shortcut else ())]
        self.algorithm = "sum: " + ", ".join(dict.fromkeys(step.algorithm for step in steps))

    def forward(self, x: Maps, *, training: bool, store: Store) -> Maps:
        y = self.body.forward(x, training=training)
        other = self.shortcut.forward(x, training=training) if self.shortcut else x
        own = None
        if self.body.steps[-1].needs_output:
            own = store.maps(y.N, y.frame)
            np.copyto(_used(own), _used(y))
            y = own
        pointwise.add_to(_used(y), _used(other))
        self.kept = (own,)
        return y

    def backward(self, dy: Maps, store: Store) -> Maps:
        self.recall()
        dx: Maps = self.body.backward(dy)
        other: Maps = self.shortcut.backward(dy) if self.shortcut else dy
        pointwise.add_to(_used(dx), _used(other))
        if self.shortcut:
            store.give_back(other)
        return dx

    def release(self, store: Store) -> None:
        if self.kept is not None:
            store.give_back(self.kept[0])
        for chain in (self.body, self.shortcut):
            for step in chain.steps if chain else ():
                step.release(store)
        self.kept = None


def _used(maps: Maps) -> Array:
    """The part of the memory that these maps use."""
    return maps.pixels[: numbers(maps.N, maps.frame)]
