"""The vector operations, one by one, beside what NumPy says."""

import numpy as np
import pytest
from numba import njit
from numba.core.errors import TypingError

from scratchnet.kernels.simd import (
    add4,
    copy4,
    copy16,
    splat,
    transpose4,
    vector_load,
    vector_store,
)


def test_vectors_add_subtract_and_multiply_sixteen_numbers():
    @njit
    def compute(a, b, c):
        v, w = vector_load(a, 1), vector_load(b, 2)
        vector_store(c, 0, v + w)
        vector_store(c, 16, v - w)
        vector_store(c, 32, v * w)
        vector_store(c, 48, splat(np.float32(3)) * v)

    a, b = np.arange(20, dtype=np.float32), np.arange(20, 40, dtype=np.float32) ** 2
    c = np.full(65, -1, np.float32)
    compute(a, b, c)
    v, w = a[1:17], b[2:18]
    assert np.array_equal(c, np.concatenate([v + w, v - w, v * w, 3 * v, [-1]]))


@njit
def moves(target, source):
    copy4(target, 1, source, 2)
    copy16(target, 8, source, 0)
    add4(target, 9, source, 4)
    transpose4(target, 30, 5, source, 1, 6)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_moves_reach_their_places_and_no_others(dtype):
    source = np.arange(1, 31).astype(dtype)
    target = np.zeros(60, dtype)
    moves(target, source)
    expected = np.zeros(60, dtype)
    expected[1:5] = [3, 4, 5, 6]
    expected[8:24] = source[:16]
    expected[9:13] += [5, 6, 7, 8]
    for r in range(4):
        for c in range(4):
            expected[30 + 5 * r + c] = source[1 + 6 * c + r]
    assert np.array_equal(target, expected)


def test_arrays_of_two_dtypes_do_not_compile():
    with pytest.raises(TypingError, match=r"float32 or of float64, got float32, float64"):
        moves(np.zeros(60, np.float32), np.zeros(60))
    with pytest.raises(TypingError, match="got int64"):
        moves(np.zeros(60, int), np.zeros(60, int))
