"""Why it is fast: windows left after each stage, and the features computed for a window."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from explain_figures.explanation import Explanation
from explain_figures.style import (
    HEAT,
    INK,
    NO,
    SOFT,
    YES,
    blank_figure,
    entitle,
    headline,
    plural,
    scale_bar,
    tidy,
)
from haar import explain

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def windows_figure(e: Explanation) -> Figure:
    """Windows left after each stage, scale by scale and in total; features for a window."""
    from matplotlib import colormaps
    from matplotlib.cm import ScalarMappable
    from matplotlib.colors import LogNorm

    left = np.array([explain.windows_left(at) for at in e.watched])
    widths = [at.level.box_width for at in e.watched]
    total = left.sum(axis=0)
    NS = len(e.cascade.stages)
    figure = blank_figure(13, 5.4)
    axes, histogram = figure.subplots(1, 2)

    sizes = LogNorm(widths[0], max(widths[-1], widths[0] + 1))
    for row, width in zip(left, widths, strict=True):
        color = colormaps[HEAT](sizes(width))
        axes.plot(range(NS + 1), np.where(row > 0, row, np.nan), color=color, linewidth=1.2)
    axes.plot(range(NS + 1), np.where(total > 0, total, np.nan), color=INK, linewidth=2.6)
    axes.annotate(
        "all sizes together", (0, total[0]), (6, 6), textcoords="offset points", weight="bold",
        color=INK, fontsize=10,
    )  # fmt: skip
    axes.set_yscale("log")
    axes.set_ylim(0.7, 4 * total[0])
    axes.set_xlim(-0.3, NS + 0.3)
    axes.xaxis.get_major_locator().set_params(integer=True)
    axes.set_xlabel("stages passed")
    axes.set_ylabel("windows left")
    entitle(axes, f"{total[0]:,} windows are looked at, {total[-1]:,} pass all {NS} stages")
    tidy(axes)
    bar = scale_bar(axes, ScalarMappable(sizes, HEAT), "width of the window, pixels")
    ticks = sorted({widths[int(i)] for i in np.linspace(0, len(widths) - 1, 5)})
    bar.set_ticks(ticks, labels=[str(tick) for tick in ticks])
    bar.ax.minorticks_off()

    features = np.concatenate([at.features[at.looked_at] for at in e.watched])
    mean = float(features.mean())
    show_features(histogram, features, mean)
    number = len(e.cascade.tables().node_feature)
    entitle(histogram, f"A window costs {mean:.1f} of {number:,} features, on average")
    headline(figure, windows_headline(total))
    return figure


def show_features(axes: Axes, features: NDArray[np.int32], mean: float) -> None:
    """The histogram, both axes logarithmic; flat windows cost nothing and stand apart."""
    some = features[features > 0]
    least, most = (int(some.min()), int(some.max())) if len(some) else (1, 1)
    edges = np.unique(np.geomspace(least, most + 1, 40).astype(int))
    axes.hist(some, bins=edges if len(edges) > 1 else [least, least + 1], color=YES)
    flat = len(features) - len(some)
    if flat:
        axes.bar(least / 2.6, flat, width=least / 8, color=SOFT)
        axes.annotate(
            "flat: none", (least / 2.6, flat), (0, 3), textcoords="offset points", ha="center",
            color=SOFT, fontsize=9,
        )  # fmt: skip
    axes.set(
        xscale="log", yscale="log", ylim=(0.7, 4 * len(features)), xlim=(least / 4, 1.4 * most)
    )
    if mean > 0:
        axes.axvline(mean, color=NO, linewidth=2)
        axes.annotate(
            f"mean {mean:.1f}", (mean, 0.97), (6, 0), xycoords=("data", "axes fraction"),
            textcoords="offset points", color=NO, weight="bold", va="top",
        )  # fmt: skip
    axes.set_xlabel("features computed for a window (the gaps: a stage is computed whole)")
    axes.set_ylabel("windows")
    ticks = [n for n in (1, 3, 10, 30, 100, 300, 1000, 3000, 10000) if least / 2 < n <= 1.4 * most]
    axes.set_xticks(ticks, labels=[f"{tick:,}" for tick in ticks])
    axes.minorticks_off()
    tidy(axes)


def windows_headline(total: NDArray[np.int64]) -> str:
    """After how many stages half of the windows are gone, and 99 %."""
    facts = []
    for share, name in ((0.5, "half of the windows"), (0.01, "99 %")):
        enough = np.flatnonzero(total <= share * total[0])
        if len(enough):
            facts.append(f"{name} after {plural(int(enough[0]), 'stage')}")
    if not facts:
        return "More than half of the windows pass all stages: this cascade tells little apart"
    return f"Gone are {' and '.join(facts)}"
