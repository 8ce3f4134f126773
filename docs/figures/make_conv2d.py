"""The figures of docs/conv2d.md: `python -m docs.figures.make_conv2d`, from the project's root.

Every number in them is computed by `Conv2D` from the chapter's example.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from docs.figures.grids import WEIGHT_COLORS, Board, sum_of_products, text_of, tint
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


def forward() -> Board:
    """One window, one output pixel."""
    y = example().forward(X[np.newaxis, np.newaxis])[0, 0]
    i, j = 1, 1
    board = Board(20, 7.6)
    seen = {(i + u, j + v): color for (u, v), color in TINTS.items()}
    board.grid(X, 0.5, 1.2, colors=seen, name="image  $x$")
    board.box(0.5 + j, 1.2 + i, 2, 2, INK, 2.2)
    board.say(5.6, 3.2, "⋆", 17)
    board.grid(W, 6.7, 2.2, colors=TINTS, name="weights  $W$")
    board.say(9.7, 3.2, "+", 15)
    board.grid(B, 10.6, 2.7, name="$b$")
    board.say(12.6, 3.2, "=", 15)
    board.grid(y, 13.6, 1.7, colors={(i, j): LINE}, name="output  $y$")
    board.box(13.6 + j, 1.7 + i, 1, 1, INK, 2.2)
    factors = [(X[i + u, j + v], W[u, v]) for u, v in TINTS]
    tail = f"+ {text_of(B)} = {text_of(y[i, j])}"
    sum_of_products(board, 3.7, 6.7, factors, list(WEIGHT_COLORS[:4]), tail)
    board.arrow((2.5, 4.35), (3.4, 6.5), bend=0.25)
    board.arrow((14.7, 6.5), (15.1, 3.85), bend=0.25)
    return board


def backward() -> Board:
    """The three gradients, one entry of each."""
    layer = example()
    layer.forward(X[np.newaxis, np.newaxis])
    dx = layer.backward(DY[np.newaxis, np.newaxis])[0, 0]
    dW, db = layer.grads["W"][0, 0], layer.grads["b"][0]
    board = Board(20, 22.4)

    p, q = 1, 1
    board.say(0.5, 0.6, "To a pixel: from every window that saw it", 13, ha="left", weight="bold")
    used = {(p - u, q - v): color for (u, v), color in TINTS.items()}
    board.grid(DY, 0.5, 2.5, colors=used, name="upstream  $dy$")
    board.grid(W, 6.7, 3.0, colors=TINTS, name="weights  $W$")
    board.grid(dx, 13.6, 2.0, colors={(p, q): LINE}, name="$dx$")
    board.box(13.6 + q, 2.0 + p, 1, 1, INK, 2.2)
    factors = [(DY[p - u, q - v], W[u, v]) for u, v in TINTS]
    tail = f"= {text_of(dx[p, q])}"
    sum_of_products(board, 3.7, 7.4, factors, list(WEIGHT_COLORS[:4]), tail)
    board.arrow((2.0, 5.65), (3.4, 7.2), bend=0.25)
    board.arrow((13.0, 7.2), (15.1, 4.15), bend=0.25)

    u, v = 0, 1
    color = WEIGHT_COLORS[2 * u + v]
    board.say(0.5, 9.2, "To a weight: from every pixel it met", 13, ha="left", weight="bold")
    met = {(i + u, j + v): tint(color, 0.2) for i in range(3) for j in range(3)}
    board.grid(X, 0.5, 10.6, colors=met, name="image  $x$")
    board.box(0.5 + v, 10.6 + u, 3, 3, color, 2.4)
    board.say(5.6, 12.6, "⋆", 17)
    everywhere = {(i, j): tint(color, 0.2) for i in range(3) for j in range(3)}
    board.grid(DY, 6.7, 11.1, colors=everywhere, name="upstream  $dy$")
    board.box(6.7, 11.1, 3, 3, color, 2.4)
    board.say(12.0, 12.6, "=", 15)
    board.grid(dW, 13.6, 11.6, colors={(u, v): tint(color)}, name="$dW$")
    board.box(13.6 + v, 11.6 + u, 1, 1, INK, 2.2)
    terms = [(X[i + u, j + v], DY[i, j]) for i in range(3) for j in range(3) if DY[i, j]]
    colors = [color] * len(terms)
    sum_of_products(board, 0.5, 15.6, terms, colors, f"= {text_of(dW[u, v])}")

    board.say(0.5, 17.4, "To the bias: from every output", 13, ha="left", weight="bold")
    board.grid(DY, 6.7, 18.7, name="upstream  $dy$")
    board.say(11.0, 20.2, "added up", 11, SOFT)
    board.arrow((10.0, 20.7), (13.3, 20.7))
    board.grid(db, 13.6, 20.2, name="$db$")
    return board


def toeplitz() -> Board:
    """The layer as a matrix, and its transpose."""
    layer = example()
    T = matrix(layer)
    y = layer.forward(X[np.newaxis, np.newaxis]).ravel()
    dx = layer.backward(DY[np.newaxis, np.newaxis]).ravel()
    board = Board(34, 19.4, cell=0.24)
    weights = {(i, j): tint(WEIGHT_COLORS[int(T[i, j]) - 1]) for i, j in np.argwhere(T).tolist()}
    turned = {(j, i): color for (i, j), color in weights.items()}

    board.say(0.6, 0.9, "Forward:  $y = T\\,x + b$", 12, ha="left", weight="bold")
    board.grid(X.ravel(), 0.6, 2.2)
    board.say(-0.1 + 17.2, 2.7, "$x$", 11, ha="left")
    board.grid(T, 0.6, 3.8, colors=weights, zeros="")
    board.say(8.6, 13.6, "$T$: one row for each output", 10, SOFT)
    board.say(17.5, 8.3, "+ 1 =", 9)
    board.grid(y[:, np.newaxis], 18.6, 3.8)
    board.say(19.1, 3.3, "$y$", 11)

    board.say(22.2, 0.9, "Backward:  $dx = T^{\\top} dy$", 12, ha="left", weight="bold")
    board.grid(DY.ravel(), 22.2, 2.2)
    board.say(31.5, 2.7, "$dy$", 11, ha="left")
    board.grid(T.T, 22.2, 3.8, colors=turned, zeros="")
    board.say(31.8, 11.8, "=", 9)
    board.grid(dx[:, np.newaxis], 32.4, 3.8)
    board.say(32.9, 3.3, "$dx$", 11)
    return board


FIGURES: dict[str, Callable[[], Board]] = {
    "conv2d_forward.svg": forward,
    "conv2d_backward.svg": backward,
    "conv2d_matrix.svg": toeplitz,
}


def main(folder: Path = Path(__file__).parent) -> list[Path]:
    """Draw every figure into `folder`."""
    return [draw().save(folder / name) for name, draw in FIGURES.items()]


if __name__ == "__main__":
    main()
