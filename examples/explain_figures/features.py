"""The first questions of the first stages, drawn on the window, and how it answered them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

import haar
from explain_figures.explanation import Explanation
from explain_figures.style import (
    FACE,
    NO,
    SOFT,
    YES,
    bare,
    blank_figure,
    entitle,
    headline,
    outline,
    plural,
    show_picture,
)
from haar import explain
from haar.drawing import pixel_weights
from haar.features import LBPFeature
from haar.trace import Answer, StageTrace, block_means, trace

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

STAGES, QUESTIONS = 3, 4  # rows and columns of the figure of features


HOW_TO_READ = {
    "haar": "Above: white minus black, divided by the contrast, and the threshold.\n"
    "Below: the side it goes to, and what that adds to the stage's sum.",
    "lbp": "White blocks, bits of 1, are at least as bright as the middle one; black ones darker.\n"
    "Below: the side that this code goes to, and what that adds to the stage's sum.",
}


def features_figure(e: Explanation) -> Figure:
    """The first questions of the first stages, on the window; white adds and black subtracts."""
    pixels = explain.pixels_of(e.grey, e.cascade, e.level, *e.place[1:])
    stages = trace(e.cascade, pixels)
    figure = blank_figure(13.5, 8.6)
    left, right = figure.add_gridspec(1, 2, width_ratios=[1, 2.6])
    side = figure.add_subfigure(left).subplots(2, 1)
    show_picture(side[0], e)
    outline(side[0], e.box, FACE)
    entitle(side[0], f"Where: {e.about}")
    side[1].imshow(pixels, cmap="gray", vmin=0, vmax=255)
    bare(side[1])
    entitle(side[1], f"What the cascade sees: {e.cascade.width}×{e.cascade.height} pixels")

    asking = figure.add_subfigure(right)
    asking.suptitle(HOW_TO_READ[e.cascade.feature_type], fontsize=9.5, color=SOFT)
    cells = asking.subplots(STAGES, QUESTIONS, squeeze=False)
    for axes in cells.flat:
        axes.axis("off")
    for k, (row, stage) in enumerate(zip(cells, stages, strict=False)):
        for axes, answer in zip(row, stage.answers, strict=False):
            axes.axis("on")
            show_answer(axes, pixels, answer)
        row[0].set_ylabel(stage_verdict(k, stage), fontsize=9, color=YES if stage.passed else NO)
    headline(figure, way(e.about, stages, len(e.cascade.stages)))
    return figure


def show_answer(axes: Axes, pixels: NDArray[np.uint8], answer: Answer) -> None:
    """A feature on the window, its value and what came of it."""
    bare(axes)
    axes.imshow(pixels, cmap="gray", vmin=0, vmax=255)
    if isinstance(answer.feature, LBPFeature):
        signs = lbp_signs(answer.feature, pixels)
        question = f"code {int(answer.value)} = {int(answer.value):08b}₂"
        axes.set_title(question, fontsize=9)
    else:
        signs = np.sign(pixel_weights(answer.feature, *pixels.shape[::-1]))
        sign = "<" if answer.left else "≥"
        axes.set_title(
            f"{signed(answer.value, 4)} {sign} {signed(answer.threshold, 4)}", fontsize=9
        )
    overlay = np.zeros((*pixels.shape, 4))
    overlay[signs > 0] = (1, 1, 1, 0.75)
    overlay[signs < 0] = (0, 0, 0, 0.75)
    axes.imshow(overlay)
    side = "left" if answer.left else "right"
    if answer.leaf is None:
        axes.set_xlabel(f"{side}: asks on", fontsize=9, color=SOFT)
    else:
        color = YES if answer.leaf >= 0 else NO
        axes.set_xlabel(f"{side}: {signed(answer.leaf, 2)}", fontsize=9, color=color, weight="bold")


def signed(number: float, digits: int) -> str:
    return f"{number:+.{digits}f}".replace("-", "−")


def lbp_signs(feature: LBPFeature, pixels: NDArray[np.uint8]) -> NDArray[np.float64]:
    """+1 in the blocks that are at least as bright as the centre, −1 in the darker ones."""
    signs = np.zeros(pixels.shape)
    means = block_means(feature, haar.integral_image(pixels))
    x, y, w, h = feature
    for row, column in np.ndindex(3, 3):
        if (row, column) != (1, 1):
            brighter = means[row, column] >= means[1, 1]
            signs[y + row * h : y + (row + 1) * h, x + column * w : x + (column + 1) * w] = (
                1 if brighter else -1
            )
    return signs


def stage_verdict(k: int, stage: StageTrace) -> str:
    trees, asked = sum(answer.leaf is not None for answer in stage.answers), len(stage.answers)
    of = plural(asked, "feature") if trees == asked else f"{trees} trees, {asked} features"
    sign, verdict = ("≥", "passed") if stage.passed else ("<", "rejected")
    sums = f"{stage.total:.2f} {sign} {stage.threshold:.2f}"
    return f"stage {k + 1}: {of}\nsum {sums}\n{verdict}".replace("-", "−")


def way(about: str, stages: list[StageTrace], number: int) -> str:
    """The headline: how far it got."""
    passed = sum(stage.passed for stage in stages)
    asked = sum(len(stage.answers) for stage in stages)
    window = about[0].upper() + about[1:]
    if not stages:
        return f"{window} is flat: it was rejected before the first feature"
    if passed == number:
        return f"{window} passed all {number} stages, {asked:,} features; these are the first"
    return f"{window} passed {passed} of {number} stages, with {asked:,} features computed"
