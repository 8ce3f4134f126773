"""What a run leaves to look at, and the lines that it ends with."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import haar
from cascade_training.learned_figure import draw_features
from cascade_training.results_figures import SHOWN, draw_mistakes, draw_scene
from cascade_training.roc_figure import draw_roc
from cascade_training.rounds_figure import draw_rounds
from cascade_training.run import read_log
from cascade_training.scores import of_pictures, of_windows
from haar.samples import cut

Grey = NDArray[np.uint8]
MOST_ACCEPTED = 0.005
"""Of all windows; a detector accepts one of some ten thousand, and grouping relies on that."""


def draw_report(
    run: Path,
    cascade: haar.Cascade,
    positives: Grey,
    held_out: Grey,
    backgrounds: Sequence[Grey],
    scene: tuple[Grey, NDArray[np.float64]] | None,
) -> str:
    """Leave the figures in the run's folder; what they say, in a few lines.

    Args:
        held_out, backgrounds: windows of objects, and pictures, that were not trained on.
        scene: a picture, and the boxes of the objects in it.
    """
    draw_features(cascade, positives, run / "features.png")
    draw_rounds(read_log(run), run / "rounds.png")
    objects, others = of_windows(cascade, held_out), of_pictures(cascade, backgrounds)
    draw_roc(cascade, objects, others, run / "roc.png")

    last = cascade.tables().stage_threshold[-1]
    found, wrong = objects[:, -1] >= last, others[:, -1] >= last
    lost = held_out[np.flatnonzero(~found)]
    surest, accepted = survivors(cascade, backgrounds)
    draw_mistakes(surest, accepted, lost, run / "mistakes.png")
    features = sum(len(stage.weak) for stage in cascade.stages)
    lines = [
        f"{len(cascade.stages)} stages, {features:,} features",
        f"held-out objects accepted: {found.sum():,} of {len(found):,}",
        f"held-out background windows accepted: {wrong.sum():,} of {len(wrong):,}",
    ]
    if wrong.mean() > MOST_ACCEPTED:
        lines.append("that is too many windows for a detector; let it have more stages")
    elif scene is not None:
        grey, true = scene
        detected = cascade.detect(grey)
        draw_scene(grey, true, detected, run / "scene.png")
        lines.append(f"in a new scene of {len(true)}: {len(detected)} found")
    return "\n".join(lines)


def survivors(cascade: haar.Cascade, backgrounds: Sequence[Grey]) -> tuple[Grey, int]:
    """The windows of pictures that all stages accept, the surest SHOWN; and how many there are."""
    size = cascade.width, cascade.height
    found: list[tuple[float, int, list[int]]] = []
    for k, grey in enumerate(backgrounds):
        accepted = cascade.search(grey, min_neighbors=0)
        rows = zip(accepted.scores.tolist(), accepted.rectangles.tolist(), strict=True)
        found += [(score, k, box) for score, box in rows]
    found.sort(key=lambda one: -one[0])
    windows = [cut(backgrounds[k], box, size) for _, k, box in found[:SHOWN]]
    none = np.zeros((0, *size[::-1]), np.uint8)
    return (np.stack(windows) if windows else none), len(found)
