"""A sketch: paths on B frontal faces, in face units, gathered from back to front.

    curve   C(t) = Σ_k w_k(t) P_k       Catmull-Rom: smooth, and *through* its points, so that a
                                        landmark lies on the line that it names
    ink     points -> pixels by `project`; radii and edges grow with the face's scale, and no edge
            is narrower than the picture's focus

Shapes: points (n, 2), the same on every face, or (B, n, 2); tones and sizes a number or (B,).
Source: Catmull, Rom, "A class of local interpolating splines", 1974.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from scratchnet.fer.drawing.paint import Paths
from scratchnet.fer.drawing.shape import Traits, project

Array = NDArray[Any]
MIRRORED = np.array([-1.0, 1.0], np.float32)
"""points * MIRRORED is the same on the other side of the face."""


@cache
def _catmull_rom(n: int, closed: bool, pieces: int) -> Array:
    """The matrix (m, n) from n points to the curve through them, `pieces` segments for each gap."""
    gaps = n if closed else n - 1
    weights = np.zeros((gaps * pieces + (not closed), n), np.float32)
    for row in range(len(weights)):
        gap, t = (gaps - 1, 1.0) if row == gaps * pieces else (row // pieces, row % pieces / pieces)
        blend = (
            (-t + 2 * t**2 - t**3) / 2,
            (2 - 5 * t**2 + 3 * t**3) / 2,
            (t + 4 * t**2 - 3 * t**3) / 2,
            (-(t**2) + t**3) / 2,
        )
        for offset, weight in zip((-1, 0, 1, 2), blend, strict=True):
            k = gap + offset
            weights[row, k % n if closed else min(max(k, 0), n - 1)] += weight
    return weights


def arrow(x: Array | float, y: Array | float) -> Array:
    """(B, 1, 2) float32, to add to points (n, 2) or (B, n, 2), or to multiply them by."""
    return np.stack(np.broadcast_arrays(np.float32(x), np.float32(y)), axis=-1)[:, None]


def arch(half: list[tuple[float, float]], middle: tuple[float, float]) -> Array:
    """Points over the face: the left half, the middle, the left half's mirror image backwards."""
    left = np.array(half, np.float32)
    return np.concatenate([left, np.array([middle], np.float32), left[::-1] * MIRRORED])


def curve(points: ArrayLike, *, closed: bool = False, pieces: int = 3) -> Array:
    """The smooth curve (..., m, 2) through points (..., n, 2)."""
    points = np.asarray(points, np.float32)
    return _catmull_rom(points.shape[-2], closed, pieces) @ points


def ellipse(centre: ArrayLike, rx: Array | float, ry: Array | float, corners: int = 12) -> Array:
    """The corners (..., corners, 2) of an ellipse about `centre` (..., 2), upright."""
    angle = np.linspace(0.0, 2 * np.pi, corners, endpoint=False, dtype=np.float32)
    x = np.asarray(rx, np.float32)[..., None] * np.cos(angle)
    y = np.asarray(ry, np.float32)[..., None] * np.sin(angle)
    return np.asarray(centre, np.float32)[..., None, :] + np.stack(np.broadcast_arrays(x, y), -1)


class Sketch:
    """Paths on `faces` faces; what is added later lies in front."""

    def __init__(self, faces: int) -> None:
        self.faces = faces
        self._points: list[Array] = []
        self._closed: list[bool] = []
        self._clip: list[int] = []
        self._looks: list[Array] = []

    def area(self, points: ArrayLike, tone: Array | float, **options: Any) -> int:
        """Add a filled area; options as in `add`."""
        return self.add(points, tone, closed=True, **options)

    def line(
        self, points: ArrayLike, tone: Array | float, radius: Array | float, **options: Any
    ) -> int:
        """Add a line, `radius` to either side of `points`; options as in `add`."""
        return self.add(points, tone, radius=radius, closed=False, **options)

    def add(
        self,
        points: ArrayLike,
        tone: Array | float,
        *,
        closed: bool,
        radius: Array | float = 0.0,
        edge: Array | float = 0.0,
        opacity: Array | float = 1.0,
        clip: int = -1,
    ) -> int:
        """Add a path and return its number, which a later path may give as its `clip`."""
        points = np.asarray(points, np.float32)
        self._points.append(np.broadcast_to(points, (self.faces, *points.shape[-2:])))
        self._closed.append(closed)
        self._clip.append(clip)
        look = np.empty((4, self.faces), np.float32)
        look[0], look[1], look[2], look[3] = radius, edge, tone, opacity
        self._looks.append(look)
        return len(self._points) - 1

    def ink(self, traits: Traits) -> Paths:
        """The paths in pixels, posed as `traits` say (`shape.project`)."""
        scale, focus = traits["scale"], traits["focus"]
        radius, edge, tone, opacity = np.stack(self._looks, axis=-1)
        counts = [points.shape[1] for points in self._points]
        return Paths(
            points=project(np.concatenate(self._points, axis=1), traits),
            starts=np.cumsum([0, *counts], dtype=np.int64),
            closed=np.array(self._closed),
            clip=np.array(self._clip, np.int64),
            radius=radius * scale[:, None],
            edge=np.maximum(edge * scale[:, None], focus[:, None]),
            tone=tone,
            opacity=np.clip(opacity, 0.0, 1.0),
        )
