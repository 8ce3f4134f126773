"""Tan and Triggs' normalisation: takes the light out of a face and leaves its features.

    1  gamma                x ← (x / 255)^γ                        opens the shadows
    2  difference of        x ← G(σ_inner) x − G(σ_outer) x        takes away slow shading, and the
       Gaussians                                                   finest grain
    3  contrast, twice      x ← x / (mean |x|^α)^(1/α)             α = 0.1: strong edges and specks
                            x ← x / (mean min(τ, |x|)^α)^(1/α)     hardly count
    4  squash               x ← τ tanh(x / τ)                      into −τ … τ

The divisors are at least 0.001, about the step between two neighbouring middle greys after 1, and
0.1. So a blank picture stays blank, where the formula alone would enlarge its rounding errors.

Shapes: (..., H, W) -> the same, but always floats (float32 for bytes), around 0.
Source: Tan and Triggs, "Enhanced local texture feature sets for face recognition under difficult
lighting conditions", IEEE Transactions on Image Processing 19(6), 2010, section II.
Chapter: docs/preprocessing.md
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from scratchnet.vision.gaussian import gaussian_blur
from scratchnet.vision.pixels import check_grey

Array = NDArray[Any]

FLOORS = (0.001, 0.1)


def _power_mean(x: Array, alpha: float, floor: float) -> Array:
    """(mean x^α)^(1/α) of each picture, at least `floor`; (..., 1, 1)."""
    mean = (x**alpha).mean(axis=(-2, -1), keepdims=True)
    return np.maximum(mean ** (1 / alpha), floor)


def tan_triggs(
    images: Array,
    gamma: float = 0.2,
    inner: float = 1.0,
    outer: float = 2.0,
    tau: float = 10.0,
    alpha: float = 0.1,
) -> Array:
    """Every picture as floats in −tau … tau, whatever light it was taken in.

    Args:
        gamma, tau, alpha: the letters of the header; the defaults are the paper's.
        inner, outer: the widths of the two Gaussians in pixels.

    Raises:
        ValueError: no grey pictures, numbers that are not positive, or outer not above inner.
    """
    check_grey(images, "tan_triggs")
    if not (0 < inner < outer and gamma > 0 and tau > 0 and alpha > 0):
        raise ValueError(
            "tan_triggs expects positive numbers and inner < outer, got "
            f"gamma {gamma}, inner {inner}, outer {outer}, tau {tau}, alpha {alpha}"
        )
    x: Array
    if images.dtype == np.uint8:
        x = ((np.arange(256) / 255) ** gamma).astype(np.float32)[images]
    else:
        x = (np.maximum(images, 0) / 255) ** gamma
    x = gaussian_blur(x, inner) - gaussian_blur(x, outer)
    x = x / _power_mean(np.abs(x), alpha, FLOORS[0])
    x = x / _power_mean(np.minimum(np.abs(x), tau), alpha, FLOORS[1])
    return tau * np.tanh(x / tau)
