"""Rough contours of brows, eyes and mouth, and numbers that describe them.

    face ─▶ eyes (`face_template`) ─▶ five patches, upright, of one size for all faces
         ─▶ what is darker than skin, Otsu's threshold ─▶ the region in the patch's middle
         ─▶ its contour (`contour_tracing`) ─▶ 28 numbers a patch

Skin is a patch's median grey m; brows, pupils, lids and lips are darker. Hair and shadow are, too,
but touch the patch's edge; so darkness counts less towards it, u and v being ±1 there:

    level = max(m - grey, 0) · exp(-(1.2 u)⁴ - (1.2 v)⁴)

Of the regions above Otsu's threshold the one with the largest Σ exp(-(3u)²/2 - (3v)²/2) is taken.

    numbers of a patch     in units of the eyes' distance, x and y from the patch's middle
     0     found: 1, or 0 if there is no region, and then all numbers are 0
     1–2   middle of the region       3–4  width, height        5–6  area, length of the contour
     7–14  extreme points: left, right, top, bottom, x and y of each
    15–27  c₁, c₋₁, c₂, … : Fourier descriptors, real and imaginary part; 6 of them, then the
           curvature 2 y(middle) - y(left) - y(right): the corners' height against the middle

Shapes: X (n, H·W), grey 0..255 -> (n, 5 · 28) float64. Patches: left brow, right brow, left eye,
right eye, mouth ("left" in the picture).
Source: the plan is that of feature-based recognition, Brunelli, Poggio, 1993; Otsu, 1979.
Chapter: docs/contours.md
"""

from __future__ import annotations

from typing import Any, NamedTuple, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from scratchnet.classical.base import Transformer, check_features, check_X
from scratchnet.classical.contour_tracing import (
    connected_regions,
    contour_area,
    contour_length,
    fourier_descriptors,
    trace_contour,
)
from scratchnet.classical.face_template import locate_eyes
from scratchnet.vision import geometry
from scratchnet.vision.gaussian import gaussian_blur
from scratchnet.vision.threshold import otsu_threshold

Array = NDArray[Any]


class Patch(NamedTuple):
    """A window on the face, in units of the eyes' distance, (0, 0) between the eyes."""

    x: float
    y: float
    width: float
    height: float


PATCHES = {
    "left brow": Patch(-0.54, -0.42, 1.00, 0.56),
    "right brow": Patch(0.54, -0.42, 1.00, 0.56),
    "left eye": Patch(-0.50, 0.00, 0.84, 0.48),
    "right eye": Patch(0.50, 0.00, 0.84, 0.48),
    "mouth": Patch(0.00, 1.14, 1.30, 0.86),
}
RESOLUTION = 32
"""Pixels of a patch for the eyes' distance."""
BLUR = 1.0
"""σ in a patch's pixels."""
ORDER = 3
"""Of the Fourier descriptors."""
NUMBERS = 15 + 4 * ORDER + 1
BATCH = 64


class FaceContours(NamedTuple):
    """What was found in the pictures of n faces."""

    eyes: Array
    """(n, 3): the point between the eyes and their distance, in pixels."""
    patches: dict[str, Array]
    """Each patch's grey values (n, h, w) float32."""
    masks: dict[str, Array]
    """Each patch's region (n, h, w) bool."""
    contours: dict[str, list[Array]]
    """Each patch's contour for each face: (P, 2) x, y in the picture's pixels; (0, 2) if none."""


class ContourFeatures(Transformer):
    """Numbers of the contours of brows, eyes and mouth.

    Args:
        shape: (H, W) of the pictures; None takes them for squares.

    Attributes:
        shape_: (H, W).
        n_features_in_: H · W.
    """

    def __init__(self, shape: tuple[int, int] | None = None) -> None:
        self.shape = shape

    def fit(self, X: ArrayLike, y: ArrayLike | None = None) -> Self:
        """Note the pictures' size; nothing is learned.

        Raises:
            ValueError: a row of X is no picture, or the pictures are smaller than 24 × 24.
        """
        X = check_X(X, estimator=self)
        pixels, side = X.shape[1], round(X.shape[1] ** 0.5)
        H, W = self.shape or (side, side)
        if pixels != H * W:
            raise ValueError(
                f"ContourFeatures expects rows of {H} × {W} pixels, got {pixels}; say what they "
                "are: ContourFeatures(shape=(H, W))"
            )
        if min(H, W) < 24:
            raise ValueError(f"ContourFeatures expects at least 24 × 24 pixels, got {H} × {W}")
        self.shape_, self.n_features_in_ = (H, W), pixels
        return self

    def transform(self, X: ArrayLike) -> Array:
        """The numbers (n, 5 · 28)."""
        images = check_features(self, X).reshape(-1, *self.shape_).astype(np.float32)
        numbers = np.zeros((len(images), len(PATCHES), NUMBERS), np.float64)
        for start in range(0, len(images), BATCH):
            batch = images[start : start + BATCH]
            eyes = locate_eyes(batch)
            for p, patch in enumerate(PATCHES.values()):
                masks = middle_regions(cut_patches(batch, eyes, patch))
                numbers[start : start + BATCH, p] = [describe(mask) for mask in masks]
        return numbers.reshape(len(images), -1)

    def contours(self, X: ArrayLike) -> FaceContours:
        """What the numbers describe, for pictures."""
        images = check_features(self, X).reshape(-1, *self.shape_).astype(np.float32)
        eyes = locate_eyes(images)
        found = FaceContours(eyes, {}, {}, {})
        for name, patch in PATCHES.items():
            found.patches[name] = cut_patches(images, eyes, patch)
            found.masks[name] = middle_regions(found.patches[name])
            corner = np.array([patch.x - patch.width / 2, patch.y - patch.height / 2])
            found.contours[name] = [
                ((trace_contour(mask) + 0.5) / RESOLUTION + corner) * e + (a, b)
                for mask, (a, b, e) in zip(found.masks[name], eyes, strict=True)
            ]
        return found


def cut_patches(images: Array, eyes: Array, patch: Patch) -> Array:
    """One patch of each face, (n, h, w) float32, all at the same resolution."""
    a, b, e = eyes.T
    corner_x = a + (patch.x - patch.width / 2) * e
    corner_y = b + (patch.y - patch.height / 2) * e
    zoom = RESOLUTION / e
    # > the patch's first pixel is half a pixel inside of its corner
    to_patch = geometry.compose(
        geometry.translation(-corner_x, -corner_y),
        geometry.scaling(zoom),
        geometry.translation(-0.5, -0.5),
    )
    size = round(patch.height * RESOLUTION), round(patch.width * RESOLUTION)
    return geometry.warp_affine(images, to_patch, size, border="edge")


def middle_regions(patches: Array) -> Array:
    """The region (n, h, w) bool in the middle of each patch (n, h, w); all false if none."""
    n, h, w = patches.shape
    u, v = np.linspace(-1, 1, w), np.linspace(-1, 1, h)[:, None]
    smooth = gaussian_blur(patches, BLUR)
    skin = np.median(smooth, axis=(1, 2), keepdims=True)
    dark = np.maximum(skin - smooth, 0) * np.exp(-((1.2 * u) ** 4) - (1.2 * v) ** 4)
    darkest = dark.max(axis=(1, 2), keepdims=True)
    # > a patch of one grey, give or take one level, has nothing to part
    levels = np.where(darkest > 1, 255 * dark / np.maximum(darkest, 1), 0).astype(np.uint8)
    labels = connected_regions(levels > otsu_threshold(levels)[:, None, None])
    nearness = np.exp(-((3 * u) ** 2 + (3 * v) ** 2) / 2)
    regions = np.zeros((n, h, w), bool)
    for label, region in zip(labels, regions, strict=True):
        weight = np.bincount(label.ravel(), nearness.ravel())
        weight[0] = 0.0
        if weight.max() > 0:
            region[:] = label == weight.argmax()
    return regions


def describe(mask: Array) -> Array:
    """The 28 numbers of a region (h, w); zeros for none."""
    numbers = np.zeros(NUMBERS, np.float64)
    contour = trace_contour(mask)
    if len(contour) == 0:
        return numbers
    h, w = mask.shape
    points = (contour - ((w - 1) / 2, (h - 1) / 2)) / RESOLUTION
    y, x = np.nonzero(mask)
    middle = (x.mean() - (w - 1) / 2) / RESOLUTION, (y.mean() - (h - 1) / 2) / RESOLUTION
    width, height = (np.ptp(contour, axis=0) + 1) / RESOLUTION
    left, right = points[points[:, 0].argmin()], points[points[:, 0].argmax()]
    top, bottom = points[points[:, 1].argmin()], points[points[:, 1].argmax()]
    bends = fourier_descriptors(points, ORDER)[1:]
    area, length = contour_area(points), contour_length(points)
    numbers[:15] = 1, *middle, width, height, area, length, *left, *right, *top, *bottom
    numbers[15:-1] = np.stack([bends.real, bends.imag], axis=1).reshape(-1)
    numbers[-1] = 2 * middle[1] - left[1] - right[1]
    return numbers
