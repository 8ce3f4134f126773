"""The figure of docs/report.md: `python -m docs.figures.make_report`, from the project's root.

The line of AND is what the perceptron of the chapter ends with; the hidden units are `Dense` and
`ReLU` with the chapter's weights.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from docs.figures.plots import panels, save_svg, title
from scratchnet.layers import Dense, ReLU
from scratchnet.visualize.palette import ACCENT, INK, OKABE_ITO, SOFT

Array = NDArray[Any]

FOLDER = Path(__file__).parent
X = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
AND, XOR = np.array([0, 0, 0, 1]), np.array([0, 1, 1, 0])
W1, B1 = np.array([[1.0, 1], [1, 1]]), np.array([0.0, -1])
W2 = np.array([1.0, -2])


def perceptron(targets: Array, most: int = 100) -> tuple[Array, int]:
    """The weights and the bias of Rosenblatt's rule, from zeros, after its last change."""
    w, b = np.zeros(2, int), 0
    for _ in range(most):
        before = w.copy(), b
        for x, t in zip(X, targets, strict=True):
            error = t - int(x @ w + b > 0)
            w, b = w + error * x, b + error
        if np.array_equal(before[0], w) and before[1] == b:
            break
    return w, b


def hidden() -> Array:
    """What the two hidden units make of the four points, (4, 2)."""
    dense, relu = Dense(2), ReLU()
    dense.build((2,), np.random.default_rng(0), np.float64)
    relu.build((2,), np.random.default_rng(0), np.float64)
    dense.params["W"][...], dense.params["b"][...] = W1, B1
    return relu.forward(dense.forward(X.astype(np.float64)))


def dots(axes: Axes, points: Array, targets: Array, names: dict[tuple[float, float], str]) -> None:
    """Full dots are 1, empty ones are 0."""
    for point, target in zip(points, targets, strict=True):
        fill = ACCENT if target else "white"
        axes.plot(*point, "o", markersize=11, color=fill, markeredgecolor=ACCENT, zorder=3)
    for (x, y), name in names.items():
        place = (8, -21) if "\n" in name else (9, 7)
        axes.annotate(name, (x, y), place, textcoords="offset points", fontsize=9, color=INK)


def line(axes: Axes, w: Array, b: float, xs: tuple[float, float]) -> None:
    """Where w·x + b is 0."""
    x = np.array(xs)
    axes.plot(x, -(w[0] * x + b) / w[1], color=OKABE_ITO[1], linewidth=1.8)


def xor(path: Path) -> None:
    """AND with its line, XOR that has none, and XOR as the hidden units see it."""
    figure, axes = panels(1, 3, 2.75)
    corners = {(float(x), float(y)): f"{x}, {y}" for x, y in X}
    w, b = perceptron(AND)
    dots(axes[0], X, AND, corners)
    line(axes[0], w, b, (-0.3, 1.6))
    title(axes[0], "AND: one line is enough")
    dots(axes[1], X, XOR, corners)
    title(axes[1], "XOR: no line will do")
    h = hidden()
    seen = {(0.0, 0.0): "0, 0", (1.0, 0.0): "0, 1\n1, 0", (2.0, 1.0): "1, 1"}
    dots(axes[2], h, XOR, seen)
    line(axes[2], W2, -0.5, (-0.2, 2.5))
    title(axes[2], "XOR behind two units")
    for place in axes[:2]:
        place.set(xlim=(-0.3, 1.6), ylim=(-0.3, 1.6), xlabel="$x_1$", xticks=(0, 1), yticks=(0, 1))
        place.set_ylabel("$x_2$", rotation=0)
    axes[2].set(xlim=(-0.3, 2.7), ylim=(-0.6, 1.6), xticks=(0, 1, 2), yticks=(0, 1))
    axes[2].set_xlabel("$h_1$")
    axes[2].set_ylabel("$h_2$", rotation=0)
    for place in axes:
        place.tick_params(colors=SOFT, labelsize=9)
    save_svg(figure, path)


FIGURES: dict[str, Callable[[Path], None]] = {"report_xor.svg": xor}


def main(folder: Path = FOLDER) -> None:
    """Draw every figure into `folder`."""
    for name, draw in FIGURES.items():
        draw(folder / name)


if __name__ == "__main__":
    main()
