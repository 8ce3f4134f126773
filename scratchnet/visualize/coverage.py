"""Coverage: how much more often the surest answers are right.

Read it from the right: at 100 % every sample is answered, and the curve stands at plain accuracy;
leaving out the least sure ones moves to the left and, if confidence is worth anything, up.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from numpy.typing import ArrayLike

from scratchnet.metrics import coverage_curve
from scratchnet.visualize.figure import blank_figure, headline, tidy
from scratchnet.visualize.palette import ACCENT, INK, SOFT

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MARKED = (0.25, 0.5, 0.75, 1.0)
"""The shares whose accuracy is written into the figure."""
FEWEST = 20
"""The curve begins here: the accuracy of the first few samples is a coin's."""


def coverage_plot(probabilities: ArrayLike, true: ArrayLike, noun: str = "images") -> Figure:
    """Accuracy of the surest share of the answers, for every share.

    Args:
        probabilities: (N, K).
        true: (N,) integer labels.
        noun: what the samples are called in the labels.
    """
    curve = coverage_curve(probabilities, true)
    first = min(FEWEST, len(curve.coverage)) - 1
    figure = blank_figure(7, 4.6)
    axes = figure.add_subplot()
    x, y = 100 * curve.coverage[first:], 100 * curve.accuracy[first:]
    axes.plot(x, y, color=ACCENT, linewidth=2)
    axes.axhline(y[-1], color=SOFT, linewidth=0.9, linestyle=(0, (4, 3)), zorder=1)
    for share in MARKED:
        accuracy, threshold = curve.at(share)
        axes.plot(100 * share, 100 * accuracy, "o", color=ACCENT, markersize=7, clip_on=False)
        axes.annotate(
            f"{100 * accuracy:.1f} %", (100 * share, 100 * accuracy), (8, 6),
            textcoords="offset points", ha="left", fontsize=10, weight="bold", color=INK,
        )  # fmt: skip
        axes.annotate(
            f"sure ≥ {100 * threshold:.0f} %", (100 * share, 100 * accuracy), (-6, -15),
            textcoords="offset points", ha="right", fontsize=8, color=SOFT,
        )  # fmt: skip
    axes.set(xlim=(0, 113), ylim=(max(0.0, float(y.min()) - 7), 104))
    axes.set(xlabel=f"coverage: the surest … % of the {noun}", ylabel="accuracy (%)")
    axes.set_xticks(range(0, 101, 25))
    tidy(axes)
    half, whole = curve.at(0.5)[0], curve.at(1.0)[0]
    headline(
        figure, f"The surer half is right in {half:.1%}, all in {whole:.1%}".replace("%", " %")
    )
    return figure
