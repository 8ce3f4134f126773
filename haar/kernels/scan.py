"""The windows of a desk: who is visited, who is left after each stage, who is accepted.

**A word at a time.** 64 windows of a row are one word of bits. First come their contrasts, then
stage 0 in all of them, then what OpenCV's scan skips, then the other stages in those left:
sixteen at a time, beginning at the lowest bit that is still set, so that a vector never begins with
a dead window. No window is moved; a vector may begin anywhere.

**Contrast.** In the window without its border of one pixel, A = (w − 2)·(h − 2), with the sums a of
S and b of Q,

    n = A·b − a²        scale = f32(1 / √n)        fails if not (n > 0 and A·scale < 0.1)

**The skip.** When stage 0 rejects a window, the next one is not visited: visited(i) =
not (visited(i − 1) and rejected(i − 1)). So of a run of rejected windows every other is skipped,
beginning with the second, and the end of the run may skip the window behind it. It is the question
which characters of a text are escaped by backslashes, and is answered like there for a whole word
with one addition, whose carry runs through the run (Langdale and Lemire, "Parsing gigabytes of JSON
per second", 2019, section 3.1.1).
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from haar.kernels.desk import STRIP, WORD
from haar.kernels.jit import kernel, part
from haar.kernels.judge import stage_sum
from haar.kernels.lbp import lbp_stage
from haar.kernels.lowering import Places, Program
from haar.kernels.memory import load, load_at, splat_at, store
from haar.kernels.parallel import next_ticket
from haar.kernels.queue import Queue, pack
from haar.kernels.simd import (
    LANES,
    bits,
    double,
    single,
    splat,
    square_root,
    to_double,
    trailing_zeros,
    unsigned_to_double,
)
from haar.kernels.stages import haar_stage
from haar.tables import Tables

Array = NDArray[Any]

ONE, ALL = np.uint64(1), np.uint64(2**64 - 1)
EVEN = np.uint64(0x5555555555555555)
VECTOR = np.uint64(2**LANES - 1)


@kernel
def _contrast(p, wide, squares, inner, area, scale):
    """scale[:64] of 64 windows; the word of those with enough contrast."""
    word = np.uint64(0)
    A, limit = splat(np.float64(area)), splat(np.float64(0.1))
    zero, one = splat(np.float64(0)), splat(np.float64(1))
    for i in range(0, WORD, LANES):
        q = p + i
        a = load_at(wide, q, inner, 0) - load_at(wide, q, inner, 1)
        a = to_double(a - load_at(wide, q, inner, 2) + load_at(wide, q, inner, 3))
        b = load_at(squares, q, inner, 0) - load_at(squares, q, inner, 1)
        b = unsigned_to_double(b - load_at(squares, q, inner, 2) + load_at(squares, q, inner, 3))
        n = A * b - a * a
        f = single(one / square_root(n))
        store(scale, i, f)
        word |= bits((n > zero) & (A * double(f) < limit)) << np.uint64(i)
    return word


@kernel
def visited_windows(rejected, carry):
    """The word of visited windows; `carry`: the first one is skipped; and the next word's carry."""
    rejected &= ~carry  # a skipped window skips nothing
    behind = rejected << ONE | carry
    starts = rejected & ~EVEN & ~behind
    ends = starts + rejected  # a run that starts at an odd place moves to its end
    skipped = (EVEN ^ ends << ONE) & behind
    return ~skipped, np.uint64(ends < rejected)


class Context(NamedTuple):
    """Everything that deciding about the windows of a desk reads or writes."""

    wide: Array
    short: Array
    squares: Array
    scale: Array  # (64 + 16,) of the windows of a word
    paths: Array
    queue: Queue
    area: int
    program: Program
    places: Places
    tables: Tables
    is_lbp: bool
    images: int  # 1: S, 2: S and T


class Output(NamedTuple):
    """The accepted windows, in any order; `found` counts on when there is no room left."""

    found: Array  # (1,) int64
    keys: Array  # (capacity,) int64: the numbers of the windows
    sums: Array  # (capacity,) float64: the sums of their last stage
    capacity: int


@part
def _judged(s, p, factor, context):
    literal = context.places.literal
    return stage_sum(s, p, factor, context.wide, literal, context.tables, context.is_lbp)


@part
def _accept(key, p, factor, context, output):
    slot = next_ticket(output.found)
    if slot < output.capacity:
        output.keys[slot] = key
        output.sums[slot] = _judged(context.program.stages - 1, p, factor, context)


# -- neighbours -----------------------------------------------------------------------------------


@part
def _rejected(s, p, word, context):
    """Of the windows of `word`, those that stage s rejects; window 0 begins at p."""
    rejected, rest = np.uint64(0), word
    program, places, scale = context.program, context.places, context.scale
    while rest:
        i = trailing_zeros(rest)
        shift = np.uint64(i)
        if context.is_lbp:
            total = lbp_stage(
                s, p + i, context.short, context.wide, program, places.merged,
                context.tables, context.paths,
            )  # fmt: skip
        else:
            total = haar_stage(
                s, p + i, load(scale, i), context.short, context.wide, context.queue.start,
                program, places.merged, places.literal, context.tables, context.paths,
            )  # fmt: skip
        fails = bits(total < splat_at(program.low, s))
        doubtful = bits(total < splat_at(program.high, s)) & ~fails & (rest >> shift)
        while doubtful:
            j = trailing_zeros(doubtful)
            doubtful &= doubtful - ONE
            if _judged(s, p + i + j, scale[i + j], context) < context.tables.stage_threshold[s]:
                fails |= ONE << np.uint64(j)
        rejected |= fails << shift
        rest &= ~(VECTOR << shift)
    return rejected & word


@part
def _survivors(p, windows, carry, context):
    """Of the first `windows` from p on, those that the early stages leave; the skip's carry."""
    alive = ALL if windows >= WORD else (ONE << np.uint64(windows)) - ONE
    if not context.is_lbp:
        alive &= _contrast(
            p, context.wide, context.squares, context.places.inner, context.area, context.scale
        )
    rejected = _rejected(0, p, alive, context)
    visited, carry = visited_windows(rejected, carry)
    alive &= visited & ~rejected
    s = 1
    while alive and s < context.program.queue_stage:
        alive &= ~_rejected(s, p, alive, context)
        s += 1
    return alive, carry


# -- the queue ------------------------------------------------------------------------------------


@part
def _serve(context, desk, window, output):
    """Take the windows of the queue through the late stages."""
    queue, program, places = context.queue, context.program, context.places
    alive = (ONE << np.uint64(queue.length[0])) - ONE
    queue.length[0] = 0
    pack(context.short, queue, desk, window, context.images)
    s = program.queue_stage
    while alive and s < program.stages:
        total = haar_stage(
            s, -1, load(queue.scale, 0), queue.packed, context.wide, queue.start,
            program, places.packed, places.literal, context.tables, context.paths,
        )  # fmt: skip
        fails = bits(total < splat_at(program.low, s))
        doubtful = bits(total < splat_at(program.high, s)) & ~fails & alive
        while doubtful:
            j = trailing_zeros(doubtful)
            doubtful &= doubtful - ONE
            judged = _judged(s, queue.start[j], queue.scale[j], context)
            if judged < context.tables.stage_threshold[s]:
                fails |= ONE << np.uint64(j)
        alive &= ~fails
        s += 1
    while alive:
        j = trailing_zeros(alive)
        alive &= alive - ONE
        _accept(queue.key[j], queue.start[j], queue.scale[j], context, output)


@part
def scan_desk(x, rows, level, row, desk, window, carries, context, output):
    """Note the accepted windows of a desk that begins at column x, and window row `row`."""
    first = x // level.step
    windows = min(level.columns - first, STRIP // level.step)
    queue = context.queue
    for r in range(rows):
        carry = carries[r]
        for w in range(0, windows, WORD):
            p = r * level.step * desk.stride + w
            alive, carry = _survivors(p, windows - w, carry, context)
            while alive:
                i = trailing_zeros(alive)
                alive &= alive - ONE
                key = level.first + (row + r) * level.columns + first + w + i
                if context.program.queue_stage == context.program.stages:
                    _accept(key, p + i, context.scale[i], context, output)
                    continue
                j = queue.length[0]
                queue.start[j], queue.scale[j], queue.key[j] = p + i, context.scale[i], key
                queue.length[0] = j + 1
                if j + 1 == LANES:
                    _serve(context, desk, window, output)
        carries[r] = carry
    if queue.length[0]:
        _serve(context, desk, window, output)
