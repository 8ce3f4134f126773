"""Shapes as a mean and a few modes: where a face's landmarks can be, and how it can be held.

    landmarks = T (mean + p₁ S₁ + … + p_K S_K)       T a similarity: place, size and rotation
    p_k has mean 0 and variance λ_k over the faces of `fit`;  |p_k| <= 3 √λ_k is plausible

S are the principal components of shapes in Procrustes' tangent plane (`procrustes`), so they are at
right angles to all that T can do. Hence T is the similarity that brings the mean nearest to the
landmarks, and p = S · (T⁻¹ landmarks - mean): both exact, no iteration.

The rim: a model of what lies *within* the landmarks can't see the edge on which the outermost of
them lie, the jaw's and the brows'. So a mesh has these landmarks twice, the second time farther
from the centroid by a factor; each such point is a fixed weighted sum of landmarks (`with_rim`).

Shapes are (L, 2), modes (K, L, 2) with Σ S_k² = 1, all float64; lengths in pixels of the reference
frame, in which the mean is `width` wide and has its centroid at the origin.
Source: Cootes, Taylor, Cooper, Graham, "Active shape models", 1995.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from scratchnet.classical.delaunay import delaunay, rim_edges
from scratchnet.classical.pca import PCA
from scratchnet.classical.procrustes import generalised_procrustes, nearest_similarity, scale_of
from scratchnet.vision.geometry import inverse, move

Array = NDArray[Any]

LIMIT = 3.0
"""The most standard deviations that a plausible shape is away from the mean along a mode."""


@dataclass(frozen=True, eq=False)
class ShapeModel:
    """Mean and modes of shapes."""

    mean: Array
    """(L, 2)."""
    modes: Array
    """(K, L, 2)."""
    variances: Array
    """(K,): λ, the largest first."""

    @classmethod
    def fit(cls, shapes: ArrayLike, width: float, explained: float) -> Self:
        """The model of shapes (N, L, 2), with modes for this share of their variance.

        Raises:
            ValueError: what `generalised_procrustes` refuses, or shapes that don't differ.
        """
        aligned = generalised_procrustes(shapes)
        differences = aligned.shapes - aligned.mean
        if np.abs(differences).max() < 1e-9:
            raise ValueError(
                "all shapes are the same but for place, size and rotation: nothing to model; "
                "expected landmarks of different faces"
            )
        scale = width / np.ptp(aligned.mean[:, 0])
        pca = PCA(n_components=explained).fit(scale * differences.reshape(len(differences), -1))
        # > pca.mean_ is left out: it is second-order small, and not at right angles to the modes
        modes = pca.components_.reshape(-1, *aligned.mean.shape)
        return cls(scale * aligned.mean, modes, pca.explained_variance_)

    def split(self, landmarks: ArrayLike) -> tuple[Array, Array]:
        """The pose T (3, 3) and the parameters p (K,) of landmarks (L, 2) in an image.

        Raises:
            ValueError: the mean comes nearest to the landmarks by shrinking to a point.
        """
        pose = nearest_similarity(self.mean, landmarks)
        if scale_of(pose) < 1e-6:
            raise ValueError("these landmarks are no face: they coincide, or are in another order")
        differences = move(inverse(pose), landmarks) - self.mean
        return pose, np.tensordot(self.modes, differences, axes=2)

    def join(self, pose: Array, p: Array) -> Array:
        """Landmarks (L, 2) from a pose and parameters."""
        return move(pose, self.mean + np.tensordot(p, self.modes, axes=1))

    def plausible(self, landmarks: ArrayLike) -> Array:
        """The model's landmarks (L, 2) nearest to these, with each |p_k| <= 3 √λ_k."""
        pose, p = self.split(landmarks)
        limit = LIMIT * np.sqrt(self.variances)
        return self.join(pose, np.clip(p, -limit, limit))

    def directions(self) -> Array:
        """(4 + K, L, 2): how the mean moves: growing, turning, along x, along y, then by mode."""
        turned = self.mean[:, ::-1] * (-1.0, 1.0)
        along_x, along_y = (np.broadcast_to(unit, self.mean.shape) for unit in np.eye(2))
        return np.concatenate([np.stack([self.mean, turned, along_x, along_y]), self.modes])

    def with_rim(self, factor: float) -> Array:
        """The matrix E (L + R, L): E @ landmarks are the landmarks, then R rim points around.

        Its rows sum to 1, so the rim follows every affine motion of the landmarks.
        """
        L = len(self.mean)
        outermost = np.unique(rim_edges(delaunay(self.mean)))
        rim = np.full((len(outermost), L), (1.0 - factor) / L)
        rim[np.arange(len(outermost)), outermost] += factor
        return np.concatenate([np.eye(L), rim])
