"""What was learned: the first features of the first stages, on the mean of the positives."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

import haar
from haar.drawing import pixel_weights
from haar.features import LBPFeature
from scratchnet.visualize.figure import blank_figure, headline, save_figure
from scratchnet.visualize.palette import INK, SOFT

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Grey = NDArray[np.uint8]
STAGES, FEATURES = 4, 5  # rows and columns


def draw_features(cascade: haar.Cascade, windows: Grey, path: Path) -> None:
    """The first features of the first stages on the mean window: white adds, black subtracts."""
    mean = windows.mean(axis=0)
    shown = cascade.stages[:STAGES]
    figure = blank_figure(1.9 * FEATURES + 1, 0.8 + 2.1 * len(shown))
    panels = figure.subplots(len(shown), FEATURES, squeeze=False)
    for axes in panels.flat:
        axes.axis("off")
    for k, (row, stage) in enumerate(zip(panels, shown, strict=True)):
        for axes, weak in zip(row, stage.weak, strict=False):
            node = weak.nodes[0]
            feature = cascade.features[node.feature]
            overlay(axes, mean, np.sign(pixel_weights(feature, *mean.shape[::-1])))
            if isinstance(feature, LBPFeature):
                axes.set_title("3×3 blocks", fontsize=8.5, color=SOFT)
            elif len(weak.nodes) == 1:
                low, high = weak.leaves
                sign = "<" if low > high else "≥"  # the side that speaks for the object
                question = f"{sign} {node.threshold:+.4f}"
                answer = f"{max(low, high):+.2f}, else {min(low, high):+.2f}"
                text = f"{question}: {answer}".replace("-", "−")
                axes.set_title(text, fontsize=7.5, color=SOFT)
        number = len(stage.weak)
        row[0].set_ylabel(
            f"stage {k + 1}: {number} feature{'s' * (number > 1)}", fontsize=9, color=INK
        )
    headline(figure, "What it looks for: the first features on the mean of the positives")
    save_figure(figure, path)


def overlay(axes: Axes, picture: NDArray[Any], signs: NDArray[Any]) -> None:
    axes.axis("on")
    axes.set(xticks=[], yticks=[])
    axes.spines[:].set_visible(False)
    axes.imshow(picture, cmap="gray")
    colors = np.zeros((*signs.shape, 4))
    colors[signs > 0] = (1, 1, 1, 0.7)
    colors[signs < 0] = (0, 0, 0, 0.7)
    axes.imshow(colors)
