"""Emotions as mixes of action units, and action units as movements of landmarks.

Ekman and Friesen's Facial Action Coding System (1978; Ekman, Friesen, Hager, 2002) numbers what
single muscles do to a face: AU12 pulls the corners of the mouth, AU4 knits the brows. An emotion
is a mix of them (EMFACS):

    Happy 6+12   Sad 1+4+15   Surprise 1+2+5+26   Fear 1+2+4+5+7+20+26   Angry 4+5+7+23
    Disgust 9+15+16   Neutral none

A unit moves its landmarks along fixed directions, so a face is linear in its units, as in the
Candide model (Ahlberg, 2001):

    shape = neutral + action_units @ DISPLACEMENT      (B, 68, 2) = (B, 68, 2) + (B, U) (U, 68, 2)
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scratchnet.fer.drawing.shape import mirrored

Array = NDArray[Any]

NAMES: Mapping[int, str] = MappingProxyType(
    {
        1: "inner brow raiser",
        2: "outer brow raiser",
        4: "brow lowerer",
        5: "upper lid raiser",
        6: "cheek raiser",
        7: "lid tightener",
        9: "nose wrinkler",
        12: "lip corner puller",
        15: "lip corner depressor",
        16: "lower lip depressor",
        20: "lip stretcher",
        23: "lip tightener",
        26: "jaw drop",
    }
)
"""The action units that are drawn; the columns of an intensity array are in this order."""

UNITS = tuple(NAMES)
COLUMN: Mapping[int, int] = MappingProxyType({unit: i for i, unit in enumerate(UNITS)})
"""The column of an action unit in an intensity array (B, U)."""

EMOTIONS: Mapping[str, Mapping[int, float]] = MappingProxyType(
    {
        "Angry": {4: 1.0, 5: 0.6, 7: 0.8, 23: 1.0},
        "Disgust": {9: 1.0, 15: 0.6, 16: 0.9},
        "Fear": {1: 1.0, 2: 0.5, 4: 0.7, 5: 1.0, 7: 0.4, 20: 1.0, 26: 0.45},
        "Happy": {6: 1.0, 12: 1.0},
        "Sad": {1: 1.0, 4: 0.5, 15: 1.0},
        "Surprise": {1: 1.0, 2: 1.0, 5: 0.9, 26: 1.0},
        "Neutral": {},
    }
)
"""The intensity of each action unit in a full expression: 1 is the most that a face can do."""

# fmt: off
_MOVES: Mapping[int, Mapping[int, tuple[float, float]]] = {
    1: {21: (0.02, -0.50), 20: (0.00, -0.36), 19: (0.00, -0.14)},
    2: {17: (0.00, -0.36), 18: (0.00, -0.46), 19: (0.00, -0.38), 20: (0.00, -0.16)},
    4: {
        21: (0.16, 0.34), 20: (0.15, 0.28), 19: (0.12, 0.18), 18: (0.06, 0.08),
        37: (0.00, 0.02), 38: (0.02, 0.07), 39: (0.02, 0.03),
    },
    5: {37: (0.00, -0.17), 38: (0.00, -0.17)},
    6: {
        36: (0.02, 0.00), 37: (0.00, 0.05), 38: (0.00, 0.03),
        40: (0.00, -0.12), 41: (0.00, -0.14),
    },
    7: {37: (0.00, 0.06), 38: (0.00, 0.08), 40: (0.00, -0.11), 41: (0.00, -0.10)},
    9: {
        21: (0.10, 0.22), 20: (0.06, 0.20), 19: (0.00, 0.12),
        37: (0.00, 0.07), 38: (0.00, 0.10), 40: (0.00, -0.10), 41: (0.00, -0.07),
        30: (0.00, -0.14), 31: (-0.12, -0.24), 32: (-0.03, -0.18), 33: (0.00, -0.12),
        49: (-0.04, -0.16), 50: (-0.04, -0.26), 51: (0.00, -0.24),
        61: (-0.04, -0.18), 62: (0.00, -0.18),
    },
    12: {
        48: (-0.34, -0.36), 49: (-0.20, -0.14), 50: (-0.06, -0.01), 51: (0.00, 0.03),
        59: (-0.20, -0.08), 58: (-0.08, 0.09), 57: (0.00, 0.13),
        60: (-0.32, -0.34), 61: (-0.12, -0.03), 62: (0.00, 0.02),
        67: (-0.14, 0.18), 66: (0.00, 0.27),
        3: (-0.04, -0.03), 4: (-0.04, -0.03),
    },
    15: {
        48: (-0.04, 0.36), 49: (0.00, 0.12), 59: (-0.02, 0.16),
        60: (-0.02, 0.33), 61: (0.00, 0.04), 67: (0.00, 0.04),
        50: (0.00, -0.02), 51: (0.00, -0.03), 57: (0.00, -0.06),
    },
    16: {
        59: (0.00, 0.16), 58: (0.00, 0.26), 57: (0.00, 0.28),
        67: (0.00, 0.24), 66: (0.00, 0.27), 60: (0.02, 0.04),
    },
    20: {
        48: (-0.36, 0.14), 49: (-0.22, 0.06), 50: (-0.10, 0.03), 51: (0.00, 0.03),
        59: (-0.26, 0.08), 58: (-0.12, 0.02), 60: (-0.34, 0.13),
        61: (-0.20, 0.00), 67: (-0.22, 0.10), 66: (0.00, 0.04),
    },
    23: {
        48: (0.16, 0.00), 49: (0.10, 0.10), 50: (0.03, 0.15), 51: (0.00, 0.12),
        59: (0.10, -0.12), 58: (0.03, -0.20), 57: (0.00, -0.20),
        60: (0.14, 0.00), 61: (0.05, 0.00), 67: (0.05, -0.01),
    },
    26: {
        48: (0.15, 0.24), 49: (0.09, 0.02), 50: (0.02, -0.04), 51: (0.00, -0.04),
        59: (0.06, 0.52), 58: (0.02, 0.72), 57: (0.00, 0.76),
        60: (0.15, 0.26), 61: (0.03, -0.03), 62: (0.00, -0.04),
        67: (0.02, 0.68), 66: (0.00, 0.74),
        3: (0.02, 0.06), 4: (0.04, 0.20), 5: (0.05, 0.36), 6: (0.04, 0.48),
        7: (0.02, 0.52), 8: (0.00, 0.54),
    },
}
# fmt: on

DISPLACEMENT = np.stack([mirrored(_MOVES[unit]) for unit in UNITS])
"""(U, 68, 2) float32: where intensity 1 of each action unit moves each landmark, in face units."""


def intensities(mix: Mapping[int, float]) -> Array:
    """A mix of action units, {unit: intensity}, as one row (U,) float32 of an intensity array.

    Raises:
        ValueError: a unit is none of those that are drawn.
    """
    if unknown := set(mix) - set(UNITS):
        drawn = ", ".join(map(str, UNITS))
        raise ValueError(f"intensities expects action units {drawn}; got {sorted(unknown)}")
    return np.array([mix.get(unit, 0.0) for unit in UNITS], np.float32)


def expressed(neutral: Array, action_units: Array) -> Array:
    """The shapes (B, 68, 2) of neutral faces that show action units of intensity (B, U)."""
    return neutral + np.einsum("bu,ukd->bkd", action_units, DISPLACEMENT)
