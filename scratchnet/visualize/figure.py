"""Figures without global state: made as objects, drawn by Agg, written whole or not at all.

`matplotlib.pyplot` keeps every figure alive in a list and picks a window system; nothing here
needs either, so figures are made directly and freed like any other object. matplotlib is an
optional extra, imported by the first figure and never by `import scratchnet`.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from scratchnet.visualize.palette import INK, LINE, SOFT

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.image import AxesImage

DPI = 120
"""Pixels an inch in a saved figure: 10 × 5 inches are 1200 × 600 pixels."""


HEADROOM = 0.34
"""Inches at the top that belong to the headline."""


def blank_figure(width: float, height: float, margin: float = 0.14) -> Figure:
    """An empty white figure of width × height inches, which lays out its axes by itself.

    `margin` is the room around each of its axes, in inches.

    Raises:
        ImportError: matplotlib is not installed.
    """
    try:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
    except ImportError as error:
        raise ImportError(
            'figures need matplotlib, an optional extra: pip install "scratchnet[examples]"'
        ) from error
    figure = Figure(figsize=(width, height), dpi=DPI, facecolor="white")
    below = (0, 0, 1, 1 - HEADROOM / height)
    figure.set_layout_engine("constrained", rect=below, w_pad=margin, h_pad=0.12)
    FigureCanvasAgg(figure)
    return figure


def headline(figure: Figure, title: str) -> None:
    """The figure's one fact, bold, at its upper left."""
    width, height = figure.get_size_inches()
    style = {"ha": "left", "va": "top", "fontsize": 13, "fontweight": "bold", "color": INK}
    figure.suptitle(title, x=0.16 / width, y=1 - 0.12 / height, **style)


def tidy(axes: Axes, grid: Literal["x", "y"] | None = "y") -> None:
    """Take away what carries no data: the frame, tick marks, and a grid across the bars."""
    for side in ("top", "right", "left", "bottom"):
        axes.spines[side].set_visible(False)
    axes.tick_params(length=0, colors=SOFT, labelsize=9)
    axes.xaxis.label.set(color=SOFT, fontsize=10)
    axes.yaxis.label.set(color=SOFT, fontsize=10)
    if grid:
        axes.grid(axis=grid, color=LINE, linewidth=0.8)
        axes.set_axisbelow(True)


def scale_bar(axes: Axes, shown: AxesImage, label: str) -> None:
    """The colour scale of a picture, exactly as high as the picture."""
    width = axes.get_window_extent().width / axes.figure.dpi
    bar = axes.figure.colorbar(shown, cax=axes.inset_axes((1.02, 0, 0.14 / width, 1)), label=label)
    bar.outline.set_edgecolor(LINE)
    tidy(bar.ax, grid=None)


def as_picture(image: ArrayLike) -> NDArray[Any]:
    """What to show of an image: (H, W) grey or (H, W, 3) colour, float64 in 0..1.

    Args:
        image: (H, W), (1, H, W) or (3, H, W). uint8 is taken as 0..255; anything else, such as
            what pre-processing made of it, is stretched from its lowest to its highest value.

    Raises:
        ValueError: another shape.
    """
    pixels = np.asarray(image)
    if pixels.ndim == 3 and pixels.shape[0] in (1, 3):
        pixels = pixels[0] if pixels.shape[0] == 1 else pixels.transpose(1, 2, 0)
    elif pixels.ndim != 2:
        raise ValueError(f"an image is (H, W), (1, H, W) or (3, H, W), got {pixels.shape}")
    if pixels.dtype == np.uint8:
        return pixels / 255.0
    pixels = pixels.astype(np.float64)
    low, high = pixels.min(), pixels.max()
    return (pixels - low) / (high - low) if high > low else np.full(pixels.shape, 0.5)


def mosaic(tiles: NDArray[Any], columns: int, zoom: int = 8, gap: int = 3) -> NDArray[Any]:
    """Tiles (n, h, w) side by side in rows of `columns`, each pixel `zoom` wide, NaN between.

    One picture of a hundred tiles draws a hundred times faster than a hundred axes.
    """
    n, h, w = tiles.shape
    rows = -(-n // columns)
    H, W = h * zoom + gap, w * zoom + gap
    sheet = np.full((rows * H - gap, columns * W - gap), np.nan)
    for index, tile in enumerate(tiles):
        top, left = index // columns * H, index % columns * W
        enlarged = tile.repeat(zoom, axis=0).repeat(zoom, axis=1)
        sheet[top : top + h * zoom, left : left + w * zoom] = enlarged
    return sheet


def save_figure(figure: Figure, path: str | os.PathLike[str]) -> Path:
    """Write a PNG under a temporary name and rename it: a crash leaves no half picture.

    Raises:
        ValueError: the name does not end in .png.
    """
    path = Path(path)
    if path.suffix.lower() != ".png":
        raise ValueError(f"figures are saved as .png, got {path.name}")
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        figure.savefig(temporary, format="png")
        temporary.replace(path)  # os.replace: overwrites, on Windows too
    finally:
        temporary.unlink(missing_ok=True)
    return path
