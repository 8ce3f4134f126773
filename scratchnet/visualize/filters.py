"""The filters of a convolution: what each output channel looks for in the picture.

Purple and orange are weights of opposite sign on one scale for all filters. A stripe of each is
an edge detector; one colour all over is a local mean; a pale tile has learned next to nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from scratchnet.visualize.figure import blank_figure, headline, mosaic, scale_bar
from scratchnet.visualize.palette import DIVERGING

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def filter_grid(W: ArrayLike, limit: int = 96, layer: str = "the first convolution") -> Figure:
    """Tiles of a convolution's weights.

    Args:
        W: (F, C, KH, KW). With C > 1 each filter gives C tiles, one after the other.
        limit: at most so many tiles.
        layer: the layer's name in the title.

    Raises:
        ValueError: not four axes.
    """
    W = np.asarray(W)
    if W.ndim != 4:
        raise ValueError(f"filter_grid expects weights (F, C, KH, KW), got {W.shape}")
    F, C, KH, KW = W.shape
    tiles = W.reshape(F * C, KH, KW).astype(np.float64)[:limit]
    n = len(tiles)
    columns = C * max(1, 16 // C) if 1 < C <= 16 else min(n, 8 if n <= 32 else 16)
    rows = -(-n // columns)
    scale = float(np.abs(tiles).max()) or 1.0

    figure = blank_figure(max(6.0, 1.0 + 0.75 * columns), 0.9 + 0.7 * rows * KH / KW)
    axes = figure.add_subplot()
    shown = axes.imshow(mosaic(tiles, columns), cmap=DIVERGING, vmin=-scale, vmax=scale)
    axes.axis("off")
    axes.set_anchor("N")
    scale_bar(axes, shown, "weight")
    shape = f"{KH}×{KW}" if C == 1 else f"{C}×{KH}×{KW}"
    part = "" if n == F * C else f" (the first {n} of {F * C} tiles)"
    headline(figure, f"{F} filters of {shape} in {layer}{part}")
    return figure
