"""What each further stage is good for: objects found against background windows accepted.

A line is a cascade of the first k stages, whose last threshold runs from high to low; its dot is
where the threshold was set. What earlier stages reject no threshold brings back: a line ends there.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import haar
from cascade_training.scores import Scores
from scratchnet.visualize.figure import blank_figure, headline, save_figure, tidy
from scratchnet.visualize.palette import INK, LINE


def draw_roc(cascade: haar.Cascade, objects: Scores, backgrounds: Scores, path: Path) -> None:
    """Held-out objects found against background windows accepted, by the number of stages."""
    from matplotlib import colormaps

    figure = blank_figure(8, 5.6)
    axes = figure.subplots()
    NS = len(cascade.stages)
    colors = colormaps["viridis"](np.linspace(0, 0.92, NS))
    hits, alarms = np.zeros(NS), np.zeros(NS)
    for k, threshold in enumerate(cascade.tables().stage_threshold):
        x, y = roc(objects[:, k], backgrounds[:, k])
        axes.plot(x, y, color=colors[k], linewidth=1.3)
        hits[k] = (objects[:, k] >= threshold).mean()
        alarms[k] = (backgrounds[:, k] >= threshold).mean()
    least = 0.5 / max(len(backgrounds), 1)
    axes.scatter(np.maximum(alarms, least), hits, 26, colors, zorder=3, edgecolor="white")
    for k in sorted({0, NS // 2, NS - 1}):
        axes.annotate(
            f"{k + 1} stage{'s' * (k > 0)}", (max(alarms[k], least), hits[k]), xytext=(0, 7),
            textcoords="offset points", ha="center", fontsize=9.5, color=INK, zorder=4,
            bbox={"boxstyle": "round,pad=0.15", "facecolor": "white", "edgecolor": "none"},
        )  # fmt: skip
    low, lowest = max(0, hits.min() - 0.1), max(alarms.min(), least) / 30
    axes.set(xscale="log", xlim=(max(lowest, least * 0.8), 1.15), ylim=(low, 1 + 0.12 * (1 - low)))
    axes.set_xlabel(f"of {len(backgrounds):,} background windows, accepted")
    axes.set_ylabel(f"of {len(objects):,} held-out objects, accepted")
    axes.yaxis.set_major_formatter(lambda share, _: f"{100 * share:.0f} %" if share <= 1 else "")
    tidy(axes)
    axes.tick_params(which="minor", length=0)
    axes.grid(axis="x", color=LINE, linewidth=0.5)
    headline(figure, "Stage by stage, few objects are given up, and ever more background")
    save_figure(figure, path)


def roc(objects: NDArray[Any], backgrounds: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
    """Shares of the backgrounds and of the objects whose score is at least t, t falling."""
    both = np.concatenate([objects, backgrounds])
    thresholds = np.unique(both[np.isfinite(both)])[::-1]
    thresholds = thresholds[:: max(1, len(thresholds) // 2000)]
    x, y = (
        1 - np.searchsorted(np.sort(scores), thresholds) / max(len(scores), 1)
        for scores in (backgrounds, objects)
    )
    return x, y
