"""Plots of the book: small panels side by side, written as SVG with letters as outlines.

A plot is made as a `Figure` and knows nothing of files; `save_svg` writes the same bytes each time.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import matplotlib
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from scratchnet.visualize.figure import tidy
from scratchnet.visualize.palette import INK

WIDTH = 7.5
"""Inches: at 96 pixels an inch, the width of a page."""


def panels(rows: int, columns: int, height: float, **options: Any) -> tuple[Figure, Sequence[Axes]]:
    """A white figure of a page's width with rows × columns tidy axes, row by row."""
    figure = Figure(figsize=(WIDTH, height), facecolor="white", layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots(rows, columns, squeeze=False, **options).ravel().tolist()
    for place in axes:
        tidy(place, grid=None)
    return figure, axes


def title(axes: Axes, words: str, points: float = 10.5) -> None:
    """What a panel shows, at its upper left."""
    axes.set_title(words, fontsize=points, color=INK, loc="left")


def save_svg(figure: Figure, path: Path) -> None:
    """Write an SVG; the same plot gives the same bytes."""
    with matplotlib.rc_context({"svg.hashsalt": path.name, "svg.fonttype": "path"}):
        figure.savefig(path, format="svg", metadata={"Date": None, "Creator": None})
