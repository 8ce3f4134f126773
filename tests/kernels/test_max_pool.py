"""Max-pooling by hand: ties, padding, overlap, NaN, and windows of more than 256 pixels."""

import numpy as np
import pytest

from scratchnet.kernels.max_pool import max_pool_backward, max_pool_forward
from scratchnet.reference import max_pool as reference

NONE, ONE = ((0, 0), (0, 0)), ((1, 1), (1, 1))


def image(*rows):
    return np.array(rows, np.float32)[np.newaxis, np.newaxis]


def test_the_first_of_equal_pixels_wins():
    y, winner = max_pool_forward(image([1, 2, 2], [2, 0, 2]), (2, 3), (1, 1), NONE)
    assert (y.item(), winner.item()) == (2, 1)


def test_overlapping_windows_add_their_gradients():
    x = image([0, 0, 0], [0, 9, 0], [0, 0, 0])
    _, winner = max_pool_forward(x, (2, 2), (1, 1), NONE)
    assert winner[0, 0].tolist() == [[3, 2], [1, 0]]
    dx = max_pool_backward(image([1, 2], [3, 4]), winner, x.shape, (2, 2), (1, 1), NONE)
    assert dx[0, 0].tolist() == [[0, 0, 0], [0, 10, 0], [0, 0, 0]]


def test_padding_never_wins_and_winners_count_from_the_windows_corner():
    x = image([-1, -2], [-3, -4])
    y, winner = max_pool_forward(x, (2, 2), (2, 2), ONE)
    assert y[0, 0].tolist() == [[-1, -2], [-3, -4]]
    assert winner[0, 0].tolist() == [[3, 2], [1, 0]]
    dx = max_pool_backward(image([1, 2], [3, 4]), winner, x.shape, (2, 2), (2, 2), ONE)
    assert dx[0, 0].tolist() == [[1, 2], [3, 4]]


def test_pixels_that_no_window_sees_get_no_gradient():
    x = image([1, 2, 9], [3, 4, 9], [9, 9, 9])
    y, winner = max_pool_forward(x, (2, 2), (2, 2), NONE)
    assert y.item() == 4
    dx = max_pool_backward(np.ones_like(y), winner, x.shape, (2, 2), (2, 2), NONE)
    assert dx[0, 0].tolist() == [[0, 0, 0], [0, 1, 0], [0, 0, 0]]


def test_a_window_of_nan_is_nan_and_not_minus_infinity():
    y, winner = max_pool_forward(np.full((1, 1, 2, 2), np.nan, np.float32), (2, 2), (2, 2), NONE)
    assert np.isnan(y.item())
    assert winner.item() == 0


@pytest.mark.parametrize("value", [-np.inf, np.nan])
def test_the_frame_never_wins_not_even_against_minus_infinity(value):
    x = np.full((1, 1, 2, 2), value, np.float32)
    x[0, 0, 1, 1] = 5
    for forward in (max_pool_forward, reference.max_pool_forward):
        y, winner = forward(x, (2, 2), (2, 2), ONE)
        np.testing.assert_array_equal(y, x)
        assert winner[0, 0].tolist() == [[3, 2], [1, 0]]


def test_a_large_window_numbers_its_winner_in_int32():
    x = np.zeros((1, 1, 17, 17), np.float32)
    x[0, 0, 16, 16] = 1
    y, winner = max_pool_forward(x, (17, 17), (1, 1), NONE)
    assert (winner.dtype, winner.item()) == (np.int32, 288)
    dx = max_pool_backward(y, winner, x.shape, (17, 17), (1, 1), NONE)
    assert np.array_equal(dx, x)


def test_an_empty_batch_stays_empty():
    x = np.zeros((0, 2, 4, 4), np.float32)
    y, winner = max_pool_forward(x, (2, 2), (2, 2), NONE)
    assert y.shape == winner.shape == (0, 2, 2, 2)
    assert max_pool_backward(y, winner, x.shape, (2, 2), (2, 2), NONE).shape == x.shape
