"""Average pooling by hand, and bit-equal with the reference where a third is not exact."""

import numpy as np

from scratchnet.kernels.avg_pool import avg_pool_backward, avg_pool_forward
from scratchnet.reference import avg_pool as reference


def test_a_pool_by_hand():
    x = np.array([[1, 2, 3], [4, 5, 6], [7, 8, 9]], np.float32)[np.newaxis, np.newaxis]
    assert avg_pool_forward(x, (2, 2), (1, 1))[0, 0].tolist() == [[3, 4], [6, 7]]
    dy = np.array([[4, 8], [12, 16]], np.float32)[np.newaxis, np.newaxis]
    dx = avg_pool_backward(dy, x.shape, (2, 2), (1, 1))
    assert dx[0, 0].tolist() == [[1, 3, 2], [4, 10, 6], [3, 7, 4]]


def test_overlapping_windows_of_nine_have_the_references_bits():
    rng = np.random.default_rng(0)
    for dtype in (np.float32, np.float64):
        x, dy = (rng.integers(-9, 10, (2, 3, s, s)).astype(dtype) for s in (7, 3))
        how = (3, 3), (2, 2)
        assert np.array_equal(avg_pool_forward(x, *how), reference.avg_pool_forward(x, *how))
        dx = avg_pool_backward(dy, x.shape, *how)
        assert np.array_equal(dx, reference.avg_pool_backward(dy, x.shape, *how))


def test_an_empty_batch_stays_empty():
    x = np.zeros((0, 2, 4, 4), np.float32)
    y = avg_pool_forward(x, (2, 2), (2, 2))
    assert y.shape == (0, 2, 2, 2)
    assert avg_pool_backward(y, x.shape, (2, 2), (2, 2)).shape == x.shape
