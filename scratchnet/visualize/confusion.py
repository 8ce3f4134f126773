"""The confusion matrix: what each class was taken for, in counts and as shares of its row.

Colour and large figures are row shares (the diagonal is recall), so that rare classes can be
read beside frequent ones; the raw count stands small underneath.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from scratchnet.metrics import most_confused
from scratchnet.visualize.figure import blank_figure, headline, tidy
from scratchnet.visualize.palette import INK, SEQUENTIAL, SOFT

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def confusion_heatmap(
    confusion: ArrayLike, class_names: Sequence[str], noun: str = "images"
) -> Figure:
    """The matrix (K, K), rows true, as a heat map with both numbers in each cell.

    Args:
        confusion: counts, row = true class, column = predicted class.
        class_names: K names.
        noun: what the samples are called in the labels.

    Raises:
        ValueError: the matrix is not K × K, or is empty.
    """
    counts = np.asarray(confusion)
    K = len(class_names)
    if counts.shape != (K, K) or counts.sum() == 0:
        raise ValueError(f"{K} class names need counts ({K}, {K}), some > 0; got {counts.shape}")
    support = counts.sum(axis=1)
    shares = counts / np.maximum(support, 1)[:, None]

    size = 2.4 + 0.8 * K
    figure = blank_figure(max(7.0, size + 0.6), size)
    axes = figure.add_subplot()
    axes.imshow(shares, cmap=SEQUENTIAL, vmin=0, vmax=1)
    for i, j in np.ndindex(K, K):
        ink = "white" if shares[i, j] > 0.55 else INK
        share = f"{100 * shares[i, j]:.0f} %" if support[i] else "–"
        bold = "bold" if i == j else "normal"
        for text, points, size, weight in (
            (share, 5, 12, bold),
            (f"{counts[i, j]:,}", -11, 8, "normal"),
        ):
            axes.annotate(
                text, (j, i), (0, points), textcoords="offset points", ha="center", va="center",
                color=ink, fontsize=size, weight=weight,
            )  # fmt: skip

    tidy(axes, grid=None)
    axes.set_xticks(range(K), class_names, fontsize=10, color=INK)
    sizes = [f"{name}\n{n:,}" for name, n in zip(class_names, support, strict=True)]
    axes.set_yticks(range(K), sizes, fontsize=10, color=INK)
    axes.set_xticks(np.arange(K - 1) + 0.5, minor=True)
    axes.set_yticks(np.arange(K - 1) + 0.5, minor=True)
    axes.grid(which="minor", color="white", linewidth=2)
    axes.tick_params(which="minor", length=0)
    axes.set_xlabel("predicted")
    axes.set_ylabel(f"true, with its {noun}")
    axes.xaxis.label.set_color(SOFT)
    headline(figure, _title(counts, class_names))
    return figure


def _title(counts: np.ndarray, class_names: Sequence[str]) -> str:
    fact = f"{100 * np.trace(counts) / counts.sum():.1f} % right"
    worst = most_confused(counts, 1)
    if not worst:
        return f"{fact}: no confusion at all"
    true, predicted, samples, _ = worst[0]
    taken = f"{class_names[true]} for {class_names[predicted]}"
    return f"{fact}; most often mistaken is {taken} ({samples:,})"
