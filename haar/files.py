"""Where cascade files are: this package's own, and OpenCV's on this computer.

    own          haar/cascades, "frontalface" and "eye"; `Cascade.frontal_face()`, `Cascade.eye()`
    OpenCV's     wherever OpenCV left them: `find_cascade`

The two never stand in for each other: a cascade of the same name finds other rectangles.

OpenCV 2 to 4 brought its files along, OpenCV 5 does not any more. The places, in this order:

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
from functools import cache
from importlib import resources
from importlib.util import find_spec
from pathlib import Path

from haar.cascade import Cascade

OWN = ("frontalface", "eye")
SHARES = ("opencv4", "opencv", "OpenCV", "opencv2")
FOLDERS = ("haarcascades", "lbpcascades", "haarcascades_cuda")
PREFIXES = ("/usr", "/usr/local", "/opt/homebrew", "/opt/local")
BEGINNINGS = ("", "haarcascade_", "lbpcascade_")
ENDINGS = ("", ".xml", ".xml.gz")


# -- this package's own ---------------------------------------------------------------------------


def own_cascade(name: str) -> Path:
    """The file of a cascade that came with this package, "frontalface" or "eye".

    Raises:
        ValueError: there is none of this name.
        FileNotFoundError: it is not where it was installed.
    """
    if name not in OWN:
        raise ValueError(f"own_cascade expects one of {', '.join(OWN)}, got {name!r}")
    path = Path(str(resources.files("haar").joinpath("cascades", f"{name}.xml")))
    if not path.is_file():
        raise FileNotFoundError(
            f"{path} came with this package and is missing; the installation is damaged: "
            "install it again, `pip install --force-reinstall scratchnet`"
        )
    return path


@cache
def load_own(name: str) -> Cascade:
    """The same, read; always the same object."""
    return Cascade.load(own_cascade(name))


# -- OpenCV's -------------------------------------------------------------------------------------


def find_cascade(name: str) -> Path:
    """OpenCV's file: "frontalface_default" finds haarcascade_frontalface_default.xml.

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
        "the folder where you keep them. Cascade.frontal_face() and Cascade.eye() need no file"
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
