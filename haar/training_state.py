"""The state of a training, in a folder, so that an interruption loses at most what was under way.

    state.npz      negatives   (n, h, w) uint8: found, or left over from the stage before
                   record      JSON as bytes: settings, seed, stages, where mining stands
    cascade.xml    the cascade so far, for whoever wants to try it

It is written when the negatives of a stage are found, and again when the stage is complete, each
time under another name that then replaces the old file at once. Everything that chance decides is
a function of the seed and of where training stands, so the state is all that there is to know.
Numbers survive JSON to the last bit; nothing in the file can be executed.
"""

from __future__ import annotations

import hashlib
import json
import zipfile
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from haar.cascade import Node, Stage, WeakClassifier
from haar.mining import Place
from haar.strip import Windows

FORMAT = 1


class State(NamedTuple):
    """Where a training stands."""

    seed: int
    negatives: Windows
    stages: tuple[Stage, ...] = ()  # nodes name features of the pool
    place: Place = Place()
    ready: bool = False  # the negatives of the next stage are found
    accepted: int = 0  # when they were
    seen: int = 0


def digest(*arrays: Any) -> str:
    """A short name for the contents of arrays."""
    total = hashlib.sha256()
    for array in arrays:
        total.update(repr((array.shape, str(array.dtype))).encode())
        total.update(np.ascontiguousarray(array).tobytes())
    return total.hexdigest()[:16]


def save_state(folder: Path, state: State, settings: dict[str, Any]) -> None:
    """Replace the state in the folder.

    Raises:
        OSError: it cannot be written; the old one is still there.
    """
    record = {
        "format": FORMAT,
        "settings": settings,
        **state._replace(negatives=None)._asdict(),  # type: ignore[arg-type]
    }
    text = np.frombuffer(json.dumps(record).encode(), np.uint8)
    temporary = folder / "state.npz.new"
    with temporary.open("wb") as file:
        np.savez(file, negatives=state.negatives, record=text)
    temporary.replace(folder / "state.npz")


def load_state(folder: Path, settings: dict[str, Any]) -> State | None:
    """The state in the folder; None if there is none.

    Raises:
        OSError: it cannot be read.
        ValueError: it is damaged, or of a training with other settings or samples.
    """
    path = folder / "state.npz"
    if not path.exists():
        return None
    try:
        with np.load(path, allow_pickle=False) as arrays:
            negatives, record = arrays["negatives"], json.loads(arrays["record"].tobytes())
        stages = tuple(_stage(*stage) for stage in record["stages"])
        state = State(
            int(record["seed"]), negatives, stages, Place(*record["place"]),
            bool(record["ready"]), int(record["accepted"]), int(record["seen"]),
        )  # fmt: skip
        found = record["settings"]
    except (zipfile.BadZipFile, EOFError, KeyError, TypeError, ValueError) as error:
        raise ValueError(f"{path} is no state of a training ({error}); remove it") from error
    for name, wanted in json.loads(json.dumps(settings)).items():
        if found.get(name) != wanted:
            raise ValueError(
                f"{folder} has a training with {name} {found.get(name)!r}, expected {wanted!r}; "
                "go on with the same settings and samples, or choose another folder"
            )
    return state


def _stage(threshold: float, weak: list[Any]) -> Stage:
    return Stage(threshold, tuple(_weak(*each) for each in weak))


def _weak(nodes: list[Any], leaves: list[float]) -> WeakClassifier:
    def node(feature: int, threshold: float, left: int, right: int, subset: list[int]) -> Node:
        return Node(feature, threshold, left, right, tuple(subset))

    return WeakClassifier(tuple(node(*each) for each in nodes), tuple(leaves))
