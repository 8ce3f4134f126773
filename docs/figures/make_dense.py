"""The figures of docs/dense.md: `python -m docs.figures.make_dense`, from the project's root.

Every number in them is computed by `Dense` from the chapter's example.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from docs.figures.grids import WEIGHT_COLORS, Board, sum_of_products, text_of, tint
from scratchnet.layers import Dense
from scratchnet.visualize.palette import INK, LINE, SOFT

X = np.array([[1, 2, 0, 3], [2, -1, 1, 0]], float)
W = np.array([[1, 0, 2], [-1, 3, 0], [2, 1, -2], [0, -1, 1]], float)
B = np.array([3, 0, -1], float)
DY = np.array([[1, -1, 2], [0, 2, 1]], float)

GAP = 0.5  # cells between the factors and their product


def example() -> tuple[Any, Any, Any, Any]:
    """y, dx, dW, db of the chapter's layer."""
    layer = Dense(3)
    layer.build((4,), np.random.default_rng(0), np.float64)
    layer.params["W"][...], layer.params["b"][...] = W, B
    y = layer.forward(X)
    dx = layer.backward(DY)
    return y, dx, layer.grads["W"], layer.grads["b"]


def lines(path: Path) -> None:
    """One sample: the lines into one output, and the lines out of one input."""
    y, dx, _, _ = example()
    board = Board(19.6, 8.8)

    def net(left: float, ins: Any, outs: Any, used: dict[tuple[int, int], str]) -> None:
        for (d, m), weight in np.ndenumerate(W):
            color = used.get((d, m))
            xs, ys = (left + 1, left + 6), (1.9 + 1.7 * d, 2.75 + 1.7 * m)
            board.axes.plot(xs, ys, color=color or LINE, linewidth=2.4 if color else 1.0, zorder=1)
            if color:
                share = 0.5 if len(used) == 3 else 0.34
                middle = (xs[0] + share * 5, ys[0] + share * (ys[1] - ys[0]))
                board.box(middle[0] - 0.42, middle[1] - 0.33, 0.84, 0.66, color, 1.2, "white")
                board.axes.patches[-1].set_zorder(2)
                board.say(*middle, text_of(weight), 11)
        for d, value in enumerate(ins):
            fill = {(0, 0): tint(used[d, 0])} if len(used) == 4 else {}
            board.grid(value, left, 1.4 + 1.7 * d, colors=fill or {(0, 0): "white"})
        for m, value in enumerate(outs):
            fill = {(0, 0): tint(used[0, m])} if len(used) == 3 else {}
            board.grid(value, left + 6, 2.25 + 1.7 * m, colors=fill or {(0, 0): "white"})

    into_first = {(d, 0): WEIGHT_COLORS[d] for d in range(4)}
    board.say(0.4, 0.6, "Forward: the lines into $y_0$", 13, ha="left", weight="bold")
    net(1.0, X[0], y[0], into_first)
    board.say(0.55, 1.9, "$x$", 12)
    board.say(8.75, 2.75, "$y$", 12)
    terms = _products(X[0], W[:, 0])
    board.say(1.0, 8.2, f"{terms} + {text_of(B[0])} = {text_of(y[0, 0])}", 11, ha="left")
    board.box(7.0, 2.25, 1, 1, INK, 2.2)

    out_of_first = {(0, m): WEIGHT_COLORS[m] for m in range(3)}
    board.say(10.4, 0.6, "Backward: the lines out of $x_0$", 13, ha="left", weight="bold")
    net(11.6, dx[0], DY[0], out_of_first)
    board.say(10.95, 1.9, "$dx$", 12)
    board.say(19.1, 2.75, "$dy$", 12)
    board.box(11.6, 1.4, 1, 1, INK, 2.2)
    board.say(11.6, 8.2, f"{_products(DY[0], W[0])} = {text_of(dx[0, 0])}", 11, ha="left")
    board.save(path)


def products(path: Path) -> None:
    """The three matrix products, one entry of each: a row on the left meets a column above."""
    y, dx, dW, _ = example()
    board = Board(21.4, 23.6)

    def panel(
        top: float, left: Any, above: Any, result: Any, row: int, column: int, names: list[str]
    ) -> float:
        """Draw one product; the height at which the result's row lies."""
        inner = len(above)
        meets = {(row, k): tint(WEIGHT_COLORS[k]) for k in range(inner)}
        falls = {(k, column): tint(WEIGHT_COLORS[k]) for k in range(inner)}
        right, below = 0.6 + 4 + GAP, top + inner + GAP
        if names[0] == "$x$":  # the bias lies between the weights and their sums
            board.grid(B, right, below, colors={(0, column): LINE})
            board.say(right + 3.5, below + 0.5, "$b$", 12)
            below += 1 + GAP
        board.grid(above, right, top, colors=falls)
        board.grid(left, right - GAP - left.shape[1], below, colors=meets)
        board.grid(result, right, below)
        board.box(right + column, below + row, 1, 1, INK, 2.2)
        board.say(right + above.shape[1] + 0.65, top + inner / 2, names[1], 12)
        board.say(right - GAP - left.shape[1] / 2, below - 0.42, names[0], 12)
        end = right + result.shape[1] + 0.65
        board.say(end, below + len(result) / 2, names[2], 12)
        return below

    def words(top: float, title: str, small: str) -> None:
        board.say(10.9, top, title, 13, ha="left", weight="bold")
        board.say(10.9, top + 1.0, small, 10.5, SOFT, ha="left")

    colors = list(WEIGHT_COLORS)
    n, m = 0, 0
    panel(0.6, X, W, y, n, m, ["$x$", "$W$", "$y$"])
    words(1.6, "$y = x\\,W + b$", "a sample's row, an output's column")
    pairs = [(X[n, d], W[d, m]) for d in range(4)]
    tail = f"+ {text_of(B[m])} = {text_of(y[n, m])}"
    sum_of_products(board, 10.9, 4.0, pairs, colors[:4], tail)

    d, m = 0, 2
    panel(9.6, X.T, DY, dW, d, m, ["$x^{\\top}$", "$dy$", "$dW$"])
    words(10.6, "$dW = x^{\\top} dy$", "an input over the batch, an output over the batch")
    pairs = [(X[n, d], DY[n, m]) for n in range(2)]
    sum_of_products(board, 10.9, 13.0, pairs, colors[:2], f"= {text_of(dW[d, m])}")

    n, d = 0, 2
    panel(17.2, DY, W.T, dx, n, d, ["$dy$", "$W^{\\top}$", "$dx$"])
    words(18.2, "$dx = dy\\,W^{\\top}$", "a sample's row, an input's weights")
    pairs = [(DY[n, m], W[d, m]) for m in range(3)]
    sum_of_products(board, 10.9, 20.6, pairs, colors[:3], f"= {text_of(dx[n, d])}")
    board.save(path)


def _products(a: Any, b: Any) -> str:
    """1·2 + 3·(−1)"""
    pairs = zip(map(text_of, a), map(text_of, b), strict=True)
    return " + ".join("·".join(f"({one})" if "−" in one else one for one in p) for p in pairs)


FIGURES: dict[str, Callable[[Path], None]] = {
    "dense_lines.svg": lines,
    "dense_products.svg": products,
}


def main(folder: Path = Path(__file__).parent) -> None:
    """Draw every figure into `folder`."""
    for name, draw in FIGURES.items():
        draw(folder / name)


if __name__ == "__main__":
    main()
