"""Who is learned from, and who is asked about: never the same picture.

    generated   N drawn faces to learn from, 1,000 others to be asked about
    a CSV       N of its Training faces, each class its share; its first other Usage
    a folder    N of 85 % of each class; the other 15 %

Pictures to be asked about that also occur, byte for byte, among those to learn from are left out.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scratchnet.fer.content import leaks
from scratchnet.fer.datasets import Dataset
from scratchnet.fer.faces import generate_faces
from scratchnet.fer.sources import TRAINING, load_faces

Array = NDArray[Any]

TESTS = 1000


@dataclass(frozen=True, eq=False)
class Faces:
    """Rows of grey pixels 0..255 and labels: X (n, H·W) float64 and y (n,), X_test and y_test."""

    X: Array
    y: Array
    X_test: Array
    y_test: Array
    class_names: tuple[str, ...]
    landmarks: Array | None = None
    """(n, 68, 2) of X, where they are known."""
    left_out: int = 0
    """Test faces that were also to be learned from."""

    def few(self, count: int) -> Faces:
        """The first `count` of either: for a rehearsal."""
        landmarks = None if self.landmarks is None else self.landmarks[:count]
        return Faces(
            self.X[:count], self.y[:count], self.X_test[:count], self.y_test[:count],
            self.class_names, landmarks,
        )  # fmt: skip


def load(path: Path | None, count: int, rng: np.random.Generator) -> Faces:
    """`count` faces to learn from, and those to be asked about.

    Raises:
        FileNotFoundError, DataError: as `load_faces`.
    """
    if path is None:
        drawn = generate_faces(count + TESTS, rng)
        dataset = Dataset(drawn.images, drawn.labels, drawn.class_names)
        own = np.arange(len(dataset)) < count
        return _parted(dataset.select(own), dataset.select(~own), drawn.landmarks[:count])
    dataset = load_faces(path, rng)
    learn = dataset.split(TRAINING)
    if count < len(learn):
        learn = learn.sample(count / len(learn), rng)
    test = next(usage for usage in dataset.usages() if usage != TRAINING)
    return _parted(learn, dataset.split(test), None)


def _parted(learn: Dataset, test: Dataset, landmarks: Array | None) -> Faces:
    known = leaks(learn.images, test.images)
    unseen = test.select(~known)
    return Faces(
        _rows(learn), learn.labels, _rows(unseen), unseen.labels, learn.class_names, landmarks,
        int(known.sum()),
    )  # fmt: skip


def _rows(faces: Dataset) -> Array:
    return faces.images.reshape(len(faces), -1).astype(np.float64)
