"""ReLU by hand: its kink, and NaN, which must not vanish."""

import numpy as np

from scratchnet.kernels.relu import relu_backward, relu_forward


def test_relu_and_its_gradient_by_hand():
    x, dy = np.array([[-1, 0, 2]], np.float32), np.array([[5, 6, 7]], np.float32)
    y = relu_forward(x)
    assert y.tolist() == [[0, 0, 2]]
    assert relu_backward(dy, y).tolist() == [[0, 0, 7]]  # ReLU'(0) = 0


def test_nan_stays_nan_so_that_a_diverged_network_shows():
    y = relu_forward(np.array([np.nan, np.inf, -np.inf], np.float32))
    assert np.array_equal(y, [np.nan, np.inf, 0], equal_nan=True)


def test_minus_zero_becomes_zero():
    assert not np.signbit(relu_forward(np.array([-0.0]))).any()


def test_empty_and_strided_arrays():
    assert relu_forward(np.zeros((0, 3), np.float32)).shape == (0, 3)
    x = np.arange(-6, 6, dtype=np.float32).reshape(3, 4).T[::2]
    y = relu_forward(x)
    assert np.array_equal(y, np.maximum(x, 0))
    assert np.array_equal(relu_backward(x, y), np.where(x > 0, x, 0))
