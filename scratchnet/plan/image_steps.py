"""The steps at both ends of a run on maps: images (N, C, H, W) → maps → images."""

from __future__ import annotations

import numpy as np

from scratchnet.kernels.maps import ONE, Pair, export_images, frame, import_images
from scratchnet.layers.base import Array, Layer, Shape
from scratchnet.plan.chain import Step
from scratchnet.plan.store import Maps, Store


class Import(Step):
    """Images (N, C, H, W) become maps.

    Args:
        layer: which takes the images.
        channels: of the maps.
        wants_dx: whether somebody asks for the gradient of the images.
        padding: the zeros around an image.
    """

    algorithm = "NCHW → NHWC"

    def __init__(
        self,
        layer: Layer,
        channels: int,
        *,
        wants_dx: bool,
        padding: tuple[Pair, Pair] = ONE,
    ) -> None:
        self.layer, self.wants_dx = layer, wants_dx
        self.shape, _ = layer.built()
        _, H, W = self.shape
        self.frame = frame(H, W, channels, padding)

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
