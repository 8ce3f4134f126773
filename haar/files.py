"""Where OpenCV's cascade files are on this computer.

OpenCV 2 to 4 brought them along, OpenCV 5 does not any more; this package has none of them either,
it reads yours. The places, in this order:

    HAAR_CASCADES        folders, separated like those in PATH; and in each its haarcascades, …
    the package cv2      its folder `data` (it is looked for, not imported)
    share folders        …/share/opencv4/haarcascades and the like, of Python's environment and
                         of the system
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from difflib import get_close_matches
from importlib.util import find_spec
from pathlib import Path

SHARES = ("opencv4", "opencv", "OpenCV", "opencv2")
FOLDERS = ("haarcascades", "lbpcascades", "haarcascades_cuda")
PREFIXES = ("/usr", "/usr/local", "/opt/homebrew", "/opt/local")
BEGINNINGS = ("", "haarcascade_", "lbpcascade_")
ENDINGS = ("", ".xml", ".xml.gz")


def find_cascade(name: str) -> Path:
    """The file of a cascade: "frontalface_default" finds haarcascade_frontalface_default.xml.

    Args:
        name: with or without "haarcascade_" or "lbpcascade_" before it and ".xml" behind it.

    Raises:
        FileNotFoundError: it is in none of the places; the message says how to get it.
        ValueError: the name is a path, or empty.
    """
    if not name or Path(name).name != name:
        raise ValueError(
            f"find_cascade expects a name such as 'frontalface_default', got {name!r}; "
            "Cascade.load opens a path"
        )
    folders = list(cascade_folders())
    for folder in folders:
        for beginning in BEGINNINGS:
            for ending in ENDINGS:
                path = folder / f"{beginning}{name}{ending}"
                if path.is_file():
                    return path
    if near := _similar(name, folders):
        raise FileNotFoundError(f"no cascade {name!r} found; there is {', '.join(near)}")
    places = ", ".join(str(folder) for folder in folders) or "no folder of cascades exists here"
    raise FileNotFoundError(
        f"no cascade {name!r} found ({places}); `pip install 'opencv-python-headless<5'` brings "
        "OpenCV's files, and so does your system's package opencv-data; or set HAAR_CASCADES to "
        "the folder where you keep them"
    )


def _similar(name: str, folders: list[Path]) -> list[str]:
    """Up to three names that might have been meant."""
    there = {path.name for folder in folders for path in folder.iterdir()}
    names = [file.split(".")[0].removeprefix("haarcascade_") for file in sorted(there)]
    return get_close_matches(name, names, cutoff=0.75)


def cascade_folders() -> Iterator[Path]:
    """The folders that exist, in the order in which they are searched."""
    seen: set[Path] = set()
    for folder in _places():
        if folder not in seen and folder.is_dir():
            seen.add(folder)
            yield folder


def _places() -> Iterator[Path]:
    for folder in os.environ.get("HAAR_CASCADES", "").split(os.pathsep):
        if folder:
            home = Path(folder).expanduser()
            yield from (home, *(home / name for name in FOLDERS))
    yield from _package_folders()
    for prefix in (sys.prefix, *PREFIXES):
        for share in SHARES:
            for folder in FOLDERS:
                yield Path(prefix) / "share" / share / folder
    for folder in FOLDERS:  # conda on Windows
        yield Path(sys.prefix) / "Library" / "etc" / folder


def _package_folders() -> Iterator[Path]:
    try:
        package = find_spec("cv2")
    except (ImportError, ValueError):  # cv2 is something else than a package
        return
    for folder in (package and package.submodule_search_locations) or ():
        yield Path(folder) / "data"
