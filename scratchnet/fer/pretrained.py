"""What comes in the box: the folder of the trained network, its card, and the cascade for faces.

    weights/fer2013     the model folder, packed by `scratchnet.fer.pack`
    card                an object "card" in its model.json (`scratchnet.fer.card`)

The card is for people, and the recogniser looks at some of its entries:

    "flip": true                      the figures are those of the mean over a face and its mirror
                                      image
    "temperature": 1.3                by which the scores are divided before the softmax
    "temperatures_of_fewer": [1.1]    the same, where only the first network is asked, the first
                                      two, … of an ensemble
    "networks": [{…}, {…}]            as many as there must be
    "eyes": "own-eye"                 it learned from faces that were turned upright by their eyes,
                                      which this cascade found (`load_cascade`)
"""

from __future__ import annotations

import json
import math
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import haar
from scratchnet.fer.pack import is_packed, load_packed, members
from scratchnet.sequential import Sequential
from scratchnet.serialization import FormatError

WEIGHTS = Path(__file__).parent / "weights"
PRETRAINED = "fer2013"

OWN_CASCADES = {"own": haar.Cascade.frontal_face, "own-eye": haar.Cascade.eye}
"""What comes in the box, by the names that the command line takes."""


def pretrained_folder(name: str = PRETRAINED) -> Path:
    """The model folder in the box.

    Raises:
        FileNotFoundError: there is none of this name; the message says how to make one.
    """
    folder = WEIGHTS / name
    if not (folder / "model.json").is_file():
        raise FileNotFoundError(
            f"this package holds no trained network {name!r}; train one with `python -m scratchnet "
            "train --data fer2013.csv`, and load it: EmotionRecognizer.load(RUN/model), or "
            "--model RUN/model"
        )
    return folder


def default_cascade() -> haar.Cascade:
    """The cascade for faces in the box.

    Raises:
        FileNotFoundError: the installation is damaged.
    """
    return haar.Cascade.frontal_face()


def load_cascade(wanted: str) -> haar.Cascade:
    """A cascade file; "own" or "own-eye"; or the name of one of OpenCV's, as `find_cascade` knows.

    Raises:
        FileNotFoundError, ValueError: there is no such file, and no cascade of that name.
        haar.CascadeError: it is no cascade.
    """
    if wanted in OWN_CASCADES:
        return OWN_CASCADES[wanted]()
    if Path(wanted).is_file():
        return haar.Cascade.load(wanted)
    if Path(wanted).name != wanted:
        raise FileNotFoundError(f"there is no cascade file {wanted}")
    return haar.Cascade.load(haar.find_cascade(wanted))


def load_networks(folder: str | os.PathLike[str], networks: int | None = None) -> list[Sequential]:
    """The networks of a model folder: its own, and those in its numbered sub-folders.

    Args:
        networks: only the first so many: an ensemble of fewer is faster, and less right.

    Raises:
        FormatError: one is missing or damaged, or its weights are not those that were packed.
        ValueError: there are not so many.
    """
    folder = Path(folder)
    folders = [folder, *members(folder)]
    told = len(read_card(folder).get("networks", folders))
    if len(folders) < told:
        raise FormatError(
            f"{folder} holds {len(folders)} of its {told} networks; install the package again, or "
            "pack them again"
        )
    if networks is not None and not 1 <= networks <= len(folders):
        raise ValueError(f"networks expects 1 to {len(folders)} for {folder}, got {networks}")
    return [
        load_packed(path) if is_packed(path) else Sequential.load(path)
        for path in folders[:networks]
    ]


def how_asked(card: Mapping[str, Any], networks: int) -> dict[str, Any]:
    """How a card wants so many of its networks to be asked: flip and temperature."""
    fewer = card.get("temperatures_of_fewer", ())
    usual = card.get("temperature", 1.0)
    temperature = fewer[networks - 1] if networks <= len(fewer) else usual
    return {"flip": card.get("flip", False), "temperature": float(temperature)}


def read_card(folder: Path) -> dict[str, Any]:
    """A model's card; empty if it has none.

    Raises:
        FormatError: an entry that changes answers is not what it should be.
    """
    try:
        document = json.loads((folder / "model.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}  # loading the model says what is wrong
    card = document.get("card", {}) if isinstance(document, dict) else {}
    if not isinstance(card, dict):
        raise FormatError(f"{folder}: the card expects entries by name, got {card!r}")
    for name, is_right, expected in ENTRIES:
        if name in card and not is_right(card[name]):
            raise FormatError(
                f"{folder}: the card expects {name} to be {expected}, got {card[name]!r}"
            )
    return dict(card)


def _is_temperature(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 < value < math.inf


def _are_temperatures(value: Any) -> bool:
    return isinstance(value, list) and all(map(_is_temperature, value))


ENTRIES: tuple[tuple[str, Callable[[Any], bool], str], ...] = (
    ("flip", lambda value: isinstance(value, bool), "true or false"),
    ("temperature", _is_temperature, "a number above 0"),
    ("temperatures_of_fewer", _are_temperatures, "a list of numbers above 0"),
    ("networks", lambda value: isinstance(value, list), "a list"),
    ("eyes", lambda value: isinstance(value, str), "the name of a cascade"),
)
"""The entries of a card that change answers, and what they must be."""
