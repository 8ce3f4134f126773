"""A trained network small enough to travel: half-precision weights, a checksum, a card.

    weights/NAME/model.json      layers, classes, pre-processing, card, SHA-256 of weights.npz
                 weights.npz     float16, but for vectors
                 card.md         the card for people
                 history.csv     the training's log
                 2/ 3/ …         further networks of an ensemble, each such a folder

`load_packed` reads one of them, `scratchnet.fer.pretrained.load_networks` all.

A filter's weights lose nothing that a test could see when 13 of their 24 significant bits go. The
vectors (biases, batch norm's scales and running statistics) are few, their range is wide, and they
stay in float32. In memory all of them are float32 again: `load_packed` is `Sequential.load` with a
look at the checksum before.

The folder is an ordinary model folder: `Sequential.load`, `EmotionRecognizer.load` and the command
line take it.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scratchnet.sequential import Sequential
from scratchnet.serialization import FormatError, read_folder, write_folder

Array = NDArray[Any]

DIGEST = "weights_sha256"


def pack(model_folder: Path, folder: Path, card: Mapping[str, Any]) -> None:
    """Write the model that `Sequential.save` wrote to `model_folder`, packed, to `folder`.

    Args:
        folder: is replaced as a whole if it is a model folder.
        card: what people, and the recogniser, should know: plain values.

    Raises:
        FormatError: there is no such model.
        ValueError: a weight is too large for float16.
        FileExistsError: `folder` is something else.
    """
    document, arrays = read_folder(model_folder)
    halved = {name: _halved(name, array) for name, array in arrays.items()}
    document |= {"card": dict(card)}
    document.pop(DIGEST, None)  # of the unpacked file, if that was packed before
    write_folder(folder, document, halved)
    text = json.dumps(document | {DIGEST: digest(folder)}, indent=2, allow_nan=False)
    temporary = folder / "model.json.new"
    temporary.write_text(text + "\n", encoding="utf-8")
    os.replace(temporary, folder / "model.json")  # noqa: PTH105 - the name says that it overwrites


def load_packed(folder: str | Path) -> Sequential:
    """The network in a folder that `pack` wrote; its parameters are float32.

    Raises:
        FormatError: the folder is missing or damaged, or its weights are not those packed.
    """
    folder = Path(folder)
    try:
        expected = json.loads((folder / "model.json").read_text(encoding="utf-8"))[DIGEST]
        found = digest(folder)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise FormatError(
            f"{folder} is no packed network: expected model.json with a {DIGEST!r}, and "
            f"weights.npz ({error!r}); pack it again, or install the package again"
        ) from error
    if found != expected:
        raise FormatError(
            f"{folder / 'weights.npz'} is damaged: expected SHA-256 {expected}, got {found}; "
            "install the package again, or pack the network again"
        )
    return Sequential.load(folder)


def is_packed(folder: Path) -> bool:
    """Whether `pack` wrote this model folder, so that its checksum can be checked.

    What is missing or damaged there counts as not packed: loading it says what is wrong.
    """
    try:
        return DIGEST in json.loads((folder / "model.json").read_text(encoding="utf-8"))
    except (OSError, ValueError, TypeError):
        return False


def members(folder: Path) -> list[Path]:
    """The folders of an ensemble's further networks: 2, 3, …"""
    numbered = [path for path in folder.glob("[0-9]*") if path.is_dir() and path.name.isdecimal()]
    return sorted(numbered, key=lambda path: int(path.name))


def _halved(name: str, array: Array) -> Array:
    if array.ndim < 2:
        return array
    with np.errstate(over="ignore"):
        half = array.astype(np.float16)
    if not np.isfinite(half).all():
        raise ValueError(
            f"{name} holds {np.abs(array).max():.4g}, which float16 cannot; has training diverged?"
        )
    return half


def digest(folder: Path) -> str:
    """SHA-256 of a model folder's weights."""
    return hashlib.sha256((folder / "weights.npz").read_bytes()).hexdigest()
