"""Training curves: loss, accuracy and learning rate by epoch, with the best epoch marked.

What to look for: training and validation falling together is learning; validation that turns
while training goes on falling is overfitting, and the best epoch stands at the turn.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from scratchnet.visualize.figure import blank_figure, headline, tidy
from scratchnet.visualize.palette import ACCENT, INK, PALE, SOFT

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def best_row(history: pd.DataFrame, monitor: str) -> int | None:
    """Position of the best epoch: lowest of a loss, highest of anything else; None if unknown."""
    if monitor not in history or history[monitor].isna().all():
        return None
    values = history[monitor].to_numpy(np.float64)
    return int(np.nanargmin(values) if monitor.endswith("loss") else np.nanargmax(values))


def training_curves(history: pd.DataFrame, monitor: str = "val_loss") -> Figure:
    """Loss, accuracy and learning rate against the epoch.

    Args:
        history: one row an epoch; columns epoch, loss, accuracy and, where known, val_loss,
            val_accuracy and learning_rate.
        monitor: the column that says which epoch is best; without it, training loss does.

    Raises:
        ValueError: no epoch at all.
    """
    if len(history) == 0:
        raise ValueError("training_curves expects at least one epoch, got an empty history")
    if best_row(history, monitor) is None:
        monitor = "loss"
    best = best_row(history, monitor)

    with_rate = "learning_rate" in history and bool(history["learning_rate"].notna().any())
    figure = blank_figure(10, 5.4 if with_rate else 4.4)
    rows = figure.add_gridspec(2 if with_rate else 1, 2, height_ratios=[4, 1][: 1 + with_rate])
    _panel(figure.add_subplot(rows[0, 0]), history, "loss", best)
    _panel(figure.add_subplot(rows[0, 1]), history, "accuracy", best)
    if with_rate:
        axes = figure.add_subplot(rows[1, :])
        axes.plot(
            history["epoch"],
            history["learning_rate"],
            color=SOFT,
            clip_on=False,
            **_stroke(history),
        )
        axes.set(xlabel="epoch", ylabel="learning rate", ylim=(0, None))
        _whole_epochs(axes, history)

    headline(figure, _title(history, monitor, best))
    return figure


def _panel(axes: Axes, history: pd.DataFrame, name: str, best: int | None) -> None:
    """Training and validation of one quantity; the best epoch has a dot and a line."""
    scale = 100.0 if name == "accuracy" else 1.0
    for column, label, color in ((name, "training", PALE), (f"val_{name}", "validation", ACCENT)):
        if column not in history or history[column].isna().all():
            continue
        y = history[column] * scale
        axes.plot(history["epoch"], y, color=color, label=label, **_stroke(history))
        if best is not None:
            axes.plot(history["epoch"].iloc[best], y.iloc[best], "o", color=color, markersize=8)
    if best is not None:
        x = history["epoch"].iloc[best]
        axes.axvline(
            x, color=INK, linewidth=0.9, linestyle=(0, (4, 3)), zorder=1, label="best epoch"
        )
    axes.set(xlabel="epoch", ylabel=f"{name} (%)" if name == "accuracy" else name)
    if axes.lines:
        axes.legend(frameon=False, fontsize=9, labelcolor=INK)
    _whole_epochs(axes, history)


def _stroke(history: pd.DataFrame) -> dict[str, Any]:
    """A line, with a dot at each epoch as long as the dots do not run together."""
    return {"linewidth": 2, "marker": "o" if len(history) <= 30 else None, "markersize": 3.5}


def _whole_epochs(axes: Axes, history: pd.DataFrame) -> None:
    from matplotlib.ticker import MaxNLocator

    tidy(axes)
    first, last = history["epoch"].iloc[0], history["epoch"].iloc[-1]
    axes.set_xlim(first - 0.5, last + 0.5)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))


def _title(history: pd.DataFrame, monitor: str, best: int | None) -> str:
    if best is None:
        return f"{len(history)} epochs, and no finite loss: training diverged"
    row = history.iloc[best]
    fact = f"Best epoch {row['epoch']:.0f} of {history['epoch'].iloc[-1]:.0f}"
    for column, label in (("val_accuracy", "validation"), ("accuracy", "training")):
        if column in history and row[column] == row[column]:  # NaN is not equal to itself
            return f"{fact}: {row[column]:.1%} {label} accuracy".replace("%", " %")
    return f"{fact}: {monitor} {row[monitor]:.3f}"
