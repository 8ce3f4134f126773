"""A folder of labelled photos becomes a folder of faces to train on: the report's steps 2 to 4.

    photos/happy/anna.jpg  ─▶  find the face  ─▶  grey  ─▶  48 × 48  ─▶  faces/happy/anna.png

The pixels are those that the recogniser cuts out of the same photo, so that a network that is
trained on them sees the same in use. The label of a photo is that of its largest face; others are
left out, for nobody knows what they show.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from PIL import Image

import haar
from scratchnet.fer.answers import Box
from scratchnet.fer.crops import cut_face, find_eyes
from scratchnet.fer.datasets import DataError
from scratchnet.fer.photo_files import ENDINGS
from scratchnet.fer.photos import PhotoError, read_photo


class Cropped(NamedTuple):
    """What became of a photo: the file of its face, or why there is none."""

    photo: Path
    face: Path | None
    faces: int
    error: str | None


def labelled_photos(folder: Path) -> list[Path]:
    """The photos in the sub-folders of a folder, one a class.

    Raises:
        DataError: it has no sub-folders with pictures.
    """
    photos = sorted(p for p in folder.glob("*/*") if p.suffix.lower() in ENDINGS)
    photos = [photo for photo in photos if not photo.parent.name.startswith(".")]
    if not photos:
        raise DataError(
            f"{folder}: expected one sub-folder of photos for each expression, such as happy/"
        )
    return photos


def crop_faces(
    photos: list[Path],
    out: Path,
    cascade: haar.Cascade,
    *,
    eyes: haar.Cascade | None = None,
    size: int = 48,
    **search: Any,
) -> Iterator[Cropped]:
    """Write the largest face of each photo to out/CLASS/NAME.png; a photo's folder is its class.

    Args:
        out: made if it does not exist; a file of the same name is replaced.
        eyes: a cascade for eyes, to turn faces upright.
        size: of the faces, in pixels.
        search: arguments of `Cascade.detect`.

    Raises:
        DataError: `out` is where the photos are.
    """
    if any(photo.parent.parent.resolve() == out.resolve() for photo in photos):
        raise DataError(f"{out} holds the photos themselves; choose another folder for the faces")
    taken: set[Path] = set()
    for photo in photos:
        try:
            picture = read_photo(photo)
        except PhotoError as error:
            yield Cropped(photo, None, 0, str(error))
            continue
        boxes = [Box(*row) for row in cascade.detect(picture, **search).tolist()]
        if not boxes:
            yield Cropped(photo, None, 0, None)
            continue
        box = max(boxes, key=lambda box: box.width * box.height)
        grey = np.asarray(picture.convert("L"))
        where = None if eyes is None else find_eyes(grey, box, eyes)
        path = _free(out / photo.parent.name / photo.stem, taken)
        path.parent.mkdir(parents=True, exist_ok=True)
        _write(Image.fromarray(cut_face(grey, box, where, size)), path)
        yield Cropped(photo, path, len(boxes), None)


def _free(path: Path, taken: set[Path]) -> Path:
    """PATH.png, or PATH-2.png where a.jpg and a.png stand side by side."""
    chosen, number = path.with_name(f"{path.name}.png"), 2
    while chosen in taken:
        chosen, number = path.with_name(f"{path.name}-{number}.png"), number + 1
    taken.add(chosen)
    return chosen


def _write(face: Image.Image, path: Path) -> None:
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        face.save(temporary, format="PNG")
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
