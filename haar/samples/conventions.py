"""How a box frames a face, or an eye: as OpenCV's cascades do, whatever the source's own habit.

    face   side   = 1.5 · d + 1.2 · m           d  between the eyes' middles
           centre = eyes + 0.115 · side         m  from the point between the eyes to the mouth
                    towards the mouth

           ┌───────────────┐
           │    o  d  o    │       Square, from above the brows to below the mouth. Where a source
           │       │       │       crops all its faces alike, one margin brings them to this box
           │       m       │       (`pictures.from_crops`); FER2013's crops of 48 pixels hold a box
           │     ─────     │       of 45.
           └───────────────┘

    eye    side = 0.64 · d, centred at the eye's middle

The numbers are medians over faces that OpenCV's cascades of 24×24 and of 20×20 pixels find.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from haar.samples.cut import Box

WIDE, TALL, DOWN = 1.5, 1.2, 0.115
EYE_SIDE = 0.64


def face_box(left_eye: ArrayLike, right_eye: ArrayLike, mouth: ArrayLike) -> Box:
    """The box of a face with these landmarks, each x, y.

    Raises:
        ValueError: the eyes, or the mouth and the eyes, are at the same place.
    """
    left, right, below = (np.asarray(point, np.float64) for point in (left_eye, right_eye, mouth))
    eyes = (left + right) / 2
    d, m = float(np.linalg.norm(right - left)), float(np.linalg.norm(below - eyes))
    if not (d > 0 and m > 0):
        raise ValueError(f"face_box expects eyes and a mouth apart, got {left}, {right}, {below}")
    side = WIDE * d + TALL * m
    return _square(eyes + DOWN * side * (below - eyes) / m, side)


def eye_boxes(left_eye: ArrayLike, right_eye: ArrayLike) -> tuple[Box, Box]:
    """The boxes of both eyes, given their middles."""
    left, right = np.asarray(left_eye, np.float64), np.asarray(right_eye, np.float64)
    d = float(np.linalg.norm(right - left))
    if not d > 0:
        raise ValueError(f"eye_boxes expects two eyes apart, got {left} and {right}")
    side = EYE_SIDE * d
    return _square(left, side), _square(right, side)


def _square(centre: NDArray[Any], side: float) -> Box:
    x, y = (centre - side / 2).tolist()
    return x, y, side, side
