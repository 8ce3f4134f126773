"""A learner's file, and what a check says of it."""

import os

import pytest

from scratchnet.__main__ import main
from scratchnet.learn import EXERCISES, find
from scratchnet.learn.writing import skeleton


@pytest.fixture(autouse=True)
def same_kernels(monkeypatch):
    """The command chooses the reference for its own process; here it stays what it is."""
    kernels = os.environ.get("SCRATCHNET_KERNELS", "fast")
    monkeypatch.setenv("SCRATCHNET_KERNELS", kernels)


@pytest.fixture
def run(capsys):
    """The command `learn`: its status, and what it says."""

    def command(*arguments):
        status = main(["learn", *map(str, arguments)])
        heard = capsys.readouterr()
        return status, heard.out, heard.err

    return command


@pytest.fixture
def written(tmp_path):
    """The skeleton of an exercise, with a body in each of its functions."""

    def write(name, *bodies, file=None):
        text = skeleton(find(name))
        for body in bodies:
            lines = "\n".join(f"    {line}" for line in body.splitlines())
            text = text.replace("    raise NotImplementedError", lines, 1)
        path = tmp_path / (file or f"{name}.py")
        path.write_text(text, encoding="utf-8")
        return path

    return write


NAMES = [exercise.name for exercise in EXERCISES]
