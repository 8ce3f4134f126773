"""Values of features in all samples, and the same in bytes, four features to a word.

    value of a Haar feature    f32(Σ coefficient · corner) · norm        as in detection, to the bit
    byte                       its bin: 256 of them, three deviations around the mean
    code of an LBP feature     its own byte

    word    [ byte of feature 4b | 4b+1 | 4b+2 | 4b+3 ]         block b of F/4, one for each sample

The sum is exact: weights are whole numbers, and a window of which training would say otherwise is
too large for its pool. Mean and deviation are those of a part of the samples, spread over all.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from haar.kernels.bare import bare
from haar.kernels.jit import kernel
from haar.kernels.memory import load, splat_at, store
from haar.kernels.parallel import next_ticket
from haar.kernels.simd import LANES, splat, to_single

BINS = 256
BLOCK = 4
"""Features in a word."""
DEVIATIONS = 3.0
SPREAD = 512
"""Samples that mean and deviation are taken of, at least, if there are as many."""


class Features(NamedTuple):
    """All that the values of F features in N samples are made of."""

    table: NDArray[np.int32]  # (places, M) corners; M is N or little more, a multiple of LANES
    row: NDArray[np.int32]  # (F, C) of the table
    coefficient: NDArray[np.int32]  # (F, C)
    number: NDArray[np.int32]  # (F,) of corners
    norm: NDArray[np.float32]  # (M,)
    samples: int  # N
    is_lbp: bool


@kernel
def haar_values(f, features, values):
    """values[:] = f32(Σ coefficient · corner) · norm: feature f of all samples."""
    M = features.table.shape[1]
    table, norm, out = bare(features.table), bare(features.norm), bare(values)
    row, coefficient = bare(features.row), bare(features.coefficient)
    first = f * features.row.shape[1]
    for j in range(0, M, LANES):
        total = splat(np.int32(0))
        for i in range(first, first + features.number[f]):
            corner = load(table, np.int64(row[i]) * M + j)
            total = total + splat_at(coefficient, i) * corner
        store(out, j, to_single(total) * load(norm, j))


@kernel
def _block(table, row, j, k):
    """The sum of the block whose first corner is the k-th; wraps at 32 bits."""
    a, b, c, d = table[row[k], j], table[row[k + 1], j], table[row[k + 4], j], table[row[k + 5], j]
    return np.int32(a - b - c + d)


@kernel
def lbp_codes(f, features, codes):
    """codes[:] of LBP feature f; its sixteen corners are those of 3×3 blocks, row by row."""
    table, row = features.table, features.row[f]
    for j in range(table.shape[1]):
        centre = _block(table, row, j, 5)
        code = 0
        for k in (0, 1, 2, 6, 10, 9, 8, 4):  # clockwise
            code = 2 * code + (_block(table, row, j, k) >= centre)
        codes[j] = code


@kernel
def bin_range(values, n):
    """The lowest value of bin 0, and how many bins there are to 1; by a part of the values."""
    total, squares, count = 0.0, 0.0, 0
    for j in range(0, n, max(1, n // SPREAD)):
        value = np.float64(values[j])
        total += value
        squares += value * value
        count += 1
    mean = total / count
    deviation = np.sqrt(max(squares / count - mean * mean, 1e-30))
    return np.float32(mean - DEVIATIONS * deviation), np.float32(
        BINS / (2 * DEVIATIONS * deviation)
    )


@kernel
def add_bytes(values, low, scale, shift, words):
    """words[:] |= bin of the value, shifted to its place in the word."""
    zero, last = np.float32(0), np.float32(BINS - 1)
    for j in range(len(words)):
        value = (values[j] - low) * scale
        value = value if value > zero else zero
        value = value if value < last else last
        words[j] |= np.uint32(np.int32(value)) << shift


@kernel
def fill_words(block, features, values, words):
    """The words of a block; features behind the last one are 0."""
    words[:] = np.uint32(0)
    for f in range(BLOCK * block, min(BLOCK * block + BLOCK, len(features.row))):
        shift = np.uint32(8 * (f - BLOCK * block))
        if features.is_lbp:
            lbp_codes(f, features, values)
            low, scale = np.float32(0), np.float32(1)
        else:
            haar_values(f, features, values)
            low, scale = bin_range(values, features.samples)
        add_bytes(values, low, scale, shift, words)


@kernel
def fill_blocks(ticket, features, kept):
    """Bin all blocks that are kept."""
    values = np.empty(features.table.shape[1], np.float32)
    counter = bare(ticket)
    while True:
        block = next_ticket(counter)
        if block >= len(kept):
            break
        fill_words(block, features, values, kept[block])
