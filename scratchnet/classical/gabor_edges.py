"""Edges and salient points: where the waves of all scales agree.

    energy(o) = Σ over scales |I * g(s, o)|         how strong lines and edges of this direction are
    strength  = max over o of energy(o)             and direction, the o that has it
    edge      ⇔ strength ≥ that of both neighbours across, and ≥ share · max of the picture

Even and odd filters meet in the magnitude: a line has its peak in the one, a step in the other, so
the energy peaks at both. "Across" is along the wave: θ of the direction, to the nearest of the
eight neighbours. A plateau keeps its first pixel.

    salient   ⇔ activity = Σ over all filters |I * g| is the largest of its (2r + 1)² window and
                above the picture's mean

Sources: Morrone, Burr, "Feature detection in human vision: a phase-dependent energy model", 1988.
Canny, "A computational approach to edge detection", 1986 (the neighbours across). Kepenekci, Tek,
Akar, "Occluded face recognition based on Gabor wavelets", 2002 (salient points).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from scratchnet.classical.gabor import GaborBank

Array = NDArray[Any]


def gabor_energy(images: Array, bank: GaborBank) -> Array:
    """Σ |I * g| over the scales of a fitted bank, (n, orientations, H, W) float32."""
    magnitude = np.abs(bank.responses(images))
    directions = [bank.thetas_ == theta for theta in np.unique(bank.thetas_)]
    return np.stack([magnitude[:, own].sum(axis=1) for own in directions], axis=1)


def gabor_edges(energy: Array, share: float = 0.25) -> tuple[Array, Array]:
    """Thin edges, from `gabor_energy`.

    Args:
        energy: (n, O, H, W), direction o being π o / O.
        share: of the picture's strongest pixel, that an edge needs; 0..1.

    Returns:
        strength (n, H, W), 0 where there is no edge; direction (n, H, W) of every pixel, 0..O-1.

    Raises:
        ValueError: not four axes, or a share out of its range.
    """
    if energy.ndim != 4:
        raise ValueError(f"gabor_edges expects energies (n, O, H, W), got {energy.shape}")
    if not 0 <= share <= 1:
        raise ValueError(f"gabor_edges expects a share from 0 to 1, got {share}")
    _, directions, H, W = energy.shape
    direction = energy.argmax(axis=1)
    strength = energy.max(axis=1)
    padded = np.pad(strength, ((0, 0), (1, 1), (1, 1)), constant_values=-np.inf)
    edge = (strength >= share * strength.max(axis=(1, 2), keepdims=True)) & (strength > 0)
    for o in range(directions):
        theta = np.pi * o / directions
        dx, dy = round(np.cos(theta)), round(np.sin(theta))
        before = padded[:, 1 - dy : 1 - dy + H, 1 - dx : 1 - dx + W]
        after = padded[:, 1 + dy : 1 + dy + H, 1 + dx : 1 + dx + W]
        edge &= (direction != o) | ((strength > before) & (strength >= after))
    return np.where(edge, strength, 0), direction


def salient_points(energy: Array, radius: int = 4, limit: int | None = None) -> list[Array]:
    """Each picture's points (P, 2), x and y, the most active first.

    Args:
        energy: (n, O, H, W) from `gabor_energy`.
        radius: r; two points are farther apart than this, across or down.
        limit: at most so many points a picture.

    Raises:
        ValueError: not four axes, or a radius below 1.
    """
    if energy.ndim != 4 or radius < 1:
        raise ValueError(
            f"salient_points expects energies (n, O, H, W) and a radius of at least 1, "
            f"got {energy.shape} and {radius}"
        )
    activity = energy.sum(axis=1)
    highest = _window_max(_window_max(activity, radius).swapaxes(1, 2), radius).swapaxes(1, 2)
    salient = (activity == highest) & (activity > activity.mean(axis=(1, 2), keepdims=True))
    points = []
    for picture, chosen in zip(activity, salient, strict=True):
        y, x = np.nonzero(chosen)
        order = np.argsort(-picture[y, x], kind="stable")
        apart: list[tuple[int, int]] = []
        for px, py in zip(x[order], y[order], strict=True):  # > equals in one window: the first
            if all(max(abs(px - qx), abs(py - qy)) > radius for qx, qy in apart):
                apart.append((px, py))
        points.append(np.array(apart[:limit], np.int64).reshape(-1, 2))
    return points


def _window_max(values: Array, radius: int) -> Array:
    """The largest of 2·radius + 1 neighbours along the last axis."""
    padded = np.pad(values, ((0, 0), (0, 0), (radius, radius)), constant_values=-np.inf)
    windows = np.lib.stride_tricks.sliding_window_view(padded, 2 * radius + 1, axis=2)
    return windows.max(axis=-1)
