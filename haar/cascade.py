"""A cascade: stages of boosted classifiers, each of which may reject a window for good.

    cascade   accepts a window if no stage rejects it
    stage     rejects it if  Σ (leaf that each of its weak classifiers chooses) < threshold
    weak      a small decision tree: at a node, value < threshold goes left, else right
    value     a Haar feature divided by the window's standard deviation (`haar.window`),
              or an LBP code, which goes left if its bit of `subset` is set

Nearly all windows fail in the first stages, which hold a handful of features: that is why the
whole cascade costs about as much as its beginning (Viola and Jones measured ten features a window).

The classes here are what a file says. `Cascade.tables()` gives the same as flat arrays, rounded to
the precision that detection uses: `haar.tables`.

Viola, Jones, "Rapid object detection using a boosted cascade of simple features" (2001).
"""

from __future__ import annotations

import gzip
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from haar.checks import CascadeError, check_cascade
from haar.features import HaarFeature, LBPFeature
from haar.tables import Tables, flatten

if TYPE_CHECKING:
    from haar.grouping import Groups
    from haar.scan import Scan
    from haar.window import Evaluation

Size = int | tuple[int, int]

# The small ones are named tuples rather than dataclasses: a file makes thousands of them.


class Node(NamedTuple):
    """A question about one feature.

    `left` and `right` say where to go on: a positive number is another node of the same weak
    classifier, zero or a negative number −k is its leaf k. If no weak classifier of the cascade
    has more than one node, both are ignored: left is leaf 0 and right is leaf 1.
    """

    feature: int
    threshold: float = 0.0
    left: int = 0
    right: int = -1
    subset: tuple[int, ...] = ()  # LBP: 8 words of 32 bits, signed; code k is bit k % 32 of k // 32


class WeakClassifier(NamedTuple):
    """A decision tree of n nodes, the root first, and n + 1 leaves."""

    nodes: tuple[Node, ...]
    leaves: tuple[float, ...]


class Stage(NamedTuple):
    """The window goes on if the sum of the chosen leaves reaches the threshold.

    `threshold` is what the file says; detection subtracts 0.00001 from it, like OpenCV.
    """

    threshold: float
    weak: tuple[WeakClassifier, ...]


@dataclass(frozen=True)
class Cascade:
    """A detector for windows of `width` × `height` pixels.

    Args:
        width, height: the size of the window, and of the smallest object that it finds.
        feature_type: "haar" or "lbp".
        stages: in the order of evaluation.
        features: the nodes refer to them by their position.

    Raises:
        CascadeError: the parts do not fit together; the message names the element.
    """

    width: int
    height: int
    feature_type: str
    stages: tuple[Stage, ...]
    features: tuple[HaarFeature, ...] | tuple[LBPFeature, ...]
    old_format: bool = field(default=False, compare=False)  # the file was written by OpenCV 1
    prepared: dict[str, Any] = field(default_factory=dict, init=False, repr=False, compare=False)
    """What is derived from the cascade once and kept with it: its tables, a kernel's own ones."""

    def __post_init__(self) -> None:
        check_cascade(self)

    def __repr__(self) -> str:
        """In short: all of a cascade in use would fill a megabyte."""
        return (
            f"<Cascade {self.feature_type}, {self.width}×{self.height} pixels, "
            f"{len(self.stages)} stages, {len(self.features)} features>"
        )

    # -- files ------------------------------------------------------------------------------------

    @staticmethod
    def frontal_face() -> Cascade:
        """This package's own, for faces that look here, of 24 pixels and more; read once.

        How it was trained, on what, and how good it is: `haar/cascades/README.md`.

        Raises:
            FileNotFoundError: the installation is damaged.
        """
        from haar.files import load_own

        return load_own("frontalface")

    @staticmethod
    def eye() -> Cascade:
        """This package's own, for an eye in a face, of 20 pixels and more; otherwise the same."""
        from haar.files import load_own

        return load_own("eye")

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Cascade:
        """Read a cascade file of OpenCV, .xml or .xml.gz, of the new format or the old one.

        Raises:
            OSError: the file cannot be read.
            CascadeError: it is no cascade, or a malformed one; the message names the element.
        """
        from haar.opencv_xml import read_cascade
        from haar.storage import read_bytes

        try:
            return read_cascade(read_bytes(Path(path)))
        except CascadeError as error:
            raise CascadeError(f"{os.fspath(path)}: {error}") from error

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the cascade to a file that OpenCV reads, too; an existing one is replaced.

        A name that ends in .gz makes a gzipped file; equal cascades make equal files.

        Raises:
            OSError: the file cannot be written; what was there before stays as it was.
        """
        from haar.xml_writer import write_cascade

        data = write_cascade(self).encode("ascii")
        if os.fspath(path).endswith(".gz"):
            data = gzip.compress(data, mtime=0)
        temporary = Path(f"{os.fspath(path)}.new")
        try:
            temporary.write_bytes(data)
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)

    # -- use --------------------------------------------------------------------------------------

    def detect(
        self,
        image: Any,
        scale_factor: float = 1.1,
        min_neighbors: int = 3,
        min_size: Size | None = None,
        max_size: Size | None = None,
        channels: str = "rgb",
        threads: int | None = None,
    ) -> NDArray[np.int32]:
        """The objects in an image: (N, 4) int32 of x, y, width, height in pixels.

        Args:
            image: a PIL image or a uint8 array (H, W), (H, W, 3) or (H, W, 4).
            scale_factor: how much larger the window is at the next scale; more than 1.
            min_neighbors: an object needs more accepted windows than this; 0 returns them all.
            min_size, max_size: of the rectangles, (width, height) or one number; None: no limit.
            channels: the order in an array, "rgb" or "bgr".
            threads: None is one for each core; the result does not depend on it.

        Raises:
            TypeError, ValueError: an argument is not as described; the message says how.
        """
        return self.search(
            image, scale_factor, min_neighbors, min_size, max_size, channels, threads
        ).rectangles

    def search(
        self,
        image: Any,
        scale_factor: float = 1.1,
        min_neighbors: int = 3,
        min_size: Size | None = None,
        max_size: Size | None = None,
        channels: str = "rgb",
        threads: int | None = None,
    ) -> Groups:
        """Like `detect`, with the number of windows behind each object and the best one's score."""
        from haar.detector import search

        return search(
            self, image, scale_factor, min_neighbors, min_size, max_size, channels, threads
        )

    def candidates(
        self,
        image: Any,
        scale_factor: float = 1.1,
        min_size: Size | None = None,
        max_size: Size | None = None,
        channels: str = "rgb",
        threads: int | None = None,
    ) -> NDArray[np.int32]:
        """All accepted windows, before grouping, by scale, y and x; the arguments of `detect`."""
        return self.detect(image, scale_factor, 0, min_size, max_size, channels, threads)

    def evaluate(self, window: Any, channels: str = "rgb") -> Evaluation:
        """What the cascade makes of one window: an image of `width` × `height` pixels."""
        from haar.window import evaluate

        return evaluate(self, window, channels)

    def scan(self, image: Any, scale: float = 1.0, step: int = 1, channels: str = "rgb") -> Scan:
        """How far each window of an image gets, at one scale: `haar.scan`."""
        from haar.scan import scan

        return scan(self, image, scale, step, channels)

    # -- what is derived --------------------------------------------------------------------------

    def tables(self) -> Tables:
        """The cascade as flat arrays; always the same object."""
        if "tables" not in self.prepared:
            self.prepared["tables"] = flatten(self)
        return self.prepared["tables"]

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "prepared": {}}  # copies and pickles derive it again
