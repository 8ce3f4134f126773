"""Ranks: at which place of the ranking by probability the true label stands.

A classifier whose wrong answers have the right label second knows more than its accuracy says.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from scratchnet.visualize.figure import blank_figure, headline, tidy
from scratchnet.visualize.palette import ACCENT, INK, PALE, SOFT

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def rank_bars(histogram: ArrayLike, noun: str = "images") -> Figure:
    """Bars of the share of samples by rank, each with its share and the running total.

    Args:
        histogram: (K,) counts: true label ranked first, second, .. last.
        noun: what the samples are called in the labels.

    Raises:
        ValueError: not one row of counts, or nothing counted.
    """
    counts = np.asarray(histogram)
    if counts.ndim != 1 or counts.sum() == 0:
        raise ValueError(f"rank_bars expects counts (K,), some > 0; got {counts.tolist()}")
    K, total = len(counts), counts.sum()
    shares = 100 * counts / total
    reached = np.cumsum(shares)

    figure = blank_figure(8, 4.6)
    axes = figure.add_subplot()
    axes.bar(range(1, K + 1), shares, width=0.72, color=[ACCENT] + [PALE] * (K - 1))
    for rank, share in enumerate(shares, 1):
        lift = 4 if rank == 1 else 15
        _above(axes, rank, share, lift, f"{share:.1f} %", color=INK, fontsize=11, weight="bold")
        if rank > 1:
            _above(axes, rank, share, 4, f"Σ {reached[rank - 1]:.1f} %", color=SOFT, fontsize=8)
    axes.set_xticks(range(1, K + 1), [_ordinal(rank) for rank in range(1, K + 1)])
    axes.set_ylim(0, shares.max() * 1.15)
    axes.set(xlabel="rank of the true label", ylabel=f"share of {total:,} {noun} (%)")
    tidy(axes, grid=None)

    fact = f"{shares[0]:.1f} % of {noun} have the right label first"
    more = f", {reached[2]:.1f} % among the first three" if K > 3 else ""
    headline(figure, fact + more)
    return figure


def _above(axes, x: float, y: float, points: float, text: str, **style) -> None:
    """Text a few points above (x, y), whatever the axis' scale is."""
    axes.annotate(text, (x, y), (0, points), textcoords="offset points", ha="center", **style)


def _ordinal(rank: int) -> str:
    ending = "th" if rank // 10 % 10 == 1 else {1: "st", 2: "nd", 3: "rd"}.get(rank % 10, "th")
    return f"{rank}{ending}"
