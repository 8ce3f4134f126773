"""The row cache: who makes place, and what stays true when samples are reordered."""

import numpy as np

from scratchnet.classical.kernel_functions import Kernel
from scratchnet.classical.row_cache import FEW, TOGETHER, RowCache

LINEAR = Kernel("linear")


def test_the_longest_unread_row_makes_place():
    X = np.arange(5.0)[:, np.newaxis]
    cache = RowCache(LINEAR, X, 3 * 4 * 5 / 2**20)
    assert cache.values.shape == (3, 5)
    for clock, k in enumerate((4, 2, 3), 1):
        cache.fetch(np.array([k]), 5, clock)
    cache.used[cache.slot[4]] = 9  # row 4 is read again; row 2 is now the oldest
    cache.fetch(np.array([1]), 5, 4)
    assert (cache.slot >= 0).tolist() == [False, True, False, True, True]
    assert cache.values[cache.slot[3]].tolist() == [0, 3, 6, 9, 12]


def test_rows_follow_their_samples_when_those_are_reordered():
    X = np.arange(1.0, 5)[:, np.newaxis]
    cache = RowCache(LINEAR, X, 1)
    cache.fetch(np.array([3, 1]), 4, 1)
    cache.reorder(np.array([2, 1, 0]))
    assert cache.X[:, 0].tolist() == [3, 2, 1, 4]
    assert cache.values[cache.slot[1]].tolist() == [6, 4, 2, 8]
    assert cache.values[cache.slot[3]].tolist() == [12, 8, 4, 16]
    cache.fetch(np.array([0]), 2, 2)  # a short row
    sums, missing = cache.sums_behind(2, np.array([5.0, 1.0, 7.0, 0.0]))
    assert sums.tolist() == [2, 8]
    assert missing.tolist() == [5, 0, 7, 0]
    cache.forget_short_rows()
    assert (cache.slot >= 0).tolist() == [False, True, False, True]


def test_more_rows_are_computed_together_as_more_are_needed():
    cache = RowCache(LINEAR, np.ones((300, 1)), 1)
    counts = []
    for start in (0, 4, 8, 16, 32, 64, 128):
        counts.append(cache.together)
        cache.fetch(np.arange(start, start + counts[-1]), 300, 0)
    assert counts == [FEW, 4, 8, 16, 32, 64, TOGETHER]


def test_even_the_smallest_cache_holds_two_rows_and_fetches_one_at_a_time():
    cache = RowCache(LINEAR, np.ones((300, 1)), 1e-9)
    assert cache.values.shape == (2, 300)
    assert cache.together == 1
