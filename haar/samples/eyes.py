"""The eyes of framed faces, as cascades for eyes find them, where that is plausible.

    ┌───────────────┐   in a face's box, 1 wide and high, an eye's middle lies in one of the areas;
    │  ┌───┐ ┌───┐  │   of each cascade the detection with the most neighbours counts, and what the
    │  └───┘ └───┘  │   cascades say is averaged
    │       ┊       │
    │     ─────     │   plausible: both eyes found; distance 0.3 … 0.5; one at most 0.15 of the
    └───────────────┘   distance higher than the other

The face is made FACE pixels large before, where an eye has 30: cascades for eyes begin at 20.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from haar.cascade import Cascade
from haar.samples.conventions import eye_boxes
from haar.samples.cut import Sample, cut

FACE = 120
LEFT, RIGHT = (0.18, 0.44), (0.56, 0.82)  # from … to, across
HEIGHT = (0.26, 0.52)
DISTANCE = (0.3, 0.5)
STEEPEST = 0.15
LARGEST = 48  # pixels of an eye's box


def find_eyes(
    face: Sample, cascades: Sequence[Cascade], threads: int | None = None
) -> tuple[Sample, Sample] | None:
    """Both eyes as samples, framed as OpenCV frames them; None if that is not plausible.

    Args:
        face: its box in OpenCV's convention.
        cascades: for eyes; one that finds an eye is enough.
    """
    window = cut(face.grey, face.box, (FACE, FACE))
    seen: dict[tuple[float, float], list[NDArray[np.float64]]] = {LEFT: [], RIGHT: []}
    for cascade in cascades:
        groups = cascade.search(window, max_size=LARGEST, threads=threads)
        middles = (groups.rectangles[:, :2] + groups.rectangles[:, 2:] / 2) / FACE
        for area, own in seen.items():
            inside = within(middles[:, 0], area) & within(middles[:, 1], HEIGHT)
            if inside.any():
                own.append(middles[np.argmax(np.where(inside, groups.counts, -1))])
    if not (seen[LEFT] and seen[RIGHT]):
        return None
    left, right = np.mean(seen[LEFT], axis=0), np.mean(seen[RIGHT], axis=0)
    if not plausible(left, right):
        return None
    x, y, width, height = face.box
    boxes = eye_boxes(*(np.array((x, y)) + eye * (width, height) for eye in (left, right)))
    return Sample(face.grey, boxes[0]), Sample(face.grey, boxes[1])


def plausible(left: NDArray[np.float64], right: NDArray[np.float64]) -> bool:
    """Whether two eyes, in shares of the face's box, can be those of a face looking here."""
    dx, dy = (right - left).tolist()
    distance = float(np.hypot(dx, dy))
    return DISTANCE[0] <= distance <= DISTANCE[1] and abs(dy) <= STEEPEST * distance


def within(values: NDArray[np.float64], limits: tuple[float, float]) -> NDArray[np.bool_]:
    return (values >= limits[0]) & (values <= limits[1])
