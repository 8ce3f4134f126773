"""Which faces a model is examined on, and which it may be calibrated on.

    examined        a part that is not Training: PublicTest, if there is one
    calibrated on   the faces of Training that the run held out: by content, so that no equal
                    picture is among those it learned from

How the model was trained is asked in this order: the card's "recipe", run.json beside the model
folder. A run with FER+'s votes left out what FER+ takes for no faces *before* it held out faces, so
that they are known only to who has FER+'s file. Where nobody knows, there is nothing to calibrate
on: a face that was learned by heart would vouch for too much confidence. And then a folder of
pictures is an examination as a whole; of the folder that it was trained on, the same 15 % as then.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scratchnet.fer.content import leaks
from scratchnet.fer.datasets import DataError, Dataset
from scratchnet.fer.folder import load_folder
from scratchnet.fer.labels import SEVEN, SIX
from scratchnet.fer.recipe import RUN, Recipe, read_run
from scratchnet.fer.sources import TEST, TRAINING, load_faces
from scratchnet.fer.train import held_out, training_faces


@dataclass(frozen=True)
class Parts:
    """The faces of one examination.

    Attributes:
        faces: all of them, in the order of their file.
        name: the part that is examined.
        test: its faces; `rows` (n,) says which of `faces` they are.
        leaked: (n,) which of them also occur in Training; None without a Training part.
        calibration: faces that the model has not seen, to fit a temperature on; None without.
    """

    faces: Dataset
    name: str
    rows: NDArray[np.int64]
    test: Dataset
    leaked: NDArray[np.bool_] | None
    calibration: Dataset | None


def choose_parts(
    folder: Path,
    card: dict[str, Any],
    names: tuple[str, ...],
    data: Path | None,
    part: str | None = None,
    fer_plus: str | os.PathLike[str] | None = None,
) -> Parts:
    """The parts of `data` for the model in `folder`, whose own classes are `names`.

    Args:
        data: FER2013's CSV, a folder of folders, or None for generated faces.
        part: what to examine; None for the first that is not Training.
        fer_plus: FER+'s votes on these faces; None for those of the run folder, on its own data.

    Raises:
        FileNotFoundError: there is nothing at `data`.
        DataError: other classes than the model's, or no such part.
    """
    recipe, trained_on, votes = _training(folder, card)
    classes = len(names) if names in (SEVEN, SIX) else None
    if data is not None and data.is_dir() and trained_on != data.resolve():
        faces = load_folder(data, classes=classes)
        usage = np.full(len(faces), TEST)
        faces = Dataset(faces.images, faces.labels, faces.class_names, usage)
    else:
        rng = np.random.default_rng(0 if recipe is None else recipe.split_seed)
        faces = load_faces(data, rng, classes=classes)
    if faces.class_names != names:
        raise DataError(
            f"the model answers {', '.join(names)}; the data are of {', '.join(faces.class_names)}"
        )
    name = part or next(usage for usage in faces.usages() if usage != TRAINING)
    test = faces.split(name)
    leaked = calibration = None
    if TRAINING in faces.usages() and name != TRAINING:
        training = faces.split(TRAINING)
        leaked = leaks(training.images, test.images)
        if fer_plus is None and data is not None and trained_on == data.resolve():
            fer_plus = votes
        if recipe is not None:
            calibration = _unseen(faces, recipe, fer_plus)
    return Parts(faces, name, _rows(faces, name), test, leaked, calibration)


def _rows(faces: Dataset, name: str) -> NDArray[np.int64]:
    return np.flatnonzero(faces.usage == name) if faces.usage is not None else np.zeros(0, np.int64)


def _unseen(
    faces: Dataset, recipe: Recipe, fer_plus: str | os.PathLike[str] | None
) -> Dataset | None:
    """The faces that the run held out; None if it takes FER+'s file to know them."""
    if recipe.votes and fer_plus is None:
        return None
    learn, _ = training_faces(faces, Path(fer_plus) if recipe.votes and fer_plus else None)
    return learn.select(held_out(learn, recipe)[1])


def _training(folder: Path, card: dict[str, Any]) -> tuple[Recipe | None, Path | None, Path | None]:
    """How the model was trained, on which file or folder, and with whose votes, if it is noted."""
    if isinstance(card.get("recipe"), dict):
        try:
            return Recipe(**card["recipe"]), None, None
        except (TypeError, ValueError) as error:
            raise DataError(f"{folder}: the card's recipe is none: {error}") from error
    if not (folder.parent / RUN).is_file():
        return None, None, None
    recipe, data = read_run(folder.parent)
    path, votes = (None if data[key] is None else Path(data[key]) for key in ("path", "fer_plus"))
    return recipe, path, votes if votes is not None and votes.is_file() else None
