"""The survivors of the first stages stand in a queue until sixteen of them fill a vector.

Sixteen neighbours begin together, but after a few stages two or three of them are left, and a
vector does the work of sixteen for them. So from `program.queue_stage` on, windows from anywhere on
the desk go on side by side. Their corners are not neighbours any more; therefore the 16-bit sums
of each window are copied, once, in such a way that again they are:

    packed[16 · place + lane] = short[start[lane] + place]       for every place in a window

which is a transposition, sixteen by sixteen at a time. A packed window is laid out like a desk of
its own, with rows of `stride` places. What needs 32 bits is gathered lane by lane.

Copying costs about as much as fifteen features; behind it every vector starts full.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic
from numpy.typing import NDArray

from haar.kernels.desk import Desk
from haar.kernels.jit import kernel
from haar.kernels.simd import LANES, i16

Array = NDArray[Any]


class Queue(NamedTuple):
    """Up to sixteen windows of a desk; what is behind the last one is left over and harmless."""

    length: Array  # (1,) int64
    start: Array  # (16,) int64: where the window begins on the desk
    scale: Array  # (16,) float32
    key: Array  # (16,) int64: its number
    packed: Array  # int16


def packed_window(width: int, height: int, step: int) -> Desk:
    """How the sums of one window are laid out, in places of sixteen lanes."""
    columns = width + 1
    half = _round_up(columns - columns // 2) if step == 2 else 0
    stride = half + _round_up(columns // 2) if step == 2 else _round_up(columns)
    return Desk(step, half, stride, height + 1)


def empty_queue(windows: Sequence[Desk], images: int) -> Queue:
    """Memory for a queue of windows with so many images; none if there are no windows."""
    places = max((window.size(images) for window in windows), default=0)
    return Queue(
        length=np.zeros(1, np.int64),
        start=np.zeros(LANES, np.int64),
        scale=np.zeros(LANES, np.float32),
        key=np.zeros(LANES, np.int64),
        packed=np.empty(places * LANES, np.int16),
    )


def _round_up(columns: int) -> int:
    return -(-columns // LANES) * LANES


@intrinsic
def _transpose(_typing: Any, source: Any, starts: Any, offset: Any, target: Any, at: Any) -> Any:
    """target[at + 16·c + r] = source[starts[r] + offset + c] for r, c in 0 … 15.

    To shuffle sixteen rows like the two halves of a deck of cards, four times over, is to
    transpose them.
    """

    def generate(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        source_, starts_, offset_, target_, at_ = args
        i32, i64 = ir.IntType(32), ir.IntType(64)

        def interleave(v: Any, w: Any, first: int) -> Any:
            lanes = [first + i // 2 + LANES * (i % 2) for i in range(LANES)]
            mask = ir.Constant(ir.VectorType(i32, LANES), lanes)
            return builder.shuffle_vector(v, w, mask)

        rows = []
        for r in range(LANES):
            start = builder.load(builder.gep(starts_, [i64(r)]))
            pointer = builder.gep(source_, [builder.add(start, offset_)])
            row = builder.load(builder.bitcast(pointer, i16.llvm.as_pointer()), typ=i16.llvm)
            row.align = 2
            rows.append(row)
        for _ in range(4):
            rows = [interleave(rows[i // 2], rows[i // 2 + 8], 8 * (i % 2)) for i in range(LANES)]
        for c, row in enumerate(rows):
            pointer = builder.gep(target_, [builder.add(at_, i64(LANES * c))])
            builder.store(row, builder.bitcast(pointer, i16.llvm.as_pointer())).align = 2
        return context.get_dummy_value()

    ip = types.intp
    return types.void(source, starts, ip, target, ip), generate


@kernel
def pack(short, queue, desk, window, images):
    """Copy the sums of the queue's windows from the desk."""
    for row in range(images * window.rows):
        image = row // window.rows
        source = (image * desk.rows + row - image * window.rows) * desk.stride
        for place in range(0, window.stride, LANES):
            offset = source + place
            if window.step == 2 and place >= window.half:
                offset += desk.half - window.half
            at = (row * window.stride + place) * LANES
            _transpose(short, queue.start, offset, queue.packed, at)
