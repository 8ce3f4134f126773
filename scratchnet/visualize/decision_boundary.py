"""Decision boundaries: the plane, coloured by what a model of two features says at each point.

Works with anything that predicts labels for points (n, 2): a classifier, or a clustering, whose
label -1, outside of all clusters, stays white. Where the model has a single decision function f,
its line f = 0 is drawn, and, dashed, f = ±1, the edges of a support vector machine's street; where
it tells its support vectors, they are ringed.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from scratchnet.visualize.figure import blank_figure, headline, tidy
from scratchnet.visualize.palette import INK, SOFT, class_colors

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

RESOLUTION = 240
"""Points of the grid in each direction."""
MARGIN = 0.08
"""How far the picture reaches beyond the samples, as a share of their extent."""
OUTSIDE = -1


def decision_boundary(
    model: Any,
    X: ArrayLike,
    y: ArrayLike,
    class_names: Sequence[str] | None = None,
    title: str | None = None,
) -> Figure:
    """The samples X (n, 2), coloured by their labels y (n,), over the regions that `model` makes.

    Args:
        model: fitted; has `predict`, and perhaps `decision_function` and `support_`, indices of
            samples in X.
        class_names: names for the sorted labels without -1; the labels themselves, if left out.
        title: the figure's headline; the share that is right, if left out.

    Raises:
        ValueError: X is not (n, 2), y is not (n,), or there is not one name a label.
    """
    points, labels = np.asarray(X, np.float64), np.asarray(y)
    if points.ndim != 2 or points.shape[1] != 2 or labels.shape != (len(points),):
        raise ValueError(
            "decision_boundary expects X (n, 2) and y (n,), got "
            f"{points.shape} and {labels.shape}; choose two features"
        )
    classes = [label for label in np.unique(labels).tolist() if label != OUTSIDE]
    names = [str(label) for label in classes] if class_names is None else list(class_names)
    if len(names) != len(classes):
        raise ValueError(f"{len(classes)} labels need as many names, got {names}")

    figure = blank_figure(7.4, 5.6)
    axes = figure.add_subplot()
    colors = dict(zip(classes, class_colors(names), strict=True))
    _draw_regions(axes, model, _grid(points), colors)
    _draw_samples(axes, model, points, labels, colors, names)
    axes.set_xlabel("first feature")
    axes.set_ylabel("second feature")
    right = np.mean(np.asarray(model.predict(points)) == labels)
    headline(figure, title or f"{100 * right:.1f} % of {len(points):,} samples on their side")
    return figure


def _grid(points: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
    """The x (columns,) and the y (rows,) of the grid's points."""
    low, high = points.min(axis=0), points.max(axis=0)
    room = MARGIN * np.where(high > low, high - low, 1.0)
    steps = np.linspace(low - room, high + room, RESOLUTION)
    return steps[:, 0], steps[:, 1]


def _draw_regions(
    axes: Axes, model: Any, grid: tuple[NDArray[Any], NDArray[Any]], colors: dict[Any, str]
) -> None:
    """Pale colours for what is predicted, lines where the decision function is 0 and ±1."""
    xs, ys = grid
    where = np.stack(np.meshgrid(xs, ys), axis=-1).reshape(-1, 2)
    predicted = np.asarray(model.predict(where)).reshape(RESOLUTION, RESOLUTION)
    for label, color in colors.items():
        region = np.where(predicted == label, 1.0, 0.0)
        if region.any():
            axes.contourf(xs, ys, region, levels=[0.5, 1.5], colors=[color], alpha=0.22)
    if not hasattr(model, "decision_function"):
        return
    f = np.asarray(model.decision_function(where))
    if f.ndim > 1:
        return
    lines = {-1: "--", 0: "-", 1: "--"}
    levels = [level for level in lines if f.min() < level < f.max()]
    if levels:
        styles = [lines[level] for level in levels]
        f = f.reshape(RESOLUTION, RESOLUTION)
        axes.contour(xs, ys, f, levels=levels, colors=INK, linestyles=styles, linewidths=1.1)


def _draw_samples(
    axes: Axes, model: Any, points: NDArray[Any], labels: NDArray[Any], colors: dict[Any, str],
    names: list[str],
) -> None:  # fmt: skip
    """A dot a sample, a cross for those outside, a ring for support vectors; and the legend."""
    for (label, color), name in zip(colors.items(), names, strict=True):
        x, y = points[labels == label].T
        axes.scatter(x, y, s=22, color=color, edgecolors="white", linewidths=0.5, label=name)
    if (labels == OUTSIDE).any():
        x, y = points[labels == OUTSIDE].T
        axes.scatter(x, y, s=26, color=SOFT, marker="x", linewidths=1.2, label="outside")
    if hasattr(model, "support_"):
        x, y = points[model.support_].T
        rings = f"support vectors ({len(x):,})"
        axes.scatter(x, y, s=64, facecolors="none", edgecolors=INK, linewidths=0.9, label=rings)
    tidy(axes, grid=None)
    axes.legend(
        loc="center left", bbox_to_anchor=(1.01, 0.5), frameon=False, fontsize=9, labelcolor=INK
    )
