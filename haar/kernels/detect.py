"""`find_candidates`: every window that the cascade accepts, at every level, by the fast road.

A task is a band of rows of one level; a thread takes one after another (`haar.kernels.search`) and
notes the numbers of the windows that it accepts. Windows are numbered by level, row and column:

    number = first[level] + row · columns[level] + column      x = step · column,  y = step · row

so sorting the numbers gives the order of a plain loop. There is room for CAPACITY of them; if there
are more, the search only counts them, and is done again with just enough room.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from haar.kernels.desk import BAND, buffers
from haar.kernels.integral import Picture
from haar.kernels.lowering import lower
from haar.kernels.parallel import run
from haar.kernels.queue import empty_queue
from haar.kernels.resize import pair_weights, taps
from haar.kernels.scan import Output
from haar.kernels.search import LevelRow, search
from haar.kernels.simd import LANES
from haar.scales import Level, check_number

if TYPE_CHECKING:
    from haar.cascade import Cascade

Array = NDArray[Any]

CAPACITY = 1 << 16
"""Candidates that there is room for in the first attempt."""

ROW_PIXELS = 1 << 18
"""A thread looks after Ctrl-C when its tasks have passed so many pixels of width."""


def find_candidates(
    grey: Array, cascade: Cascade, levels: list[Level], threads: int
) -> tuple[Array, Array]:
    """The accepted windows of an image, in the image's own coordinates.

    Args:
        grey: (H, W) uint8, at least as large as the window.
        levels: what `plan_levels` returned.
        threads: the result does not depend on it.

    Returns:
        (N, 4) int32: x, y, width, height, ordered by level, y, x; and (N,) float64: the sums of
        their last stage.

    Raises:
        ValueError: more candidates than any use has, or a window of unheard-of size.
    """
    size = cascade.width, cascade.height
    tables = cascade.tables()
    if "lowered" not in cascade.prepared:
        cascade.prepared["lowered"] = lower(tables, *size)
    lowered = cascade.prepared["lowered"]

    picture, rows = _picture(grey, levels)
    bands = [range(0, level.rows, BAND // level.step) for level in rows]
    tasks = np.array([(i, row) for i, band in enumerate(bands) for row in band], np.int64)
    tasks = tasks.reshape(-1, 2)
    numbers = np.array(rows, np.int64).reshape(-1, len(LevelRow._fields))
    images, windows = 1 + lowered.has_tilted, lowered.windows
    if lowered.program.queue_stage == lowered.program.stages:
        windows = ()  # nothing is ever packed
    at_once = max(1, ROW_PIXELS // picture.W)

    def attempt(capacity: int) -> Output:
        ticket = np.zeros(1, np.int64)
        keys, sums = np.empty(capacity, np.int64), np.empty(capacity, np.float64)
        output = Output(np.zeros(1, np.int64), keys, sums, capacity)

        def work() -> None:
            memory = buffers(lowered.desks, picture.W, images, lowered.program.paths)
            mine = memory, empty_queue(windows, images)
            given = tasks, numbers, picture, size, lowered, tables, output
            try:
                while search(ticket, at_once, *given, *mine):
                    pass
            except BaseException:
                ticket[0] = len(tasks)  # the other threads need not go on
                raise

        run(work, max(1, min(threads, len(tasks))))
        return output

    output = attempt(CAPACITY)
    number = int(output.found[0])
    if number > output.capacity:
        check_number(number)
        output = attempt(number)
    order = np.argsort(output.keys[:number])
    return _rectangles(output.keys[order], levels, rows), output.sums[order]


def _picture(grey: Array, levels: list[Level]) -> tuple[Picture, list[LevelRow]]:
    """What the kernels need of image and levels: padded pixels, taps of all levels end to end."""
    H, W = grey.shape
    image = np.zeros(H * W + 2 * LANES, np.uint8)
    image[: H * W].reshape(H, W)[:] = grey
    rows: list[LevelRow] = []
    first = 0
    for level, x, y in zip(
        levels, _starts(levels, "width"), _starts(levels, "height"), strict=True
    ):
        columns, window_rows = -(-level.columns // level.step), -(-level.rows // level.step)
        rows.append(LevelRow(level.step, columns, window_rows, first, x, y))
        first += columns * window_rows
    x_k, x_c = _all_taps(W, [level.width for level in levels])
    y_k, y_c = _all_taps(H, [level.height for level in levels])
    return Picture(image, W, H, x_k, pair_weights(x_c), y_k, y_c), rows


def _starts(levels: list[Level], side: str) -> list[int]:
    sizes = [getattr(level, side) for level in levels]
    return list(np.cumsum([0, *sizes])[:-1])


def _all_taps(source: int, targets: list[int]) -> tuple[Array, Array]:
    each = [taps(source, target) for target in targets] or [taps(1, 1)]
    k, c = zip(*each, strict=True)
    return np.concatenate(k), np.concatenate(c)


def _rectangles(keys: Array, levels: list[Level], rows: list[LevelRow]) -> Array:
    """Numbers of windows as rectangles: position times scale, in single precision."""
    if not len(keys):
        return np.zeros((0, 4), np.int32)
    numbers = np.array(rows, np.int64)
    level = np.searchsorted(numbers[:, 3], keys, side="right") - 1
    step, columns, _, first = numbers[level, :4].T
    y, x = np.divmod(keys - first, columns)
    scale = np.array([level.scale for level in levels], np.float32)[level]
    box = np.array([(level.box_width, level.box_height) for level in levels], np.int32)[level]
    corner = np.rint(np.stack([x * step, y * step], axis=1).astype(np.float32) * scale[:, None])
    return np.concatenate([corner.astype(np.int32), box], axis=1)
