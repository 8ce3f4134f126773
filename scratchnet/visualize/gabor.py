"""Gabor filters, and what they see: the bank as tiles, a picture's Gabor space, edges and points.

The bank has a row a scale and a column an orientation: purple is above 0, orange below. Each tile
has its own scale of colours, for a filter twice as wide is four times as pale.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from scratchnet.visualize.figure import as_picture, blank_figure, headline, mosaic
from scratchnet.visualize.palette import DIVERGING, INTENSITY, SOFT

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Array = NDArray[Any]


def gabor_bank_grid(
    kernels: Sequence[ArrayLike],
    orientations: int,
    part: Literal["real", "imaginary"] = "real",
    size: int = 41,
) -> Figure:
    """The filters, a row a scale and a column an orientation.

    Args:
        kernels: complex arrays of odd sides, scale by scale (`GaborBank.kernels_`).
        orientations: columns.
        part: which part to show.
        size: pixels of the window about the middle that is shown, odd.

    Raises:
        ValueError: no filters, or they don't fill whole rows, or the size is even.
    """
    if not kernels or len(kernels) % orientations or size % 2 == 0:
        raise ValueError(
            f"gabor_bank_grid expects rows of {orientations} filters and an odd size, "
            f"got {len(kernels)} filters and {size}"
        )
    tiles = np.stack(
        [_window(np.asarray(getattr(np.asarray(k), _ATTRIBUTE[part])), size) for k in kernels]
    )
    tiles /= np.maximum(np.abs(tiles).max(axis=(1, 2), keepdims=True), 1e-300)
    rows = len(kernels) // orientations
    figure = blank_figure(max(5.0, 0.9 * orientations + 0.8), 0.95 + 0.9 * rows)
    axes = figure.add_subplot()
    gap = 3
    axes.imshow(mosaic(tiles, orientations, zoom=2, gap=gap), cmap=DIVERGING, vmin=-1, vmax=1)
    _frame(axes)
    side = 2 * size + gap
    degrees = [f"{180 * o / orientations:g}°" for o in range(orientations)]
    axes.set_xticks(side * np.arange(orientations) + size, degrees)
    axes.set_yticks(side * np.arange(rows) + size, [f"scale {row + 1}" for row in range(rows)])
    axes.xaxis.tick_top()
    headline(figure, f"{len(kernels)} Gabor filters, the {part} part")
    return figure


def gabor_space_grid(responses: ArrayLike, image: ArrayLike, orientations: int) -> Figure:
    """A picture, and |I * g| of every filter at every pixel; all tiles share one scale of colours.

    Args:
        responses: (filters, H, W), complex or magnitudes.
        image: (H, W), (1, H, W) or (3, H, W).
        orientations: columns.

    Raises:
        ValueError: not three axes, or the filters don't fill whole rows.
    """
    magnitude = np.abs(np.asarray(responses)).astype(np.float64)
    if magnitude.ndim != 3 or len(magnitude) % orientations:
        raise ValueError(
            f"gabor_space_grid expects responses (filters, H, W) in rows of {orientations}, "
            f"got {magnitude.shape}"
        )
    F, H, W = magnitude.shape
    rows = F // orientations
    figure = blank_figure(3.2 + 0.95 * orientations, max(3.0, 0.7 + 0.95 * rows * H / W))
    left, axes = figure.subplots(1, 2, width_ratios=[2.6, 0.95 * orientations])
    left.imshow(as_picture(image), cmap="gray", vmin=0, vmax=1)
    left.axis("off")
    left.set_anchor("N")
    zoom, gap = 3, 6
    high = float(np.quantile(magnitude, 0.99)) or 1.0
    axes.imshow(mosaic(magnitude, orientations, zoom, gap), cmap=INTENSITY, vmin=0, vmax=high)
    _frame(axes)
    degrees = [f"{180 * o / orientations:g}°" for o in range(orientations)]
    axes.set_xticks((W * zoom + gap) * np.arange(orientations) + W * zoom / 2, degrees)
    names = [f"scale {row + 1}" for row in range(rows)]
    axes.set_yticks((H * zoom + gap) * np.arange(rows) + H * zoom / 2, names)
    axes.xaxis.tick_top()
    axes.set_anchor("N")
    headline(figure, f"Gabor space: how strong each of {F} waves is at every pixel")
    return figure


def gabor_edge_pictures(images: ArrayLike, edges: ArrayLike, points: Sequence[ArrayLike]) -> Figure:
    """Each picture with its salient points, and its edges below it.

    Args:
        images: (n, H, W).
        edges: (n, H, W): strengths, 0 where there is no edge.
        points: for each picture (P, 2), x and y.

    Raises:
        ValueError: the lengths do not agree, or there is no picture.
    """
    pictures, strengths = np.asarray(images), np.asarray(edges)
    n = len(pictures)
    if n == 0 or strengths.shape != pictures.shape or len(points) != n:
        raise ValueError(
            f"gabor_edge_pictures expects edges and points for at least one picture (n, H, W), "
            f"got {pictures.shape}, {strengths.shape} and {len(points)}"
        )
    figure = blank_figure(max(4.5, 1.7 * n), 4.1, margin=0.05)
    for column, (picture, strength, found) in enumerate(
        zip(pictures, strengths, points, strict=True)
    ):
        above = figure.add_subplot(2, n, column + 1)
        above.imshow(as_picture(picture), cmap="gray", vmin=0, vmax=1)
        x, y = np.asarray(found, np.float64).reshape(-1, 2).T
        above.scatter(x, y, s=26, facecolors="none", edgecolors="#F0E442", linewidths=1.3)
        below = figure.add_subplot(2, n, n + column + 1)
        below.imshow(strength, cmap="gray_r", vmin=0, vmax=float(strength.max()) or 1.0)
        for axes in (above, below):
            axes.set_xticks([])
            axes.set_yticks([])
            axes.spines[:].set_visible(False)
    headline(figure, "Gabor energy: its peaks, and its ridges")
    return figure


_ATTRIBUTE = {"real": "real", "imaginary": "imag"}


def _window(kernel: Array, size: int) -> Array:
    """The middle of a filter, (size, size): cut, or with zeros around it."""
    window = np.zeros((size, size), np.float64)
    h, w = (min(size, side) // 2 for side in kernel.shape)
    y, x, middle = kernel.shape[0] // 2, kernel.shape[1] // 2, size // 2
    part = kernel[y - h : y + h + 1, x - w : x + w + 1]
    window[middle - h : middle + h + 1, middle - w : middle + w + 1] = part
    return window


def _frame(axes: Axes) -> None:
    for side in ("top", "right", "left", "bottom"):
        axes.spines[side].set_visible(False)
    axes.tick_params(length=0, colors=SOFT, labelsize=9)
