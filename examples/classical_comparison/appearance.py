"""The active appearance model as features: find the face, and say how it is shaped and shaded.

    to learn from    the parameters c of a face between its true landmarks, which somebody marked
    to be asked      nobody marked them: start from the eyes, where `face_template` finds them, fit

The eyes are found to within a few pixels, and the model has to find the rest.
"""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from scratchnet.classical import ActiveAppearanceModel
from scratchnet.classical.face_template import locate_eyes
from scratchnet.vision.geometry import move, similarity

Array = NDArray[Any]

LEFT_EYE, RIGHT_EYE = slice(36, 42), slice(42, 48)


class AppearanceFeatures:
    """Combined parameters (n, C) of the faces that a model finds in rows of pixels.

    Args:
        landmarks: (n, 68, 2) of the faces in `fit`; None where nobody has marked them.
        shapes: so many of them make the model.
    """

    def __init__(self, landmarks: Array | None, shapes: int) -> None:
        self.landmarks = landmarks
        self.shapes = shapes

    def fit(self, X: Array, y: Array) -> Self:
        """Learn from X (n, H·W) of square pictures; y is not looked at."""
        if self.landmarks is None:
            raise ValueError("an active appearance model learns from landmarks, got faces without")
        chosen = slice(0, self.shapes)
        self.model_ = ActiveAppearanceModel().fit(_pictures(X[chosen]), self.landmarks[chosen])
        return self

    def fit_transform(self, X: Array, y: Array) -> Array:
        """Learn, and the parameters (n, C) of X between its true landmarks."""
        pairs = zip(_pictures(X), self.fit(X, y).landmarks, strict=True)  # type: ignore[arg-type]
        return np.stack([self.model_.parameters(image, marks) for image, marks in pairs])

    def transform(self, X: Array) -> Array:
        """The parameters (n, C) of the faces that are found in X."""
        images, mean = _pictures(X), self.model_.mean_shape_
        own = mean[LEFT_EYE].mean(axis=0), mean[RIGHT_EYE].mean(axis=0)
        starts = [
            move(similarity(own, [(x - e / 2, y), (x + e / 2, y)]), mean)
            for x, y, e in locate_eyes(images)
        ]
        return self.model_.transform(images, np.stack(starts))


def _pictures(X: Array) -> Array:
    side = round(X.shape[1] ** 0.5)
    return X.reshape(-1, side, side)
