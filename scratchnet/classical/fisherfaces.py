"""Fisherfaces: LDA after PCA, so that it looks at who it is and not at the light.

    n faces of d pixels, K persons
    PCA to min(n - K, d) dimensions          there the scatter within the persons has full rank
    LDA to K - 1                             largest between, smallest within the persons
    Fisherfaces  F = W_pcaᵀ W_lda (d, K-1)   z = Fᵀ (face - mean face)
    identity     of the training face with the nearest z

Eigenfaces keep what varies most, and that is often the light. Fisherfaces leave out what varies
within a person. LDA alone cannot: n faces vary in n - K dimensions at most, of d pixels.

Source: Belhumeur, Hespanha & Kriegman, "Eigenfaces vs. Fisherfaces", 1997, section 2.4.
Chapter: docs/lda.md
"""

from __future__ import annotations

from typing import Self

import numpy as np
from numpy.typing import ArrayLike

from scratchnet.classical.base import Array, Classifier, check_features, check_X_y
from scratchnet.classical.k_neighbors import nearest
from scratchnet.classical.lda import LinearDiscriminantAnalysis
from scratchnet.classical.pca import PCA


class Fisherfaces(Classifier):
    """PCA, LDA and the nearest neighbour.

    Args:
        n_components: Fisherfaces; None: min(K - 1, the principal components).
        pca_components: principal components before; None: min(n - K, d). Fewer overfit less.
        shrinkage: of the LDA.
        random_state: Generator or seed of the PCA.

    Attributes:
        mean_ (d,); components_ (r, d): the Fisherfaces as rows, not orthonormal.
        pca_, lda_: the two, fitted; classes_; n_features_in_.
    """

    def __init__(
        self,
        n_components: int | None = None,
        *,
        pca_components: int | None = None,
        shrinkage: float | str | None = None,
        random_state: np.random.Generator | int | None = None,
    ) -> None:
        self.n_components = n_components
        self.pca_components = pca_components
        self.shrinkage = shrinkage
        self.random_state = random_state

    def fit(self, X: ArrayLike, y: ArrayLike) -> Self:
        """Learn faces X (n, d) of persons or expressions y (n,).

        Raises:
            ValueError: X or y is not what `check_X_y` expects; one face a person; impossible
                numbers of components.
        """
        X, self.classes_, self._labels = check_X_y(X, y, estimator=self)
        (n, d), K = X.shape, len(self.classes_)
        most = min(n - K, d)
        if most < 1:
            raise ValueError(
                f"expected more samples than classes, got {n} of each: one face a class does not "
                "tell how the class varies"
            )
        kept = most if self.pca_components is None else self.pca_components
        if not 1 <= kept <= most:
            raise ValueError(
                "pca_components expects 1 to min(n_samples - n_classes, n_features) = "
                f"{most}, got {kept}"
            )
        self.n_features_in_ = d
        self.pca_ = PCA(kept, random_state=self.random_state)
        Z = self.pca_.fit_transform(X)
        self.lda_ = LinearDiscriminantAnalysis(
            n_components=self.n_components, shrinkage=self.shrinkage
        )
        self._coordinates = self.lda_.fit_transform(Z, self._labels)
        self.mean_ = self.pca_.mean_
        used = self._coordinates.shape[1]
        self.components_ = self.lda_.scalings_[:, :used].T @ self.pca_.components_
        return self

    def transform(self, X: ArrayLike) -> Array:
        """Coordinates z (n, r) of faces X (n, d)."""
        X = check_features(self, X)
        return self.lda_.transform(self.pca_.transform(X))

    def predict(self, X: ArrayLike) -> Array:
        """The label (n,) of each row's nearest training face; of equal ones, of the first."""
        Z = self.transform(X)
        _, indices = nearest(Z, self._coordinates, 1)
        return self.classes_[self._labels[indices[:, 0]]]
