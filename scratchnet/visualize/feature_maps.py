"""Feature maps: what one layer makes of one picture, a tile a channel.

All tiles share one scale, so that strong and weak channels can be told apart. After a ReLU dark is
0 and bright is active; maps with both signs are purple above 0, orange below it and white at it.
A channel that is zero everywhere is silent on this picture and is hatched.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from scratchnet.visualize.figure import as_picture, blank_figure, headline, mosaic, scale_bar
from scratchnet.visualize.palette import DIVERGING, INTENSITY, LINE

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

ZOOM, GAP = 8, 3  # of the mosaic, in its pixels


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
    n = min(C, limit)
    columns = min(n, 8 if n <= 40 else 16)
    rows = -(-n // columns)

    side, picture = 0.6 * columns + 0.9, 0.0 if image is None else 2.6
    figure = blank_figure(max(6.4, picture + side), max(3.0, 0.75 + 0.6 * rows * h / w))
    if image is None:
        axes = figure.add_subplot()
    else:
        left, axes = figure.subplots(1, 2, width_ratios=[picture, side])
        left.imshow(as_picture(image), cmap="gray", vmin=0, vmax=1)
        left.axis("off")
        left.set_anchor("N")
    shown = axes.imshow(mosaic(maps[:n], columns, ZOOM, GAP), **_scale(maps))
    axes.axis("off")
    axes.set_anchor("N")
    scale_bar(axes, shown, "activation")

    silent = (maps == 0).all(axis=(1, 2))
    for index in np.flatnonzero(silent[:n]):
        row, column = divmod(int(index), columns)
        _hatch(axes, row, column, h, w)
    part = "" if n == C else f", {n} shown"
    silence = f"{silent.sum()} silent here" if silent.any() else "none is silent here"
    headline(figure, f"{C} maps of {h}×{w} after {layer}{part}: {silence}")
    return figure


def _scale(maps: NDArray[Any]) -> dict[str, Any]:
    """Colours and limits, up to the 99.5th of 100 sizes: one bright pixel darkens no map."""
    size = np.abs(maps)
    high = float(np.quantile(size, 0.995)) or float(size.max()) or 1.0
    if maps.min() < 0:
        return {"cmap": DIVERGING, "vmin": -high, "vmax": high}
    return {"cmap": INTENSITY, "vmin": 0.0, "vmax": high}


def _hatch(axes: Axes, row: int, column: int, h: int, w: int) -> None:
    """Cover one tile of the mosaic with a hatched rectangle."""
    from matplotlib.patches import Rectangle

    corner = column * (w * ZOOM + GAP) - 0.5, row * (h * ZOOM + GAP) - 0.5
    style: dict[str, Any] = {"facecolor": "white", "edgecolor": LINE, "hatch": "///"}
    axes.add_patch(Rectangle(corner, w * ZOOM, h * ZOOM, linewidth=0, **style))
