"""The reliability diagram: does "80 % sure" come true 80 times in 100?

Bars are the accuracy of the predictions in each bin of confidence; the diagonal is a perfectly
calibrated classifier. Bars under it are over-confidence. Below, how many predictions each bin
has: a bar that stands on five samples says little.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from scratchnet.metrics import expected_calibration_error, reliability_bins
from scratchnet.visualize.figure import blank_figure, headline, tidy
from scratchnet.visualize.palette import ACCENT, INK, PALE, SOFT, WRONG

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def reliability_diagram(
    probabilities: ArrayLike, true: ArrayLike, bins: int = 15, noun: str = "images"
) -> Figure:
    """Accuracy against confidence in bins of equal width, with the number of samples in each.

    Args:
        probabilities: (N, K), rows sum to one.
        true: (N,) integer labels.
        bins: number of bins.
        noun: what the samples are called in the labels.
    """
    samples, confidence, right = reliability_bins(probabilities, true, bins)
    error = expected_calibration_error(probabilities, true, bins)
    edges = 100 * np.arange(bins) / bins
    width, filled = 100 / bins, samples > 0

    figure = blank_figure(6.4, 6.6)
    upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=[3.4, 1])
    style = {"width": 0.92 * width, "align": "edge"}
    upper.bar(edges[filled], 100 * right[filled], color=ACCENT, label="accuracy", **style)
    gap = 100 * (confidence - right)[filled]
    upper.bar(
        edges[filled], gap, bottom=100 * right[filled], label="gap to the confidence",
        facecolor="none", edgecolor=WRONG, linewidth=1, hatch="////", **style,
    )  # fmt: skip
    upper.plot(
        [0, 100], [0, 100], color=INK, linewidth=1, linestyle=(0, (4, 3)), label="calibrated"
    )
    upper.set(ylabel="accuracy (%)", xlim=(0, 100), ylim=(0, 100))
    upper.legend(frameon=False, fontsize=9, labelcolor=INK, loc="upper left")
    lower.bar(edges, samples, color=PALE, **style)
    lower.set(xlabel="confidence of the prediction (%)", ylabel=noun)
    for axes in (upper, lower):
        tidy(axes)

    N = samples.sum()
    surplus = 100 * float((samples * (confidence - right)).sum()) / N
    lean = "over" if surplus > 0 else "under"
    upper.set_title(
        f"{lean}-confident by {abs(surplus):.1f} points on average", loc="left", fontsize=10,
        color=SOFT,
    )  # fmt: skip
    headline(figure, f"Confidence is {100 * error:.1f} points from accuracy (ECE, {bins} bins)")
    return figure
