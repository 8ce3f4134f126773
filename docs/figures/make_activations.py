"""The figures of docs/activations.md: `python -m docs.figures.make_activations`, from the root.

Every number and curve in them is computed by the layers.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from docs.figures.grids import WEIGHT_COLORS, Board, tint
from docs.figures.plots import panels, save_svg, title
from scratchnet.layers import Dense, ReLU, Sigmoid, Tanh
from scratchnet.layers.base import Layer
from scratchnet.visualize.palette import ACCENT, INK, LINE, OKABE_ITO, SOFT

RELU_X, RELU_DY = np.array([-2.0, 0, 1, 3]), np.array([5.0, 7, -2, 4])
SIGMOID_X, SIGMOID_DY = np.log([1 / 3, 1, 3]), np.array([16.0, 8, -32])
SIGMOID_NAMES = ["−ln 3", "0", "ln 3"]

DEPTH = 10
STACKS: dict[str, tuple[type[Layer], str, float]] = {
    "ReLU": (ReLU, "he", 1),
    "tanh": (Tanh, "lecun", 1),
    "sigmoid": (Sigmoid, "lecun", 1),
    "sigmoid, weights × 4": (Sigmoid, "lecun", 4),
}
"""Each stack of the experiment: its activation, its initialiser, a factor on the weights."""


def run(layer: Layer, x: Any, dy: Any) -> tuple[Any, Any]:
    """y and dx of one row of numbers."""
    layer.build(x.shape, np.random.default_rng(0), np.float64)
    return layer.forward(x[np.newaxis])[0], layer.backward(dy[np.newaxis])[0]


def gradients_through(
    activation: type[Layer], initializer: str, factor: float, units: int = 100, seed: int = 0
) -> tuple[list[float], list[float]]:
    """The size (root mean square) of the values after each of ten layers, and of the gradient.

    Args:
        activation: what follows each dense layer.
        initializer, factor: how the dense layers' weights are drawn, and what they are then
            multiplied with; biases are 0.
        units: the number of inputs, and of each layer's outputs.
        seed: for the weights, and for 64 inputs and upstream gradients of variance 1.

    Returns:
        Values from the first layer's output to the last one's, and the gradients from the first
        layer's input to the last one's output, of size 1: eleven of them.
    """
    rng = np.random.default_rng(seed)
    stack: list[Layer] = []
    for _ in range(DEPTH):
        dense = Dense(units, initializer=initializer)
        stack += [dense, activation()]
    x, dy = rng.standard_normal((2, 64, units))
    values, gradients = [], [_size(dy)]
    for layer in stack:
        layer.build((units,), rng, np.float64)
        if isinstance(layer, Dense):
            layer.params["W"] *= factor
        x = layer.forward(x)
        if isinstance(layer, activation):
            values.append(_size(x))
    for layer in reversed(stack):
        dy = layer.backward(dy)
        if isinstance(layer, Dense):
            gradients.insert(0, _size(dy))
    return values, gradients


def _size(a: Any) -> float:
    return float(np.sqrt(np.mean(a * a)))


def curves(path: Path) -> None:
    """Each function and its slope."""
    figure, axes = panels(1, 3, 2.5, sharex=True)
    x = np.linspace(-5, 5, 401)
    for place, layer in zip(axes, (ReLU(), Sigmoid(), Tanh()), strict=True):
        y, slope = run(layer, x, np.ones_like(x))
        if isinstance(layer, ReLU):
            slope[x == 0] = np.nan  # a jump, not a line
        place.axhline(0, color=LINE, linewidth=0.8)
        place.axvline(0, color=LINE, linewidth=0.8)
        place.plot(x, y, color=ACCENT, linewidth=2)
        place.plot(x, slope, color=OKABE_ITO[4], linewidth=1.6, linestyle=(0, (4, 2)))
        place.set(xticks=[-4, 0, 4], xlabel="x")
        title(place, type(layer).__name__)
    axes[0].set(ylim=(-0.4, 4.2), yticks=[0, 1, 4])
    axes[1].set(ylim=(-0.1, 1.1), yticks=[0, 0.25, 0.5, 1])
    axes[2].set(ylim=(-1.15, 1.15), yticks=[-1, 0, 1])
    axes[0].text(1.9, 2.9, "y", color=ACCENT, fontsize=11)
    axes[0].text(3.4, 1.25, "slope", color=OKABE_ITO[4], fontsize=10)
    save_svg(figure, path)


def gates(path: Path) -> None:
    """Values go down, gradients come up: through each number's own gate, and no other."""
    board = Board(17.2, 14.6)

    def cells(left: float, top: float, words: list[str], strengths: list[float] | None) -> None:
        strengths = strengths or [0.0] * len(words)
        color = WEIGHT_COLORS[2]
        fills = {(0, j): tint(color, 0.6 * s) for j, s in enumerate(strengths) if s}
        board.grid(np.zeros(len(words)), left, top, colors=fills, size=1.5, zeros="")
        for j, word in enumerate(words):
            board.say(left + 1.5 * (j + 0.5), top + 0.75, word, 11)

    def panel(top: float, name: str, rule: str, x: list[str], y: Any, dy: Any, dx: Any) -> None:
        left, right, wide = 1.7, 10.4, 1.5
        slopes = [Fraction(a / b).limit_denominator(99) for a, b in zip(dx, dy, strict=True)]
        strengths = [float(s / max(slopes)) for s in slopes]
        board.say(0.4, top, name, 13, ha="left", weight="bold")
        board.say(right, top, rule, 11, SOFT, ha="left")
        cells(left, top + 0.8, x, None)
        cells(left, top + 4.4, [_text(v) for v in y], strengths)
        cells(right, top + 0.8, [_text(v) for v in dx], None)
        cells(right, top + 2.6, [f"× {_text(s)}" for s in slopes], strengths)
        cells(right, top + 4.4, [_text(v) for v in dy], None)
        for j in range(len(x)):
            board.arrow((left + wide * (j + 0.5), top + 2.4), (left + wide * (j + 0.5), top + 4.3))
            middle = right + wide * (j + 0.5)
            if slopes[j]:
                board.arrow((middle, top + 4.35), (middle, top + 4.12), INK)
                board.arrow((middle, top + 2.58), (middle, top + 2.32), INK)
        for side, upper, lower in ((left, "$x$", "$y$"), (right, "$dx$", "$dy$")):
            board.say(side - 0.6, top + 1.55, upper, 12)
            board.say(side - 0.6, top + 5.15, lower, 12)
        board.say(right - 0.6, top + 3.35, "$y'$", 12)
        end = left + wide * len(x)
        board.arrow((end + 0.1, top + 4.9), (right - 1.1, top + 3.5), WEIGHT_COLORS[2], 0.2)

    y, dx = run(ReLU(), RELU_X, RELU_DY)
    words = [_text(v) for v in RELU_X]
    panel(0.8, "ReLU", "$y' = 1$ where $y > 0$, else 0", words, y, RELU_DY, dx)
    y, dx = run(Sigmoid(), SIGMOID_X, SIGMOID_DY)
    panel(8.2, "Sigmoid", "$y' = y\\,(1 - y)$", SIGMOID_NAMES, y, SIGMOID_DY, dx)
    board.save(path)


def _text(value: Any) -> str:
    """3/16, with a true minus sign."""
    return str(Fraction(value).limit_denominator(99)).replace("-", "−")


def ten_layers(path: Path) -> None:
    """The sizes of values and gradients, layer by layer."""
    figure, axes = panels(1, 2, 3.0)
    colors = (OKABE_ITO[2], ACCENT, OKABE_ITO[4], OKABE_ITO[1])
    for (name, stack), color in zip(STACKS.items(), colors, strict=True):
        values, gradients = gradients_through(*stack)
        dashes = (0, (4, 2)) if stack[2] != 1 else "-"
        style: dict[str, Any] = {
            "color": color,
            "linewidth": 1.8,
            "linestyle": dashes,
            "marker": "o",
        }
        axes[0].plot(range(1, DEPTH + 1), values, markersize=3, **style)
        axes[1].plot(range(DEPTH + 1), gradients, markersize=3, label=name, **style)
    axes[0].set(ylim=(0, 1.5), xticks=[1, 4, 7, 10], xlabel="after layer")
    axes[1].set(yscale="log", xlabel="below layer")
    axes[1].set_xticks([0, 3, 6, 9], ["1", "4", "7", "10"])
    for place in axes:
        place.grid(axis="y", color=LINE, linewidth=0.8)
        place.minorticks_off()
    axes[1].legend(frameon=False, fontsize=9, labelcolor=INK, loc="lower right")
    title(axes[0], "Values, forward")
    title(axes[1], "Gradients, backward (from 1 at the right)")
    save_svg(figure, path)


FIGURES: dict[str, Callable[[Path], None]] = {
    "activations_curves.svg": curves,
    "activations_gates.svg": gates,
    "activations_ten_layers.svg": ten_layers,
}


def main(folder: Path = Path(__file__).parent) -> None:
    """Draw every figure into `folder`."""
    for name, draw in FIGURES.items():
        draw(folder / name)


if __name__ == "__main__":
    main()
