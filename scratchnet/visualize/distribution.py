"""Class distribution: how many samples of each class every split has."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from scratchnet.visualize.figure import blank_figure, headline, tidy
from scratchnet.visualize.palette import INK, SOFT, class_colors

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure


def class_distribution(counts: pd.DataFrame, noun: str = "images") -> Figure:
    """One panel a split, one bar a class: bars are shares of the split, so splits compare.

    Args:
        counts: index = class names, columns = splits, values = numbers of samples.
        noun: what the samples are called in the labels.

    Raises:
        ValueError: the table has no rows or columns, or a split has no sample.
    """
    table = counts.to_numpy()
    totals = table.sum(axis=0)
    if table.size == 0 or (totals == 0).any():
        raise ValueError(f"class_distribution expects samples in every split, got\n{counts}")
    names = [str(name) for name in counts.index]
    shares = 100 * table / totals

    figure = blank_figure(max(6.4, 1.4 + 3.4 * table.shape[1]), 1.3 + 0.36 * len(names))
    panels = figure.subplots(1, table.shape[1], sharey=True, squeeze=False)[0]
    for s, axes in enumerate(panels):
        axes.barh(range(len(names)), shares[:, s], height=0.7, color=class_colors(names))
        for k, share in enumerate(shares[:, s]):
            text = f" {share:.1f} %  ({table[k, s]:,})"
            axes.text(share, k, text, va="center", fontsize=8.5, color=INK)
        title = f"{counts.columns[s]}: {totals[s]:,} {noun}"
        axes.set_title(title, fontsize=10.5, color=SOFT, loc="left")
        axes.set(xlim=(0, 1.5 * shares.max()), ylim=(len(names) - 0.5, -0.5), xticks=[])
        tidy(axes, grid=None)
        axes.set_yticks(range(len(names)), names, fontsize=10, color=INK)

    headline(figure, _title(table.sum(axis=1), names, noun))
    return figure


def _title(totals: np.ndarray, names: list[str], noun: str) -> str:
    most, least = int(totals.argmax()), int(totals.argmin())
    if totals[least] == 0:
        return f"{names[least]} has no {noun}"
    if totals[most] == totals[least]:
        return f"All {len(names)} classes are equally frequent"
    return (
        f"{names[most]} is {totals[most] / totals[least]:.1f} times as frequent as {names[least]}"
    )
