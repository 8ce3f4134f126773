"""FER+: ten people's votes on each face of FER2013, which had one label each.

    neutral, happiness, surprise, sadness, anger, disgust, fear, contempt, unknown, NF (no face)

Row i of FER+'s file is row i of FER2013's; the names of images in it are not those of any file. The
first seven columns are FER2013's expressions, in another order. A face's distribution is

    v = votes for the seven / their sum         zeros, where nobody voted for any of the seven
    not a face, if half of the votes or more say NF

One label is a sample of size one of what people see; the votes tell how far they agree. Training
on both cleans the labels of some of their noise; accuracy is still measured on FER2013's labels.

Source: Barsoum, Zhang, Canton Ferrer and Zhang, "Training deep networks for facial expression
recognition with crowd-sourced label distribution", 2016.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from scratchnet.fer.datasets import DataError, Dataset
from scratchnet.fer.labels import SEVEN, SIX, merge_disgust

COLUMNS = {
    "Angry": "anger",
    "Disgust": "disgust",
    "Fear": "fear",
    "Happy": "happiness",
    "Sad": "sadness",
    "Surprise": "surprise",
    "Neutral": "neutral",
}
"""FER+'s column for each of FER2013's classes."""
OTHERS = ("contempt", "unknown", "NF")


def load_fer_plus(
    path: str | Path, faces: Dataset
) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """The votes on all rows of FER2013: their distributions, and which rows show a face.

    Args:
        path: FER+'s fer2013new.csv.
        faces: FER2013 as it was loaded, all its rows in order; of seven classes or six.

    Returns:
        (N, K) float32 in the order of `faces.class_names`, and (N,) bool.

    Raises:
        FileNotFoundError: there is no such file.
        DataError: it is not FER+'s file, or not the votes on these faces.
    """
    import pandas as pd

    if faces.class_names not in (SEVEN, SIX):
        raise DataError(f"FER+ has votes for {', '.join(SEVEN)}, not for {faces.class_names}")
    try:
        table = pd.read_csv(path)
        votes = table[[*COLUMNS.values(), *OTHERS]].to_numpy(np.float32)
    except (KeyError, ValueError, UnicodeDecodeError) as error:
        raise DataError(f"{path} is not FER+'s fer2013new.csv: {error}") from error
    expected = None if faces.usage is None else faces.usage.tolist()
    usage = table["Usage"].tolist() if "Usage" in table else expected
    if len(table) != len(faces) or (expected is not None and usage != expected):
        raise DataError(
            f"{path}: expected votes on {len(faces):,} faces, row by row with the same Usage; "
            f"got {len(table):,} rows; take the file that belongs to this FER2013"
        )
    if not (np.isfinite(votes).all() and (votes >= 0).all()):
        raise DataError(f"{path} holds votes that are no counts; download it again")
    no_face = votes[:, -1] * 2 >= np.maximum(votes.sum(axis=1), 1)
    seen = votes[:, : len(SEVEN)]
    if faces.class_names == SIX:
        seen = merge_disgust(seen)
    return seen / np.maximum(seen.sum(axis=1, keepdims=True), 1), ~no_face
