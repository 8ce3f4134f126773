"""Viola-Jones face detection from scratch: integral images, Haar features, AdaBoost, the cascade.

    cascade = haar.Cascade.frontal_face()
    for x, y, width, height in cascade.detect(PIL.Image.open("photo.jpg")):
        ...

That one was trained with this package, by `haar.train_cascade`. Every cascade that OpenCV 2 to 4
shipped can be read, too, by `Cascade.load(find_cascade("frontalface_default"))`, and then returns
OpenCV's rectangles in OpenCV's order. `haar.opencv.CascadeClassifier` is OpenCV's class by name,
arguments and results.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from haar.cascade import Cascade, Node, Stage, WeakClassifier
from haar.checks import CascadeError
from haar.features import HaarFeature, LBPFeature, Rectangle
from haar.files import find_cascade
from haar.grouping import Groups, group_rectangles
from haar.integral import (
    integral_image,
    rectangle_sum,
    squared_integral_image,
    tilted_integral_image,
    tilted_sum,
)
from haar.shapes import enumerate_haar, enumerate_lbp

if TYPE_CHECKING:
    from haar.training import train_cascade

__all__ = [
    "Cascade",
    "CascadeError",
    "Groups",
    "HaarFeature",
    "LBPFeature",
    "Node",
    "Rectangle",
    "Stage",
    "WeakClassifier",
    "enumerate_haar",
    "enumerate_lbp",
    "find_cascade",
    "group_rectangles",
    "integral_image",
    "rectangle_sum",
    "squared_integral_image",
    "tilted_integral_image",
    "tilted_sum",
    "train_cascade",
]


def __getattr__(name: str) -> Any:
    """`train_cascade`, with what only training needs, when it is first asked for."""
    if name == "train_cascade":
        from haar.training import train_cascade

        return train_cascade
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
