"""Agreement with people: whether the network confuses the classes that annotators confuse.

Two matrices side by side, row = what most people said. Left, how people's votes are spread over
the classes; right, how the network's probability is. The diagonals are pale on purpose: what is
compared is where the rest goes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from scratchnet.visualize.figure import blank_figure, headline, tidy
from scratchnet.visualize.palette import INK, SEQUENTIAL, SOFT

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def vote_comparison(
    votes: ArrayLike, probabilities: ArrayLike, class_names: Sequence[str], correlation: float
) -> Figure:
    """Mean vote shares and mean probabilities (K, K) by majority label, with one colour scale.

    Args:
        votes: row k = mean vote shares of the samples that most people called k.
        probabilities: row k = mean probabilities of the same samples.
        class_names: K names.
        correlation: rank correlation of the two off the diagonal, for the title.

    Raises:
        ValueError: a matrix is not K × K.
    """
    K = len(class_names)
    matrices = np.asarray(votes, np.float64), np.asarray(probabilities, np.float64)
    if any(matrix.shape != (K, K) for matrix in matrices):
        shapes = " and ".join(str(matrix.shape) for matrix in matrices)
        raise ValueError(f"vote_comparison expects two matrices ({K}, {K}), got {shapes}")
    off = ~np.eye(K, dtype=bool)
    top = max(float(matrix[off].max()) for matrix in matrices) or 1.0
    figure = blank_figure(2.2 + 1.44 * K, 1.7 + 0.62 * K)
    panels = figure.subplots(1, 2, sharey=True)
    for axes, matrix, title in zip(
        panels, matrices, ("people's votes", "the network's probabilities"), strict=True
    ):
        _matrix(axes, matrix, top, class_names)
        axes.set_title(title, fontsize=11, color=SOFT, loc="left")
    panels[0].set_ylabel("most people said")
    headline(figure, f"Does it confuse what people confuse? Rank correlation {correlation:.2f}")
    return figure


def _matrix(axes: Axes, matrix: np.ndarray, top: float, class_names: Sequence[str]) -> None:
    K = len(class_names)
    off = np.where(np.eye(K, dtype=bool), np.nan, matrix)
    axes.imshow(off, cmap=SEQUENTIAL, vmin=0, vmax=top)
    for i, j in np.ndindex(K, K):
        ink = SOFT if i == j else "white" if matrix[i, j] > 0.6 * top else INK
        text = f"{100 * matrix[i, j]:.0f} %" if np.isfinite(matrix[i, j]) else "–"
        axes.text(j, i, text, ha="center", va="center", fontsize=9.5, color=ink)
    tidy(axes, grid=None)
    axes.set_xticks(range(K), class_names, fontsize=9, color=INK, rotation=30, ha="right")
    axes.set_yticks(range(K), class_names, fontsize=10, color=INK)
    axes.set_xticks(np.arange(K - 1) + 0.5, minor=True)
    axes.set_yticks(np.arange(K - 1) + 0.5, minor=True)
    axes.grid(which="minor", color="white", linewidth=2)
    axes.tick_params(which="minor", length=0)
