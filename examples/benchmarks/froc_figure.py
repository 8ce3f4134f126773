"""The curves of `evaluate_detector.py`, with the figures of the literature; and its mistakes.

Published are detection rates at numbers of false detections, on the MIT+CMU set of 130 photos with
507 faces: Viola and Jones, "Rapid object detection using a boosted cascade of simple features"
(2001), table 1, and again in "Robust real-time face detection" (2004). Roth, Yang and Ahuja left
five line drawings out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from froc import DEFAULT, Point
from numpy.typing import NDArray

from haar.samples import cut
from scratchnet.visualize.figure import blank_figure, headline, mosaic, save_figure, tidy
from scratchnet.visualize.palette import INK, OKABE_ITO, SOFT

PUBLISHED_PHOTOS, PUBLISHED_FACES = 130, 507
PUBLISHED: dict[str, dict[int, float]] = {
    "Viola and Jones 2001": {
        10: 76.1, 31: 88.4, 50: 91.4, 65: 92.0, 78: 92.1, 95: 92.9, 167: 93.9,
    },
    "three of them, voting": {
        10: 81.1, 31: 89.7, 50: 92.1, 65: 93.1, 78: 93.1, 95: 93.2, 167: 93.7,
    },
    "Rowley, Baluja, Kanade": {10: 83.2, 31: 86.0, 95: 89.2, 167: 90.1},
    "Schneiderman, Kanade": {65: 94.4},
    "Roth, Yang, Ahuja": {78: 94.8},
}  # fmt: skip
"""Percent of the faces, by false detections on all photos."""

WINDOW, COLUMNS, ROWS = 48, 16, 4  # of a sheet of mistakes


def draw_curves(curves: Mapping[str, Sequence[Point]], photos: int, faces: int, path: Path) -> None:
    """Recall against false detections a photo; a dot is the default setting of each cascade."""
    figure = blank_figure(9, 6)
    axes = figure.subplots()
    for k, (name, rates) in enumerate(PUBLISHED.items()):
        x = [false / PUBLISHED_PHOTOS for false in rates]
        y = [rate / 100 for rate in rates.values()]
        style: dict[str, Any] = {"color": SOFT, "linewidth": 1, "markerfacecolor": "white"}
        axes.plot(x, y, f":{'os^Dv'[k]}", label=name, markersize=5, zorder=2, **style)
    least = 0.5 / photos
    for k, (name, points) in enumerate(curves.items()):
        color = OKABE_ITO[k % len(OKABE_ITO)]
        shown = [p for p in points if p.found]
        x = [max(p.false / photos, least) for p in shown]
        axes.plot(x, [p.found / faces for p in shown], color=color, linewidth=1.8, label=name)
        for p in (p for p in shown if p.min_neighbors == DEFAULT):
            axes.plot(max(p.false / photos, least), p.found / faces, "o", color=color, markersize=7)
    axes.set(xscale="log", xlim=(least * 0.9, 10), ylim=(0.5, 1.0))
    axes.set_xlabel(f"false detections a photo (at the left edge: none in {photos})")
    axes.set_ylabel("faces found")
    axes.xaxis.set_major_formatter("{x:g}")
    axes.yaxis.set_major_formatter(lambda share, _: f"{100 * share:.0f} %")
    tidy(axes)
    axes.tick_params(which="minor", length=0)
    axes.legend(loc="lower right", fontsize=9, frameon=False, labelcolor=INK, ncols=2)
    axes.set_title(
        f"Lines: {photos} photos with {faces} faces, a dot at the default setting. "
        f"Grey: published,\non all of MIT+CMU, {PUBLISHED_PHOTOS} photos with {PUBLISHED_FACES} "
        "faces.",
        loc="left", fontsize=9.5, color=SOFT,
    )  # fmt: skip
    headline(figure, "Faces found against false detections")
    save_figure(figure, path)


def draw_mistakes(
    name: str,
    mistakes: Mapping[str, Sequence[tuple[int, Any]]],
    greys: Sequence[NDArray[np.uint8]],
    path: Path,
) -> None:
    """A sheet of the false detections, the surest first, and one of the missed faces."""
    titles = {"false": "false detections, the surest first", "missed": "faces that it missed"}
    rows = [min(ROWS, max(1, -(-len(found) // COLUMNS))) for found in mistakes.values()]
    figure = blank_figure(11, 1.2 + 0.7 * sum(rows))
    panels = figure.subplots(2, 1, height_ratios=rows)
    for axes, own, (kind, found) in zip(panels, rows, mistakes.items(), strict=True):
        tiles = np.full((COLUMNS * own, WINDOW, WINDOW), 255, np.uint8)
        for tile, (photo, box) in zip(tiles, found, strict=False):
            tile[...] = cut(greys[photo], box, (WINDOW, WINDOW), area=True)
        sheet = mosaic(tiles, COLUMNS, zoom=1, gap=2)
        axes.imshow(np.nan_to_num(sheet, nan=255.0), cmap="gray", vmin=0, vmax=255)
        axes.set(xticks=[], yticks=[])
        axes.spines[:].set_visible(False)
        more = f"; the first {len(tiles)}" if len(found) > len(tiles) else ""
        axes.set_title(f"{len(found)} {titles[kind]}{more}", loc="left", fontsize=10, color=INK)
    headline(figure, f"What {name} gets wrong, at its default setting")
    save_figure(figure, path)
