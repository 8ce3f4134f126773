"""The figure: a line a system; how often it is right, and what that costs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from classical_comparison.measuring import Result
from scratchnet.visualize.figure import blank_figure, headline, tidy
from scratchnet.visualize.palette import ACCENT, INK, LINE, PALE, SOFT

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

COSTS = {
    "fit_seconds": "seconds to fit",
    "predict_microseconds": "microseconds a face",
    "size_bytes": "bytes",
}


def draw(results: Sequence[Result], chance: float, title: str) -> Figure:
    """Accuracy with its interval, and three costs on logarithmic scales.

    Args:
        results: those that did not fail, at least one, in the order of the table.
        chance: the accuracy of always naming the largest class.
    """
    done = [result for result in results if result.accuracy is not None]
    if not done:
        raise ValueError("expected at least one system that did not fail")
    figure = blank_figure(11.5, 1.5 + 0.3 * len(done), margin=0.1)
    first, *rest = figure.subplots(1, 1 + len(COSTS), sharey=True, width_ratios=[2.2, 1, 1, 1])
    _accuracies(first, done, chance)
    for axes, (name, label) in zip(rest, COSTS.items(), strict=True):
        _costs(axes, [getattr(result, name) for result in done], label)
    first.set_yticks(range(len(done)), [result.title for result in done], color=INK)
    first.set_ylim(len(done) - 0.4, -0.6)
    headline(figure, title)
    return figure


def _accuracies(axes: Axes, done: Sequence[Result], chance: float) -> None:
    percent = [(100 * r.low, 100 * r.accuracy, 100 * r.high) for r in done]  # type: ignore[operator]
    low, middle, high = zip(*percent, strict=True)
    rows = range(len(done))
    axes.barh(rows, middle, height=0.62, color=PALE)
    axes.hlines(rows, low, high, color=ACCENT, linewidth=2)
    for row, value, end in zip(rows, middle, high, strict=True):
        axes.text(end + 1.5, row, f"{value:.1f}", va="center", fontsize=9, color=INK)
    axes.axvline(100 * chance, color=SOFT, linewidth=1, linestyle=(0, (3, 2)))
    tidy(axes, grid="x")
    axes.set_xlim(0, 108)
    axes.set_xlabel("accuracy in %, and its 95 % interval; dashed: chance")


def _costs(axes: Axes, values: Sequence[float], label: str) -> None:
    rows = range(len(values))
    least = min(value for value in values if value > 0)
    shown = [max(value, least) for value in values]
    axes.set_xscale("log")
    axes.plot(shown, rows, "o", color=ACCENT, markersize=5.5)
    tidy(axes, grid=None)
    axes.grid(color=LINE, linewidth=0.8)
    axes.minorticks_off()
    axes.set_xlim(0.4 * least, 3 * max(shown))
    axes.set_xlabel(label)
