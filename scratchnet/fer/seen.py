"""A photo after detection: its boxes and crops, and nothing else, so that photos need not be kept.

picture ─▶ cascade ─▶ boxes ─▶ crops
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

import haar
from scratchnet.fer.answers import Box
from scratchnet.fer.crops import cut_face, find_eyes
from scratchnet.fer.photos import Photo


@dataclass(frozen=True)
class Seen:
    """What is needed of a photo from detection on; `Answer` explains the names."""

    photo: Any
    width: int = 0
    height: int = 0
    boxes: Sequence[Box] = ()
    crops: Sequence[NDArray[np.uint8]] = ()
    error: str | None = None


def look(
    name: Any,
    picture: Image.Image,
    cascade: haar.Cascade,
    search: Mapping[str, Any],
    eyes: haar.Cascade | None = None,
    size: int = 48,
) -> Seen:
    """Find the faces of an upright picture, and cut them out.

    Args:
        search: arguments of `Cascade.detect`.
        eyes: a cascade for eyes, by which faces are turned upright.
        size: of the crops, in pixels.
    """
    grey = np.asarray(picture.convert("L"))
    boxes = [Box(*row) for row in cascade.detect(picture, **search).tolist()]
    crops = []
    for box in boxes:
        where = None if eyes is None else find_eyes(grey, box, eyes)
        crops.append(cut_face(grey, box, where, size))
    return Seen(name, *picture.size, boxes, crops)


def named(photo: Photo) -> Any:
    """A path as text; of anything else only the kind, or all photos would stay in memory."""
    if isinstance(photo, (str, os.PathLike)):
        return os.fspath(photo)
    return f"<{type(photo).__name__}>"
