"""The figures of docs/residual.md: `python -m docs.figures.make_residual`, from the root.

Every number and curve in them is computed by the layers.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np

from docs.figures.grids import Board, text_of, tint
from docs.figures.plots import panels, save_svg, title
from scratchnet.layers import BatchNorm, Dense, ReLU, Residual
from scratchnet.layers.base import Array, Layer, leaves
from scratchnet.visualize.palette import ACCENT, INK, LINE, OKABE_ITO, SOFT

X, DY = np.array([1.0, 2]), np.array([2.0, 1])
W = np.array([[1, 1], [1, -2]], float)
V = np.array([[2, -1], [1, 3]], float)

DEPTH = 30
FACTORS = (0.01, 0.03, 0.1, 0.2, 0.3, 0.5, 0.7, 1.0, 1.4, 2.0)
KINDS = ("plain", "residual", "residual, normalised")
COLORS = (OKABE_ITO[4], ACCENT, OKABE_ITO[2])


def gradients_through(
    kind: str, factor: float, depth: int = DEPTH, units: int = 64, seed: int = 0
) -> list[float]:
    """The size (root mean square) of the gradient that arrives below each of `depth` blocks.

    Args:
        kind: "plain": Dense and ReLU; "residual": x + f(x) with the same f;
            "residual, normalised": f is BatchNorm, ReLU, Dense, as in this library's networks.
        factor: what He's weights are multiplied with; biases are 0.
        depth: the number of blocks.
        units: the number of inputs, and of each layer's outputs.
        seed: for the weights, and for 64 inputs and upstream gradients of variance 1.
    """
    rng = np.random.default_rng(seed)
    x, dy = rng.standard_normal((2, 64, units))
    blocks = [_block(kind, units) for _ in range(depth)]
    for block in blocks:
        for layer in block:
            layer.build((units,), rng, np.float64)
            for _, leaf in leaves(layer, ""):
                if isinstance(leaf, Dense):
                    leaf.params["W"] *= factor
            x = layer.forward(x, training=True)
    sizes: list[float] = []
    for block in reversed(blocks):
        for layer in reversed(block):
            dy = layer.backward(dy)
        sizes.insert(0, float(np.sqrt(np.mean(dy * dy))))
    return sizes


def _block(kind: str, units: int) -> list[Layer]:
    if kind == "plain":
        return [Dense(units), ReLU()]
    if kind == "residual":
        return [Residual([Dense(units), ReLU()])]
    return [Residual([BatchNorm(), ReLU(), Dense(units)])]


def steps() -> dict[str, Array]:
    """Every array of the chapter's example, by name, as its layers compute them."""
    first, relu, last = Dense(2, bias=False), ReLU(), Dense(2, bias=False)
    layer = Residual([first, relu, last])
    layer.build((2,), np.random.default_rng(0), np.float64)
    first.params["W"][...], last.params["W"][...] = W, V
    x, dy = X[np.newaxis], DY[np.newaxis]
    z = first.forward(x)
    h = relu.forward(z)
    f = last.forward(h)
    dh = last.backward(dy)
    dz = relu.backward(dh)
    return {
        "x": x, "z": z, "h": h, "f": f, "y": layer.forward(x),
        "dy": dy, "dh": dh, "dz": dz, "df": first.backward(dz), "dx": layer.backward(dy),
    }  # fmt: skip


def flow(path: Path) -> None:
    """The block's numbers, forward and backward."""
    a = steps()
    board = Board(23.4, 13.8)
    places = (0.7, 5.2, 9.7, 14.2, 20.7)
    plus = {"forward": 18.7, "backward": 4.2}

    def road(top: float, start: float, stop: float) -> None:
        style: dict[str, Any] = {
            "color": ACCENT,
            "linewidth": 3.0,
            "zorder": 3,
            "solid_joinstyle": "miter",
        }
        height = top - 1.9
        board.axes.plot([start, start, stop], [top - 0.05, height, height], **style)
        board.arrow((stop, height), (stop, top + 0.05), ACCENT, line=3.0)

    def add(x: float, y: float) -> None:
        board.axes.plot(x, y, "o", markersize=17, color="white", markeredgecolor=INK, zorder=4)
        board.say(x, y, "+", 14)

    top = 3.4
    board.say(0.5, 0.6, "Forward: $y = x + f(x)$", 13, ha="left", weight="bold")
    for name, left in zip(("x", "z", "h", "f", "y"), places, strict=True):
        fills = {(0, j): tint(ACCENT, 0.2) for j in range(2)} if name in "xy" else {}
        board.grid(a[name], left, top, colors=fills)
        board.say(left + 1, top + 1.5, "$f(x)$" if name == "f" else f"${name}$", 12)
    words = ("Dense $W$", "ReLU", "Dense $V$")
    for word, left, right in zip(words, places, places[1:], strict=False):
        board.arrow((left + 2.15, top + 0.5), (right - 0.15, top + 0.5))
        board.say((left + right + 2) / 2, top - 0.1, word, 10, SOFT)
    board.arrow((16.35, top + 0.5), (plus["forward"] - 0.5, top + 0.5))
    board.arrow((plus["forward"] + 0.5, top + 0.5), (20.55, top + 0.5))
    add(plus["forward"], top + 0.5)
    road(top, 1.7, plus["forward"])
    board.say(10.2, top - 1.4, "the shortcut hands on $x$ as it is", 10.5, ACCENT)

    board.say(15.3, top + 2.5, _sums(a["x"], a["f"], a["y"]), 11, ha="left")

    top = 10.6
    places = (0.7, 7.2, 11.7, 16.2, 20.7)
    board.say(0.5, 7.6, "Backward: the same roads, the other way", 13, ha="left", weight="bold")
    for name, left in zip(("dx", "df", "dz", "dh", "dy"), places, strict=True):
        fills = {(0, j): tint(ACCENT, 0.2) for j in range(2)} if name in ("dx", "dy") else {}
        board.grid(a[name], left, top, colors=fills)
        board.say(left + 1, top + 1.5, f"${name}$", 12)
    for word, left, right in zip(
        ("$W^{\\top}$", "gates", "$V^{\\top}$"), places[1:4], places[2:], strict=True
    ):
        board.arrow((right - 0.15, top + 0.5), (left + 2.15, top + 0.5))
        board.say((left + right + 2) / 2, top - 0.1, word, 10, SOFT)
    board.arrow((7.05, top + 0.5), (plus["backward"] + 0.55, top + 0.5))
    board.arrow((plus["backward"] - 0.5, top + 0.5), (2.85, top + 0.5))
    add(plus["backward"], top + 0.5)
    road(top, 21.7, plus["backward"])
    board.say(13.0, top - 1.4, "the shortcut hands on $dy$ as it is", 10.5, ACCENT)
    board.say(0.7, top + 2.5, _sums(a["df"], a["dy"], a["dx"]), 11, ha="left")
    board.save(path)


def _sums(a: Array, b: Array, c: Array) -> str:
    """1 + 6 = 7,   2 + (−3) = −1"""
    triples = zip(*([text_of(v) for v in array.ravel()] for array in (a, b, c)), strict=True)
    return ",   ".join(f"{p} + {f'({q})' if '−' in q else q} = {s}" for p, q, s in triples)


def paths(path: Path) -> None:
    """Three blocks are eight paths: each passes or enters each f."""
    board = Board(19.0, 9.0)
    chosen = sorted(product((True, False), repeat=3), key=sum)
    for row, entered in enumerate(chosen):
        column, line = divmod(row, 4)
        left, middle = 0.6 + 9.6 * column, 1.3 + 2.0 * line
        board.axes.plot([left, left + 6.6], [middle] * 2, color=ACCENT, linewidth=2.2, zorder=1)
        for k, inside in enumerate(entered):
            x = left + 0.8 + 1.9 * k
            fill = tint(ACCENT, 0.35) if inside else "white"
            if inside:
                board.box(x, middle - 0.5, 1.2, 1.0, INK, 1.2, fill)
                board.axes.patches[-1].set_zorder(2)
                board.say(x + 0.6, middle, f"$J_{k + 1}$", 12)
            else:
                board.box(x, middle + 0.25, 1.2, 0.5, LINE, 1.0, "white")
        names = [f"J_{k + 1}" for k, inside in enumerate(entered) if inside]
        term = "\\,".join(names) or "I"
        board.say(left + 7.1, middle, f"${term}$", 12, ha="left")
    board.save(path)


def depth(path: Path) -> None:
    """The gradient that arrives below thirty blocks, layer by layer and weight by weight."""
    figure, axes = panels(1, 2, 3.1, sharey=True)
    for kind, color in zip(KINDS, COLORS, strict=True):
        style: dict[str, Any] = {
            "color": color,
            "linewidth": 1.8,
            "marker": "o",
            "markersize": 3,
            "label": kind,
        }
        axes[0].plot(range(1, DEPTH + 1), gradients_through(kind, 0.5), **style)
        axes[1].plot(FACTORS, [gradients_through(kind, f)[0] for f in FACTORS], **style)
    axes[0].set(yscale="log", ylim=(1e-12, 1e12), xticks=[1, 10, 20, 30], xlabel="below block")
    axes[1].set(xscale="log", xlabel="factor on the weights")
    axes[1].set_xticks([0.01, 0.1, 1], ["0.01", "0.1", "1"])
    for place in axes:
        place.minorticks_off()
        place.grid(axis="y", color=LINE, linewidth=0.8)
    axes[0].legend(frameon=False, fontsize=9, labelcolor=INK, loc="upper left")
    title(axes[0], "Half of He's weights")
    title(axes[1], "Below the first block")
    save_svg(figure, path)


FIGURES: dict[str, Callable[[Path], None]] = {
    "residual_flow.svg": flow,
    "residual_paths.svg": paths,
    "residual_depth.svg": depth,
}


def main(folder: Path = Path(__file__).parent) -> None:
    """Draw every figure into `folder`."""
    for name, draw in FIGURES.items():
        draw(folder / name)


if __name__ == "__main__":
    main()
