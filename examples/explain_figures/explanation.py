"""What the figures show: a search, watched, and the window to look at."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

import haar
from haar import explain
from haar.explain import KEPT, Accepted, Clusters, Watched
from haar.image import to_grey
from haar.scales import Level, plan_levels


class Explanation(NamedTuple):
    """All that is drawn."""

    picture: Image.Image
    grey: NDArray[np.uint8]
    cascade: haar.Cascade
    watched: list[Watched]
    candidates: Accepted
    groups: Clusters
    place: tuple[int, int, int]  # of the window to look at: level, row, column

    @property
    def level(self) -> Level:
        return self.watched[self.place[0]].level

    @property
    def box(self) -> tuple[int, int, int, int]:
        return explain.box(self.level, *self.place[1:])

    @property
    def faces(self) -> NDArray[np.int32]:
        kept = np.array([fate == KEPT for fate in self.groups.fate], np.bool_)
        return self.groups.rectangles[kept]

    @property
    def about(self) -> str:
        """What the window to look at is."""
        if len(self.faces):
            return "the best face" if len(self.faces) > 1 else "the face"
        return "the nearest miss" if len(self.candidates.scores) == 0 else "the best window"


def explain_search(
    picture: Image.Image, cascade: haar.Cascade, search: dict[str, Any]
) -> Explanation | None:
    """All that there is to know about a search; None if the window does not fit into the picture.

    Args:
        search: the options of `Cascade.detect`.
    """
    grey = to_grey(picture)
    levels = plan_levels(
        (grey.shape[1], grey.shape[0]),
        (cascade.width, cascade.height),
        search["scale_factor"],
        search["min_size"] or (0, 0),
        search["max_size"] or (0, 0),
    )
    if not levels:
        return None
    watched = explain.watch(grey, cascade, levels)
    candidates = explain.accepted(watched)
    groups = explain.gather(candidates.rectangles, search["min_neighbors"])
    place = explain.telling(watched, candidates, groups)
    return Explanation(picture, grey, cascade, watched, candidates, groups, place)
