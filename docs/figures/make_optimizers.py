"""The figures of docs/optimizers.md: `python -m docs.figures.make_optimizers`, from the root.

Every path in them was walked by the optimisers themselves.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.patches import Ellipse
from numpy.typing import NDArray

from docs.figures.plots import panels, save_svg, title
from scratchnet.callbacks import LambdaCallback, WeightAverage
from scratchnet.layers import Dense
from scratchnet.losses import MeanSquaredError
from scratchnet.optimizers import SGD, Adam, AdamW, Optimizer, Parameter, RMSProp
from scratchnet.sequential import Sequential
from scratchnet.visualize.palette import ACCENT, INK, LINE, OKABE_ITO, SOFT

Array = NDArray[Any]

FOLDER = Path(__file__).parent
K = np.array([1.0, 12.0])
"""How strongly the valley L = ½ Σ k w² bends along each weight."""
START, STEPS = (5.0, 1.0), 20

WALKERS: dict[str, Callable[[], Optimizer]] = {
    "SGD(0.15)": lambda: SGD(0.15),
    "SGD(0.05, momentum=0.7)": lambda: SGD(0.05, momentum=0.7),
    "SGD(0.05, momentum=0.7, nesterov=True)": lambda: SGD(0.05, momentum=0.7, nesterov=True),
    "RMSProp(0.2)": lambda: RMSProp(0.2),
    "Adam(0.4)": lambda: Adam(0.4),
    "AdamW(0.4, weight_decay=0.1)": lambda: AdamW(0.4, weight_decay=0.1),
}


def walk(optimizer: Optimizer, steps: int = STEPS) -> Array:
    """The weights before each step and after the last, (steps + 1, 2)."""
    w = np.array(START)
    path = [w.copy()]
    for _ in range(steps):
        optimizer.step([Parameter("w", w, K * w, decays=True)])
        path.append(w.copy())
    return np.array(path)


def height(w: Array) -> float:
    """The loss L at w."""
    return float(np.sum(K * w**2) / 2)


def valley(path: Path) -> None:
    """Each optimiser's path from the same place, on a map of the valley."""
    figure, axes = panels(3, 2, 5.6, sharex=True, sharey=True)
    for place, (name, make) in zip(axes, WALKERS.items(), strict=True):
        w = walk(make())
        for level in (0.1, 0.5, 1.5, 4, 9, 18):
            width, high = 2 * np.sqrt(2 * level / K)
            place.add_patch(Ellipse((0, 0), width, high, fill=False, color=LINE, linewidth=1))
        place.plot(*w.T, color=ACCENT, linewidth=1.2)
        place.plot(*w.T, "o", color=ACCENT, markersize=3.2)
        place.plot(*START, "o", color=OKABE_ITO[1], markersize=6)
        place.plot(0, 0, "+", color=INK, markersize=8)
        title(place, name)
        place.text(5.6, -1.5, f"L = {height(w[-1]):.2g}", fontsize=9.5, color=SOFT, ha="right")
        place.set(xlim=(-2.3, 5.7), ylim=(-1.7, 1.7), xticks=range(-2, 6, 1), yticks=(-1, 0, 1))
        place.set_aspect("equal")
    for place in axes[-2:]:
        place.set_xlabel("a")
    for place in axes[::2]:
        place.set_ylabel("b", rotation=0)
    save_svg(figure, path)


def noisy_training(decay: float, epochs: int = 4) -> tuple[Array, Array]:
    """A network of one weight that is to become 4, trained on targets that are 0 or 8.

    Returns the weight, and its average, after each step.
    """
    model = Sequential([Dense(1, bias=False, initializer="zeros")])
    model.build((1,), np.random.default_rng(0), np.float64)
    average = WeightAverage(decay)
    steps: list[tuple[float, float]] = []

    def record(training: Any, logs: Any) -> None:
        (weight,) = model.plan.parameters
        steps.append((weight.value.item(), average.average[weight.name].item()))

    targets = np.tile([0.0, 8.0], 40)[:, np.newaxis]
    model.fit(
        np.ones_like(targets), targets, rng=np.random.default_rng(2), loss=MeanSquaredError(),
        optimizer=SGD(0.1), epochs=epochs, batch_size=2,
        callbacks=[average, LambdaCallback(on_batch_end=record)],
    )  # fmt: skip
    w, mean = np.array(steps).T
    return w, mean


def average(path: Path) -> None:
    """A weight that jumps about, its average, and the average without the short start."""
    decay = 0.98
    w, mean = noisy_training(decay)
    plain = [0.0]
    for value in w:
        plain.append(decay * plain[-1] + (1 - decay) * value)
    figure, (axes,) = panels(1, 1, 3.0)
    steps = np.arange(1, len(w) + 1)
    axes.axhline(4, color=SOFT, linewidth=0.8, linestyle=":")
    axes.plot(steps, w, color=OKABE_ITO[5], linewidth=1, label="w, after each step")
    axes.plot(steps, plain[1:], color=OKABE_ITO[1], linewidth=1.6, label="average, d = 0.98 always")
    axes.plot(steps, mean, color=ACCENT, linewidth=2, label="WeightAverage(0.98)")
    axes.set(xlabel="step", xlim=(0, len(w) + 1), ylim=(0, 8))
    axes.legend(frameon=False, fontsize=9.5, loc="upper right", ncols=3)
    save_svg(figure, path)


FIGURES: dict[str, Callable[[Path], None]] = {
    "optimizers_valley.svg": valley,
    "optimizers_average.svg": average,
}


def main(folder: Path = FOLDER) -> None:
    """Draw every figure into `folder`."""
    for name, draw in FIGURES.items():
        draw(folder / name)


if __name__ == "__main__":
    main()
