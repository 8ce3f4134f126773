"""Affine geometry: rotate, scale, shift, shear and flip are one 3 × 3 matrix, and one warp.

    ⎡x'⎤   ⎡a b c⎤ ⎡x⎤       (x, y) a point of the input, (x', y') where it goes
    ⎢y'⎥ = ⎢d e f⎥ ⎢y⎥       first A, then B:  B A
    ⎣1 ⎦   ⎣0 0 1⎦ ⎣1⎦       around the point c:  T(c) A T(-c)

A point is (x, y): x runs to the right, y runs *down*. A pixel is a small square, its centre has
whole coordinates: pixel image[h, w] lies at x = w, y = h. So an image W pixels wide reaches from
-½ to W - ½, and its centre lies at (W - 1) / 2, in an even image between two pixels:

    x   -½   0   ½   1   ½   2   ½   3   ½
         ├───────┼───────┼───────┼───────┤
         │   ●   │   ●   │   ●   │   ●   │         W = 4, centre 1½
         ├───────┼───────┼───────┼───────┤

Every function takes numbers, for one matrix (3, 3), or arrays (N,), for a stack (N, 3, 3), all
float64. Matrices say where points *go*, so landmarks move by the same matrix as their image
(`move`); `warp_affine` inverts it, because each new pixel has to ask where it *came from*.
Several steps composed into one matrix cost one interpolation, and blur once.

Source: Szeliski, "Computer Vision", 2nd ed., sections 2.1.1 (matrices) and 3.6.1 (warping).
Chapter: docs/preprocessing.md
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from scratchnet import ops
from scratchnet.vision.pixels import check_grey, like, to_floats

Array = NDArray[Any]
Matrix = NDArray[np.float64]

BORDERS = ("edge", "reflect", "constant")


def affine(
    a: ArrayLike, b: ArrayLike, c: ArrayLike, d: ArrayLike, e: ArrayLike, f: ArrayLike
) -> Matrix:
    """The matrix with rows (a, b, c), (d, e, f), (0, 0, 1)."""
    entries = np.broadcast_arrays(a, b, c, d, e, f, 0.0, 0.0, 1.0)
    return np.stack(entries, axis=-1).astype(np.float64).reshape(*entries[0].shape, 3, 3)


def translation(dx: ArrayLike, dy: ArrayLike) -> Matrix:
    """Shift by dx pixels to the right and dy down."""
    return affine(1.0, 0.0, dx, 0.0, 1.0, dy)


def scaling(sx: ArrayLike, sy: ArrayLike | None = None) -> Matrix:
    """Enlarge by sx across and sy down (the same, if sy is left out), around the origin."""
    return affine(sx, 0.0, 0.0, 0.0, sx if sy is None else sy, 0.0)


def shear(kx: ArrayLike, ky: ArrayLike = 0.0) -> Matrix:
    """Slide rows by kx times their y, and columns by ky times their x."""
    return affine(1.0, kx, 0.0, ky, 1.0, 0.0)


def rotation(degrees: ArrayLike) -> Matrix:
    """Turn counter-clockwise, as one sees it, around the origin; quarter turns are exact."""
    degrees = np.asarray(degrees, np.float64)
    quarters = np.round(degrees / 90.0)
    rest = np.deg2rad(degrees - 90.0 * quarters)  # in ±45°: cos 90° would be 6e-17, not 0
    c, s = np.cos(rest), np.sin(rest)
    turn = quarters.astype(np.int64) % 4
    cosine, sine = np.choose(turn, (c, -s, -c, s)), np.choose(turn, (s, c, -s, -c))
    return affine(cosine, sine, 0.0, -sine, cosine, 0.0)  # y runs down, hence the signs


def flip(mirrored: ArrayLike = True) -> Matrix:
    """Exchange left and right around the origin, where `mirrored` is true."""
    return scaling(np.where(mirrored, -1.0, 1.0), 1.0)


def similarity(source: ArrayLike, target: ArrayLike) -> Matrix:
    """Turn, scale and shift so that two points (2, 2) go to two others: there is one such motion.

    With a point as the complex number z = x + iy it is z' = a z + b:

        a = (q₂ − q₁) / (p₂ − p₁)        its length is the scale, its angle the turn
        b = q₁ − a p₁

    Raises:
        ValueError: the two points of `source` are one.
    """
    (p1, p2), (q1, q2) = (np.asarray(points, np.float64) @ [1, 1j] for points in (source, target))
    if p1 == p2:
        raise ValueError(f"similarity expects two different points, got {p1} twice")
    a = (q2 - q1) / (p2 - p1)
    b = q1 - a * p1
    return affine(a.real, -a.imag, b.real, a.imag, a.real, b.imag)


def centre(shape: tuple[int, ...]) -> tuple[float, float]:
    """(x, y) of the centre of an image of shape (..., H, W)."""
    H, W = shape[-2:]
    return (W - 1) / 2, (H - 1) / 2


def around(point: tuple[ArrayLike, ArrayLike], matrix: Matrix) -> Matrix:
    """The same motion, with `point` instead of the origin as its fixed point."""
    x, y = np.asarray(point[0]), np.asarray(point[1])
    return translation(x, y) @ matrix @ translation(-x, -y)


def compose(*matrices: Matrix) -> Matrix:
    """One matrix that does all of them, the first one first."""
    result = np.eye(3)
    for matrix in matrices:
        result = matrix @ result
    return result


def inverse(matrices: Matrix) -> Matrix:
    """The way back, in closed form (exact for flips, quarter turns and whole shifts).

    Raises:
        ValueError: a matrix flattens the plane to a line or is not finite.
    """
    a, b, c, d, e, f = np.moveaxis(matrices[..., :2, :].reshape(*matrices.shape[:-2], 6), -1, 0)
    determinant = a * e - b * d
    bad = ~(np.isfinite(matrices).all(axis=(-2, -1)) & (determinant != 0))
    if np.any(bad):
        raise ValueError(
            f"an affine map has an inverse if its entries are finite and ae - bd is not 0; "
            f"got {matrices[bad][0].tolist()}: look for a scale of 0 or a division by 0"
        )
    return affine(
        e / determinant, -b / determinant, (b * f - c * e) / determinant,
        -d / determinant, a / determinant, (c * d - a * f) / determinant,
    )  # fmt: skip


def move(matrix: Matrix, points: ArrayLike) -> Matrix:
    """Where points (..., K, 2), each (x, y), go: landmarks follow their image."""
    points = np.asarray(points, np.float64)
    rotated: Matrix = points @ np.swapaxes(matrix[..., :2, :2], -1, -2)
    return rotated + matrix[..., None, :2, 2]


def warp_affine(
    images: Array,
    matrices: Matrix,
    shape: tuple[int, int] | None = None,
    border: str = "constant",
    value: float = 0.0,
) -> Array:
    """Move every image (N, H, W) by its matrix, bilinearly; -> (N, OH, OW) of the same dtype.

    Args:
        images: uint8, float32 or float64.
        matrices: (3, 3) for all, or (N, 3, 3); where points of the input go.
        shape: (OH, OW), as the input's by default. The output's pixel (0, 0) is at the origin:
            to cut a window out, translate its corner there.
        border: what lies beyond the image: "edge" (its last pixels go on), "reflect" (a mirror
            in the centre of the last pixel, as `numpy.pad` has it), or "constant" (`value`).
        value: a finite number, for "constant".

    Bilinear reading sees the four pixels around a point and no more: to shrink an image to less
    than half its size, use `scratchnet.vision.resize` with method "area" first.

    Raises:
        ValueError: a wrong shape, dtype or border, or a matrix without an inverse.
    """
    if images.ndim != 3 or 0 in images.shape[1:]:
        raise ValueError(
            f"warp_affine expects images (N, H, W), got {images.shape}; one image is images[None]"
        )
    check_grey(images, "warp_affine")
    if matrices.shape not in ((3, 3), (len(images), 3, 3)):
        raise ValueError(
            f"warp_affine expects one matrix (3, 3) or one for each image, "
            f"({len(images)}, 3, 3), got {matrices.shape}"
        )
    if border not in BORDERS:
        raise ValueError(f"warp_affine expects a border of {', '.join(BORDERS)}, got {border!r}")
    if not np.isfinite(value):
        raise ValueError(f"warp_affine expects a finite value beyond the border, got {value}")
    OH, OW = images.shape[1:] if shape is None else shape
    if OH < 1 or OW < 1:
        raise ValueError(f"warp_affine expects an output of at least 1 × 1 pixels, got {OH} × {OW}")
    source = np.broadcast_to(inverse(matrices), (len(images), 3, 3))[:, :2]
    warped: Array = ops.warp_affine(to_floats(images), source, (OH, OW), border, value)
    return like(images, warped)
