"""What comes in the box: the folder of the trained network, its card, and the cascade for faces.

    weights/fer2013     the model folder, packed by `scratchnet.fer.pack`
    card                an object "card" in its model.json (`scratchnet.fer.card`)

The card is for people, and the recogniser looks at two of its entries:

    "flip": true           the figures are those of the mean over a face and its mirror image
    "temperature": 1.3     by which the scores are divided before the softmax
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import haar
from scratchnet.fer.pack import DIGEST
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


def is_packed(folder: Path) -> bool:
    """Whether `scratchnet.fer.pack` wrote this model folder, so that its checksum can be checked.

    What is missing or damaged there counts as not packed: loading it says what is wrong.
    """
    try:
        return DIGEST in json.loads((folder / "model.json").read_text(encoding="utf-8"))
    except (OSError, ValueError, TypeError):
        return False


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
    flip, temperature = card.get("flip", False), card.get("temperature", 1.0)
    if not isinstance(flip, bool) or not isinstance(temperature, int | float):
        raise FormatError(
            f"{folder}: the card expects flip true or false and temperature a number, "
            f"got {flip!r} and {temperature!r}"
        )
    return dict(card)
