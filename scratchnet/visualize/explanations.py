"""Explanations drawn on pictures: a heat map over the grey picture, one column a question.

Maps of what speaks for a class (saliency, Grad-CAM) are transparent at 0 and glow at their
maximum. Maps with a sign (occlusion) are orange for, purple against, and transparent at 0. Each
map has its own scale: only places within one map compare.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from scratchnet.visualize.figure import as_picture, blank_figure, headline
from scratchnet.visualize.palette import INK, LINE, SOFT

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Array = NDArray[Any]

FOR, AGAINST = "inferno", "PuOr_r"
STRONGEST = 0.995
"""The quantile of a map's sizes that has full colour: a single bright pixel dims no map."""


def overlay(picture: ArrayLike, heat: ArrayLike, strength: float = 0.8) -> Array:
    """The picture with a heat map over it: (H, W, 3) float64 in 0..1.

    Args:
        picture: (H, W) grey or (H, W, 3) colour, uint8, or as the network takes it.
        heat: (H, W) of the same size; any scale, and any sign.
        strength: how much the strongest place hides of the picture, 0 .. 1.

    Raises:
        ValueError: the sizes differ.
    """
    from matplotlib import colormaps

    pixels = np.asarray(picture)
    colored = pixels.ndim == 3 and pixels.shape[-1] == 3
    base = pixels / 255.0 if colored else np.repeat(as_picture(pixels)[..., None], 3, axis=2)
    values = np.asarray(heat, np.float64)
    if values.shape != base.shape[:2]:
        raise ValueError(
            f"overlay expects a map of the picture's {base.shape[:2]}, got {values.shape}"
        )
    high = float(np.quantile(np.abs(values), STRONGEST)) or float(np.abs(values).max()) or 1.0
    scaled = np.clip(values / high, -1, 1)
    signed = values.min() < 0
    color = colormaps[AGAINST](0.5 + scaled / 2) if signed else colormaps[FOR](scaled)
    alpha = strength * np.abs(scaled)[..., None]
    return (1 - alpha) * base + alpha * color[..., :3]


def explanation_grid(
    pictures: Sequence[ArrayLike],
    maps: Mapping[str, Sequence[ArrayLike]],
    titles: Sequence[str],
    headline_text: str = "Where the answers come from",
) -> Figure:
    """A row a picture: itself, then each kind of map drawn over it.

    Args:
        pictures: n pictures (H, W), (1, H, W) or (H, W, 3).
        maps: for each kind n maps (H, W).
        titles: n short texts at the left: what the network said of each.
        headline_text: the figure's headline.

    Raises:
        ValueError: no picture, or not a map of each kind and a title for each.
    """
    n = len(pictures)
    counts = {kind: len(found) for kind, found in maps.items()}
    if n == 0 or len(titles) != n or any(count != n for count in counts.values()):
        raise ValueError(
            f"explanation_grid expects at least one picture, and a title and a map of each kind "
            f"for each; got {n} pictures, {len(titles)} titles, maps {counts}"
        )
    side = 1.75
    columns = 1 + len(maps)
    figure = blank_figure(0.5 + (side + 0.15) * columns, 0.9 + (side + 0.32) * n, margin=0.05)
    grid = figure.subplots(n, columns, squeeze=False)
    for row, picture in enumerate(pictures):
        cells = [np.asarray(picture), *(overlay(picture, found[row]) for found in maps.values())]
        for column, cell in enumerate(cells):
            axes = grid[row, column]
            axes.imshow(
                cell if cell.ndim == 3 and cell.shape[-1] == 3 else as_picture(cell), **_GREY
            )
            axes.set_xticks([])
            axes.set_yticks([])
            axes.spines[:].set(color=LINE)
        grid[row, 0].set_title(titles[row], fontsize=9.5, color=INK, loc="left", weight="bold")
    for axes, kind in zip(grid[0, 1:], maps, strict=True):
        axes.set_title(kind, fontsize=9.5, color=SOFT, loc="left")
    headline(figure, headline_text)
    return figure


_GREY: dict[str, Any] = {"cmap": "gray", "vmin": 0, "vmax": 1}
