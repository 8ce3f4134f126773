"""`CascadeClassifier` as OpenCV has it, without OpenCV: names, arguments, results.

    from haar.opencv import CascadeClassifier      # instead of: from cv2 import CascadeClassifier

It returns what OpenCV 4 returns with one thread: the same rectangles in the same order, an empty
tuple if there are none. What is different, on purpose:

    - The order does not depend on the number of threads; OpenCV's does.
    - A malformed file makes `load` return False and leaves the classifier empty, like a missing
      one; OpenCV may raise, or crash at the first detection. Searching with an empty classifier
      raises an error that says why it is empty, instead of "!empty()".
    - `detectMultiScale3` without outputRejectLevels returns the number of neighbours as its levels;
      OpenCV fails an assertion. With it, a cascade of a single stage reports no flat windows.
    - A scaleFactor so large that OpenCV runs out of memory ends the search; one so near to 1 that
      there are more than 10,000 scales is an error.
    - `isOldFormatCascade` says what the file was; OpenCV 4, which converts it, always says False.
    - `load` takes no YAML and no JSON; `read`, for cv2.FileNode, does not exist; neither do mask
      generators.
"""

from __future__ import annotations

import os
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from haar import ops
from haar.cascade import Cascade
from haar.detector import check_factor, check_size, check_whole, search_grey
from haar.grouping import Groups
from haar.image import to_grey

Rectangles = NDArray[np.int32] | tuple[()]


class error(Exception):
    """What OpenCV raises as cv2.error."""


class CascadeClassifier:
    """OpenCV's class; an image is a uint8 array, (H, W), BGR or BGRA, or a PIL image."""

    def __init__(self, filename: str | os.PathLike[str] | None = None) -> None:
        self.cascade: Cascade | None = None
        self.reason = "no file was loaded"
        if filename is not None:
            self.load(filename)

    def load(self, filename: str | os.PathLike[str]) -> bool:
        """Whether the file is a cascade; if it is not, the classifier is empty."""
        self.cascade = None
        try:
            self.cascade = Cascade.load(filename)
        except (OSError, ValueError) as fault:  # a CascadeError is a ValueError
            self.reason = str(fault)
        return self.cascade is not None

    @staticmethod
    def convert(oldcascade: str | os.PathLike[str], newcascade: str | os.PathLike[str]) -> bool:
        """Whether a cascade could be written as a file of the new format."""
        try:
            Cascade.load(oldcascade).save(newcascade)
        except (OSError, ValueError):
            return False
        return True

    def empty(self) -> bool:
        """Whether no cascade is loaded."""
        return self.cascade is None

    def getOriginalWindowSize(self) -> tuple[int, int]:
        """(width, height) of the cascade's window; like the next two, an error if it is empty."""
        cascade = self._loaded("getOriginalWindowSize")
        return cascade.width, cascade.height

    def getFeatureType(self) -> int:
        """0 for Haar, 1 for LBP."""
        return ("haar", "lbp").index(self._loaded("getFeatureType").feature_type)

    def isOldFormatCascade(self) -> bool:
        """Whether the file was of the format before OpenCV 2.4's."""
        return self._loaded("isOldFormatCascade").old_format

    def detectMultiScale(
        self,
        image: Any,
        scaleFactor: float = 1.1,
        minNeighbors: int = 3,
        flags: int = 0,
        minSize: tuple[int, int] = (0, 0),
        maxSize: tuple[int, int] = (0, 0),
    ) -> Rectangles:
        """(N, 4) int32: x, y, width, height. `flags` has no meaning, as in OpenCV."""
        return _some(self._search(image, scaleFactor, minNeighbors, minSize, maxSize).rectangles)

    def detectMultiScale2(
        self,
        image: Any,
        scaleFactor: float = 1.1,
        minNeighbors: int = 3,
        flags: int = 0,
        minSize: tuple[int, int] = (0, 0),
        maxSize: tuple[int, int] = (0, 0),
    ) -> tuple[Rectangles, Any]:
        """Rectangles, and how many accepted windows stand behind each: (N,) int32."""
        found = self._search(image, scaleFactor, minNeighbors, minSize, maxSize)
        return _some(found.rectangles), _some(found.counts)

    def detectMultiScale3(
        self,
        image: Any,
        scaleFactor: float = 1.1,
        minNeighbors: int = 3,
        flags: int = 0,
        minSize: tuple[int, int] = (0, 0),
        maxSize: tuple[int, int] = (0, 0),
        outputRejectLevels: bool = False,
    ) -> tuple[Rectangles, Any, Any]:
        """Rectangles, the number of stages that each passed, (N,) int32, and the sum of the last
        stage, (N,) float64."""
        found = self._search(image, scaleFactor, minNeighbors, minSize, maxSize)
        levels = found.counts
        if outputRejectLevels:
            stages = len(self._loaded("detectMultiScale3").stages)
            levels = np.full(len(found.counts), stages, np.int32)
        return _some(found.rectangles), _some(levels), _some(found.scores)

    def _search(self, image: Any, factor: Any, neighbors: Any, least: Any, most: Any) -> Groups:
        """Detection with OpenCV's opinion on what is an error; None is an argument's default."""
        cascade = self._loaded("detectMultiScale")
        if isinstance(image, Image.Image):
            image = to_grey(image)
        pixels: NDArray[Any] = np.zeros(0, np.uint8) if image is None else np.asarray(image)
        if pixels.dtype != np.uint8:
            raise error(f"detectMultiScale expects an image of dtype uint8, got {pixels.dtype}")
        try:
            factor = check_factor(1.1 if factor is None else factor)
            neighbors = check_whole(3 if neighbors is None else neighbors, "minNeighbors")
            smallest, largest = check_size(least, "minSize"), check_size(most, "maxSize")
            height, width = pixels.shape[:2] if pixels.ndim > 1 else (0, 0)
            if height < cascade.height or width < cascade.width:
                return Groups(np.zeros((0, 4), np.int32), np.zeros(0, np.int32), np.zeros(0))
            grey, threads = to_grey(pixels, "bgr"), ops.default_threads()
            return search_grey(cascade, grey, factor, neighbors, smallest, largest, threads)
        except (TypeError, ValueError) as fault:
            raise error(f"detectMultiScale: {fault}") from fault

    def _loaded(self, method: str) -> Cascade:
        if self.cascade is None:
            raise error(f"{method} needs a cascade, but the classifier is empty: {self.reason}")
        return self.cascade


def _some(array: NDArray[Any]) -> Any:
    """OpenCV's bindings return an empty tuple instead of an empty array."""
    return array if len(array) else ()
