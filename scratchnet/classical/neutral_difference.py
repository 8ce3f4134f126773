"""The difference to a neutral face: what the expression adds to the face that wears it.

    x = somebody's face + expression + light …         transform(x) = x - neutral(x)

    neutral(x)    the same person's neutral face, where it is known: transform(X, neutral=...)
                  else the nearest face that neutral faces are made of:
                  m + E Eᵀ (x - m)     m the mean of the neutral faces in `fit`, E (d, M) their
                                       first M principal axes

Who it is and how the light falls is in the neutral face as well, so most of it goes. What remains
is what neutral faces cannot show: the raised brow, the corner of the mouth. M = 0 subtracts the
mean neutral face; with M too large, E learns to show expressions, too.

A network is trained on the differences (`MLPClassifier`), as a variant of the one on faces.

Source: Turk, Pentland, "Eigenfaces for recognition", 1991, section "Using eigenfaces to detect
faces" (the distance from face space is the length of such a difference).
Chapter: docs/mlp.md
"""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from scratchnet.classical.base import Transformer, check_features, check_X, check_X_y
from scratchnet.classical.pca import PCA

Array = NDArray[Any]


class NeutralDifference(Transformer):
    """Faces minus neutral faces.

    Args:
        neutral: the label of the neutral samples.
        n_components: M, at most one less than there are neutral samples.

    Attributes:
        mean_: m (d,).
        components_: Eᵀ (M, d).
        n_features_in_: d.
    """

    def __init__(self, neutral: Any = "Neutral", *, n_components: int = 40) -> None:
        self.neutral = neutral
        self.n_components = n_components

    def fit(self, X: ArrayLike, y: ArrayLike) -> Self:
        """Learn the space of neutral faces from the samples of X with that label.

        Raises:
            ValueError: bad samples, or too few that are neutral.
        """
        X, classes, indices = check_X_y(X, y, estimator=self)
        of_label = np.flatnonzero(classes == self.neutral)
        if len(of_label) == 0:
            raise ValueError(
                f"NeutralDifference expects samples of the label {self.neutral!r}, got labels "
                f"{classes.tolist()}; say which is neutral: NeutralDifference(neutral=...)"
            )
        faces = X[indices == of_label[0]]
        M = self.n_components
        most = min(len(faces) - 1, X.shape[1])
        if not 0 <= M <= most:
            raise ValueError(
                f"NeutralDifference expects n_components from 0 to {most}, less than there are "
                f"neutral samples ({len(faces)}) and at most the {X.shape[1]} features; got {M}"
            )
        self.n_features_in_ = X.shape[1]
        self.mean_ = faces.mean(axis=0)
        self.components_ = np.zeros((0, X.shape[1]), np.float64)
        if M:
            self.components_ = PCA(M).fit(faces).components_
        return self

    def transform(self, X: ArrayLike, neutral: ArrayLike | None = None) -> Array:
        """Differences (n, d).

        Args:
            neutral: (n, d) the neutral face of each sample's person, or (1, d) of all of them.

        Raises:
            ValueError: shapes that differ from `fit`'s or from each other.
        """
        X = check_features(self, X)
        if neutral is None:
            offset = X - self.mean_
            return offset - offset @ self.components_.T @ self.components_
        faces = check_X(neutral, estimator=self)
        if faces.shape not in (X.shape, (1, X.shape[1])):
            raise ValueError(
                f"NeutralDifference expects a neutral face for each sample, {X.shape}, or one for "
                f"all, (1, {X.shape[1]}); got {faces.shape}"
            )
        return X - faces
