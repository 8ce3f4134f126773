"""The accepted windows, coloured by the face they belong to, and the faces."""

from __future__ import annotations

from typing import TYPE_CHECKING

from explain_figures.explanation import Explanation
from explain_figures.style import (
    INK,
    entitle,
    grid_of_pictures,
    headline,
    outline,
    plural,
    show_picture,
)
from haar.explain import KEPT

if TYPE_CHECKING:
    from matplotlib.figure import Figure

GROUPS = ("#E69F00", "#56B4E9", "#CC79A7", "#009E73", "#F0E442", "#0072B2", "#D55E00")


def grouping_figure(e: Explanation) -> Figure:
    """Accepted windows, coloured by the face they belong to, and the faces."""
    figure, (before, after) = grid_of_pictures(e, 2, 1)
    kept = [c for c, fate in enumerate(e.groups.fate) if fate == KEPT]
    colors = {c: GROUPS[i % len(GROUPS)] for i, c in enumerate(kept)}
    for axes in (before, after):
        show_picture(axes, e, pale=True)
    for rectangle, c in zip(e.candidates.rectangles, e.groups.label.tolist(), strict=True):
        outline(before, rectangle, colors.get(c, "black"), thin=True, dashed=c not in colors)
    for c in kept:
        x, y, w, _ = e.groups.rectangles[c].tolist()
        outline(after, e.groups.rectangles[c], colors[c])
        above = y > 0.04 * e.grey.shape[0]  # else it would cover the title
        after.annotate(
            str(e.groups.counts[c]), (x + w / 2, y), (0, 3 if above else -3),
            textcoords="offset points", ha="center", va="bottom" if above else "top", fontsize=9,
            weight="bold", color=INK, annotation_clip=True,
            bbox={"boxstyle": "round,pad=0.15", "fc": colors[c], "ec": "none"},
        )  # fmt: skip
    number, dropped = len(e.candidates.scores), len(e.groups.fate) - len(kept)
    entitle(
        before,
        f"Before: {plural(number, 'accepted window')}"
        + (", those of no face dashed" if dropped else ""),
    )
    entitle(
        after,
        "After: the mean of each cluster, and its number of windows" if kept else "After: nothing",
    )
    faces = plural(len(kept), "face") if kept else "no face"
    gone = f"; {plural(dropped, 'cluster')} too small or inside of another" if dropped else ""
    headline(figure, f"{plural(number, 'accepted window')}, {faces}{gone}")
    return figure
