"""Textures as a mean and a few modes, and how they change as the mesh under them moves.

    texture = mean + λ₁ A₁ + … + λ_K A_K + noise
    λ_k has mean 0 and variance v_k over the textures of `fit`, noise the variance σ²

With so many modes and so little data, λ is best not the plain projection A (texture - mean) but
its most probable value given that noise, D A (texture - mean), D = v / (v + σ²).

Textures are (C M,), C channels of M pixels of a `PiecewiseAffine` mesh; modes (K, C M).
Source: Moghaddam, Pentland, "Probabilistic visual learning", 1997 (the noise outside of the modes).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

from numpy.typing import NDArray

from scratchnet.classical.pca import PCA
from scratchnet.classical.piecewise_affine import PiecewiseAffine

Array = NDArray[Any]

NEIGHBOURS = 6.0
"""So many pixels, being blurred, have the same noise and tell as much as one."""


@dataclass(frozen=True, eq=False)
class TextureModel:
    """Mean and modes of textures."""

    mean: Array
    """(C M,)."""
    modes: Array
    """(K, C M), orthonormal rows."""
    variances: Array
    """(K,): v, the largest first."""
    noise: float
    """σ² of a pixel, times NEIGHBOURS."""
    mesh: PiecewiseAffine
    """The mesh whose pixels they are."""

    @classmethod
    def fit(cls, textures: Array, mesh: PiecewiseAffine, explained: float) -> Self:
        """The model of textures (N, C M), with modes for this share of their variance."""
        pca = PCA(n_components=explained).fit(textures)
        shown, share = pca.explained_variance_.sum(), pca.explained_variance_ratio_.sum()
        if not share > 0.0:
            raise ValueError("all textures are the same; expected images of different faces")
        d = textures.shape[1]
        noise = shown * (1.0 / share - 1.0) / (d - pca.n_components_)
        return cls(
            mean=pca.mean_,
            modes=pca.components_,
            variances=pca.explained_variance_,
            noise=NEIGHBOURS * max(noise, 1e-9),
            mesh=mesh,
        )

    @property
    def certainty(self) -> Array:
        """D (K,): which share of a projection on each mode is signal."""
        return self.variances / (self.variances + self.noise)

    def steepest_descent(self, amounts: Array, moves: Array) -> Array:
        """J (n, C M): how mean + λ A changes as its pixels move, along each of n directions.

        Args:
            amounts: (K,), λ.
            moves: (n, M, 2), ∂W/∂δ: where each pixel goes, along x and along y.
        """
        n, M, _ = moves.shape
        gradient = self.mesh.gradient((self.mean + amounts @ self.modes).reshape(-1, M))
        dx, dy = gradient[..., 0], gradient[..., 1]
        images = moves[:, None, :, 0] * dx + moves[:, None, :, 1] * dy
        return images.reshape(n, -1)
