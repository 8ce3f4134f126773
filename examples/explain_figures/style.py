"""One look for all figures, without global state; every eye can tell the colours apart."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from explain_figures.explanation import Explanation

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.cm import ScalarMappable
    from matplotlib.figure import Figure
    from matplotlib.image import AxesImage

DPI = 120
INK, SOFT, LINE = "#222222", "#6E6E6E", "#DDDDDD"
YES, NO = "#0072B2", "#D55E00"  # Okabe and Ito's blue and vermilion: apart for every eye
FACE = "#FFB000"
HEAT, SUMS, CONTRAST = "viridis", "cividis", "magma"


def plural(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def blank_figure(width: float, height: float) -> Figure:
    """White, without global state, with room for a headline; it lays out its axes by itself."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), dpi=DPI, facecolor="white")
    below = (0, 0, 1, 1 - 0.4 / height)
    figure.set_layout_engine("constrained", rect=below, w_pad=0.14, h_pad=0.12)
    FigureCanvasAgg(figure)
    return figure


def headline(figure: Figure, text: str) -> None:
    """The figure's one fact, bold, at its upper left."""
    width, height = figure.get_size_inches()
    figure.text(
        0.16 / width, 1 - 0.12 / height, text, ha="left", va="top", fontsize=13, weight="bold",
        color=INK,
    )  # fmt: skip


def grid_of_pictures(e: Explanation, columns: int, rows: int) -> tuple[Figure, list[Any]]:
    """Axes for pictures of the photo's shape, within reason."""
    H, W = e.grey.shape
    tall = float(np.clip(H / W, 0.35, 1.6))
    wide = 6.4 if tall < 1 else 5.4
    figure = blank_figure(columns * wide, 0.5 + rows * (0.55 + (wide - 1.1) * tall))
    panels = list(figure.subplots(rows, columns, squeeze=False).flat)
    for axes in panels:
        bare(axes)
    return figure, panels


def show_picture(axes: Axes, e: Explanation, pale: bool = False) -> None:
    bare(axes)
    axes.imshow(np.asarray(e.picture.convert("RGB")), alpha=0.6 if pale else 1)


def entitle(axes: Axes, text: str) -> None:
    axes.set_title(text, fontsize=10, color=INK)


def bare(axes: Axes) -> None:
    """A picture without a frame and numbers."""
    axes.set(xticks=[], yticks=[])
    axes.spines[:].set_visible(False)


def tidy(axes: Axes) -> None:
    """Take away what carries no data."""
    axes.spines[:].set_visible(False)
    axes.tick_params(which="both", length=0, colors=SOFT, labelsize=9)
    axes.xaxis.label.set(color=SOFT, fontsize=10)
    axes.yaxis.label.set(color=SOFT, fontsize=10)
    axes.grid(axis="y", color=LINE, linewidth=0.8)
    axes.set_axisbelow(True)


def scale_bar(axes: Axes, shown: AxesImage | ScalarMappable, label: str) -> Any:
    """The colours of a picture, exactly as high as it is."""
    bar = axes.figure.colorbar(shown, ax=axes, label=label, fraction=0.046, pad=0.02)
    bar.outline.set_edgecolor(LINE)
    bar.ax.tick_params(length=0, colors=SOFT, labelsize=8)
    bar.ax.yaxis.label.set(color=SOFT, fontsize=8.5)
    return bar


def outline(axes: Axes, box: Any, color: str, thin: bool = False, dashed: bool = False) -> None:
    """A rectangle around the pixels of a box."""
    from matplotlib.patches import Rectangle

    x, y, w, h = (int(v) for v in box)
    style: dict[str, Any] = {"fill": False, "linestyle": (0, (3, 2)) if dashed else "-"}
    corner = (x - 0.5, y - 0.5)
    if not thin:
        axes.add_patch(Rectangle(corner, w, h, edgecolor=INK, linewidth=4, **style))
    axes.add_patch(Rectangle(corner, w, h, edgecolor=color, linewidth=1 if thin else 2, **style))


def inside(box: tuple[int, int, int, int], shape: tuple[int, ...]) -> tuple[int, int, int, int]:
    """The part of a box inside of the picture: rounding may let it stick out."""
    x, y, w, h = box
    return x, y, min(w, shape[1] - x), min(h, shape[0] - y)


def save(figure: Figure, path: Path, mark: str) -> None:
    """Under a temporary name, then renamed: there is a whole figure or none."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        figure.savefig(temporary, format="png", metadata={"Software": mark})
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
