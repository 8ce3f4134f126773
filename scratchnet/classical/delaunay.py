"""Delaunay triangulation: no point of the set lies inside of any triangle's circumcircle.

Of all triangulations it has the largest smallest angle, so that triangles are as little slivers as
the points allow. Bowyer and Watson add the points one after the other:

                                     ╱╲                  1. every triangle whose circumcircle holds
    p lies in the circles of        ╱  ╲                    the new point p is no longer Delaunay:
    these two triangles            ╱  p ╲                   take it away
                                  ╱──────╲               2. the hole that is left is star-shaped
                                   ╲    ╱                   as seen from p: join each edge of its
                                    ╲  ╱                    rim to p

They start from one triangle far around everything, and drop what hangs on its corners at the end.

    in circle   ⎢ax ay ax²+ay²⎥      of the corners a, b, c less p; positive for p inside, if
                ⎢bx by bx²+by²⎥ > 0  a, b, c turn counter-clockwise (y up; clockwise on a screen)
                ⎢cx cy cx²+cy²⎥

O(L²) for L points, which for the landmarks of a face takes milliseconds.
Source: Bowyer, "Computing Dirichlet tessellations", 1981; Watson, "Computing the n-dimensional
Delaunay tessellation", 1981.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[Any]

FAR = 2.0**12
"""How far away the first triangle's corners are, in sizes of the set of points."""


def delaunay(points: ArrayLike) -> Array:
    """Triangles (T, 3) int64 over points (L, 2), which cover their convex hull.

    Corners of a triangle turn from x towards y (`signed_areas` are positive), and begin with the
    smallest; triangles are sorted.

    Raises:
        ValueError: not (L, 2) with L >= 3, not finite, two points coincide, or all lie on a line.
    """
    points = np.asarray(points, np.float64)
    if points.ndim != 2 or points.shape[1] != 2 or len(points) < 3:
        raise ValueError(f"delaunay expects 3 points or more, (L, 2), got {points.shape}")
    if not np.isfinite(points).all():
        raise ValueError("delaunay expects finite coordinates, got NaN or infinity")
    unique, count = np.unique(points, axis=0, return_counts=True)
    if len(unique) < len(points):
        raise ValueError(
            f"two points coincide at {unique[count > 1][0].tolist()}; leave one of them out"
        )
    L = len(points)
    centred = points - (points.min(axis=0) + points.max(axis=0)) / 2
    centred /= 2.0 ** np.ceil(np.log2(np.abs(centred).max()))  # > exact, as no other factor is
    if np.linalg.svd(centred - centred.mean(axis=0), compute_uv=False)[1] < 1e-9:
        raise ValueError("all points lie on one line: there is no triangle between them")
    around = FAR * np.array([(-1.0, -1.0), (1.0, -1.0), (0.0, 1.0)])
    everything = np.concatenate([centred, around])

    triangles = np.array([(L, L + 1, L + 2)])
    for p in range(L):
        inside = _in_circle(everything[triangles], everything[p])
        rim = rim_edges(triangles[inside])
        fan = np.column_stack([rim, np.full(len(rim), p)])
        triangles = np.concatenate([triangles[~inside], fan])
    triangles = triangles[(triangles < L).all(axis=1)]
    triangles = triangles[signed_areas(centred, triangles) > 1e-12]
    turn = triangles.argmin(axis=1)[:, None] + np.arange(3)
    triangles = np.take_along_axis(triangles, turn % 3, axis=1)
    return triangles[np.lexsort(triangles.T[::-1])]


def rim_edges(triangles: Array) -> Array:
    """The edges (E, 2) that belong to one triangle only, directed as that triangle turns."""
    edges = triangles[:, [0, 1, 1, 2, 2, 0]].reshape(-1, 2)
    _, first, count = np.unique(
        np.sort(edges, axis=1), axis=0, return_index=True, return_counts=True
    )
    return edges[first[count == 1]]


def signed_areas(points: Array, triangles: Array) -> Array:
    """The areas (..., T) of triangles over points (..., L, 2), positive if turning from x to y."""
    a, b, c = (points[..., triangles[:, k], :] for k in range(3))
    (ux, uy), (vx, vy) = (np.moveaxis(side, -1, 0) for side in (b - a, c - a))
    return (ux * vy - uy * vx) / 2


def _in_circle(corners: Array, p: Array) -> Array:
    """Which of the triangles (T, 3, 2) hold p within their circumcircles, (T,) bool."""
    q = corners - p
    (ax, ay), (bx, by), (cx, cy) = q.transpose(1, 2, 0)
    a, b, c = (q**2).sum(axis=2).T
    return a * (bx * cy - by * cx) + b * (cx * ay - cy * ax) + c * (ax * by - ay * bx) > 0.0
