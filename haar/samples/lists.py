"""Lists of pictures: which files, and which boxes in them.

    CSV         file,x,y,w,h                  a header, then a line for each box
                portraits/anna.jpg,31,20.5,64,64
                street.jpg,,,,                a picture without any: it counts where one is expected

    info.dat    portraits/anna.jpg 2  31 20 64 64  140 22 60 60       OpenCV's: how many, then each
    bg.txt      street.jpg                                            OpenCV's: pictures without any

Names are relative to the list's own folder. A line that is wrong is named by its number; blank
lines, and in OpenCV's files those that begin with #, are skipped.
"""

from __future__ import annotations

import csv
import math
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from haar.samples.cut import Box

COLUMNS = ("file", "x", "y", "w", "h")
Boxes = dict[Path, list[Box]]


class SampleError(ValueError):
    """A file of samples is malformed. The message names the file and the line."""


def read_csv(path: str | os.PathLike[str]) -> Boxes:
    """The boxes of each picture, in the order of the file.

    Raises:
        OSError: the list cannot be read, or a picture that it names does not exist.
        SampleError: a line is not as described; the message says which and how.
    """
    folder = Path(path).parent
    boxes: Boxes = {}
    with Path(path).open(newline="", encoding="utf-8-sig") as file:
        rows = csv.reader(file)
        header = tuple(cell.strip() for cell in next(rows, []))
        if header != COLUMNS:
            raise SampleError(
                f"{os.fspath(path)}, line 1: expected the header {','.join(COLUMNS)}, "
                f"got {','.join(header) or 'nothing'}"
            )
        for row in rows:
            if not any(row):
                continue
            where = f"{os.fspath(path)}, line {rows.line_num}"
            if len(row) != len(COLUMNS):
                raise SampleError(f"{where}: expected 5 cells, got {len(row)}: {','.join(row)}")
            own = boxes.setdefault(existing(folder, row[0].strip(), where), [])
            if any(row[1:]):
                own.append(to_box(row[1:], where))
    return boxes


def write_csv(path: str | os.PathLike[str], boxes: Mapping[str, Sequence[Box]]) -> None:
    """Write boxes by name; the names are those of pictures, relative to the list's folder."""
    with Path(path).open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(COLUMNS)
        for name, own in boxes.items():
            rows.writerows((name, *(f"{number:g}" for number in box)) for box in own)
            if not own:
                rows.writerow((name, "", "", "", ""))


def read_info(path: str | os.PathLike[str]) -> Boxes:
    """The same of OpenCV's info.dat.

    Raises:
        OSError, SampleError: as `read_csv`.
    """
    boxes: Boxes = {}
    for where, line in lines(path):
        name, *words = line.split()
        if not words or not words[0].isdecimal():
            got = words[0] if words else "nothing"
            raise SampleError(f"{where}: expected a file and the number of its boxes, got {got!r}")
        number, numbers = int(words[0]), words[1:]
        if len(numbers) != 4 * number:
            raise SampleError(
                f"{where}: {number} boxes expect {4 * number} numbers, got {len(numbers)}"
            )
        own = boxes.setdefault(existing(Path(path).parent, name, where), [])
        own.extend(to_box(numbers[4 * k : 4 * k + 4], where) for k in range(number))
    return boxes


def read_background(path: str | os.PathLike[str]) -> list[Path]:
    """The pictures of OpenCV's bg.txt.

    Raises:
        OSError, SampleError: as `read_csv`.
    """
    return [existing(Path(path).parent, line, where) for where, line in lines(path)]


def lines(path: str | os.PathLike[str]) -> Iterator[tuple[str, str]]:
    """Where it stands, and the line."""
    text = Path(path).read_text(encoding="utf-8-sig", errors="surrogateescape")
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip() and not line.startswith("#"):
            yield f"{os.fspath(path)}, line {number}", line.strip()


def existing(folder: Path, name: str, where: str) -> Path:
    """The picture's path; Windows' \\ is a / to everybody."""
    path = folder / name
    if not path.is_file() and "\\" in name:
        path = folder / name.replace("\\", "/")
    if not name or not path.is_file():
        raise FileNotFoundError(f"{where}: there is no file {name!r} in {folder}")
    return path


def to_box(words: Sequence[str], where: str) -> Box:
    """x, y, width and height as they are written."""
    try:
        x, y, width, height = map(float, words)
    except ValueError:
        raise SampleError(
            f"{where}: expected four numbers, x y width height, got {' '.join(words)!r}"
        ) from None
    if not all(map(math.isfinite, (x, y, width, height))) or width <= 0 or height <= 0:
        raise SampleError(
            f"{where}: expected a box of a width and height above 0, got {' '.join(words)!r}"
        )
    return x, y, width, height
