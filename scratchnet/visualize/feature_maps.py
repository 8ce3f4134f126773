"""Feature maps: what one layer makes of one picture, a tile a channel.

All tiles share one scale, dark = 0, so that strong and weak channels can be told apart; a channel
that is zero everywhere is silent on this picture and stays hatched.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from scratchnet.visualize.figure import as_picture, blank_figure, headline, mosaic, scale_bar
from scratchnet.visualize.palette import INTENSITY, LINE

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def feature_map_grid(
    maps: ArrayLike, image: ArrayLike | None = None, layer: str = "this layer", limit: int = 128
) -> Figure:
    """Tiles of the maps, with the picture they come from at their left.

    Args:
        maps: (C, h, w): one layer's output for one image, as from `activations(x)[i][0]`.
        image: (H, W), (1, H, W) or (3, H, W).
        layer: where the maps come from, in the title.
        limit: at most so many tiles.

    Raises:
        ValueError: not three axes.
    """
    maps = np.asarray(maps, dtype=np.float64)
    if maps.ndim != 3:
        raise ValueError(f"feature_map_grid expects one image's maps (C, h, w), got {maps.shape}")
    C, h, w = maps.shape
    silent = (maps == 0).all(axis=(1, 2))
    tiles = maps[:limit]
    n = len(tiles)
    columns = min(n, 8 if n <= 40 else 16)
    rows, zoom, gap = -(-n // columns), 8, 3
    # A single very bright pixel would darken all the others: the scale ends at the 99.5th of 100.
    top = float(np.quantile(maps, 0.995)) or float(maps.max()) or 1.0

    side, picture = 0.6 * columns + 0.9, 0.0 if image is None else 2.6
    figure = blank_figure(max(6.4, picture + side), max(3.2, 0.9 + 0.6 * rows * h / w))
    if image is None:
        axes = figure.add_subplot()
    else:
        left, axes = figure.subplots(1, 2, width_ratios=[picture, side])
        left.imshow(as_picture(image), cmap="gray", vmin=0, vmax=1)
        left.axis("off")
        left.set_anchor("N")
    from matplotlib.patches import Rectangle  # after blank_figure, whose error names the remedy

    low = min(0.0, float(maps.min()))
    shown = axes.imshow(mosaic(tiles, columns, zoom, gap), cmap=INTENSITY, vmin=low, vmax=top)
    axes.axis("off")
    for index in np.flatnonzero(silent[:limit]):
        row, column = divmod(int(index), columns)
        corner = column * (w * zoom + gap) - 0.5, row * (h * zoom + gap) - 0.5
        style: dict[str, Any] = {
            "facecolor": "white",
            "edgecolor": LINE,
            "hatch": "///",
            "linewidth": 0,
        }
        axes.add_patch(Rectangle(corner, w * zoom, h * zoom, **style))
    axes.set_anchor("N")
    scale_bar(axes, shown, "activation")

    part = "" if n == C else f", {n} shown"
    quiet = int(silent.sum())
    silence = "none is silent here" if quiet == 0 else f"{quiet} silent here"
    headline(figure, f"{C} maps of {h}×{w} after {layer}{part}: {silence}")
    return figure
