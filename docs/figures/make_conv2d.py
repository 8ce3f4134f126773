"""The figures of docs/conv2d.md: `python -m docs.figures.make_conv2d`, from the project's root.

Every number in them is computed by `Conv2D` from the chapter's example.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from docs.figures.grids import WEIGHT_COLORS, Board, sum_of_products, text_of, tint, written
from scratchnet.layers import Conv2D
from scratchnet.visualize.palette import INK, LINE, SOFT

X = np.array([[1, 0, 2, 1], [0, 3, 1, 0], [2, 1, 0, 1], [0, 1, 2, 3]], float)
W = np.array([[1, 2], [3, 4]], float)
B = 1.0
DY = np.array([[1, 0, -1], [2, 1, 0], [0, -1, 1]], float)

TINTS = {divmod(k, 2): tint(WEIGHT_COLORS[k]) for k in range(4)}


def example(**options: Any) -> Conv2D:
    """The chapter's layer, built for its image."""
    layer = Conv2D(1, 2, **options)
    layer.build((1, 4, 4), np.random.default_rng(0), np.float64)
    layer.params["W"][...] = W
    layer.params["b"][...] = B
    return layer


def matrix(layer: Conv2D) -> Any:
    """T: what the layer makes of each image that is 1 in one pixel and 0 elsewhere."""
    C, H, width = layer.built()[0]
    pixels = np.eye(C * H * width).reshape(-1, C, H, width)
    return (layer.forward(pixels) - layer.forward(0 * pixels)).reshape(len(pixels), -1).T


def colors_of(T: Any) -> dict[tuple[int, int], Any]:
    """The colour of the weight in each cell of T, for weights that are 1, 2, 3, ..."""
    return {(i, j): tint(WEIGHT_COLORS[int(T[i, j]) - 1]) for i, j in np.argwhere(T).tolist()}


def forward() -> Board:
    """One window, one output pixel."""
    y = example().forward(X[np.newaxis, np.newaxis])[0, 0]
    i, j = 1, 1
    board = Board(17.6, 7.4)
    seen = {(i + u, j + v): color for (u, v), color in TINTS.items()}
    board.grid(X, 0.5, 1.1, colors=seen, name="image  $x$")
    board.box(0.5 + j, 1.1 + i, 2, 2, INK, 2.2)
    board.say(5.6, 3.1, "⋆", 26)
    board.grid(W, 6.7, 2.1, colors=TINTS, name="weights  $W$")
    board.say(9.75, 3.1, "+", 15)
    board.grid(B, 10.8, 2.6, name="$b$")
    board.say(12.9, 3.1, "=", 15)
    board.grid(y, 14.1, 1.6, colors={(i, j): LINE}, name="output  $y$")
    board.box(14.1 + j, 1.6 + i, 1, 1, INK, 2.2)
    factors = [(X[i + u, j + v], W[u, v]) for u, v in TINTS]
    tail = f"+ {text_of(B)} = {text_of(y[i, j])}"
    sum_of_products(board, 3.7, 6.5, factors, list(WEIGHT_COLORS[:4]), tail)
    board.arrow((2.0, 5.3), (3.4, 6.4), bend=0.3)
    board.arrow((13.9, 6.4), (15.6, 4.85), bend=0.3)
    return board


def backward() -> Board:
    """The three gradients, one entry of each."""
    layer = example()
    layer.forward(X[np.newaxis, np.newaxis])
    dx = layer.backward(DY[np.newaxis, np.newaxis])[0, 0]
    dW, db = layer.grads["W"][0, 0], layer.grads["b"][0]
    board = Board(18.6, 22.0)

    p, q = 1, 1
    board.say(0.5, 0.6, "To a pixel: from every window that saw it", 13, ha="left", weight="bold")
    used = {(p - u, q - v): color for (u, v), color in TINTS.items()}
    board.grid(DY, 0.5, 2.5, colors=used, name="upstream  $dy$")
    board.grid(W, 6.7, 3.0, colors=TINTS, name="weights  $W$")
    board.grid(dx, 14.1, 2.0, colors={(p, q): LINE}, name="$dx$")
    board.box(14.1 + q, 2.0 + p, 1, 1, INK, 2.2)
    factors = [(DY[p - u, q - v], W[u, v]) for u, v in TINTS]
    tail = f"= {text_of(dx[p, q])}"
    sum_of_products(board, 3.7, 7.4, factors, list(WEIGHT_COLORS[:4]), tail)
    board.arrow((2.0, 5.7), (3.4, 7.3), bend=0.3)
    board.arrow((13.2, 7.3), (16.1, 6.25), bend=0.3)

    u, v = 0, 1
    color = WEIGHT_COLORS[2 * u + v]
    board.say(0.5, 9.3, "To a weight: from every pixel it met", 13, ha="left", weight="bold")
    patch = {(i, j): tint(color, 0.2) for i in range(3) for j in range(3)}
    board.grid(
        X, 0.5, 10.7, colors={(i + u, j + v): fill for (i, j), fill in patch.items()},
        name="image  $x$",
    )  # fmt: skip
    board.box(0.5 + v, 10.7 + u, 3, 3, color, 2.4)
    board.say(5.6, 12.7, "⋆", 26)
    board.grid(DY, 6.7, 11.2, colors=patch, name="upstream  $dy$")
    board.box(6.7, 11.2, 3, 3, color, 2.4)
    board.say(12.2, 12.7, "=", 15)
    board.grid(dW, 14.1, 11.7, colors={(u, v): tint(color)}, name="$dW$")
    board.box(14.1 + v, 11.7 + u, 1, 1, INK, 2.2)
    terms = [(X[i + u, j + v], DY[i, j]) for i in range(3) for j in range(3) if DY[i, j]]
    colors = [color] * len(terms)
    sum_of_products(board, 0.5, 15.7, terms, colors, f"= {text_of(dW[u, v])}")

    board.say(0.5, 17.5, "To the bias: from every output", 13, ha="left", weight="bold")
    board.grid(DY, 0.5, 18.6)
    board.say(3.9, 20.1, "added up", 11, SOFT, ha="left")
    board.arrow((6.4, 20.1), (13.8, 20.1))
    board.grid(db, 14.1, 19.6, name="$db$")
    return board


def linear_map() -> Board:
    """The layer as a matrix, and its transpose."""
    layer = example()
    T = matrix(layer)
    y = layer.forward(X[np.newaxis, np.newaxis]).ravel()
    dx = layer.backward(DY[np.newaxis, np.newaxis]).ravel()
    board = Board(34.2, 20.4, cell=0.24)
    weights = colors_of(T)
    turned = {(j, i): color for (i, j), color in weights.items()}

    board.say(0.6, 0.9, "Forward:  $y = T\\,x + b$", 12, ha="left", weight="bold")
    board.grid(X.ravel(), 0.6, 2.2)
    board.say(17.1, 2.7, "$x$", 11, ha="left")
    board.grid(T, 0.6, 3.8, colors=weights, zeros="")
    board.say(17.7, 8.3, "+ 1 =", 9)
    board.grid(y[:, np.newaxis], 18.9, 3.8)
    board.say(19.4, 3.2, "$y$", 11)
    board.grid(W, 0.6, 15.0, colors={k: tint(WEIGHT_COLORS[int(W[k]) - 1]) for k in TINTS})
    board.say(3.4, 15.5, "Each row of $T$ makes one output:", 10, SOFT, ha="left")
    board.say(3.4, 16.6, "the four weights, on the four pixels it sees.", 10, SOFT, ha="left")

    board.say(22.2, 0.9, "Backward:  $dx = T^{\\top} dy$", 12, ha="left", weight="bold")
    board.grid(DY.ravel(), 22.2, 2.2)
    board.say(31.4, 2.7, "$dy$", 11, ha="left")
    board.grid(T.T, 22.2, 3.8, colors=turned, zeros="")
    board.say(31.8, 11.8, "=", 10)
    board.grid(dx[:, np.newaxis], 32.5, 3.8)
    board.say(33.2, 3.2, "$dx$", 11)
    return board


def options() -> Board:
    """Stride, dilation, padding and groups: what each does to the matrix."""
    board = Board(20.9, 12.4)
    ones, small = np.zeros((4, 4)), 0.35

    def panel(left: float, top: float, title: str, T: Any) -> None:
        board.say(left, top, title, 12, ha="left", weight="bold")
        colors = colors_of(T)
        board.grid(0 * T, left + 3.4, top + 0.8, colors=colors, size=small, zeros="")

    panel(0.5, 0.7, "stride 2: rows of $T$ left out", matrix(example(stride=2)))
    board.grid(ones, 0.5, 1.5, colors=TINTS, size=0.6, zeros="")
    for i, j in np.ndindex(2, 2):
        board.box(0.5 + 1.2 * j, 1.5 + 1.2 * i, 1.2, 1.2, INK, 1.6)

    panel(11.0, 0.7, "dilation 2: weights moved apart", matrix(example(dilation=2)))
    spread = {(2 * u, 2 * v): color for (u, v), color in TINTS.items()}
    board.grid(ones, 11.0, 1.5, colors=spread, size=0.6, zeros="")
    board.box(11.0, 1.5, 1.8, 1.8, INK, 1.6)

    panel(0.5, 5.4, 'padding "same": rows that reach outside', matrix(example(padding="same")))
    last = {(3 + u, 3 + v): color for (u, v), color in TINTS.items()}
    board.grid(np.zeros((5, 5)), 0.5, 6.2, colors=last, size=0.6, zeros="")
    board.box(0.5, 6.2, 2.4, 2.4, SOFT, 1.6)
    board.box(0.5 + 1.8, 6.2 + 1.8, 1.2, 1.2, INK, 1.6)
    board.say(2.0, 9.7, "zeros below and\nto the right", 9, SOFT)

    grouped = Conv2D(2, 2, groups=2, bias=False)
    grouped.build((2, 3, 3), np.random.default_rng(0), np.float64)
    grouped.params["W"].ravel()[:] = np.arange(1, 9)
    panel(11.0, 5.4, "groups 2: two blocks", matrix(grouped))
    for channel in range(2):
        top = 6.2 + 2.3 * channel
        own = {key: tint(WEIGHT_COLORS[4 * channel + k]) for k, key in enumerate(TINTS)}
        board.grid(np.zeros((3, 3)), 11.0, top, colors=own, size=0.6, zeros="")
        board.box(11.0, top, 1.2, 1.2, INK, 1.6)
    board.say(11.9, 11.0, "two channels", 9, SOFT)
    return board


FIGURES = written(
    {
        "conv2d_forward.svg": forward,
        "conv2d_backward.svg": backward,
        "conv2d_matrix.svg": linear_map,
        "conv2d_options.svg": options,
    }
)


def main(folder: Path = Path(__file__).parent) -> list[Path]:
    """Draw every figure into `folder`."""
    for name, write in FIGURES.items():
        write(folder / name)
    return [folder / name for name in FIGURES]


if __name__ == "__main__":
    main()
