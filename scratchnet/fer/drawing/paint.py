"""Painting with one kind of shape: a path of points, thickened by a radius, with a soft edge.

With d the distance from a pixel's centre to the path (negative inside, if the path is closed),

    cover  = ramp(1/2 - (d - radius) / edge)      ramp(t) = 3t² - 2t³ on [0, 1], level outside
    canvas = canvas + opacity · cover · (tone - canvas)

So one shape is a filled area (closed, radius 0), a line (open, radius > 0), a shadow (a wide edge)
and is antialiased (an edge of one pixel); a picture that is out of focus has wider edges.

Only pixels within `radius + edge / 2` of the path need a distance at all, so each segment updates
just its own surroundings; inside and outside come from the parity of the crossings along a row.
The work is about the area of each shape's box and not area times points.

Shapes: B canvases of H × W, R paths each of which has its share of P points, (x, y) in pixels;
pixel (row, column) has its centre at x = column, y = row.
Source: distances to segments and the ramp are those of "signed distance" drawing (Frisken et al.,
"Adaptively sampled distance fields", 2000); the crossings are the even-odd rule of scan-line fill.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numba
import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


class Paths(NamedTuple):
    """What to paint on each of B canvases, in painting order; arrays are float32 unless named."""

    points: Array
    """(B, P, 2): the points of all paths, one path after the other."""
    starts: Array
    """(R + 1,) int64: path r owns points[:, starts[r]:starts[r + 1]]."""
    closed: Array
    """(R,) bool: the last point is joined to the first, and the inside is filled."""
    clip: Array
    """(R,) int64: paint only inside of that path (an iris inside of its lids), or -1."""
    radius: Array
    """(B, R)"""
    edge: Array
    """(B, R): the width over which cover falls from 1 to 0; above zero."""
    tone: Array
    """(B, R): 0 is black, 1 is white."""
    opacity: Array
    """(B, R): a path of opacity 0 is skipped."""


def paint(canvas: Array, paths: Paths) -> None:
    """Paint `paths` on `canvas` (B, H, W) float32, in place."""
    _paint(canvas, *paths)


@numba.njit(nogil=True, cache=True, error_model="numpy")
def _paint(canvas, points, starts, closed, clip, radius, edge, tone, opacity):
    B, H, W = canvas.shape
    cover = np.zeros((H, W), np.float32)
    mask = np.zeros((H, W), np.float32)
    crossings = np.zeros(W + 1, np.bool_)
    for b in range(B):
        for r in range(len(closed)):
            path = points[b, starts[r] : starts[r + 1]]
            box = _box(path, radius[b, r] + edge[b, r] / 2, H, W)
            top, bottom, left, right = box
            if opacity[b, r] <= 0 or top >= bottom or left >= right:  # > unseen, or off the canvas
                continue
            _cover(path, closed[r], radius[b, r], edge[b, r], box, cover, crossings)
            c = clip[r]
            if c >= 0:
                path = points[b, starts[c] : starts[c + 1]]
                _cover(path, closed[c], radius[b, c], edge[b, c], box, mask, crossings)
            for y in range(top, bottom):
                for x in range(left, right):
                    a = opacity[b, r] * cover[y, x]
                    if c >= 0:
                        a *= mask[y, x]
                    canvas[b, y, x] += a * (tone[b, r] - canvas[b, y, x])


@numba.njit(nogil=True, cache=True, error_model="numpy")
def _box(path, reach, H, W):
    """The rows and columns of the canvas that a path reaches: top, bottom, left, right."""
    left = right = path[0, 0]
    top = bottom = path[0, 1]
    for i in range(1, len(path)):
        left, right = min(left, path[i, 0]), max(right, path[i, 0])
        top, bottom = min(top, path[i, 1]), max(bottom, path[i, 1])
    return (
        max(0, math.ceil(top - reach)),
        min(H, math.floor(bottom + reach) + 1),
        max(0, math.ceil(left - reach)),
        min(W, math.floor(right + reach) + 1),
    )


@numba.njit(nogil=True, cache=True, error_model="numpy")
def _cover(path, closed, radius, edge, box, cover, crossings):
    """Write into `cover`, within `box`, how much of each pixel the path covers."""
    top, bottom, left, right = box
    reach = radius + edge / 2
    cover[top:bottom, left:right] = reach * reach  # > squared distances first, cover at the end

    n = len(path)
    segments = n if closed else n - 1
    for i in range(segments):
        ax, ay = path[i]
        bx, by = path[(i + 1) % n]
        dx, dy = bx - ax, by - ay
        squared_length = max(dx * dx + dy * dy, np.float32(1e-12))
        for y in range(
            max(top, math.ceil(min(ay, by) - reach)),
            min(bottom, math.floor(max(ay, by) + reach) + 1),
        ):
            for x in range(
                max(left, math.ceil(min(ax, bx) - reach)),
                min(right, math.floor(max(ax, bx) + reach) + 1),
            ):
                t = ((x - ax) * dx + (y - ay) * dy) / squared_length
                t = min(max(t, 0.0), 1.0)
                ex, ey = x - ax - t * dx, y - ay - t * dy
                cover[y, x] = min(cover[y, x], np.float32(ex * ex + ey * ey))

    for y in range(top, bottom):
        if closed:
            crossings[left : right + 1] = False
            for i in range(n):
                ax, ay = path[i]
                bx, by = path[(i + 1) % n]
                if (ay <= y) != (by <= y):  # > half-open: a corner on the row counts once
                    crossing = math.ceil(ax + (y - ay) * (bx - ax) / (by - ay))
                    first = min(max(crossing, left), right)
                    crossings[first] = not crossings[first]
        inside = False
        for x in range(left, right):
            if closed and crossings[x]:
                inside = not inside
            distance = math.sqrt(cover[y, x])
            t = 0.5 - ((-distance if inside else distance) - radius) / edge
            t = min(max(t, 0.0), 1.0)
            cover[y, x] = t * t * (3.0 - 2.0 * t)
