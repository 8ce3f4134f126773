"""Grids of numbers, the picture language of the book: one square a value, one colour a weight.

Coordinates are cells: x to the right, y down, one unit a cell. Each figure is one `Board`, which
is written as SVG with its letters as outlines: the same in every viewer, sharp at every size.
"""

from __future__ import annotations

import pathlib
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Protocol

import matplotlib
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, PathPatch, Rectangle
from matplotlib.path import Path

from scratchnet.visualize.palette import INK, LINE, OKABE_ITO, SOFT

WEIGHT_COLORS = (*OKABE_ITO[:6], "#8C8C8C", "#F0E442")
"""The colour of each weight, in the order of `W.ravel()`."""


class Drawing(Protocol):
    """What is drawn, and can be saved."""

    def save(self, path: pathlib.Path) -> pathlib.Path: ...


def written(
    drawings: Mapping[str, Callable[[], Drawing]],
) -> dict[str, Callable[[pathlib.Path], None]]:
    """From what draws each file to what writes it: a module's FIGURES, for docs/make_figures.py."""

    def write(draw: Callable[[], Drawing], path: pathlib.Path) -> None:
        draw().save(path)

    return {name: partial(write, draw) for name, draw in drawings.items()}


def tint(color: str, strength: float = 0.35) -> tuple[float, ...]:
    """`color` on white, so pale that ink can be read on it."""
    return tuple(1 - strength * (1 - channel) for channel in to_rgb(color))


def text_of(value: float) -> str:
    """A whole number with a true minus sign."""
    return f"{value:g}".replace("-", "−")


class Board:
    """An empty white figure of width × height cells, each `cell` inches wide."""

    def __init__(self, width: float, height: float, cell: float = 0.4) -> None:
        self.cell = cell
        self.figure = Figure(figsize=(width * cell, height * cell), facecolor="white")
        FigureCanvasAgg(self.figure)
        self.axes = self.figure.add_axes((0, 0, 1, 1))
        self.axes.set(xlim=(0, width), ylim=(height, 0))
        self.axes.axis("off")

    def grid(
        self,
        values: Any,
        left: float,
        top: float,
        *,
        colors: dict[tuple[int, int], Any] | None = None,
        name: str = "",
        size: float = 1.0,
        zeros: str = "0",
    ) -> None:
        """A matrix with its corner at (left, top); `colors` fills the cells that matter."""
        values, colors = np.atleast_2d(values), colors or {}
        rows, columns = values.shape
        right, bottom = left + columns * size, top + rows * size
        lines = [[(left, top + i * size), (right, top + i * size)] for i in range(1, rows)]
        lines += [[(left + j * size, top), (left + j * size, bottom)] for j in range(1, columns)]
        for (i, j), color in colors.items():
            self.box(left + j * size, top + i * size, size, size, color, 0, color)
        self.axes.add_patch(
            PathPatch(Path.make_compound_path(*map(Path, lines)), edgecolor=LINE, linewidth=0.8)
        )
        for (i, j), value in np.ndenumerate(values):
            label = text_of(value) if value else zeros
            points = 28 * self.cell * size
            ink = INK if value else SOFT
            if label:
                self.say(left + (j + 0.5) * size, top + (i + 0.5) * size, label, points, ink)
        self.box(left, top, columns * size, rows * size, SOFT, 1.0)
        if name:
            self.say(left + columns * size / 2, top - 0.42, name, 12)

    def box(
        self,
        left: float,
        top: float,
        width: float,
        height: float,
        color: str = INK,
        line: float = 2.0,
        fill: Any = None,
        style: str = "-",
    ) -> None:
        """A rectangle; without `fill` only its outline."""
        self.axes.add_patch(
            Rectangle(
                (left, top),
                width,
                height,
                edgecolor=color,
                facecolor="none" if fill is None else fill,
                linewidth=line,
                linestyle=style,
                joinstyle="miter",
                zorder=2 if fill is None else 0.5,
            )
        )

    def say(
        self, x: float, y: float, words: str, points: float = 11, color: str = INK, **style: Any
    ) -> None:
        """Words around (x, y)."""
        style = {"ha": "center", "va": "center_baseline", "zorder": 4, **style}
        self.axes.text(x, y, words, fontsize=points, color=color, **style)

    def arrow(
        self,
        start: tuple[float, float],
        end: tuple[float, float],
        color: str = SOFT,
        bend: float = 0.0,
        line: float = 1.3,
    ) -> None:
        """An arrow, bent to its side by `bend` of its length."""
        self.axes.add_patch(
            FancyArrowPatch(
                start,
                end,
                arrowstyle="-|>,head_length=4,head_width=2.2",
                color=color,
                linewidth=line,
                connectionstyle=f"arc3,rad={bend}",
                zorder=3,
                shrinkA=0,
                shrinkB=0,
            )
        )

    def save(self, path: pathlib.Path) -> pathlib.Path:
        """Write the SVG; the same drawing gives the same bytes."""
        with matplotlib.rc_context({"svg.hashsalt": path.name, "svg.fonttype": "path"}):
            self.figure.savefig(path, format="svg", metadata={"Date": None, "Creator": None})
        return path


def sum_of_products(
    board: Board,
    x: float,
    y: float,
    factors: list[tuple[float, float]],
    colors: list[str],
    tail: str,
) -> None:
    """`3·1 + 1·2 + … tail`, each product on its weight's colour; x is the left end."""
    for position, ((a, b), color) in enumerate(zip(factors, colors, strict=True)):
        if position:
            board.say(x + 0.35, y, "+", 11)
            x += 0.7
        second = text_of(b) if b >= 0 else f"({text_of(b)})"
        width = 1.5 if b >= 0 else 2.1
        board.box(x, y - 0.42, width, 0.84, tint(color), 0, tint(color))
        board.say(x + width / 2, y, f"{text_of(a)}·{second}", 11)
        x += width
    board.say(x + 0.25, y, tail, 11, ha="left")
