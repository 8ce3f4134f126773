"""Faces from a folder: one sub-folder an expression, any image format that Pillow reads.

    faces/happy/anna.jpg  faces/happy/ben.png  faces/sad/carl.webp ...

Every picture is read as the recogniser reads photos (`scratchnet.fer.photos`: upright, on white
where it is transparent), and becomes what FER2013's are: grey,

    Y = 0.299 R + 0.587 G + 0.114 B        (ITU-R BT.601, Pillow's mode "L")

and 48 × 48, averaged where it is larger. A picture that is not square is squeezed: crop the faces
first. Labels count in FER2013's order if the folders bear its names, else by the folders' names.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from scratchnet.fer.datasets import DataError, Dataset
from scratchnet.fer.labels import SEVEN, class_names, to_six
from scratchnet.fer.photos import PhotoError, read_photo

LEFT_BY_SYSTEMS = {"thumbs.db", "desktop.ini"}
FAULTS_NAMED = 3


def load_folder(path: str | Path, *, size: int = 48, classes: int | None = None) -> Dataset:
    """Load a folder of folders of faces.

    Args:
        path: the folder; files directly in it and hidden ones are not looked at.
        size: side of the pictures in pixels.
        classes: 7 or 6 number the labels as `load_fer2013` does, even if some expression has no
            folder here, and admit no other folder; None takes the folders as they are.

    Returns:
        images (N, size, size) uint8 ordered by class, then by file name; labels (N,) int64.

    Raises:
        FileNotFoundError: there is no such folder.
        DataError: no sub-folders, empty ones, unknown names, or files that are no pictures.
    """
    path = Path(path)
    if not path.exists():
        raise FileNotFoundError(f"no such folder: {path}")
    if not path.is_dir():
        raise DataError(f"{path} is a file, expected a folder; use load_fer2013 for FER2013's CSV")
    folders, names = _classes(path, classes)

    files: list[Path] = []
    labels: list[int] = []
    for folder in folders:
        found = sorted(file for file in folder.iterdir() if _is_wanted(file))
        if not found:
            inner = [inner.name for inner in folder.iterdir() if inner.is_dir()]
            hint = (
                f"it holds folders, so give {folder} itself" if inner else "add some, or remove it"
            )
            raise DataError(f"the class folder {folder.name} has no pictures; {hint}")
        files += found
        labels += [names.index(_canonical(folder.name, names))] * len(found)

    images = np.zeros((len(files), size, size), np.uint8)
    broken = []
    for i, file in enumerate(files):
        try:
            images[i] = read_face(file, size)
        except PhotoError:
            broken.append(str(file.relative_to(path)))
    if broken:
        more = f" and {len(broken) - FAULTS_NAMED:,} more" if len(broken) > FAULTS_NAMED else ""
        raise DataError(
            f"{len(broken):,} of {len(files):,} files in {path} cannot be read as pictures: "
            f"{', '.join(broken[:FAULTS_NAMED])}{more}; replace or remove them"
        )
    dataset = Dataset(images, np.array(labels, np.int64), names)
    if classes == 6:
        return Dataset(images, to_six(dataset.labels), class_names(6))
    return dataset


def read_face(file: str | Path, size: int = 48) -> NDArray[np.uint8]:
    """One picture as (size, size) uint8: grey, resized with antialiasing.

    Raises:
        PhotoError: it cannot be read.
    """
    grey = read_photo(file).convert("L")
    return np.asarray(grey.resize((size, size), Image.Resampling.BILINEAR))


def _classes(path: Path, classes: int | None) -> tuple[list[Path], tuple[str, ...]]:
    """The class folders in the order of their labels, and the class names (before merging)."""
    folders = sorted(f for f in path.iterdir() if f.is_dir() and not f.name.startswith("."))
    if not folders:
        raise DataError(f"{path} has no sub-folders; expected one for each class, such as happy/")
    folded = [folder.name.casefold() for folder in folders]
    if len(set(folded)) < len(folded):
        raise DataError(f"{path} has folders that differ only in case; merge them")
    emotions = [name.casefold() for name in SEVEN]
    unknown = [folder.name for folder in folders if folder.name.casefold() not in emotions]
    if classes is not None:
        class_names(classes)
        if unknown:
            raise DataError(
                f"{classes} classes expect folders named {', '.join(SEVEN)}, "
                f"got {', '.join(unknown)}; rename or move them"
            )
    if unknown:
        return folders, tuple(folder.name for folder in folders)
    folders.sort(key=lambda folder: emotions.index(folder.name.casefold()))
    if classes is not None:
        return folders, SEVEN
    return folders, tuple(_canonical(folder.name, SEVEN) for folder in folders)


def _canonical(name: str, names: tuple[str, ...]) -> str:
    """`name` as it is written in `names`, where it stands up to case."""
    return next(known for known in names if known.casefold() == name.casefold())


def _is_wanted(file: Path) -> bool:
    return (
        file.is_file()
        and not file.name.startswith(".")
        and file.name.casefold() not in LEFT_BY_SYSTEMS
    )
