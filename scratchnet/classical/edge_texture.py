"""Edges as texture: where brightness changes, which way, and how surely; not how bright it is.

    g = ∇ (G_σ * image), turned along with the shape, as (g_x, g_y)
    e = g / (|g| + mean |g|)             |e| < 1: near 1 at every clear edge, near 0 on plain skin

Skin, light and contrast differ from photo to photo by far more than the grin that one looks for.
Of a strong edge e keeps the direction and forgets the strength, so they are gone before the model
begins: e does not change if the image is made brighter or given more contrast. Blur σ sets how
far away an edge is felt.

Fields (2, H, W), points (M, 2), textures (2M,): all e_x, then all e_y.
Source: Cootes, Taylor, "On representing edge structure for model matching", 2001.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from scratchnet.classical.piecewise_affine import bilinear
from scratchnet.vision.gaussian import gaussian_blur

Array = NDArray[Any]


def gradient_field(image: ArrayLike, sigma: float) -> Array:
    """(∂/∂x, ∂/∂y) of the image (H, W) blurred by sigma pixels: (2, H, W) float64."""
    blurred = gaussian_blur(np.asarray(image, np.float64), sigma)
    dy, dx = np.gradient(blurred)
    return np.stack([dx, dy])


def edge_texture(field: Array, points: Array, pose: Array) -> Array:
    """The edges at points (M, 2) of a field (2, H, W), as seen from an upright face: (2M,).

    Args:
        pose: (3, 3), the similarity from the upright face to the image; its rotation counts.
    """
    turn = pose[:2, :2] / np.hypot(pose[0, 0], pose[1, 0])
    gradient = turn.T @ bilinear(field, points)
    strength = np.hypot(*gradient)
    return (gradient / np.maximum(strength + strength.mean(), 1e-12)).ravel()
