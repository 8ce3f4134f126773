"""Eigenfaces: recognition by the nearest neighbour in the space that faces span.

    mean face Ψ, eigenfaces u_1 … u_k        principal components of the training faces (n, H·W)
    ω = (u_j · (face - Ψ))_j                 a face's weights (k,): its place in face space
    reconstruction   Ψ + Σ_j ω_j u_j         the nearest point of face space
    ε = |face - reconstruction|              distance from face space: large, it is no face
    identity         of the training face whose weights are nearest to ω

Two distances tell four cases apart: near face space and near a known face, it is that person;
near face space only, a stranger; far from it, no face at all, whatever it is near to.

Source: Turk & Pentland, "Eigenfaces for Recognition", 1991. (They compare ω with the mean weights
of each person; the nearest single face is at least as good where pictures of one person differ.)
Chapter: docs/pca.md
"""

from __future__ import annotations

from typing import Self

import numpy as np
from numpy.typing import ArrayLike

from scratchnet.classical.base import Array, Classifier, check_features, check_X_y
from scratchnet.classical.k_neighbors import nearest
from scratchnet.classical.pca import PCA


class Eigenfaces(Classifier):
    """PCA and the nearest neighbour, for faces as rows of pixels.

    Args:
        n_components: eigenfaces, or the share of the variance that they explain together.
        whiten: give each eigenface the same weight in distances.
        random_state: Generator or seed, for more than 1000 faces of more than 1000 pixels.

    Attributes:
        mean_ (d,): the mean face; components_ (k, d): the eigenfaces.
        weights_ (n, k): the training faces in face space.
        pca_: the fitted PCA; classes_; n_features_in_.
    """

    def __init__(
        self,
        n_components: int | float = 0.95,
        *,
        whiten: bool = False,
        random_state: np.random.Generator | int | None = None,
    ) -> None:
        self.n_components = n_components
        self.whiten = whiten
        self.random_state = random_state

    def fit(self, X: ArrayLike, y: ArrayLike) -> Self:
        """Learn faces X (n, d) of persons or expressions y (n,).

        Raises:
            ValueError: X or y is not what `check_X_y` expects; impossible n_components.
        """
        X, self.classes_, self._labels = check_X_y(X, y, estimator=self)
        self.n_features_in_ = X.shape[1]
        self.pca_ = PCA(self.n_components, whiten=self.whiten, random_state=self.random_state)
        self.weights_ = self.pca_.fit_transform(X)
        self.mean_, self.components_ = self.pca_.mean_, self.pca_.components_
        return self

    def transform(self, X: ArrayLike) -> Array:
        """Weights ω (n, k) of faces X (n, d)."""
        X = check_features(self, X)
        return self.pca_.transform(X)

    def reconstruct(self, X: ArrayLike) -> Array:
        """Faces X (n, d) as they look in face space."""
        weights = self.transform(X)
        return self.pca_.inverse_transform(weights)

    def distance_from_face_space(self, X: ArrayLike) -> Array:
        """ε (n,) of each row of X: how much of it no sum of eigenfaces explains."""
        X = check_features(self, X)
        return np.linalg.norm(X - self.reconstruct(X), axis=1)

    def nearest_face(self, X: ArrayLike) -> tuple[Array, Array]:
        """(distance in face space, index among the training faces), each (n,)."""
        distances, indices = nearest(self.transform(X), self.weights_, 1)
        return distances[:, 0], indices[:, 0]

    def predict(self, X: ArrayLike) -> Array:
        """The label (n,) of each row's nearest training face; of equal ones, of the first."""
        _, indices = self.nearest_face(X)
        return self.classes_[self._labels[indices]]
