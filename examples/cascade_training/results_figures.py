"""What it does: the mistakes it still makes, and the faces that it finds in a scene."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scratchnet.visualize.figure import blank_figure, headline, mosaic, save_figure
from scratchnet.visualize.palette import INK, OKABE_ITO

Grey = NDArray[np.uint8]
COLUMNS, ROWS = 20, 5  # of a sheet of windows
SHOWN = COLUMNS * ROWS


def draw_mistakes(survivors: Grey, accepted: int, lost: Grey, path: Path) -> None:
    """Background windows that all stages accept, and held-out objects that one rejects.

    Args:
        survivors: (N, h, w) of the `accepted` ones, the surest first.
        lost: (M, h, w) objects.
    """
    sheets = {
        f"{counted(accepted, 'background window')} taken for the object": survivors,
        f"{counted(len(lost), 'held-out object')} lost": lost,
    }
    rows = [min(ROWS, max(1, -(-len(sheet) // COLUMNS))) for sheet in sheets.values()]
    figure = blank_figure(11, 1.25 + 0.54 * sum(rows))
    panels = figure.subplots(2, 1, height_ratios=rows)
    for axes, own, (title, sheet) in zip(panels, rows, sheets.items(), strict=True):
        tiles = np.full((own * COLUMNS, *sheet.shape[1:]), 255, np.uint8)
        shown = sheet[: len(tiles)]
        tiles[: len(shown)] = shown
        picture = np.nan_to_num(mosaic(tiles, COLUMNS, zoom=3, gap=4), nan=255.0)
        axes.imshow(picture, cmap="gray", vmin=0, vmax=255)
        axes.set(xticks=[], yticks=[])
        axes.spines[:].set_visible(False)
        more = f"; the surest {len(shown)}" if len(shown) < len(sheet) or own == ROWS else ""
        axes.set_title(title + more, loc="left", fontsize=10, color=INK)
    headline(figure, "What it gets wrong; an object among the first ones was no background")
    save_figure(figure, path)


def counted(number: int, name: str) -> str:
    """1 window, 2 windows."""
    return f"{number:,} {name}{'s' * (number != 1)}"


def draw_scene(grey: Grey, true: NDArray[Any], found: NDArray[Any], path: Path) -> None:
    """A picture with the faces that are in it, dashed, and those that were found."""
    from matplotlib.patches import Rectangle

    H, W = grey.shape
    figure = blank_figure(9, 0.5 + 8.8 * H / W)
    axes = figure.subplots()
    axes.imshow(grey, cmap="gray", vmin=0, vmax=255)
    axes.set(xticks=[], yticks=[])
    axes.spines[:].set_visible(False)
    for boxes, color, style in ((true, "white", ":"), (found, OKABE_ITO[1], "-")):
        for x, y, w, h in np.asarray(boxes).tolist():
            corner = (x - 0.5, y - 0.5)
            axes.add_patch(
                Rectangle(corner, w, h, fill=False, edgecolor=color, linestyle=style, linewidth=2)
            )
    headline(figure, f"{len(found)} found (amber), {len(true)} there (dotted)")
    save_figure(figure, path)
