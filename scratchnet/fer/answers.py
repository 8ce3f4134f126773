"""What the recogniser says of a photo: plain Python values, which JSON and CSV can hold.

    Answer    a photo, its size, and its faces; or why it could not be read
    Face      where, how much of each emotion, and whether the face can be judged at all

    entropy   −Σ p log₂ p bits: 0 where the network is certain, log₂ 7 = 2.81 where it knows nothing
    mixture   the two most probable emotions: people often show, and annotators often see, a blend

Boxes are in the pixels of the upright photo (its EXIF orientation is applied), x to the right and y
down from its upper left corner, and lie inside of it.
"""

from __future__ import annotations

import base64
import io
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

if TYPE_CHECKING:
    import pandas as pd

DIGITS = 6
"""Probabilities are told to so many places behind the point."""


class Box(NamedTuple):
    """A rectangle in pixels."""

    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True)
class Face:
    """A face in a photo.

    Attributes:
        box: x, y, width, height, clipped to the photo.
        probabilities: of every emotion, in the order of the network's outputs; their sum is 1.
        status: "ok", "too_small", "edge_clipped" or "blurred": see `scratchnet.fer.crops`.
        crop: (48, 48) uint8, what the network was shown before its pre-processing.
    """

    box: Box
    probabilities: dict[str, float]
    status: str
    crop: NDArray[np.uint8] = field(repr=False, compare=False)

    @property
    def label(self) -> str:
        """The most probable emotion."""
        return max(self.probabilities, key=self.probabilities.__getitem__)

    @property
    def mixture(self) -> dict[str, float]:
        """The two most probable emotions, the first one first."""
        ranked = sorted(self.probabilities.items(), key=lambda item: -item[1])
        return dict(ranked[:2])

    @property
    def entropy(self) -> float:
        """How undecided the network is, in bits."""
        return sum(-p * math.log2(p) for p in self.probabilities.values() if p > 0)

    def to_dict(self, *, with_face: bool = False) -> dict[str, Any]:
        """Plain values for JSON; `with_face` adds the crop as a data URI that browsers show."""
        values = {
            "box": self.box._asdict(),
            "label": self.label,
            "probabilities": _rounded(self.probabilities),
            "mixture": _rounded(self.mixture),
            "entropy": round(self.entropy, DIGITS),
            "status": self.status,
        }
        return values | {"face": data_uri(self.crop)} if with_face else values

    def __str__(self) -> str:
        blend = ", ".join(f"{name} {p:.0%}" for name, p in self.mixture.items())
        x, y, width, height = self.box
        note = "" if self.status == "ok" else f"  ({self.status.replace('_', ' ')})"
        return f"{blend}  at {x},{y}, {width}×{height} pixels{note}"


@dataclass(frozen=True)
class Answer:
    """A photo and its faces; no face is an empty list.

    Attributes:
        photo: what was given, a path as text.
        width, height: of the upright photo in pixels; 0 if it could not be read.
        faces: in the order in which the cascade found them.
        error: why the photo could not be read, or None.
    """

    photo: Any
    width: int
    height: int
    faces: list[Face]
    error: str | None = None

    def to_dict(self, *, with_faces: bool = False) -> dict[str, Any]:
        """Plain values for JSON."""
        if self.error is not None:
            return {"photo": str(self.photo), "error": self.error}
        faces = [face.to_dict(with_face=with_faces) for face in self.faces]
        size = {"width": self.width, "height": self.height}
        return {"photo": str(self.photo), **size, "faces": faces}

    def rows(self, class_names: Sequence[str]) -> list[dict[str, Any]]:
        """A table's rows, one a face; a photo without one has a row, too, that says so.

        `face` counts from 1; where there is none, `status` is "no_face" or "unreadable".
        """
        empty = dict.fromkeys(columns(class_names))
        if not self.faces:
            why = "no_face" if self.error is None else "unreadable"
            return [empty | {"photo": str(self.photo), "status": why}]
        return [
            {
                "photo": str(self.photo),
                "face": number,
                **face.box._asdict(),
                "status": face.status,
                "label": face.label,
                "entropy": round(face.entropy, DIGITS),
                **_rounded(face.probabilities),
            }
            for number, face in enumerate(self.faces, 1)
        ]


def columns(class_names: Sequence[str]) -> list[str]:
    """The names of a table's columns."""
    place = ["photo", "face", *Box._fields]
    return [*place, "status", "label", "entropy", *class_names]


def to_frame(answers: Iterable[Answer], class_names: Sequence[str]) -> pd.DataFrame:
    """All answers in one table: `Answer.rows` says what a row is."""
    import pandas as pd

    rows = [row for answer in answers for row in answer.rows(class_names)]
    frame = pd.DataFrame(rows, columns=columns(class_names))
    return frame.astype(dict.fromkeys(["face", *Box._fields], "Int64"))


def data_uri(crop: NDArray[np.uint8]) -> str:
    """A picture (H, W) as text: data:image/png;base64,…"""
    file = io.BytesIO()
    Image.fromarray(crop).save(file, format="PNG", optimize=True)
    return "data:image/png;base64," + base64.b64encode(file.getvalue()).decode("ascii")


def _rounded(probabilities: Mapping[str, float]) -> dict[str, float]:
    return {name: round(p, DIGITS) for name, p in probabilities.items()}
