"""The vector operations, one by one, beside what NumPy says."""

import numpy as np
import pytest
from numba import njit
from numba.core.errors import TypingError

from scratchnet.kernels.simd import (
    add4,
    copy4,
    copy16,
    fused,
    maximum,
    pool4,
    splat,
    transpose4,
    unpool,
    vector_load,
    vector_store,
    where_positive,
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
def choices(a, b, c, winners):
    v, w = vector_load(a, 0), vector_load(b, 0)
    vector_store(c, 0, fused(v, w, w))
    vector_store(c, 16, maximum(v, w))
    vector_store(c, 32, where_positive(v, w))
    best = pool4(v, vector_load(a, 16), vector_load(a, 32), vector_load(a, 48), winners, 1)
    vector_store(c, 48, best)
    for k in range(4):
        vector_store(c, 64 + 16 * k, unpool(best, winners, 1, k))


def sixteen(*values):
    return np.array([*values, *[0] * (16 - len(values))], np.float32)


def chosen(a, b):
    """What `choices` writes, in rows of 16, and the winners."""
    c, winners = np.full(128, -1, np.float32), np.full(18, 255, np.uint8)
    choices(a, b, c, winners)
    assert winners[0] == winners[17] == 255
    return c.reshape(8, 16), winners[1:17]


def test_fused_is_a_product_and_a_sum_and_maximum_the_larger_of_each_pair():
    a, b = np.zeros(64, np.float32), sixteen(4, 5, -6)
    a[:3] = 1, -2, -3
    rows, _ = chosen(a, b)
    assert rows[0, :4].tolist() == [1 * 4 + 4, -2 * 5 + 5, -3 * -6 - 6, 0]
    assert rows[1, :4].tolist() == [4, 5, -3, 0]


def test_positive_is_above_zero():
    a, b = np.zeros(64, np.float32), np.full(16, 7, np.float32)
    a[:5] = 1, 0, -0.0, -1, np.nan
    rows, _ = chosen(a, b)
    assert rows[2, :5].tolist() == [7, 0, 0, 0, 0]


def test_not_a_number_stays_in_a_maximum():
    """So that ReLU, maximum(v, 0), hides no fault: as `np.maximum` does."""
    a = np.zeros(64, np.float32)
    a[:3] = np.nan, np.inf, -np.inf
    rows, _ = chosen(a, np.zeros(16, np.float32))
    assert np.array_equal(rows[1, :3], [np.nan, np.inf, 0], equal_nan=True)


def test_the_first_of_four_equals_wins_and_gets_all():
    a = np.zeros((4, 16), np.float32)
    a[:, :5] = np.transpose([[3, 1, 2, 0], [1, 2, 2, 2], [5, 5, 5, 5], [0, 1, 2, 3], [0, 0, 4, 4]])
    rows, winners = chosen(a.reshape(-1), np.zeros(16, np.float32))
    assert rows[3, :5].tolist() == [3, 2, 5, 3, 4]
    assert winners[:5].tolist() == [0, 1, 0, 3, 2]
    assert not winners[5:].any()
    for k in range(4):
        assert np.array_equal(rows[4 + k], np.where(winners == k, rows[3], 0))


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
