"""Memory begins at a cache line, whoever makes it."""

import numpy as np
import pytest
from numba import njit

from scratchnet.kernels.memory import aligned_empty, aligned_zeros, scratch


@pytest.mark.parametrize("dtype", ["float32", "float64", "uint8"])
@pytest.mark.parametrize("shape", [1, 4097, (3, 5), (2, 36, 7, 16)])
def test_arrays_begin_at_a_cache_line(shape, dtype):
    zeros, empty = aligned_zeros(shape, dtype), aligned_empty(shape, dtype)
    for array in (zeros, empty):
        assert array.shape == np.zeros(shape).shape
        assert array.dtype == dtype
        assert array.flags.c_contiguous
        assert array.ctypes.data % 64 == 0
    assert not zeros.any()


def test_scratch_begins_at_a_cache_line_and_is_as_long_as_it_says():
    @njit
    def measure(size, like):
        array = scratch(size, like)
        array[:] = 1  # all of it may be written
        return array.ctypes.data % 64, array.size, array.sum()

    for size in (1, 17, 4096):
        assert measure(size, np.zeros(1, np.float32)) == (0, size, size)
    assert measure(33, np.zeros(1)) == (0, 33, 33)
