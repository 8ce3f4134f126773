"""Generated faces for all tests of the classical algorithms: drawn once."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pytest

from scratchnet.fer import generate_faces


class Faces(NamedTuple):
    """1,000 faces to learn from, 400 others; rows of 48 · 48 pixels, seven expressions."""

    X: np.ndarray
    y: np.ndarray
    X_test: np.ndarray
    y_test: np.ndarray
    neutral: np.ndarray
    """Of each face in X, then of X_test: the same person's neutral face."""
    eyes: np.ndarray
    """Of each face in X: the point between the eyes, and their distance."""
    nearest_neighbour: float
    """Accuracy of 1-nearest-neighbour on raw pixels."""


@pytest.fixture(scope="session")
def faces() -> Faces:
    drawn = generate_faces(1400, np.random.default_rng(5))
    calm = generate_faces(1400, np.random.default_rng(5), emotions=np.full(1400, 6))
    X, neutral = (f.images.reshape(1400, -1) for f in (drawn, calm))
    left, right = (
        drawn.landmarks[:1000, part].mean(axis=1) for part in (slice(36, 42), slice(42, 48))
    )
    eyes = np.column_stack([(left + right) / 2, np.linalg.norm(right - left, axis=1)])
    train, test = X[:1000].astype(np.float64), X[1000:].astype(np.float64)
    distances = (train**2).sum(axis=1) - 2 * test @ train.T
    accuracy = np.mean(drawn.labels[:1000][distances.argmin(axis=1)] == drawn.labels[1000:])
    return Faces(
        X[:1000], drawn.labels[:1000], X[1000:], drawn.labels[1000:], neutral, eyes, accuracy
    )
