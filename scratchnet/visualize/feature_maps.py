"""Feature maps: what one layer makes of one picture, a tile a channel.

All tiles share one scale, dark = 0, so that strong and weak channels can be told apart; a channel
that is zero everywhere is silent on this picture and stays hatched.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from scratchnet.visualize.figure import as_picture, blank_figure, headline, mosaic
from scratchnet.visualize.palette import INTENSITY, LINE, SOFT

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
    tiles = maps[:limit].copy()
    tiles[silent[:limit]] = np.nan
    n = len(tiles)
    columns = min(n, 8 if n <= 40 else 16)
    rows = -(-n // columns)
    # A single very bright pixel would darken all the others: the scale ends at the 99.5th of 100.
    top = float(np.quantile(maps, 0.995)) or float(maps.max()) or 1.0

    height = max(2.6, 0.6 + 0.52 * rows * h / w)
    figure = blank_figure(3.0 + 0.52 * columns + 0.6, height)
    cells = figure.add_gridspec(1, 2, width_ratios=[2.2, 0.52 * columns + 0.6])
    if image is not None:
        axes = figure.add_subplot(cells[0])
        axes.imshow(as_picture(image), cmap="gray", vmin=0, vmax=1)
        axes.axis("off")
    axes = figure.add_subplot(cells[1])
    shown = axes.imshow(mosaic(tiles, columns), cmap=INTENSITY, vmin=min(0, maps.min()), vmax=top)
    axes.axis("off")
    bar = figure.colorbar(shown, ax=axes, fraction=0.03, pad=0.02, label="activation")
    bar.outline.set_edgecolor(LINE)
    bar.ax.tick_params(length=0, colors=SOFT, labelsize=8)
    bar.ax.yaxis.label.set_color(SOFT)

    part = "" if n == C else f", {n} shown"
    quiet = int(silent.sum())
    silence = "none is silent here" if quiet == 0 else f"{quiet} silent here"
    headline(figure, f"{C} maps of {h}×{w} after {layer}{part}: {silence}")
    return figure
