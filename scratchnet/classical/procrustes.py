"""Procrustes alignment: what is left of shapes once place, size and rotation are taken away.

    similarity      ⎡a -b tx⎤       closed form for points x of one shape and y of the other, both
                T = ⎢b  a ty⎥       less their centroids:
                    ⎣0  0  1⎦       a = Σ x·y / Σ |x|²,  b = Σ (x₁y₂ - x₂y₁) / Σ |x|²
                                    least squares of |T x - y|; no shape is ever mirrored

    generalised     mean <- the average shape, |mean| = 1
                    until it rests:  every shape <- T shape, T the best onto the mean
                                     mean <- their average, turned and scaled to the first mean

    tangent         shape <- shape / (shape · mean)

The last step slides each shape along its own ray into the plane that touches the sphere of all
shapes of size 1 at the mean. There a shape differs from the mean by what no similarity can do:
shape - mean is at right angles to the mean, to the mean turned by 90° and to both shifts. So the
modes of a linear model of shapes are as well, and pose and shape can be told apart exactly.

Shapes are (..., L, 2), L landmarks (x, y), float64; matrices (3, 3) as in `vision.geometry`.
Source: Gower, "Generalized Procrustes analysis", 1975; Cootes, Taylor, "Statistical models of
appearance for computer vision", 2004, section 4.2 (the tangent space).
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from scratchnet.vision.geometry import affine, move

Array = NDArray[Any]


class Aligned(NamedTuple):
    """What generalised Procrustes alignment gives."""

    shapes: Array
    """(N, L, 2): in the tangent plane at the mean."""
    mean: Array
    """(L, 2): centred, of size 1, upright as the average of the shapes is."""
    iterations: int
    """How often the mean was renewed."""


def nearest_similarity(source: ArrayLike, target: ArrayLike) -> Array:
    """The matrix (..., 3, 3) of the similarity that brings source (..., L, 2) nearest to target.

    Raises:
        ValueError: the two don't have the same landmarks, or all points of a source coincide.
    """
    source, target = np.asarray(source, np.float64), np.asarray(target, np.float64)
    if source.shape[-2:] != target.shape[-2:] or source.ndim < 2 or source.shape[-1] != 2:
        raise ValueError(
            "nearest_similarity expects two shapes (..., L, 2) with the same landmarks, got "
            f"{source.shape} and {target.shape}"
        )
    here, there = source.mean(axis=-2, keepdims=True), target.mean(axis=-2, keepdims=True)
    (x1, x2), (y1, y2) = (np.moveaxis(p, -1, 0) for p in (source - here, target - there))
    size = (x1**2 + x2**2).sum(axis=-1)
    if np.any(size <= 1e-24 * (source**2).sum(axis=(-2, -1))):
        raise ValueError(
            "all points of a shape coincide, so that it has no size and no direction; "
            "leave that shape out"
        )
    a = (x1 * y1 + x2 * y2).sum(axis=-1) / size
    b = (x1 * y2 - x2 * y1).sum(axis=-1) / size
    (hx, hy), (tx, ty) = (np.moveaxis(p[..., 0, :], -1, 0) for p in (here, there))
    return affine(a, -b, tx - (a * hx - b * hy), b, a, ty - (b * hx + a * hy))


def scale_of(pose: Array) -> float:
    """How much larger a similarity (3, 3) makes things."""
    return float(np.hypot(pose[0, 0], pose[1, 0]))


def generalised_procrustes(
    shapes: ArrayLike, *, tol: float = 1e-10, max_iter: int = 100
) -> Aligned:
    """Align shapes (N, L, 2) with their mean, which comes out of it.

    Args:
        tol: ends it once no landmark of the mean, whose size is 1, moves farther.
        max_iter: ends it in any case.

    Raises:
        ValueError: not (N, L, 2), fewer than 2 shapes or 3 landmarks, NaN or infinity, or all
            points of a shape coincide.
    """
    shapes = check_shapes(shapes, at_least=2)
    if shapes.shape[1] < 3:
        raise ValueError(
            f"a similarity explains any {shapes.shape[1]} points; "
            "generalised_procrustes expects shapes of 3 landmarks or more"
        )
    first = _unit(shapes.mean(axis=0))
    mean = first
    for iteration in range(1, max_iter + 1):  # noqa: B007 (used after the loop)
        aligned = move(nearest_similarity(shapes, mean), shapes)
        renewed = aligned.mean(axis=0)
        renewed = _unit(move(nearest_similarity(renewed, first), renewed))
        moved = np.abs(renewed - mean).max()
        mean = renewed
        if moved <= tol:
            break
    aligned = move(nearest_similarity(shapes, mean), shapes)
    aligned /= (aligned * mean).sum(axis=(1, 2), keepdims=True)
    return Aligned(aligned, mean, iteration)


def check_shapes(shapes: ArrayLike, *, at_least: int = 1) -> Array:
    """Shapes as (N, L, 2) float64, finite, N >= at_least.

    Raises:
        ValueError: anything else.
    """
    shapes = np.asarray(shapes, np.float64)
    if shapes.ndim != 3 or shapes.shape[-1] != 2:
        raise ValueError(
            f"expected landmarks (N, L, 2), L points x, y for each of N faces; got {shapes.shape}; "
            "one shape is shape[None]"
        )
    if len(shapes) < at_least:
        raise ValueError(f"expected at least {at_least} shapes to align, got {len(shapes)}")
    if not np.isfinite(shapes).all():
        face, landmark, _ = np.argwhere(~np.isfinite(shapes))[0]
        raise ValueError(
            f"landmark {landmark} of face {face} is {shapes[face, landmark].tolist()}; "
            "expected finite numbers: leave out faces whose landmarks are not all known"
        )
    return shapes


def _unit(shape: Array) -> Array:
    """The shape about the origin, of size 1: Σ |x|² = 1."""
    centred = shape - shape.mean(axis=0)
    size = np.linalg.norm(centred)
    if size <= 1e-12 * np.linalg.norm(shape):
        raise ValueError("the average of the shapes is one point: are some of them mirrored?")
    return centred / size
