"""The tasks of a search: bands of rows, one desk after the other.

    task    BAND rows of pixels in which windows begin, of one level; NT of them, NL levels
    desk    STRIP columns of a task: fill it with integral images, then scan its windows

Threads draw the numbers of their tasks from one counter. Only the desks of one task depend on each
other, from left to right: each row hands on whether its last window lets the next one be skipped.
"""

from __future__ import annotations

from typing import NamedTuple

from haar.kernels.bare import bare
from haar.kernels.desk import BAND, STRIP
from haar.kernels.integral import fill_desk
from haar.kernels.jit import kernel
from haar.kernels.parallel import next_ticket
from haar.kernels.scan import Context, scan_desk


class LevelRow(NamedTuple):
    """One scale, in numbers that the kernels need."""

    step: int
    columns: int
    """Windows in a row."""
    rows: int
    """Rows of windows."""
    first: int
    """Number of its first window among all windows of the search."""
    x_taps: int
    y_taps: int
    """Where its taps begin."""


@kernel
def search(
    ticket, most, tasks, levels, picture, size, lowered, tables, output, memory, queue_memory
):
    """Take up to `most` tasks; whether there may be more.

    ticket    (1,) int64, which all threads share: the number of the next task
    tasks     (NT, 2): the number of a level, and the row of windows where a band begins
    levels    (NL, 6): `LevelRow`s
    memory    `Buffers` of this thread, and its `Queue`; all that is given stays alive meanwhile
    """
    width, height = size
    buffers, queue = bare(memory), bare(queue_memory)
    bare_picture, bare_tables, bare_output = bare(picture), bare(tables), bare(output)
    program = bare(lowered.program)
    places_1, places_2 = bare(lowered.places[0]), bare(lowered.places[1])
    counter, area = bare(ticket), (width - 2) * (height - 2)
    for _ in range(most):
        task = next_ticket(counter)
        if task >= len(tasks):
            return False
        row = tasks[task, 1]
        numbers = levels[tasks[task, 0]]
        level = LevelRow(numbers[0], numbers[1], numbers[2], numbers[3], numbers[4], numbers[5])
        step = level.step
        desk = lowered.desks[0] if step == 1 else lowered.desks[1]
        window = lowered.windows[0] if step == 1 else lowered.windows[1]
        context = Context(
            buffers.wide, buffers.short, buffers.squares, buffers.scale, buffers.paths, queue, area,
            program, places_1 if step == 1 else places_2, bare_tables, lowered.is_lbp,
            1 + lowered.has_tilted,
        )  # fmt: skip
        rows = min(level.rows - row, BAND // step)
        for r in range(rows):
            buffers.carries[r] = 0
        for x in range(0, level.columns * step, STRIP):
            windows = min(level.columns - x // step, STRIP // step)
            fill_desk(
                bare_picture, level.x_taps + x, level.y_taps + row * step,
                (windows - 1) * step + width, (rows - 1) * step + height, height, desk,
                lowered.has_tilted, not lowered.is_lbp, buffers,
            )  # fmt: skip
            scan_desk(x, rows, level, row, desk, window, buffers.carries, context, bare_output)
    return True
