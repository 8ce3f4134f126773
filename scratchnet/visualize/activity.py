"""Activity: of each ReLU layer, which units speak on how many pictures, and which never do.

A dead unit is 0 on every picture: it counts for nothing, and no gradient reaches it any more.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from scratchnet.visualize.figure import blank_figure, headline, tidy
from scratchnet.visualize.palette import ACCENT, INK, PALE, SOFT, WRONG

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def activity_bars(layers: Mapping[str, ArrayLike], pictures: int, noun: str = "images") -> Figure:
    """A bar a layer: always active, sometimes, and dead, as shares of its units.

    Args:
        layers: for each layer's name the activity (units,) of its units, 0 .. 1.
        pictures: on how many pictures that was counted.
        noun: what the pictures are called in the labels.

    Raises:
        ValueError: no layer at all.
    """
    if not layers:
        raise ValueError("activity_bars expects at least one ReLU layer, got none")
    names, shares = list(layers), [np.asarray(activity) for activity in layers.values()]
    kinds = (
        ("active on every picture", PALE, [(a == 1).mean() for a in shares]),
        ("on some", ACCENT, [((a > 0) & (a < 1)).mean() for a in shares]),
        ("dead", WRONG, [(a == 0).mean() for a in shares]),
    )
    figure = blank_figure(8.4, 1.6 + 0.3 * len(names))
    axes = figure.add_subplot()
    left = np.zeros(len(names))
    for label, color, widths in kinds:
        width = 100 * np.array(widths)
        axes.barh(range(len(names)), width, left=left, height=0.66, color=color, label=label)
        left += width
    for row, activity in enumerate(shares):
        dead = int((activity == 0).sum())
        text = f"  {len(activity):,} units" + (f", {dead} dead" if dead else "")
        axes.text(100, row, text, va="center", fontsize=8.5, color=WRONG if dead else SOFT)
    tidy(axes, grid=None)
    axes.set(xlim=(0, 122), ylim=(len(names) - 0.5, -0.5), xlabel="share of the units (%)")
    axes.set_xticks(range(0, 101, 25))
    axes.set_yticks(range(len(names)), names, fontsize=9, color=INK)
    figure.legend(loc="outside lower left", ncols=3, frameon=False, fontsize=9, labelcolor=SOFT)
    dead, total = (int(sum(f(a) for a in shares)) for f in (lambda a: (a == 0).sum(), len))
    fact = f"{dead} of {total:,} units are" if dead else f"None of {total:,} units is"
    headline(figure, f"{fact} dead on {pictures:,} {noun}")
    return figure
