"""Piecewise affine warp: a mesh of triangles, each of which carries its pixels along.

    barycentric     p = α a + β b + γ c,  α + β + γ = 1       p's place in the triangle a, b, c;
                    α = |p b c| / |a b c|, β = |a p c| / ...   areas have a sign; all three are
                                                               >= 0 just where p is inside
    warp            W(p; shape) = α a' + β b' + γ c'           a', b', c' these corners of `shape`
    ∂W/∂a' = α

One table of (α, β, γ) for the pixels of the base mesh is all that a warp needs: for every other
shape it is a weighted sum of three corners, so W is linear in the shape.

Shapes (L, 2), triangles (T, 3), images (H, W); the base mesh covers M pixels, whose centres have
whole coordinates x, y. A texture is (M,), its pixels row by row.
Source: Matthews, Baker, "Active appearance models revisited", 2004, sections 2.2 and 4.1.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from scratchnet.classical.delaunay import delaunay, signed_areas

Array = NDArray[Any]

SLIVER = 1e-9
"""A triangle of less than this share of its mesh's area holds no pixels and has no weights."""


def barycentric(points: ArrayLike, corners: ArrayLike) -> Array:
    """Weights (..., P, 3) of points (P, 2) in triangles (..., 3, 2).

    Raises:
        ValueError: the corners of a triangle lie on one line.
    """
    points, corners = np.asarray(points, np.float64), np.asarray(corners, np.float64)
    a, b, c = (corners[..., None, k, :] for k in range(3))
    area = _cross(b - a, c - a)
    if np.any(np.abs(area) <= 1e-12 * np.abs(corners).max() ** 2):
        raise ValueError(
            "the corners of a triangle lie on one line, where no point has barycentric coordinates"
        )
    beta = _cross(points - a, c - a) / area
    gamma = _cross(b - a, points - a) / area
    return np.stack([1.0 - beta - gamma, beta, gamma], axis=-1)


@dataclass(frozen=True, eq=False)
class PiecewiseAffine:
    """The table of one base mesh: for each of its M pixels three corners and their weights."""

    shape: Array
    """(L, 2): the base mesh's landmarks, all within `mask`."""
    triangles: Array
    """(T, 3) int64."""
    mask: Array
    """(H, W) bool: the M pixels of the mesh."""
    corners: Array
    """(M, 3) int64: the landmarks about each pixel."""
    weights: Array
    """(M, 3): the pixel's barycentric coordinates between them."""

    @classmethod
    def over(cls, shape: ArrayLike, triangles: ArrayLike | None = None) -> Self:
        """The table over landmarks (L, 2), in pixels, of which none is negative.

        Args:
            triangles: (T, 3) indices of landmarks; by default Delaunay's.

        Raises:
            ValueError: landmarks are negative or not finite, or a triangle is degenerate.
        """
        shape = np.asarray(shape, np.float64)
        if (
            shape.ndim != 2
            or shape.shape[1] != 2
            or not np.isfinite(shape).all()
            or shape.min() < 0
        ):
            raise ValueError(
                "a base mesh expects landmarks (L, 2), finite and not negative, got "
                f"{shape.shape}; shift it: shape - shape.min(axis=0)"
            )
        triangles = delaunay(shape) if triangles is None else np.asarray(triangles, np.int64)
        areas = np.abs(signed_areas(shape, triangles))
        if np.any(areas <= SLIVER * areas.sum()):
            flat = triangles[areas.argmin()].tolist()
            raise ValueError(f"triangle {flat} is degenerate: its landmarks lie on one line")

        W, H = np.floor(shape.max(axis=0)).astype(int) + 1
        y, x = np.divmod(np.arange(H * W), W)
        pixels = np.column_stack([x, y]).astype(np.float64)
        owner, weights = np.full(H * W, -1), np.zeros((H * W, 3))
        for t, triangle in enumerate(triangles):
            trial = barycentric(pixels, shape[triangle])
            # > the first triangle keeps what lies on an edge
            here = (trial >= -1e-9).all(axis=1) & (owner < 0)
            owner[here], weights[here] = t, trial[here]
        inside = owner >= 0
        return cls(
            shape=shape,
            triangles=triangles,
            mask=inside.reshape(H, W),
            corners=triangles[owner[inside]],
            weights=weights[inside],
        )

    def __len__(self) -> int:
        """M, the number of pixels."""
        return len(self.weights)

    def points(self, shapes: ArrayLike) -> Array:
        """Where the base mesh's pixels lie in shapes (..., L, 2): (..., M, 2)."""
        corners = np.asarray(shapes, np.float64)[..., self.corners, :]
        return np.einsum("mk,...mkd->...md", self.weights, corners)

    def texture(self, image: ArrayLike, shape: ArrayLike) -> Array:
        """What an image (H, W) shows within a shape (L, 2), on the base mesh: (M,)."""
        return bilinear(image, self.points(shape))

    def picture(self, texture: ArrayLike, outside: float = 0.0) -> Array:
        """A texture (M,) as the picture (H, W) of the base mesh."""
        picture = np.full(self.mask.shape, outside)
        picture[self.mask] = texture
        return picture

    def gradient(self, textures: ArrayLike) -> Array:
        """(..., M, 2): how textures (..., M) change with x and with y.

        Half the difference of the two neighbours; at the mesh's border the one-sided difference.
        """
        textures = np.asarray(textures, np.float64)
        sides = [
            (textures[..., after] - textures[..., before]) / steps
            for before, after, steps in self._neighbours
        ]
        return np.stack(sides, axis=-1)

    @cached_property
    def _neighbours(self) -> list[tuple[Array, Array, Array]]:
        """For x and for y the pixel (M,) before each one and that after it, and their distance.

        Where there is none, it is the pixel itself.
        """
        number = np.full(np.add(self.mask.shape, 2), -1)
        number[1:-1, 1:-1][self.mask] = itself = np.arange(len(self))
        y, x = np.nonzero(number >= 0)
        tables = []
        for dy, dx in ((0, 1), (1, 0)):
            before, after = number[y - dy, x - dx], number[y + dy, x + dx]
            steps = np.maximum((before >= 0).astype(int) + (after >= 0), 1)
            before, after = (np.where(side >= 0, side, itself) for side in (before, after))
            tables.append((before, after, steps))
        return tables

    def compose(self, shape: ArrayLike, moved: ArrayLike) -> Array:
        """Where the warp to `shape` (L, 2) takes the points `moved` (L, 2): W(moved; shape).

        `moved` are the base mesh's landmarks, a little displaced. Each is taken along by that
        triangle of its own in which it lies, or which it has left the least.
        """
        shape, moved = np.asarray(shape, np.float64), np.asarray(moved, np.float64)
        landmark, own = self.triangles.ravel(), np.repeat(self.triangles, 3, axis=0)
        weights = barycentric(moved[landmark][:, None], self.shape[own])[:, 0]
        depth = weights.min(axis=1)  # > negative outside of the triangle
        order = np.lexsort([depth, landmark])
        last = np.append(np.diff(landmark[order]) > 0, True)
        best = order[last]
        return np.einsum("ik,ikd->id", weights[best], shape[own[best]])


def bilinear(image: ArrayLike, points: ArrayLike) -> Array:
    """The image (..., H, W) at points (M, 2), x and y: (..., M), float64.

    Beyond the border its last pixels go on.
    """
    image, points = np.asarray(image, np.float64), np.asarray(points, np.float64)
    H, W = image.shape[-2:]
    x, y = np.clip(points[:, 0], 0, W - 1), np.clip(points[:, 1], 0, H - 1)
    x0, y0 = np.minimum(x.astype(np.intp), W - 2), np.minimum(y.astype(np.intp), H - 2)
    r, s = x - x0, y - y0
    p00, p01 = image[..., y0, x0], image[..., y0, x0 + 1]
    p10, p11 = image[..., y0 + 1, x0], image[..., y0 + 1, x0 + 1]
    above, below = p00 + r * (p01 - p00), p10 + r * (p11 - p10)
    sampled: Array = above + s * (below - above)
    return sampled


def _cross(u: Array, v: Array) -> Array:
    return u[..., 0] * v[..., 1] - u[..., 1] * v[..., 0]
