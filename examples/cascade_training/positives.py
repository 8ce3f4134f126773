"""Positives: whatever they come in becomes framed objects, then windows of the cascade's size.

    PATH             faces.csv (file,x,y,w,h)     pictures with boxes
                     info.dat, info.txt           the same, OpenCV's
                     fer2013.csv, .csv.gz, .zip   FER2013: the faces of its part Training
                     crops.npz                    its array `images` (N, H, W)
                     FOLDER                       a picture each
                     windows.vec                  OpenCV's; they have the cascade's size already
    PATH:0.03        crops: the share of each side that lies outside of the box
    PATH:L,T,R,B     the same for left, top, right, bottom

Crops that are equal to the byte count once.
"""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import haar
from haar.samples import (
    Sample,
    SampleError,
    align,
    cut,
    find_eyes,
    from_boxes,
    from_crops,
    read_crops,
    read_csv,
    read_info,
    read_vec,
)

Grey = NDArray[np.uint8]
FER2013_HEADER = "emotion,pixels"
FACE, LOWER = 120, 60
"""Pixels of the lower part of a face, among the backgrounds of eyes."""


def split_margin(source: str) -> tuple[Path, tuple[float, ...]]:
    """PATH or PATH:MARGIN."""
    path, colon, behind = source.rpartition(":")
    try:
        margin = tuple(map(float, behind.split(","))) if colon else ()
    except ValueError:  # the colon belongs to the path
        margin = ()
    if not margin:
        return Path(source), (0.0,)
    if len(margin) not in (1, 4):
        raise ValueError(f"{source}: a margin expects one number or four, got {len(margin)}")
    return Path(path), margin


def read_positives(source: str, size: tuple[int, int]) -> list[Sample]:
    """The framed objects of one source."""
    path, margin = split_margin(source)
    if not path.exists():
        raise FileNotFoundError(f"--positives: there is no {path}")
    if path.suffix == ".vec":
        return from_crops(read_vec(path, size))
    if path.suffix in (".dat", ".txt"):
        return from_boxes(read_info(path))
    if path.is_dir():
        return from_crops(different(read_crops(path)), margin)
    if path.suffix == ".npz":
        return from_crops(different(read_archive(path)), margin)
    if path.suffix in (".gz", ".zip") or first_line(path).startswith(FER2013_HEADER):
        return from_crops(different(read_fer2013(path)), margin)
    return from_boxes(read_csv(path))


def read_archive(path: Path) -> Grey:
    with np.load(path, allow_pickle=False) as archive:
        if "images" not in archive.files:
            raise SampleError(f"{path}: expected an array `images`, got {', '.join(archive.files)}")
        images = archive["images"]
    if images.ndim != 3 or images.dtype != np.uint8:
        raise SampleError(
            f"{path}: expected images (N, H, W) uint8, got {images.shape} {images.dtype}"
        )
    return np.asarray(images)


def read_fer2013(path: Path) -> Grey:
    """The training faces; the other parts are for tests."""
    from scratchnet.fer.fer2013 import load_fer2013

    faces = load_fer2013(path)
    return faces.split("Training").images if faces.usage is not None else faces.images


def first_line(path: Path) -> str:
    with (gzip.open if path.suffix == ".gz" else open)(path, "rt", encoding="utf-8") as file:
        return str(file.readline())


def different(crops: Iterable[Grey]) -> list[Grey]:
    """Each crop once."""
    seen = {(crop.shape, crop.tobytes()): crop for crop in reversed(list(crops))}
    return list(seen.values())[::-1]


def frame(
    samples: Sequence[Sample],
    cascades: Sequence[haar.Cascade],
    agree: int,
    progress: Callable[[int], None],
) -> list[Sample]:
    """Framed by cascades, if there are any; `agree` of them must find an object."""
    if not cascades:
        return list(samples)
    return align(samples, cascades, least=agree, progress=progress)[0]


def eyes_of(
    faces: Sequence[Sample], cascades: Sequence[haar.Cascade], progress: Callable[[int], None]
) -> tuple[list[Sample], list[Grey]]:
    """The eyes of faces; and the lower part of each face, which has none."""
    eyes: list[Sample] = []
    lower: list[Grey] = []
    for k, face in enumerate(faces):
        if found := find_eyes(face, cascades):
            eyes += found
            lower.append(below(face, found))
        progress(k + 1)
    return eyes, lower


def below(face: Sample, eyes: Iterable[Sample]) -> Grey:
    """A face from under its eyes on, (LOWER, FACE)."""
    x, y, width, height = face.box
    top = max(eye.box[1] + eye.box[3] for eye in eyes)
    return cut(face.grey, (x, top, width, y + height - top), (FACE, LOWER))


def sheets(tiles: Sequence[Grey], rows: int = 6, columns: int = 3) -> list[Grey]:
    """Pictures of rows × columns tiles of one shape; those left over make none."""
    number = rows * columns
    return [
        np.vstack([np.hstack(tiles[k + columns * r : k + columns * (r + 1)]) for r in range(rows)])
        for k in range(0, len(tiles) - number + 1, number)
    ]


def hold_out(
    samples: Sequence[Sample], share: float, rng: np.random.Generator
) -> tuple[list[Sample], list[Sample]]:
    """To train with, and to look at afterwards; at least one each."""
    order = rng.permutation(len(samples))
    apart = min(max(1, round(share * len(samples))), len(samples) - 1)
    return [samples[k] for k in np.sort(order[apart:])], [samples[k] for k in order[:apart]]
