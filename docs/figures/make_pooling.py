"""The figures of the pools and of zero padding: `python -m docs.figures.make_pooling`.

They belong to docs/max_pool.md, docs/avg_pool.md and docs/zero_padding.md. Every number in them is
computed by the layers from the chapters' examples. In the max pool's figures a colour is a winner:
the pixel, the outputs that it made, and the gradients that it gets back.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.patches import PathPatch
from matplotlib.path import Path as Line

from docs.figures.grids import WEIGHT_COLORS, Board, text_of, tint, written
from scratchnet.layers import AvgPool2D, GlobalAvgPool2D, MaxPool2D, ZeroPadding2D
from scratchnet.layers.base import Layer
from scratchnet.visualize.palette import INK, LINE, SOFT, WRONG

X = np.array(
    [[-3, -1, 2, 0, 5], [-2, -4, 1, 8, 3], [1, 0, 6, 2, 9], [0, 4, 3, -1, 1], [4, 2, 0, 5, 5]],
    float,
)
DY = np.array([[2, 3, -1], [1, 2, 7], [5, -2, 3]], float)
"""The max pool's example: MaxPool2D(3, stride=2, padding=1)."""

AVERAGED = np.array([[4, 0, 8, 4], [8, 4, 0, 0], [0, 4, 12, 4], [4, 8, 0, 4]], float)
DMEANS = np.array([[4, 0, -4], [8, 4, 0], [0, -4, 12]], float)
"""The average pool's example: AvgPool2D(2, stride=1)."""

FRAMED = np.array([[5, 6, 7], [8, 9, 1]], float)
DFRAMED = np.array([[1, 0, 2, 1, 3, 0], [2, 4, 1, 0, 2, 1], [0, 3, 2, 5, 1, 2]], float)
FRAME = ((1, 0), (2, 1))
"""The example of the zero padding."""


def run(layer: Layer, x: Any, dy: Any) -> tuple[Any, Any]:
    """y and dx for one image of one channel."""
    layer.build((1, *x.shape), np.random.default_rng(0), np.float64)
    y = layer.forward(x[np.newaxis, np.newaxis])
    dx = layer.backward(dy.reshape(y.shape))
    return y.squeeze(), dx[0, 0]


def max_example() -> tuple[Any, Any, dict[tuple[int, int], tuple[int, int]]]:
    """y, dx, and the pixel that won each window."""
    layer = MaxPool2D(3, stride=2, padding=1)
    y, dx = run(layer, X, DY)
    _, winner = layer.recall()
    won = {}
    for (i, j), k in np.ndenumerate(winner[0, 0]):
        kh, kw = divmod(int(k), 3)
        won[i, j] = (2 * i + kh - 1, 2 * j + kw - 1)
    return y, dx, won


def colors_of_winners(won: dict[Any, tuple[int, int]]) -> dict[tuple[int, int], Any]:
    """One colour for each pixel that won, in the order of reading the outputs."""
    return dict(zip(dict.fromkeys(won.values()), WEIGHT_COLORS, strict=False))


def max_forward() -> Board:
    """The largest pixel of each window, and which one it was."""
    y, _, won = max_example()
    colors = colors_of_winners(won)
    board = Board(17.6, 9.0)
    left, top, right = 0.7, 1.3, 13.2
    for p, q in np.ndindex(7, 7):
        if p in (0, 6) or q in (0, 6):
            board.say(left + q + 0.5, top + p + 0.5, "−∞", 9, SOFT)
    board.box(left, top, 7, 7, SOFT, 0.8, style=":")
    board.grid(X, left + 1, top + 1, colors={p: tint(c, 0.45) for p, c in colors.items()})
    board.say(left + 3.5, top - 0.45, "image  $x$ in its frame", 12)
    board.grid(y, right, 3.3, colors={w: tint(colors[p], 0.45) for w, p in won.items()})
    board.say(right + 1.5, 6.8, "output  $y$", 12)
    for (i, j), style in {(0, 1): "-", (1, 1): "--"}.items():
        board.box(left + 2 * j, top + 2 * i, 3, 3, INK, 2.2, style=style)
        board.box(right + j, 3.3 + i, 1, 1, INK, 2.2, style=style)
    board.arrow((left + 4.9, top + 2.1), (right + 1.5, 3.2), colors[won[0, 1]], -0.3, 2)
    board.say(8.2, 8.0, "solid and dashed: two windows, one winner", 10, SOFT, ha="left")
    return board


def max_backward() -> Board:
    """Each dy goes to the winner of its window."""
    _, dx, won = max_example()
    colors = colors_of_winners(won)
    board = Board(17.6, 11.4)
    left, right, top = 1.7, 13.2, 1.8
    board.grid(
        dx, left, top, colors={p: tint(c, 0.45) for p, c in colors.items()}, name="$dx$"
    )  # fmt: skip
    board.grid(DY, right, top, colors={w: tint(colors[p], 0.45) for w, p in won.items()})
    board.say(right + 1.5, top + 3.5, "upstream  $dy$", 12)
    several = won[1, 1]
    p, q = several
    board.box(left + q, top + p, 1, 1, INK, 2.2)
    for (i, j), pixel in won.items():
        if pixel == several:
            board.box(right + j, top + i, 1, 1, INK, 2.2)
    end = left + q + 1.05
    board.arrow((right + 2.5, top - 0.1), (end - 0.3, top + p - 0.05), colors[several], 0.3, 2)
    board.arrow((right + 1.5, top - 0.1), (end, top + p + 0.2), colors[several], 0.2, 2)
    board.arrow((right + 1.0, top + 2.0), (end, top + p + 0.9), colors[several], -0.08, 2)
    board.say(left, 8.1, "added up:", 11, SOFT, ha="left")
    sums(board, left, 9.1, dx, won)
    return board


def sums(board: Board, left: float, top: float, dx: Any, won: dict[Any, Any]) -> None:
    """dx[p,q] = dy + dy + …, for each winner; three in a row."""
    for place, ((p, q), color) in enumerate(colors_of_winners(won).items()):
        received = [DY[window] for window, pixel in won.items() if pixel == (p, q)]
        terms = [f"({text_of(d)})" if d < 0 else text_of(d) for d in received]
        x, y = left + (0, 3.6, 10.4)[place % 3], top + 1.2 * (place // 3)
        board.box(x, y - 0.42, 0.84, 0.84, color, 0, tint(color, 0.45))
        words = f"$dx_{{{p},{q}}}$ = {' + '.join(terms)}"
        if len(terms) > 1:
            words += f" = {text_of(dx[p, q])}"
        board.say(x + 1.1, y, words, 11, ha="left")


def max_matrix() -> Board:
    """The choice as a matrix: rows give y, columns give dx."""
    y, dx, won = max_example()
    colors = colors_of_winners(won)
    S = np.zeros((9, 25))
    paints, columns = {}, {}
    for (i, j), (p, q) in won.items():
        S[3 * i + j, 5 * p + q] = 1
        paints[3 * i + j, 5 * p + q] = tint(colors[p, q], 0.5)
        columns[0, 5 * p + q] = tint(colors[p, q], 0.5)
    outputs = {(3 * i + j, 0): tint(colors[pixel], 0.5) for (i, j), pixel in won.items()}
    board = Board(31.0, 14.4, cell=0.26)
    left, top = 3.4, 2.4
    board.grid(X.ravel(), left, 0.6, colors=columns)
    board.say(left - 0.6, 1.0, "$x$", 12)
    board.grid(S, left, top, colors=paints, zeros="")
    board.grid(DY.reshape(9, 1), left - 1.4, top, colors=outputs)
    board.say(left - 0.9, top - 0.45, "$dy$", 11)
    for window in range(9):
        board.say(left - 1.6, top + window + 0.5, f"{window // 3},{window % 3}", 8, SOFT,
                  ha="right")  # fmt: skip
    board.grid(y.reshape(9, 1), left + 25.4, top, colors=outputs)
    board.say(left + 25.9, top - 0.6, "$y$", 12)
    board.grid(dx.ravel(), left, top + 9.8, colors=columns)
    board.say(left - 0.9, top + 10.4, "$dx$", 12)
    board.say(left, top + 11.5, "along a row:  $y = S\\,x$        "
              "down a column:  $dx = S^{\\top} dy$", 10, SOFT, ha="left")  # fmt: skip
    return board


def max_kink() -> Board:
    """Two equal pixels: a bend."""
    board = Board(17.6, 6.2)

    def axes(left: float, title: str, height: str) -> None:
        board.say(left + 3, 0.6, title, 12, weight="bold")
        lines = [[(left, 5.0), (left + 6.3, 5.0)], [(left, 5.0), (left, 1.2)]]
        path = Line.make_compound_path(*map(Line, lines))
        board.axes.add_patch(PathPatch(path, edgecolor=SOFT, linewidth=1.0, fill=False))
        board.say(left + 6.2, 5.5, "$a$", 12)
        board.say(left - 0.5, 1.4, height, 12)

    def curve(points: list[tuple[float, float]], color: str, style: str = "-") -> None:
        path = PathPatch(Line(points), edgecolor=color, linewidth=2.4, fill=False, linestyle=style)
        board.axes.add_patch(path)

    axes(1.2, "two pixels, $a$ and 4", "$y$")
    curve([(1.2, 3.5), (4.2, 3.5), (6.2, 1.5)], WEIGHT_COLORS[0])
    curve([(4.2, 3.5), (4.2, 5.0)], LINE, ":")
    board.say(4.2, 5.5, "4", 11)
    board.say(0.8, 3.5, "4", 11)
    board.say(2.5, 3.0, "slope 0", 11, SOFT)
    board.say(4.3, 2.2, "slope 1", 11, SOFT)

    axes(10.2, "what $a$ should get", "$\\frac{\\partial y}{\\partial a}$")
    curve([(10.2, 5.0), (13.2, 5.0)], WEIGHT_COLORS[0])
    curve([(13.2, 3.0), (16.2, 3.0)], WEIGHT_COLORS[0])
    curve([(13.2, 3.0), (13.2, 5.0)], LINE, ":")
    board.say(13.2, 5.5, "4", 11)
    board.say(9.8, 3.0, "1", 11)
    board.say(13.2, 4.0, "?", 15, WRONG)
    return board


def avg_flow() -> Board:
    """A mean of four, and four quarters of a dy."""
    y, dx = run(AvgPool2D(2, stride=1), AVERAGED, DMEANS)
    board = Board(18.2, 13.5)
    i, j = 1, 1
    board.say(0.5, 0.6, "Forward: a window's mean", 13, ha="left", weight="bold")
    board.grid(
        AVERAGED, 0.5, 2.0, colors={(i + u, j + v): LINE for u, v in np.ndindex(2, 2)},
        name="image  $x$",
    )  # fmt: skip
    board.box(0.5 + j, 2.0 + i, 2, 2, INK, 2.2)
    window = AVERAGED[i : i + 2, j : j + 2].ravel()
    added = " + ".join(map(text_of, window))
    board.say(8.6, 3.6, f"({added}) / 4 = {text_of(y[i, j])}", 12)
    board.arrow((4.8, 4.3), (12.9, 4.3))
    board.grid(y, 13.2, 2.5, colors={(i, j): LINE}, name="output  $y$")
    board.box(13.2 + j, 2.5 + i, 1, 1, INK, 2.2)

    p, q = 1, 1
    board.say(0.5, 7.6, "Backward: a quarter from each window that saw the pixel", 13, ha="left",
              weight="bold")  # fmt: skip
    seen = {(p - u, q - v): LINE for u, v in np.ndindex(2, 2)}
    board.grid(DMEANS, 0.5, 9.5, colors=seen, name="upstream  $dy$")
    board.box(0.5, 9.5, 2, 2, INK, 2.2)
    added = " + ".join(text_of(DMEANS[window]) for window in sorted(seen))
    board.say(7.8, 10.2, f"({added}) / 4 = {text_of(dx[p, q])}", 12)
    board.arrow((3.8, 10.9), (12.9, 10.9))
    board.grid(dx, 13.2, 9.0, colors={(p, q): LINE}, name="$dx$")
    board.box(13.2 + q, 9.0 + p, 1, 1, INK, 2.2)
    return board


def avg_matrix() -> Board:
    """The same weight everywhere: windows that overlap, that don't, and one for all."""
    board = Board(20.4, 5.6)

    def panel(left: float, title: str, layer: Layer) -> None:
        layer.build((1, 4, 4), np.random.default_rng(0), np.float64)
        A = layer.forward(np.eye(16).reshape(16, 1, 4, 4)).reshape(16, -1).T
        paints = {(i, j): tint(WEIGHT_COLORS[0], 0.5) for i, j in np.argwhere(A).tolist()}
        board.say(left, 0.7, title, 11, ha="left", weight="bold")
        board.grid(0 * A, left, 1.5, colors=paints, size=0.36, zeros="")
        share = round(1 / A.max())
        board.say(left, 1.5 + 0.36 * len(A) + 0.55, f"blue: 1/{share}", 10, SOFT, ha="left")

    panel(0.5, "size 2, stride 1", AvgPool2D(2, stride=1))
    panel(7.2, "size 2", AvgPool2D(2))
    panel(13.9, "global", GlobalAvgPool2D())
    return board


def zero_flow() -> Board:
    """A frame put on, and taken off."""
    y, dx = run(ZeroPadding2D(FRAME), FRAMED, DFRAMED)
    (top, _), (left, _) = FRAME
    inside = {(top + i, left + j): tint(WEIGHT_COLORS[0]) for i, j in np.ndindex(*FRAMED.shape)}
    plain = {cell: tint(WEIGHT_COLORS[0]) for cell in np.ndindex(*FRAMED.shape)}
    board = Board(17.6, 11.0)
    board.say(0.5, 0.6, "Forward: the frame is put on", 13, ha="left", weight="bold")
    board.grid(FRAMED, 0.5, 3.0, colors=plain, name="image  $x$")
    board.arrow((4.0, 4.0), (9.6, 4.0))
    board.grid(y, 10.0, 2.0, colors=inside, name="output  $y$")
    board.box(10.0 + left, 2.0 + top, 3, 2, INK, 2.2)

    board.say(0.5, 6.4, "Backward: it is taken off", 13, ha="left", weight="bold")
    board.grid(DFRAMED, 10.0, 7.4, colors=inside, name="upstream  $dy$")
    board.box(10.0 + left, 7.4 + top, 3, 2, INK, 2.2)
    board.arrow((9.6, 9.4), (4.0, 9.4))
    board.grid(dx, 0.5, 8.4, colors=plain, name="$dx$")
    return board


DRAWINGS: dict[str, Callable[[], Board]] = {
    "max_pool_forward.svg": max_forward,
    "max_pool_backward.svg": max_backward,
    "max_pool_kink.svg": max_kink,
    "max_pool_matrix.svg": max_matrix,
    "avg_pool_flow.svg": avg_flow,
    "avg_pool_matrix.svg": avg_matrix,
    "zero_padding_flow.svg": zero_flow,
}
FIGURES: dict[str, Callable[[Path], None]] = written(DRAWINGS)
"""File name below docs/figures -> what writes it."""


def main(folder: Path = Path(__file__).parent) -> list[Path]:
    """Draw every figure into `folder`."""
    for name, save in FIGURES.items():
        save(folder / name)
    return [folder / name for name in FIGURES]


if __name__ == "__main__":
    for path in main():
        print(path)
