"""Contours drawn on faces, and the patches and regions they come from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from scratchnet.visualize.figure import as_picture, blank_figure, headline
from scratchnet.visualize.palette import OKABE_ITO, SOFT

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def contour_faces(
    images: ArrayLike, contours: Mapping[str, Sequence[ArrayLike]], columns: int = 4
) -> Figure:
    """Faces with the contours that were found on them, a colour for each kind.

    Args:
        images: (n, H, W).
        contours: by kind, for each face (P, 2): x, y in pixels, (0, 2) where there is none.
        columns: faces side by side.

    Raises:
        ValueError: no face, or not a contour of each kind for each face.
    """
    pictures = np.asarray(images)
    n = len(pictures)
    if n == 0 or any(len(found) != n for found in contours.values()):
        counts = {kind: len(found) for kind, found in contours.items()}
        raise ValueError(
            f"contour_faces expects at least one face and a contour of each kind for each, got "
            f"{n} faces and {counts}"
        )
    columns = min(columns, n)
    rows = -(-n // columns)
    figure = blank_figure(max(4.5, 2.0 * columns), 0.85 + 2.0 * rows, margin=0.04)
    for index, picture in enumerate(pictures):
        axes = figure.add_subplot(rows, columns, index + 1)
        axes.imshow(as_picture(picture), cmap="gray", vmin=0, vmax=1)
        for color, found in zip(_colors(len(contours)), contours.values(), strict=True):
            _draw(axes, found[index], color)
        _bare(axes)
    from matplotlib.lines import Line2D

    handles = [
        Line2D([], [], color=color, linewidth=2, label=kind)
        for color, kind in zip(_colors(len(contours)), contours, strict=True)
    ]
    figure.legend(
        handles=handles, loc="outside lower left", ncols=len(handles), frameon=False,
        fontsize=9, labelcolor=SOFT,
    )  # fmt: skip
    headline(figure, "Rough contours of brows, eyes and mouth")
    return figure


def contour_steps(patches: Mapping[str, ArrayLike], masks: Mapping[str, ArrayLike]) -> Figure:
    """For one face: each patch, and below it the region that the threshold left.

    Args:
        patches: by kind, grey (h, w).
        masks: by kind, bool (h, w).

    Raises:
        ValueError: the kinds or the shapes differ, or there is none.
    """
    shapes = {kind: np.shape(patch) for kind, patch in patches.items()}
    if not shapes or shapes != {kind: np.shape(mask) for kind, mask in masks.items()}:
        raise ValueError(f"contour_steps expects a mask for each patch, got {shapes} and others")
    widths = [shape[1] / shape[0] for shape in shapes.values()]
    figure = blank_figure(max(4.5, 1.25 * sum(widths) / 2 + 1.2), 2.7, margin=0.05)
    grid = figure.subplots(2, len(shapes), width_ratios=widths, squeeze=False)
    for column, kind in enumerate(shapes):
        above, below = grid[:, column]
        above.imshow(as_picture(np.asarray(patches[kind])), cmap="gray", vmin=0, vmax=1)
        above.set_title(kind, fontsize=9, color=SOFT)
        below.imshow(np.asarray(masks[kind]), cmap="gray_r", vmin=-0.1, vmax=1.5)
        for axes in (above, below):
            _bare(axes)
    headline(figure, "A patch a feature; what is darker than skin, in its middle")
    return figure


def _colors(count: int) -> list[str]:
    bright = (OKABE_ITO[1], OKABE_ITO[5], OKABE_ITO[2], OKABE_ITO[3], OKABE_ITO[4])
    return [bright[index % len(bright)] for index in range(count)]


def _draw(axes: Axes, contour: ArrayLike, color: str) -> None:
    """A closed line through the points."""
    points = np.asarray(contour, np.float64).reshape(-1, 2)
    if len(points):
        x, y = np.concatenate([points, points[:1]]).T
        axes.plot(x, y, color=color, linewidth=1.6)


def _bare(axes: Axes) -> None:
    axes.set_xticks([])
    axes.set_yticks([])
    axes.spines[:].set_visible(False)
