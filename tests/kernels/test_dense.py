"""The dense kernel by hand; its agreement with the reference is tests/gradients' business."""

import numpy as np

from scratchnet.kernels.dense import dense_backward, dense_forward


def test_a_layer_by_hand():
    x = np.array([[1, 2], [3, 4], [0, -1]], np.float32)
    W = np.array([[1, 0, 2], [0, 1, 3]], np.float32)
    b = np.array([10, 20, 30], np.float32)
    assert dense_forward(x, W, b).tolist() == [[11, 22, 38], [13, 24, 48], [10, 19, 27]]
    dy = np.array([[1, 0, 0], [0, 1, 0], [0, 0, 1]], np.float32)
    dx, dW, db = dense_backward(dy, x, W)
    assert dx.tolist() == [[1, 0], [0, 1], [2, 3]]
    assert dW.tolist() == [[1, 3, 0], [2, 4, -1]]
    assert db.tolist() == [1, 1, 1]
    assert dx.flags.c_contiguous


def test_an_empty_batch_has_an_empty_result_and_zero_gradients():
    x, W = np.zeros((0, 3), np.float32), np.ones((3, 2), np.float32)
    assert dense_forward(x, W, None).shape == (0, 2)
    dx, dW, db = dense_backward(np.zeros((0, 2), np.float32), x, W)
    assert dx.shape == (0, 3)
    assert not dW.any()
    assert not db.any()


def test_inputs_and_weights_may_differ_in_dtype():
    rng = np.random.default_rng(0)
    x, W = rng.standard_normal((3, 20)), rng.standard_normal((20, 5)).astype(np.float32)
    b = np.ones(5, np.float32)
    y = dense_forward(x, W, b)
    assert y.dtype == np.float64
    assert np.allclose(y, x @ W + b, rtol=1e-14)
    assert np.allclose(dense_forward(W.T, x.T, None), W.T @ x.T, rtol=1e-14)
