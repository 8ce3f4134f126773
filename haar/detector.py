"""Detection: every window at every scale, then one rectangle for each cluster of accepted windows.

    grey  ─▶ levels ─▶ candidates ─▶ groups ─▶ clipped to the image
             scales.py   ops.py       grouping.py

The middle step is where the time goes, and it is the seam: one operation, defined in NumPy in
`haar.reference` and made fast in `haar.kernels.detect`; `haar.ops` chooses.

    find_candidates(grey, cascade, levels, threads) -> (rectangles, sums)

        grey        (H, W) uint8, C-contiguous, at least as large as the window
        cascade     Cascade; `cascade.tables()` has its arrays, `cascade.prepared` is a dict for
                    what an implementation derives from them and keeps
        levels      list[Level], what `plan_levels` returned, in order
        threads     int >= 1; the result does not depend on it
        rectangles  (N, 4) int32: x, y, width, height in the original image, ordered by level,
                    then y, then x
        sums        (N,) float64: the sum of the last stage, of each of them
"""

from __future__ import annotations

import operator
from numbers import Real
from typing import TYPE_CHECKING, Any

import numpy as np

from haar import ops
from haar.grouping import Groups, group_rectangles
from haar.image import Grey, to_grey
from haar.scales import plan_levels

if TYPE_CHECKING:
    from haar.cascade import Cascade

MAX_THREADS = 64  # more of them than this would only wait


def search(
    cascade: Cascade,
    image: Any,
    scale_factor: float = 1.1,
    min_neighbors: int = 3,
    min_size: Any = None,
    max_size: Any = None,
    channels: str = "rgb",
    threads: int | None = None,
) -> Groups:
    """The objects in an image; `Cascade.detect` explains the arguments.

    Raises:
        TypeError, ValueError: an argument is not as described; the message says how.
    """
    return search_grey(
        cascade,
        to_grey(image, channels),
        check_factor(scale_factor),
        check_whole(min_neighbors, "min_neighbors"),
        check_size(min_size, "min_size"),
        check_size(max_size, "max_size"),
        ops.default_threads() if threads is None else check_whole(threads, "threads", 1),
    )


def search_grey(
    cascade: Cascade,
    grey: Grey,
    scale_factor: float,
    min_neighbors: int,
    min_size: tuple[int, int],
    max_size: tuple[int, int],
    threads: int,
) -> Groups:
    """The whole of detection; the arguments are checked."""
    H, W = grey.shape
    levels = plan_levels((W, H), (cascade.width, cascade.height), scale_factor, min_size, max_size)
    if not levels:  # the window does not fit into the image
        return Groups(np.zeros((0, 4), np.int32), np.zeros(0, np.int32), np.zeros(0))
    rectangles, sums = ops.find_candidates(grey, cascade, levels, min(threads, MAX_THREADS))
    return clip(group_rectangles(rectangles, min_neighbors, scores=sums), W, H)


def clip(groups: Groups, width: int, height: int) -> Groups:
    """The groups inside of the image; those outside of it are dropped.

    A rectangle may stick out by rounding: that of a scaled window, or of a mean.
    """
    x, y, w, h = groups.rectangles.T.astype(np.int64)
    left, top = np.maximum(x, 0), np.maximum(y, 0)
    inner_width, inner_height = np.minimum(x + w, width) - left, np.minimum(y + h, height) - top
    clipped = np.column_stack((left, top, inner_width, inner_height)).astype(np.int32)
    inside = (inner_width > 0) & (inner_height > 0)
    return Groups(clipped[inside], groups.counts[inside], groups.scores[inside])


# -- arguments ------------------------------------------------------------------------------------


def check_factor(scale_factor: Any) -> float:
    """A number above 1, which NaN is not."""
    if not isinstance(scale_factor, Real) or not float(scale_factor) > 1:
        raise ValueError(
            f"scale_factor expects a number above 1, such as 1.1, got {scale_factor!r}"
        )
    return float(scale_factor)


def check_whole(number: Any, name: str, least: int | None = None) -> int:
    """A whole number, Python's or NumPy's."""
    try:
        whole = operator.index(number)
    except TypeError as error:
        raise TypeError(f"{name} expects a whole number, got {number!r}") from error
    if least is not None and whole < least:
        raise ValueError(f"{name} expects a whole number of {least} or more, got {number!r}")
    return whole


def check_size(size: Any, name: str) -> tuple[int, int]:
    """(width, height); None is (0, 0), which is no limit."""
    if size is None:
        return 0, 0
    try:
        width, height = (size, size) if np.ndim(size) == 0 else size
        return operator.index(width), operator.index(height)
    except (TypeError, ValueError) as error:
        raise TypeError(
            f"{name} expects (width, height) in whole pixels, or one number, got {size!r}"
        ) from error
