"""Photos in files: which ones are meant by files, folders and patterns, and where drawings go.

A drawing is a JPEG whose comment says who drew it. So a drawing is never taken for a photo when the
folder is read again, and never is a photo overwritten by one: a name that is taken gets a number.
"""

from __future__ import annotations

import glob
import os
from collections.abc import Iterable
from pathlib import Path

from PIL import Image

ENDINGS = {".jpg", ".jpeg", ".png", ".bmp", ".gif", ".tif", ".tiff", ".webp", ".pgm", ".ppm"}
MARK = b"drawn by scratchnet"


def find_photos(wanted: Iterable[str | Path]) -> tuple[list[Path], list[str]]:
    """The photos that are meant, each once, and what was asked for in vain, in words.

    A file is taken as it is given, whatever its name, and even if it does not exist: whoever reads
    it will say so. A folder stands for the pictures in it and below; a pattern of the shell, `**`
    included, for the files that match.
    """
    found: dict[Path, Path] = {}
    complaints: list[str] = []
    for text in map(str, wanted):
        path = Path(text)
        inside = [path]
        if path.is_dir():
            inside = sorted(p for p in path.rglob("*") if p.suffix.lower() in ENDINGS)
            if not inside:
                complaints.append(f"{text} holds no pictures")
        elif not path.exists() and glob.has_magic(text):
            matches = glob.glob(text, recursive=True)  # noqa: PTH207 - absolute patterns, too
            inside = sorted(p for p in map(Path, matches) if p.is_file())
            if not inside:
                complaints.append(f"nothing matches {text}")
        for photo in inside:
            found.setdefault(photo.resolve(), photo)
    return [photo for photo in found.values() if not is_drawing(photo)], complaints


def is_drawing(path: Path) -> bool:
    """Whether `save_drawing` wrote this file."""
    if path.suffix.lower() != ".jpg" or not path.is_file():
        return False
    try:
        with Image.open(path) as picture:
            return picture.info.get("comment") == MARK
    except Exception:  # Pillow's decoders raise all kinds; a damaged file is somebody's, too
        return False


def drawing_names(photos: Iterable[Path], folder: Path) -> list[Path]:
    """A file in `folder` for the drawing of each photo: its name, with a number if taken."""
    taken: set[str] = set()
    chosen: list[Path] = []
    for photo in photos:
        name, number = photo.stem, 2
        while name.casefold() in taken or not _is_free(folder / f"{name}.jpg"):
            name, number = f"{photo.stem}-{number}", number + 1
        taken.add(name.casefold())
        chosen.append(folder / f"{name}.jpg")
    return chosen


def _is_free(path: Path) -> bool:
    return not os.path.lexists(path) or is_drawing(path)


def save_drawing(picture: Image.Image, path: Path) -> None:
    """Write a drawing under a temporary name, then rename it: there is a whole one or none."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        picture.save(temporary, format="JPEG", quality=92, subsampling=0, comment=MARK)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
