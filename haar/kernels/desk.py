"""The desk: a piece of the scaled picture that one thread works on, small enough for a cache.

A desk carries the windows that begin in BAND rows and STRIP columns of pixels, and the pixels that
they reach. Its integral images begin at its own corner: only differences over a window are ever
used, so it does not matter where the sums start (nor that they wrap).

At step 2, below scale 2, windows begin in even columns only. There the even and the odd columns of
a row lie apart, so that the same corner of sixteen neighbouring windows is one contiguous vector:

    step 1    column X lies at   X
    step 2    column X lies at   X // 2  +  (X mod 2) · half

`wide` holds the sums in 32 bits, `short` their lower 16. In both, the rows of S, the upright sums,
come first, and then the rows of T, the tilted ones, if the cascade needs them; so one offset says
where a corner of either kind is. A row is an odd number of cache lines, lest the rows of a window
compete for the same few places of the cache.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from haar.kernels.simd import LANES

Array = NDArray[Any]

BAND, STRIP = 128, 256
"""Rows and columns of pixels in which the windows of one desk begin."""

LARGEST_DESK = 2**31 - 1 - LANES
"""Places are numbered in int32."""

WORD = 64
"""Windows of a row whose fate is one word of bits."""

_LINE = 32  # int16 in a cache line of 64 bytes


class Desk(NamedTuple):
    """How a desk is laid out, for one window size and step."""

    step: int
    half: int
    """Where the odd columns of a row begin; 0 at step 1."""
    stride: int
    """From row to row."""
    rows: int
    """Rows of sums, for each of S and T."""

    def at(self, x: Any, y: Any, tilted: Any = False) -> Any:
        """Where the sum at column x, row y lies; scalars or arrays."""
        column = x if self.step == 1 else (x >> 1) + (x & 1) * self.half
        return (y + np.where(tilted, self.rows, 0)) * self.stride + column

    def size(self, images: int) -> int:
        """Places for so many images (1: S, 2: S and T)."""
        return images * self.rows * self.stride


def lay_out(width: int, height: int, step: int) -> Desk:
    """The desk for windows of width × height."""
    columns = STRIP + width + 1
    half = 0
    if step == 2:
        half = _round_up(columns // 2 + 1 + LANES, LANES)
        columns = 2 * half
    lines = -(-(columns + LANES) // _LINE) | 1
    return Desk(step, half, lines * _LINE, BAND + height + 1)


def _round_up(number: int, multiple: int) -> int:
    return -(-number // multiple) * multiple


class Buffers(NamedTuple):
    """What one thread works in, for both desks of a cascade."""

    wide: Array  # int32: S and T
    short: Array  # int16: S and T
    squares: Array  # int32: Q
    columns: Array  # int32: the sums of the columns so far
    square_columns: Array  # int32
    line: Array  # uint32: a row of the picture, shrunk downwards
    pixels: Array  # uint8: two rows of the scaled picture
    scale: Array  # float32: 1 / contrast of the windows of a word
    carries: Array  # uint64: of each row of windows, whether the next one is skipped
    paths: Array  # uint16: the lanes that leave a node


def buffers(desks: tuple[Desk, Desk], picture_width: int, images: int, paths: int) -> Buffers:
    """Memory for desks with so many images, and so many paths."""
    room = max(desk.size(images) for desk in desks) + LANES
    stride = max(desk.stride for desk in desks)
    return Buffers(
        wide=np.empty(room, np.int32),
        short=np.empty(room, np.int16),
        squares=np.empty(room, np.int32),
        columns=np.empty(stride, np.int32),
        square_columns=np.empty(stride, np.int32),
        line=np.empty(picture_width + 2 * LANES, np.uint32),
        pixels=np.zeros(2 * stride + 2 * LANES, np.uint8),
        scale=np.zeros(WORD + LANES, np.float32),
        carries=np.empty(BAND, np.uint64),
        paths=np.full(paths + 1, 2**LANES - 1, np.uint16),
    )
