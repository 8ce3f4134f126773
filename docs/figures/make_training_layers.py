"""The figures of four chapters, docs/softmax.md, batch_norm.md, losses.md and dropout.md.

`python -m docs.figures.make_training_layers`, from the project's root, draws them all. Every number
in them is computed by the layers and losses from the chapters' examples.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from docs.figures.grids import Board, tint, written
from scratchnet.layers import BatchNorm, Dropout, Softmax
from scratchnet.layers.base import Layer
from scratchnet.losses import (
    CrossEntropy,
    Loss,
    MeanSquaredError,
    SoftmaxCrossEntropy,
    SquaredHinge,
    softmax,
)
from scratchnet.visualize.palette import ACCENT, INK, LINE, OKABE_ITO, SOFT

Array = NDArray[Any]

FORWARD, BACK = OKABE_ITO[0], OKABE_ITO[4]
CLASSES = OKABE_ITO[:3]


def built(layer: Layer, *shape: int) -> Any:
    """The layer, built in float64."""
    layer.build(shape, np.random.default_rng(0), np.float64)
    return layer


def short(value: float, digits: int = 3) -> str:
    """A number with a true minus sign, and no more digits than it needs."""
    return f"{round(value, digits) + 0:.{digits + 1}g}".replace("-", "−")


def row(
    board: Board,
    values: ArrayLike,
    left: float,
    top: float,
    *,
    name: str = "",
    width: float = 1.6,
    colors: Sequence[str] | None = None,
    points: float = 11,
) -> None:
    """A vector, lying, in cells of `width` × 1."""
    entries = np.ravel(values)
    for k, value in enumerate(entries):
        fill = tint(colors[k], 0.3) if colors else "white"
        board.box(left + k * width, top, width, 1, SOFT, 0.9, fill)
        board.say(left + (k + 0.5) * width, top + 0.5, short(value), points)
    if name:
        board.say(left - 0.25, top + 0.5, name, 12, ha="right")


# -- softmax --------------------------------------------------------------------------------------

POWERS = np.array([1.0, 2.0, 5.0])
TARGET = np.array([0.0, 1.0, 0.0])
TEMPERATURES = (0.5, 1.0, 2.0, 8.0)


def softmax_roads() -> Board:
    """Down: scores, powers, probabilities, loss. Up: through the Jacobian, and past it."""
    layer, loss = built(Softmax(), 3), CrossEntropy()
    s, q = np.log(POWERS)[np.newaxis], TARGET[np.newaxis]
    p = layer.forward(s)
    L = loss.forward(p, q)
    dp = loss.backward()
    ds = layer.backward(dp)
    board = Board(18, 11.6)
    left, right = 1.6, 11.4
    ends = (left + 2.4, right + 2.4)

    board.say(ends[0], 0.6, "forward", 13, FORWARD, weight="bold")
    board.say(ends[1], 0.6, "backward", 13, BACK, weight="bold")
    row(board, s, left, 1.3, name="$s$", colors=CLASSES)
    row(board, POWERS, left, 4.3, name="$e^s$", colors=CLASSES)
    row(board, p, left, 7.3, name="$p$", colors=CLASSES)
    row(board, [L], left + 1.6, 10.2, name="$L$")
    row(board, ds, right, 1.3, name="$ds$", colors=CLASSES)
    row(board, dp, right, 7.3, name="$dp$", colors=CLASSES)
    row(board, [1], right + 1.6, 10.2, name="$dL$")

    for top, bottom, words in (
        (2.3, 4.3, "power"),
        (5.3, 7.3, f"÷ {short(POWERS.sum())}"),
        (8.3, 10.2, "minus log of the right one"),
    ):
        board.arrow((ends[0], top + 0.15), (ends[0], bottom - 0.15), FORWARD)
        board.say(ends[0] + 0.3, (top + bottom) / 2, words, 10, SOFT, ha="left")
    board.arrow((ends[1], 10.05), (ends[1], 8.45), BACK)
    board.say(ends[1] + 0.3, 9.25, "$-q\\,/\\,p$", 11, BACK, ha="left")
    board.arrow((ends[1], 7.15), (ends[1], 2.45), BACK)
    board.say(ends[1] + 0.3, 4.5, "times the", 10, BACK, ha="left")
    board.say(ends[1] + 0.3, 5.1, "Jacobian", 10, BACK, ha="left")
    board.arrow((left + 5.0, 7.4), (right - 1.2, 2.1), ACCENT, bend=-0.1, line=2.4)
    board.say(9.25, 5.55, "the shortcut", 10.5, ACCENT, weight="bold", ha="left")
    board.say(9.25, 6.2, "$p - q$", 12, ACCENT, ha="left")
    return board


def softmax_temperature() -> Board:
    """One set of bars a temperature."""
    s = np.log(POWERS)
    board = Board(18, 5.7)
    base, full = 4.6, 4.4
    for panel, T in enumerate(TEMPERATURES):
        left = 0.7 + 4.4 * panel
        board.box(left - 0.1, base, 3.8, 0, LINE, 1.2)
        for k, share in enumerate(softmax(s / T)):
            x = left + 0.1 + 1.2 * k
            board.box(
                x, base - full * share, 1, full * share, CLASSES[k], 0, tint(CLASSES[k], 0.75)
            )
            board.say(x + 0.5, base - full * share - 0.35, short(share), 9.5)
        board.say(left + 1.8, 5.2, f"$T = {T:g}$", 12, INK)
    return board


# -- batch norm -----------------------------------------------------------------------------------

BATCH = np.array([1.0, 6, 5, 4]).reshape(2, 1, 1, 2)
BATCH_DY = np.array([1.0, 4, -1, 0]).reshape(2, 1, 1, 2)
MOMENTA = (0.5, 0.9, 0.99)


def batch_norm_example() -> Any:
    """The chapter's layer, built for its images."""
    layer = built(BatchNorm(eps=0.5), 1, 1, 2)
    layer.params["gamma"][...], layer.params["beta"][...] = 4, 1
    return layer


def batch_norm_flow() -> Board:
    """Down: minus the mean, over the width, scale and shift. Up: the gradient, minus two shares."""
    layer = batch_norm_example()
    y = layer.forward(BATCH, training=True)
    dx = layer.backward(BATCH_DY)
    m, mean, var = BATCH.size, BATCH.mean(), BATCH.var()
    width = np.sqrt(var + layer.eps)
    x_hat = (BATCH - mean) / width
    dgamma, dbeta = layer.grads["gamma"][0], layer.grads["beta"][0]
    moved = BATCH_DY - dbeta / m
    stretched = moved - x_hat * dgamma / m

    board = Board(19.4, 12.2)
    left, right = 1.9, 11.9
    ends = (left + 2.0, right + 2.0)
    images = (CLASSES[0], CLASSES[0], CLASSES[1], CLASSES[1])
    place = partial(row, board, width=1.5, colors=images)
    board.say(left + 3, 0.6, "forward", 13, FORWARD, weight="bold")
    board.say(right + 3, 0.6, "backward", 13, BACK, weight="bold")
    for top, values, name in (
        (1.3, BATCH, "$x$"),
        (4.5, BATCH - mean, ""),
        (7.7, x_hat, "$\\hat{x}$"),
        (10.9, y, "$y$"),
    ):
        place(values, left, top, name=name)
    for top, values, name in (
        (1.3, dx, "$dx$"),
        (4.5, stretched, ""),
        (7.7, moved, ""),
        (10.9, BATCH_DY, "$dy$"),
    ):
        place(values, right, top, name=name)
    down = (f"minus the mean, {short(mean)}", f"÷ {short(width)}, the width", "· 4 + 1")
    for step, words in enumerate(down):
        top = 2.3 + 3.2 * step
        board.arrow((ends[0], top + 0.15), (ends[0], top + 2.05), FORWARD)
        board.say(ends[0] + 0.3, top + 1.1, words, 10, SOFT, ha="left")
    up = (
        f"· {short(4 / width)}",
        f"minus  $\\hat{{x}}$ · {short(dgamma / m)}",
        f"minus  {short(dbeta / m)}",
    )
    why = ("", "what would stretch all", "what would move all")
    for step, (words, reason) in enumerate(zip(up, why, strict=True)):
        top = 2.3 + 3.2 * step
        board.arrow((ends[1], top + 2.05), (ends[1], top + 0.15), BACK)
        board.say(ends[1] + 0.3, top + (0.75 if reason else 1.1), words, 10.5, BACK, ha="left")
        board.say(ends[1] + 0.3, top + 1.45, reason, 9.5, SOFT, ha="left")
    board.arrow((left + 6.2, 8.2), (ends[1] - 0.25, 6.6), ACCENT, bend=-0.15, line=1.8)
    return board


def batch_norm_running() -> Board:
    """The running mean after each of sixty batches, for three momenta."""
    rng = np.random.default_rng(5)
    batches = rng.normal(3, 2, (60, 8, 1))
    board = Board(18, 7.6)

    def at(batch: Array, value: Array) -> tuple[Array, Array]:
        return 1.2 + 0.27 * batch, 6.1 - 1.2 * value

    steps = np.arange(61.0)
    for value in range(5):
        (x, y) = at(steps[[0, -1]], np.full(2, float(value)))
        board.axes.plot(x, y, color=INK if value == 3 else LINE, linewidth=0.8, zorder=1)
        board.say(0.8, y[0], str(value), 10, SOFT)
    board.axes.scatter(*at(steps[1:], batches.mean(axis=(1, 2))), s=9, color=SOFT, alpha=0.5)
    for momentum, color in zip(MOMENTA, CLASSES, strict=True):
        layer = built(BatchNorm(momentum=momentum), 1)
        means = [0.0]
        for batch in batches:
            layer.forward(batch, training=True)
            means.append(float(layer.buffers["running_mean"][0]))
        board.axes.plot(*at(steps, np.array(means)), color=color, linewidth=2, zorder=3)
    board.say(1.2, 7.1, "60 batches", 10, SOFT, ha="left")
    board.say(10.9, 7.1, "momentum", 10, SOFT, ha="right")
    for k, (momentum, color) in enumerate(zip(MOMENTA, CLASSES, strict=True)):
        start = 11.4 + 1.9 * k
        board.box(start, 6.95, 0.5, 0.3, color, 0, color)
        board.say(start + 0.7, 7.1, f"{momentum:g}", 11, ha="left")
    return board


# -- losses ---------------------------------------------------------------------------------------

CANDIDATES: dict[str, tuple[Loss, bool]] = {
    "cross-entropy": (SoftmaxCrossEntropy(), False),
    "squared hinge": (SquaredHinge(), False),
    "squared error of scores": (MeanSquaredError(), False),
    "squared error of probabilities": (MeanSquaredError(), True),
}
"""Each loss, and whether a softmax stands before it."""


def loss_curve(name: str, gaps: Array) -> tuple[Array, Array]:
    """The loss, and its slope in the right score, for scores (gap / 2, -gap / 2)."""
    loss, of_probabilities = CANDIDATES[name]
    layer = built(Softmax(), 2)
    losses, slopes = [], []
    for gap in gaps:
        s = np.array([[gap / 2, -gap / 2]])
        losses.append(loss.forward(layer.forward(s) if of_probabilities else s, [0]))
        ds = loss.backward()
        slopes.append((layer.backward(ds) if of_probabilities else ds)[0, 0])
    return np.array(losses), np.array(slopes)


def losses_curves() -> Board:
    """Loss and slope of each candidate against the gap."""
    board = Board(18, 9.8)
    gaps = np.linspace(-6, 6, 121)
    colors = (*CLASSES, BACK)
    for left, title, which, (low, high) in (
        (1.1, "loss", 0, (0.0, 8.0)),
        (10.2, "gradient at the right score", 1, (-6.0, 2.0)),
    ):
        board.say(left, 0.6, title, 12, ha="left", weight="bold")

        def at(gap: Any, value: Any, left: float = left, high: float = high) -> tuple[Any, Any]:
            return left + (np.asarray(gap) + 6) * 0.6, 1.3 + (high - np.asarray(value)) * 0.72

        for value in np.arange(low, high + 1, 2):
            board.axes.plot(
                *at([-6, 6], [value, value]), color=LINE if value else SOFT, linewidth=0.8, zorder=1
            )
            board.say(left - 0.2, at(0, value)[1], short(value), 9.5, SOFT, ha="right")
        for gap in (-6, -3, 0, 3, 6):
            x, y = at(gap, low)
            board.say(x, y + 0.45, short(gap), 9.5, SOFT)
        board.axes.plot(*at([0, 0], [low, high]), color=LINE, linewidth=0.8, zorder=1)
        for name, color in zip(CANDIDATES, colors, strict=True):
            values = loss_curve(name, gaps)[which]
            inside = (values >= low) & (values <= high)
            board.axes.plot(*at(gaps[inside], values[inside]), color=color, linewidth=2, zorder=3)
    board.say(1.1, 8.15, "wrong", 9.5, SOFT, ha="left")
    board.say(8.3, 8.15, "right", 9.5, SOFT, ha="right")
    board.say(4.7, 8.15, "gap", 9.5, SOFT)
    board.say(10.2, 8.15, "wrong", 9.5, SOFT, ha="left")
    board.say(17.4, 8.15, "right", 9.5, SOFT, ha="right")
    board.say(13.8, 8.15, "gap", 9.5, SOFT)
    for (x, y), name, color in zip(
        ((1.1, 8.8), (1.1, 9.35), (8.2, 8.8), (8.2, 9.35)), CANDIDATES, colors, strict=True
    ):
        board.box(x, y - 0.12, 0.6, 0.24, color, 0, color)
        board.say(x + 0.85, y, name, 10.5, ha="left")
    return board


# -- dropout --------------------------------------------------------------------------------------

UNITS = np.array([[3.0, 1, 2, 4]])


def dropout_masks() -> Board:
    """Four units and their sum: three masks, and prediction."""
    layer = built(Dropout(0.5), 4)
    while True:  # three draws that differ, none of them empty
        draws = [layer.forward(UNITS, training=True)[0] for _ in range(3)]
        kept = {tuple(draw != 0) for draw in draws}
        if len(kept) == 3 and all(0 < sum(mask) < 4 for mask in kept):
            break
    board = Board(18, 6.6)
    titles = ("one step", "the next", "and the next", "prediction")
    for panel, (title, y) in enumerate(zip(titles, [*draws, layer.forward(UNITS)[0]], strict=True)):
        left = 0.5 + 4.5 * panel
        color = FORWARD if panel < 3 else CLASSES[2]
        board.say(left + 1.8, 0.6, title, 12, weight="bold")
        board.box(left + 1.3, 1.4, 1, 1, INK, 1.2, "white")
        board.say(left + 1.8, 1.9, short(y.sum()), 12)
        for k, value in enumerate(y):
            x = left + 0.95 * k
            if not value:
                board.box(x, 4.4, 0.75, 1, SOFT, 0.8, "#F4F4F4", ":")
                continue
            board.axes.plot([x + 0.375, left + 1.8], [4.4, 2.4], color=color, linewidth=1.6)
            board.box(x, 4.4, 0.75, 1, color, 1.2, tint(color))
            board.say(x + 0.375, 4.9, short(value), 11)
        for k, value in enumerate(UNITS[0]):
            board.say(left + 0.375 + 0.95 * k, 5.95, short(value), 9.5, SOFT)
    return board


FIGURES = written(
    {
        "softmax_roads.svg": softmax_roads,
        "softmax_temperature.svg": softmax_temperature,
        "batch_norm_flow.svg": batch_norm_flow,
        "batch_norm_running.svg": batch_norm_running,
        "losses_curves.svg": losses_curves,
        "dropout_masks.svg": dropout_masks,
    }
)


def main(folder: Path = Path(__file__).parent, names: Sequence[str] = ()) -> list[Path]:
    """Draw the figures named, or all, into `folder`."""
    chosen = [folder / name for name in names or FIGURES]
    for path in chosen:
        FIGURES[path.name](path)
    return chosen


if __name__ == "__main__":
    main(names=sys.argv[1:])
