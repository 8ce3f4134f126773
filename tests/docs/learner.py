"""A learner at the keyboard: what `learn check` says of a file with these functions."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from scratchnet.learn import after, find
from scratchnet.learn.checking import check
from scratchnet.learn.loading import load
from scratchnet.learn.report import as_text


def check_text(name: str, code: str) -> str:
    """The report on an exercise's file."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / f"{name}.py"
        path.write_text(f"import numpy as np\n{code}", encoding="utf-8")
        exercise = find(name)
        return as_text(exercise, check(exercise, load(path), path), after(exercise))
