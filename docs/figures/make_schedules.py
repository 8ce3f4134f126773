"""The figures of docs/schedules.md: `python -m docs.figures.make_schedules`, from the root.

The curves are the schedules' own; the losses are those of SGD that follows them.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from docs.figures.plots import panels, save_svg, title
from scratchnet.optimizers import SGD, Parameter
from scratchnet.schedules import Constant, Cosine, OneCycle, Schedule, StepDecay, WarmUp
from scratchnet.visualize.palette import ACCENT, LINE, OKABE_ITO

Array = NDArray[Any]

FOLDER = Path(__file__).parent
STEPS = 100

SHOWN: dict[str, Schedule] = {
    "Constant(0.1)": Constant(0.1),
    "StepDecay(0.1, 30, 0.5)": StepDecay(0.1, every=30, factor=0.5),
    "Cosine(0.1, 100)": Cosine(0.1, 100),
    "Cosine(0.1, 100, 0.02, 20)": Cosine(0.1, 100, 0.02, warmup=20),
    "OneCycle(0.1, 100)": OneCycle(0.1, 100),
    "WarmUp(StepDecay(0.1, 40), 20)": WarmUp(StepDecay(0.1, 40), 20),
}

RATES: dict[str, Callable[[], Schedule]] = {
    "Constant(0.5)": lambda: Constant(0.5),
    "Constant(0.02)": lambda: Constant(0.02),
    "Cosine(0.5, 100)": lambda: Cosine(0.5, STEPS),
}


def curves(path: Path) -> None:
    """The rate over the steps, for each schedule."""
    figure, axes = panels(2, 3, 3.9, sharex=True, sharey=True)
    steps = np.arange(STEPS + 1)
    for place, (name, schedule) in zip(axes, SHOWN.items(), strict=True):
        rates = [schedule(int(step)) for step in steps]
        place.plot(steps, rates, color=ACCENT, linewidth=1.8, drawstyle="steps-post")
        title(place, name, 9)
        place.set(xlim=(0, STEPS), ylim=(0, 0.108), yticks=(0, 0.05, 0.1))
        place.grid(color=LINE, linewidth=0.8)
    for place in axes[-3:]:
        place.set_xlabel("step")
    save_svg(figure, path)


def noisy_descent(schedule: Schedule, runs: int = 2000) -> Array:
    """The mean loss w² / 2 before each step and after the last; gradients are w + noise."""
    rng = np.random.default_rng(0)
    w, optimizer = np.full(runs, 10.0), SGD(schedule)
    losses = [np.mean(w**2) / 2]
    for _ in range(STEPS):
        optimizer.step([Parameter("w", w, w + rng.standard_normal(runs), decays=False)])
        losses.append(np.mean(w**2) / 2)
    return np.array(losses)


def descent(path: Path) -> None:
    """A loss with noisy gradients, under a large rate, a small one, and one that falls."""
    figure, (axes,) = panels(1, 1, 3.0)
    colors = (OKABE_ITO[1], OKABE_ITO[2], ACCENT)
    for color, (name, make) in zip(colors, RATES.items(), strict=True):
        losses = noisy_descent(make())
        axes.plot(losses, color=color, linewidth=2, label=name)
    axes.set(xlabel="step", ylabel="loss", yscale="log", xlim=(0, STEPS))
    axes.grid(color=LINE, linewidth=0.8)
    axes.minorticks_off()
    axes.legend(frameon=False, fontsize=9.5, loc="upper right", ncols=3)
    save_svg(figure, path)


FIGURES: dict[str, Callable[[Path], None]] = {
    "schedules_curves.svg": curves,
    "schedules_descent.svg": descent,
}


def main(folder: Path = FOLDER) -> None:
    """Draw every figure into `folder`."""
    for name, draw in FIGURES.items():
        draw(folder / name)


if __name__ == "__main__":
    main()
