"""The figure of docs/initializers.md: `python -m docs.figures.make_initializers`, from the root.

Ten dense layers are built, run forward and backward, and looked at after each of them.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from docs.figures.plots import panels, save_svg, title
from scratchnet.layers import Dense, Layer, ReLU, Tanh
from scratchnet.visualize.palette import LINE, OKABE_ITO, SOFT

Array = NDArray[Any]

FOLDER = Path(__file__).parent
LAYERS, WIDTH, SAMPLES, DRAWS = 10, 200, 50, 8
BENDS: dict[str, type[Layer] | None] = {"no bend": None, "ReLU": ReLU, "tanh": Tanh}
LINES = {
    "he": (OKABE_ITO[0], "-"),
    "glorot": (OKABE_ITO[1], "-"),
    "lecun": (OKABE_ITO[2], "--"),
}


def mean_squares(initializer: str, bend: type[Layer] | None, seed: int = 0) -> tuple[Array, Array]:
    """The mean square of the signal before and after each layer, and of the gradient there.

    Both (LAYERS + 1,), from the input to the output; the signal goes in, and the gradient comes
    back from the end, with a mean square of 1.
    """
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((SAMPLES, WIDTH))
    blocks: list[list[Layer]] = []
    for _ in range(LAYERS):
        dense = Dense(WIDTH, bias=False, initializer=initializer)
        blocks.append([dense, bend()] if bend else [dense])
    signal = [np.mean(x**2)]
    for block in blocks:
        for layer in block:
            layer.build((WIDTH,), rng, np.float64)
            x = layer.forward(x, training=True)
        signal.append(np.mean(x**2))
    dy = rng.standard_normal(x.shape)
    gradient = [np.mean(dy**2)]
    for block in reversed(blocks):
        for layer in reversed(block):
            dy = layer.backward(dy)
        gradient.append(np.mean(dy**2))
    return np.array(signal), np.array(gradient[::-1])


def average(initializer: str, bend: type[Layer] | None) -> tuple[Array, Array]:
    """The geometric mean over some draws of the weights."""
    logs = [np.log(mean_squares(initializer, bend, seed)) for seed in range(DRAWS)]
    signal, gradient = np.exp(np.mean(logs, axis=0))
    return signal, gradient


def ten_layers(path: Path) -> None:
    """Signal and gradient through ten layers, without a bend, for ReLU and for tanh."""
    figure, axes = panels(3, 2, 6.6, sharex=True, sharey=True)
    for row, (name, bend) in enumerate(BENDS.items()):
        signal_place, gradient_place = axes[2 * row : 2 * row + 2]
        for initializer, (color, style) in LINES.items():
            curves = average(initializer, bend)
            for place, values in zip((signal_place, gradient_place), curves, strict=True):
                place.plot(
                    values, style, marker="o", markersize=3.5, color=color, label=initializer
                )
        title(signal_place, f"{name}: activations →")
        title(gradient_place, f"{name}: ← gradients")
        signal_place.set_ylabel("mean square")
    for place in axes:
        place.set(yscale="log", ylim=(3e-4, 3e3), xticks=range(0, LAYERS + 1, 2))
        place.grid(color=LINE, linewidth=0.8)
        place.minorticks_off()
    for place in axes[-2:]:
        place.set_xlabel("after layer")
    axes[0].legend(frameon=False, fontsize=9.5, loc="upper left", ncols=3, columnspacing=1.2)
    note: dict[str, Any] = {"fontsize": 9, "color": SOFT, "ha": "right"}
    axes[0].text(10, 1e-3, "zeros: 0 from the first layer on", **note)
    axes[1].text(10, 1e-3, "zeros: 0 from the last layer on", **note)
    save_svg(figure, path)


FIGURES: dict[str, Callable[[Path], None]] = {"initializers_ten_layers.svg": ten_layers}


def main(folder: Path = FOLDER) -> None:
    """Draw every figure into `folder`."""
    for name, draw in FIGURES.items():
        draw(folder / name)


if __name__ == "__main__":
    main()
