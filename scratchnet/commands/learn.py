"""scratchnet learn: write a function of the library anew, and be told what is wrong with it."""

from __future__ import annotations

import argparse
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from scratchnet.learn import EXERCISES, after, find
from scratchnet.learn.checking import check
from scratchnet.learn.exercise import Exercise
from scratchnet.learn.loading import Broken, load
from scratchnet.learn.report import as_text
from scratchnet.learn.writing import write_skeleton

EPILOG = (
    "Without arguments: the list of exercises. With one: writes its file. `check FILE` imports "
    "FILE, so everything in it runs: check what you wrote yourself. Exit status: 0 if it is right, "
    "1 if it is wrong or cannot run, 2 for wrong usage."
)


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("what", nargs="?", metavar="EXERCISE|check", help="a name, or `check`")
    parser.add_argument("file", nargs="?", type=Path, metavar="FILE", help="what to check")
    parser.add_argument(
        "--out", type=Path, default=None, help="a folder, or a file; default: this folder"
    )


def run(options: argparse.Namespace) -> int:
    checking = options.what == "check"
    if checking != (options.file is not None):
        raise ValueError("expected `learn`, `learn EXERCISE` or `learn check FILE`")
    if options.out is not None and (checking or options.what is None):
        raise ValueError("--out goes with the name of an exercise")
    if checking:
        return _check(options.file)
    if options.what is not None and options.what.endswith(".py"):
        raise ValueError(
            f"{options.what} is a file; python -m scratchnet learn check {options.what}"
        )
    if options.what is not None:
        return _write(find(options.what), options.out or Path())
    _list()
    return 0


def _list() -> None:
    for number, exercise in enumerate(EXERCISES, 1):
        print(f"{number:2}  {exercise.name:20}{exercise.summary}")
        print(f"    {'':20}{exercise.teaches}")
        print(f"    {'':20}{exercise.read}")
    print("\npython -m scratchnet learn NAME        writes NAME.py")
    print("python -m scratchnet learn check FILE  tells what is wrong with it")


def _write(exercise: Exercise, out: Path) -> int:
    path = write_skeleton(exercise, out)
    print(f"{path} is yours: {exercise.summary}")
    print(f"It teaches {exercise.teaches}.")
    print(f"Read {exercise.read}, write, and then: python -m scratchnet learn check {path}")
    return 0


def _exercise_of(names: Mapping[str, Any], path: Path) -> Exercise:
    """Which exercise a file is, whatever it is called by now."""
    try:
        return find(str(names.get("EXERCISE", path.stem)))
    except ValueError as error:
        raise ValueError(f'{error}; a file says which it is: EXERCISE = "conv2d"') from error


def _check(path: Path) -> int:
    # Tiny arrays: nothing is worth being compiled, unless somebody asks for it.
    os.environ.setdefault("SCRATCHNET_KERNELS", "reference")
    try:
        names = load(path)
    except Broken as error:
        print(f"✗ {path} cannot run\n{error}")
        return 1
    exercise = _exercise_of(names, path)
    reports = check(exercise, names, path)
    print(as_text(exercise, reports, after(exercise)))
    return 0 if all(report.right for report in reports) else 1
