"""Skeletons: found beside this file, written into the learner's folder, never over anything."""

from __future__ import annotations

import os
import tempfile
from importlib import resources
from pathlib import Path

from scratchnet.learn.exercise import Exercise


def skeleton(exercise: Exercise) -> str:
    """The text of an exercise's file."""
    place = resources.files("scratchnet.learn") / "skeletons" / f"{exercise.name}.py"
    return place.read_text(encoding="utf-8")


def write_skeleton(exercise: Exercise, out: Path) -> Path:
    """Write `out`, or NAME.py in it if it is a folder; there is a whole file or none.

    Raises:
        FileExistsError: something is there already, which may be somebody's work.
    """
    path = out / f"{exercise.name}.py" if out.is_dir() else out
    if os.path.lexists(path):
        raise _taken(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    temporary = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(skeleton(exercise))
        temporary.chmod(0o666 & ~_umask())
        _place(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)
    return path


def _place(temporary: Path, path: Path) -> None:
    """Give a file its name, if nobody has it: a second name, and the first is removed later."""
    try:
        path.hardlink_to(temporary)
    except FileExistsError:
        raise _taken(path) from None
    except OSError:  # a file system without hard links
        with path.open("x", encoding="utf-8", newline="\n") as file:
            file.write(temporary.read_text(encoding="utf-8"))


def _taken(path: Path) -> FileExistsError:
    return FileExistsError(
        f"{path} is there already, and is not overwritten; give another name with --out"
    )


def _umask() -> int:
    """The process's mask, which can only be read by setting it."""
    mask = os.umask(0)
    os.umask(mask)
    return mask
