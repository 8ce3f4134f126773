"""The roofline as a figure: arithmetic a second over arithmetic a byte, both on a log scale.

Each part of a training step is a point; the larger, the longer it takes. Its distance below the
roof is what it could gain. Names stand in a column on the right, in the order of the points'
heights, each with a line to its point: so no name can lie upon another.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

SMALLEST = 0.008
"""Of the step's time; what takes less is in the table only."""


class Roof(NamedTuple):
    """The machine's limits, a second."""

    peak: float
    one_thread: float
    bandwidth: float
    threads: int


def spread_out(heights: Sequence[float], gap: float) -> list[float]:
    """Places from 0 to 1, in the order of the heights, as near to them as a gap between allows.

    From below to above each place is moved up to its neighbour's + gap; if the last one leaves the
    figure, they are moved down from above in the same way.
    """
    order = np.argsort(heights, kind="stable")
    places = np.asarray(heights, np.float64)[order]
    gap = min(gap, 1 / max(1, len(places) - 1))
    for i in range(1, len(places)):
        places[i] = max(places[i], places[i - 1] + gap)
    top = 1.0
    for i in reversed(range(len(places))):
        places[i] = top = min(places[i], top)
        top -= gap
    found = np.empty(len(places))
    found[order] = places
    return found.tolist()


def draw(roof: Roof, rows: Sequence[tuple[Any, ...]], path: Path, subtitle: str) -> None:
    """Rows of the table of `roofline.report`, as points under the roof."""
    from scratchnet.visualize.figure import blank_figure, headline, save_figure, tidy
    from scratchnet.visualize.palette import INK, LINE, OKABE_ITO, SOFT

    points = [row for row in rows if row[4] and row[6] and row[3] >= SMALLEST]
    algorithms = list(dict.fromkeys(row[1] for row in points))
    colors = dict(zip(algorithms, OKABE_ITO, strict=False))
    intensity = [row[6] for row in points]
    rate = [row[4] for row in points]
    left, right = min(intensity, default=1) / 2, max(intensity, default=1) * 2
    ridge = roof.peak / roof.bandwidth
    left, right = min(left, ridge / 4), max(right, ridge * 4)
    top = 2 * roof.peak / 1e9
    bottom = min([*rate, left * roof.bandwidth / 1e9]) / 1.5

    drawing = blank_figure(12, max(5.5, 1.8 + 0.22 * len(points)))
    axes = drawing.subplots()
    lines = [(roof.peak, "-", 3, "bottom"), (roof.one_thread, "--", -3, "top")]
    for peak, style, shift, side in lines[: 1 if roof.threads == 1 else 2]:
        corner = peak / roof.bandwidth
        slope = [left * roof.bandwidth / 1e9, peak / 1e9, peak / 1e9]
        axes.plot([left, corner, right], slope, style, color=INK, linewidth=1.4, zorder=1)
        threads = f"{roof.threads} threads" if style == "-" and roof.threads > 1 else "one thread"
        axes.annotate(
            f"{threads}: {peak / 1e9:.0f} GFLOP/s", (1.1 * ridge, peak / 1e9), xytext=(0, shift),
            textcoords="offset points", fontsize=9, color=INK, va=side,
        )  # fmt: skip
    axes.set(xscale="log", yscale="log", xlim=(left, right), ylim=(bottom, top))
    axes.set(xlabel=f"operations a byte      (slope: {roof.bandwidth / 1e9:.0f} GB/s)")
    axes.set_ylabel("GFLOP/s")
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter("{x:g}")
    tidy(axes, grid=None)
    axes.tick_params(which="minor", length=0)
    axes.grid(which="major", color=LINE, linewidth=0.8)

    heights = [float(np.log(r / bottom) / np.log(top / bottom)) for r in rate]
    places = spread_out(heights, 0.21 / (drawing.get_size_inches()[1] - 1.6))
    for row, place in zip(points, places, strict=True):
        color = colors.get(row[1], SOFT)
        mark = "D" if row[0].endswith("backward") else "o"
        size = 30 + 700 * row[3]
        axes.scatter(row[6], row[4], size, color, marker=mark, alpha=0.75, zorder=3)
        line = {"arrowstyle": "-", "color": color, "linewidth": 0.6, "shrinkA": 2, "shrinkB": 0}
        axes.annotate(
            f"{row[0]}  {row[8]:.0%}", (row[6], row[4]), xytext=(1.04, place),
            textcoords="axes fraction", fontsize=8.5, color=INK, va="center",
            annotation_clip=False, arrowprops={**line, "relpos": (0, 0.5)},
        )  # fmt: skip
    for name, color in colors.items():
        axes.scatter([], [], s=50, color=color, label=name or "other")
    axes.scatter([], [], s=40, color="none", edgecolor=SOFT, marker="o", label="forward")
    axes.scatter([], [], s=40, color="none", edgecolor=SOFT, marker="D", label="backward")
    drawing.legend(loc="outside lower center", ncols=8, frameon=False, fontsize=9)
    headline(drawing, f"Share of the machine's limit: {subtitle}")
    save_figure(drawing, path)
