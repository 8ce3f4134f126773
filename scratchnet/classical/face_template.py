"""Where the eyes are: a rough face of blobs is laid over the picture until it fits best.

    D = blur(I, large) - blur(I, small)            above 0 where it is darker than round about
    F = D / √(blur(D², large) + c),  ‖F‖ = 1       as strong in the shadow as in the light
    score(a, b, e) = Σ F · T(a, b, e) + prior      the best of all placements

T has a dark blob for each eye, each brow, the nostrils and the mouth, and light ones on cheeks,
forehead and the bridge of the nose, ‖T‖ = 1; (a, b) is the point between the eyes, e the eyes'
distance. The prior is a bell around where a face detector's window has them. All placements of all
faces are one matrix product.

Shapes: pictures (n, H, W), floats or uint8, cropped about a face -> placements (n, 3): a, b, e in
pixels, (0, 0) being the first pixel's centre.
Source: Brunelli, Poggio, "Face recognition: features versus templates", 1993, section III.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scratchnet.vision.gaussian import gaussian_blur

Array = NDArray[Any]

# x, y, half width, half height and darkness of each blob; (0, 0) between the eyes, 1 apart.
BLOBS = np.array(
    [
        *((-0.50, 0.00, 0.17, 0.10, 1.0), (0.50, 0.00, 0.17, 0.10, 1.0)),  # eyes
        *((-0.52, -0.38, 0.30, 0.07, 1.0), (0.52, -0.38, 0.30, 0.07, 1.0)),  # brows
        *((0.00, 1.12, 0.33, 0.10, 1.2), (0.00, 0.72, 0.20, 0.06, 0.4)),  # mouth, nostrils
        *((-0.50, 0.50, 0.25, 0.20, -0.6), (0.50, 0.50, 0.25, 0.20, -0.6)),  # cheeks
        *((-0.50, -0.20, 0.20, 0.05, -0.3), (0.50, -0.20, 0.20, 0.05, -0.3)),  # lids
        *((0.00, 0.00, 0.12, 0.30, -0.6), (0.00, -0.80, 0.50, 0.12, -0.6)),  # bridge, forehead
        (0.00, 0.92, 0.30, 0.04, -0.4),  # between nose and mouth
    ]
)
# Shares of the picture's side: the usual place of the point between the eyes, and their distance.
USUAL = (0.5, 0.345, 0.3)
SPREAD = (0.06, 0.06, 0.12)
"""The prior's standard deviations; the last of the logarithm of the distance."""
PRIOR = 0.02
DISTANCES = np.linspace(0.24, 0.38, 8)
LARGE, SMALL = 1 / 8, 1 / 48
"""The blurs' σ, as shares of the side."""


def locate_eyes(images: Array) -> Array:
    """Placements (n, 3) float64: the point between the eyes and their distance."""
    n, H, W = images.shape
    where, templates, prior = _placements(H, W)
    scores = local_darkness(images).reshape(n, -1) @ templates.T + prior
    return where[scores.argmax(axis=1)]


def local_darkness(images: Array) -> Array:
    """F (n, H, W) float32; about 0 for a picture of one grey, which has rounding errors only."""
    pixels, side = images.astype(np.float32), min(images.shape[1:])
    dark = gaussian_blur(pixels, LARGE * side) - gaussian_blur(pixels, SMALL * side)
    dark /= np.sqrt(gaussian_blur(dark * dark, LARGE * side) + np.float32(4.0))
    norm = np.sqrt(np.einsum("nij,nij->n", dark, dark))
    return dark / np.maximum(norm, np.float32(1.0))[:, None, None]


@cache
def _placements(H: int, W: int) -> tuple[Array, Array, Array]:
    """All placements (P, 3), their templates (P, H·W) float32 and priors (P,) float32."""
    side = min(H, W)
    reach = 2.0 * side / 48 * np.arange(-3, 3.1, 0.5)
    a, b = USUAL[0] * W - 0.5 + reach, USUAL[1] * H - 0.5 + reach
    where = np.stack(np.meshgrid(a, b, DISTANCES * side, indexing="ij"), -1).reshape(-1, 3)
    away = np.stack(
        [
            (where[:, 0] - USUAL[0] * W + 0.5) / (SPREAD[0] * side),
            (where[:, 1] - USUAL[1] * H + 0.5) / (SPREAD[1] * side),
            np.log(where[:, 2] / (USUAL[2] * side)) / SPREAD[2],
        ]
    )
    prior = -PRIOR * (away**2).sum(axis=0) / 2
    templates = np.stack([face_template(place, (H, W)).reshape(-1) for place in where])
    return where, templates.astype(np.float32), prior.astype(np.float32)


def face_template(place: Array, shape: tuple[int, int]) -> Array:
    """T (H, W) for a placement (a, b, e)."""
    a, b, e = place
    u, v = (np.arange(shape[1]) - a) / e, (np.arange(shape[0]) - b) / e
    x, y, across, down, weight = BLOBS.T
    columns = np.exp(-(((u[:, None] - x) / across) ** 2))  # a bell is a product of two
    rows = np.exp(-(((v[:, None] - y) / down) ** 2))
    T: Array = (rows * weight) @ columns.T
    return T / np.linalg.norm(T)
