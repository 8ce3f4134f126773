"""FER2013 in one call: `load_fer2013("fer2013.csv.gz")`.

Reading 300 MB of numbers takes seconds, reading them the second time should not: the pictures are
kept beside the file as `fer2013.csv.gz.npz` (where that folder is read-only, in the user's cache
folder), stamped with the file's size and time of change. A cache whose stamp differs, or that is
damaged in any way, is written anew. It holds all seven classes; six are made while loading.

Source: Goodfellow et al., "Challenges in Representation Learning", 2013.
"""

from __future__ import annotations

import hashlib
import os
import stat
import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scratchnet.fer.datasets import DataError, Dataset
from scratchnet.fer.kaggle_csv import Faces, Progress, read_kaggle_csv
from scratchnet.fer.labels import SEVEN, class_names, to_six

CACHE_FORMAT = 1  # add one when what the cache holds, or how rows are read, changes


def load_fer2013(
    path: str | Path,
    *,
    classes: int = 7,
    cache: bool = True,
    progress: Progress | None = None,
) -> Dataset:
    """Load Kaggle's CSV of FER2013: plain, .gz or .zip.

    Args:
        path: the CSV with columns emotion, pixels and (optionally) Usage.
        classes: 7 in FER2013's order, or 6, where Disgust counts as Angry.
        cache: keep the pictures in an .npz, so that the next call takes a fraction of a second.
        progress: called as progress(done_bytes, total_bytes), the last time with both equal.

    Returns:
        images (N, 48, 48) uint8, labels (N,) int64, usage (N,) or None.

    Raises:
        FileNotFoundError: there is no such file.
        DataError: the file is not FER2013's CSV, is damaged, or has malformed rows (named).
    """
    names = class_names(classes)
    path = Path(path)
    if path.is_dir():
        raise DataError(f"{path} is a folder, expected a CSV file; use load_folder for folders")
    if not path.is_file():
        raise FileNotFoundError(f"no such file: {path}; give the path of fer2013.csv")

    stamp = _stamp(path)
    places = _places(path) if cache else []
    faces = next((found for place in places if (found := _read_cache(place, stamp))), None)
    if faces is None:
        faces = read_kaggle_csv(path, progress)
        any(_write_cache(place, stamp, faces) for place in places)  # the first that is writable
    size = int(stamp[1])
    if progress is not None:
        progress(size, size)

    labels = to_six(faces.labels) if len(names) < len(SEVEN) else faces.labels
    return Dataset(faces.images, labels, names, faces.usage)


def _stamp(path: Path) -> NDArray[np.int64]:
    """What a cache must have been made from, to be that of this file."""
    status = path.stat()
    return np.array([CACHE_FORMAT, status.st_size, status.st_mtime_ns], np.int64)


def _places(path: Path) -> list[Path]:
    """Where the cache may be, best first: beside the file, or in the user's own cache folder."""
    places = []
    # Asked of the mode, not of the system: root could write to a read-only folder, and should not.
    if path.parent.stat().st_mode & stat.S_IWUSR:
        places.append(path.with_name(path.name + ".npz"))
    with suppress(RuntimeError):  # a user without a home
        default = Path.home() / ("Library/Caches" if sys.platform == "darwin" else ".cache")
        root = os.environ.get("LOCALAPPDATA") or os.environ.get("XDG_CACHE_HOME") or default
        digest = hashlib.blake2b(str(path.resolve()).encode(), digest_size=8).hexdigest()
        places.append(Path(root) / "scratchnet" / f"{path.name}-{digest}.npz")
    return places


def _read_cache(place: Path, stamp: NDArray[np.int64]) -> Faces | None:
    """The faces kept at `place`, or None if there are none, or not of this file, or damaged."""
    try:
        with place.open("rb") as file, np.load(file, allow_pickle=False) as kept:
            if not np.array_equal(kept["stamp"], stamp):
                return None
            faces = Faces(kept["images"], kept["labels"], kept.get("usage"))
            Dataset(faces.images, faces.labels, SEVEN, faces.usage)  # checks shapes and ranges
            return faces
    except Exception:  # whatever is wrong with a cache, the file itself is at hand
        return None


def _write_cache(place: Path, stamp: NDArray[np.int64], faces: Faces) -> bool:
    """Keep the faces at `place`: whole or not at all. False if nothing can be written there."""
    arrays: dict[str, Any] = {"images": faces.images, "labels": faces.labels, "stamp": stamp}
    if faces.usage is not None:
        arrays["usage"] = faces.usage
    temporary = None
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=place.parent, delete=False) as file:
            temporary = Path(file.name)
            np.savez(file, **arrays)
        temporary.replace(place)
        return True
    except OSError:
        return False
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)
