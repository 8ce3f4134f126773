"""Where faces come from: Kaggle's CSV, a folder of pictures, or, without either, our own pen.

Whatever the source, the result is one Dataset whose faces are marked with the part they belong to:
`Training`, and at least one part to report on that nobody trained on.

    a CSV       its own Usage column: PublicTest, PrivateTest
    a folder    15 % of each class become `Test`, equal pictures on one side
    no data     5,000 generated faces to train on, 1,000 for `Test`
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from scratchnet.fer.datasets import DataError, Dataset
from scratchnet.fer.faces import generate_faces
from scratchnet.fer.fer2013 import load_fer2013
from scratchnet.fer.folder import load_folder
from scratchnet.fer.kaggle_csv import Progress
from scratchnet.fer.splits import split_by_content

TRAINING, TEST = "Training", "Test"
GENERATED = {TRAINING: 5000, TEST: 1000}
TEST_SHARE = 0.15


def load_faces(
    path: str | Path | None,
    rng: np.random.Generator,
    *,
    classes: int | None = None,
    progress: Progress | None = None,
) -> Dataset:
    """The faces of a CSV or a folder, or generated ones where `path` is None.

    Args:
        rng: draws the generated faces, or which pictures of a folder are for testing.
        classes: 6 or 7 expressions; None is 7, or for a folder as many as it has sub-folders.
        progress: called as progress(done_bytes, total_bytes) while a CSV is read.

    Raises:
        FileNotFoundError: there is nothing at `path`.
        DataError: the data are damaged, or have no part to train on or none to report on.
    """
    if path is None:
        drawn = generate_faces(sum(GENERATED.values()), rng, classes=classes or 7)
        usage = np.repeat(list(GENERATED), list(GENERATED.values()))
        return Dataset(drawn.images, drawn.labels, drawn.class_names, usage)
    if Path(path).is_dir():
        faces = load_folder(path, classes=classes)
        _, test = split_by_content(faces.labels, faces.images, TEST_SHARE, rng)
        usage = np.full(len(faces), TRAINING)
        usage[test] = TEST
        return Dataset(faces.images, faces.labels, faces.class_names, usage)
    faces = load_fer2013(path, classes=classes or 7, progress=progress)
    if TRAINING not in faces.usages() or len(faces.usages()) < 2:
        found = ", ".join(faces.usages()) or "none"
        raise DataError(
            f"{path}: expected rows of Usage {TRAINING!r} and of one other Usage to report on, "
            f"got {found}"
        )
    return faces
