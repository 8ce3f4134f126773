"""Backgrounds: pictures without the object, kept as their files' bytes and opened when wanted.

    a folder, a .zip of pictures, or OpenCV's bg.txt

Three thousand pictures are 35 MB as files and 300 MB as pixels; one is opened in a millisecond.
An object that hides in one of them is learned as none: the figure of what survives shows it.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from haar.image import to_grey
from haar.samples import read_background
from haar.samples.pictures import ENDINGS

Grey = NDArray[np.uint8]


class Backgrounds(Sequence[Grey]):
    """Pictures by number, each read when it is asked for."""

    def __init__(self, names: Sequence[str], files: Sequence[bytes]) -> None:
        self.names, self.files = list(names), list(files)

    def __len__(self) -> int:
        return len(self.files)

    def __getitem__(self, k: int) -> Grey:  # type: ignore[override]
        try:
            with Image.open(io.BytesIO(self.files[k])) as picture:
                return to_grey(picture)
        except (OSError, TypeError) as error:
            raise ValueError(f"--negatives: {self.names[k]}: {error}") from error

    def choose(self, numbers: Sequence[int]) -> Backgrounds:
        return Backgrounds([self.names[k] for k in numbers], [self.files[k] for k in numbers])


class Joined(Sequence[Grey]):
    """The pictures of two sequences, one behind the other."""

    def __init__(self, first: Sequence[Grey], second: Sequence[Grey]) -> None:
        self.first, self.second = first, second

    def __len__(self) -> int:
        return len(self.first) + len(self.second)

    def __getitem__(self, k: int) -> Grey:  # type: ignore[override]
        behind = k - len(self.first)
        return self.first[k] if behind < 0 else self.second[behind]


def read_backgrounds(source: Path) -> Backgrounds:
    """All pictures of a folder, an archive or a list, by name."""
    if source.is_dir():
        paths = sorted(path for path in source.rglob("*") if path.suffix.lower() in ENDINGS)
        names = [path.relative_to(source).as_posix() for path in paths]
    elif source.suffix == ".zip":
        with zipfile.ZipFile(source) as archive:
            names = sorted(n for n in archive.namelist() if Path(n).suffix.lower() in ENDINGS)
            return _some(source, Backgrounds(names, [archive.read(name) for name in names]))
    elif source.is_file():
        paths = read_background(source)
        names = [path.name for path in paths]
    else:
        raise FileNotFoundError(f"--negatives: there is no {source}")
    return _some(source, Backgrounds(names, [path.read_bytes() for path in paths]))


def _some(source: Path, backgrounds: Backgrounds) -> Backgrounds:
    if not len(backgrounds):
        raise FileNotFoundError(f"--negatives: there is no picture in {source}")
    return backgrounds
