"""The shape of a face: 68 landmarks, how people differ in them, and how a head turns.

    neutral = mean + identity(traits)                          here: `neutral_shape`
    shape   = neutral + action_units @ DISPLACEMENT            in `action_units`
    pixels  = scale · R(roll) · turn(shape; yaw, pitch) + place      here: `project`

Face units: the origin is midway between the eyes, half of the eyes' distance is 1, x points to the
right of the image and y down, so that a mouth is near y = 2.2 and a chin near y = 3.5.

The landmarks stand in the order of the 68-point mark-up (Gross et al., "Multi-PIE", 2010), "left"
being the left of the image:

    0–16 jaw, from the left temple over the chin      31–35 under the nose, left to right
    17–21 left brow, 22–26 right brow                 36–41 left eye, 42–47 right eye (clockwise)
    27–30 bridge of the nose, downwards               48–59 outer lips, 60–67 inner lips (clockwise)
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Traits = Mapping[str, Array]
"""What sets one picture apart from another, by name: each an array (B,)."""

JAW, LEFT_BROW, RIGHT_BROW = slice(0, 17), slice(17, 22), slice(22, 27)
BRIDGE, NOSTRILS = slice(27, 31), slice(31, 36)
LEFT_EYE, RIGHT_EYE = slice(36, 42), slice(42, 48)
OUTER_LIPS, INNER_LIPS = slice(48, 60), slice(60, 68)
LEFT_CORNER, RIGHT_CORNER = 48, 54
LANDMARKS = 68

MIRROR = np.array(
    [*range(16, -1, -1), *range(26, 16, -1), *range(27, 31), *range(35, 30, -1)]
    + [45, 44, 43, 42, 47, 46, 39, 38, 37, 36, 41, 40]
    + [54, 53, 52, 51, 50, 49, 48, 59, 58, 57, 56, 55]
    + [64, 63, 62, 61, 60, 67, 66, 65]
)
"""The landmark that each one changes places with in a mirror."""

# fmt: off
_LEFT_HALF = {
    0: (-2.12, -0.10), 1: (-2.10, 0.55), 2: (-2.02, 1.20), 3: (-1.86, 1.82), 4: (-1.58, 2.40),
    5: (-1.20, 2.88), 6: (-0.80, 3.22), 7: (-0.40, 3.43), 8: (0.00, 3.50),
    17: (-1.68, -0.56), 18: (-1.38, -0.80), 19: (-1.04, -0.86), 20: (-0.70, -0.80),
    21: (-0.40, -0.68), 27: (0.00, -0.05), 28: (0.00, 0.38), 29: (0.00, 0.78), 30: (0.00, 1.12),
    31: (-0.42, 1.34), 32: (-0.22, 1.44), 33: (0.00, 1.50),
    36: (-1.50, 0.03), 37: (-1.22, -0.22), 38: (-0.82, -0.23), 39: (-0.50, 0.06),
    40: (-0.82, 0.20), 41: (-1.20, 0.21),
    48: (-0.88, 2.20), 49: (-0.58, 2.05), 50: (-0.22, 1.96), 51: (0.00, 2.01),
    57: (0.00, 2.54), 58: (-0.26, 2.52), 59: (-0.58, 2.41),
    60: (-0.78, 2.20), 61: (-0.34, 2.18), 62: (0.00, 2.20), 66: (0.00, 2.22), 67: (-0.34, 2.21),
}
# fmt: on


def mirrored(left_half: Mapping[int, tuple[float, float]]) -> Array:
    """All landmarks (68, 2) from those of the left half and the midline; what is unnamed is 0."""
    shape = np.zeros((LANDMARKS, 2), np.float32)
    for landmark, (x, y) in left_half.items():
        shape[MIRROR[landmark]] = (-x, y)
        shape[landmark] = (x, y)
    return shape


MEAN_SHAPE = mirrored(_LEFT_HALF)
"""(68, 2) float32: a neutral face in face units."""


def neutral_shape(traits: Traits) -> Array:
    """The faces of B people at rest, (B, 68, 2): the mean, each part stretched about its place."""
    people = len(traits["face_width"])
    shape = np.repeat(MEAN_SHAPE[None], people, axis=0)

    def stretch(part: slice, axis: int, factor: Array, about: Array | float = 0.0) -> None:
        shape[:, part, axis] = about + (shape[:, part, axis] - about) * factor[:, None]

    stretch(JAW, 0, traits["face_width"])
    stretch(slice(3, 14), 0, traits["jaw_width"])
    stretch(slice(2, 15), 1, traits["chin"], about=1.2)
    for eye, brow, out in ((LEFT_EYE, LEFT_BROW, -1.0), (RIGHT_EYE, RIGHT_BROW, 1.0)):
        stretch(eye, 0, traits["eye_width"], about=out)
        stretch(eye, 1, traits["eye_height"])
        outward = out * MEAN_SHAPE[brow, 0] - 1.04  # > 0 at the brow's middle
        shape[:, brow, 1] += traits["brow_height"][:, None] + traits["brow_tilt"][:, None] * outward
        outward = out * MEAN_SHAPE[eye, 0] - 1.0
        shape[:, eye, 1] += traits["eye_tilt"][:, None] * outward
    stretch(slice(27, 36), 1, traits["nose_length"])
    stretch(NOSTRILS, 0, traits["nose_width"])
    lips = slice(OUTER_LIPS.start, INNER_LIPS.stop)
    stretch(lips, 0, traits["mouth_width"])
    stretch(OUTER_LIPS, 1, traits["lip_height"], about=2.21)
    bend = np.abs(MEAN_SHAPE[lips, 0]) - 0.4  # > corners go down, the middle goes up
    shape[:, lips, 1] += traits["mouth_height"][:, None] + traits["mouth_bend"][:, None] * bend
    return shape


def depth(points: Array) -> Array:
    """How far points (..., 2) of the frontal face stand out towards the viewer: head and nose."""
    x, y = points[..., 0], points[..., 1]
    head = 1.0 - (x / 2.5) ** 2 - ((y - 0.7) / 4.2) ** 2
    nose = np.exp(-((x / 0.4) ** 2) - ((y - 1.2) / 0.6) ** 2)
    return (2.0 * np.sqrt(np.maximum(head, 0.0)) + 0.5 * nose).astype(points.dtype)


AXIS_DEPTH = 1.0
"""The depth about which a head turns."""
MIDDLE = 1.35
"""The height y of the face's middle, which `project` puts at (place_x, place_y)."""


def project(points: Array, traits: Traits) -> Array:
    """Points of B frontal faces (B, P, 2), in face units, to pixels: turn, tilt, scale and place.

    Angles are in radians, `scale` in pixels a face unit; orthographic, so that nothing is nearer.
    """
    yaw, pitch, roll, scale = (traits[k][:, None] for k in ("yaw", "pitch", "roll", "scale"))
    x, y, z = points[..., 0], points[..., 1] - MIDDLE, depth(points) - AXIS_DEPTH
    x, z = x * np.cos(yaw) + z * np.sin(yaw), z * np.cos(yaw) - x * np.sin(yaw)
    y = y * np.cos(pitch) + z * np.sin(pitch)
    x, y = x * np.cos(roll) - y * np.sin(roll), x * np.sin(roll) + y * np.cos(roll)
    place = np.stack([traits["place_x"], traits["place_y"]], axis=-1)[:, None]
    return (np.stack([x, y], axis=-1) * scale[..., None] + place).astype(points.dtype)


def face_box(landmarks: Array) -> Array:
    """Boxes x, y, w, h (..., 4) about faces, as OpenCV's frontal-face cascades frame them.

    With d the distance of the eyes and m that from their midpoint to the mouth, a box has the
    side 1.5 d + 1.2 m and its centre 0.115 sides below the eyes' midpoint, towards the mouth.
    A box may reach beyond the picture.
    """
    left = landmarks[..., LEFT_EYE, :].mean(axis=-2)
    right = landmarks[..., RIGHT_EYE, :].mean(axis=-2)
    mouth = landmarks[..., OUTER_LIPS, :].mean(axis=-2)
    eyes = (left + right) / 2
    d = np.linalg.norm(right - left, axis=-1, keepdims=True)
    m = np.linalg.norm(mouth - eyes, axis=-1, keepdims=True)
    side = 1.5 * d + 1.2 * m
    centre = eyes + 0.115 * side * (mouth - eyes) / m
    return np.concatenate([centre - side / 2, side, side], axis=-1)
