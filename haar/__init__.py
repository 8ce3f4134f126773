"""Viola-Jones face detection from scratch: integral images, Haar features, AdaBoost, the cascade.

    cascade = haar.Cascade.load(haar.find_cascade("frontalface_default"))
    for x, y, width, height in cascade.detect(PIL.Image.open("photo.jpg")):
        ...

It reads every cascade that OpenCV 2 to 4 shipped, and returns the same rectangles in the same
order. `haar.opencv.CascadeClassifier` is OpenCV's class by name, arguments and results.
"""

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
]
