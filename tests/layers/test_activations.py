"""ReLU, Sigmoid, Tanh and Softmax by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from scratchnet.layers import ReLU, Sigmoid, Softmax, Tanh


def run(layer, x, dy):
    """y and dx of one forward and one backward."""
    x = np.asarray(x)
    layer.build(x.shape[1:], np.random.default_rng(0), x.dtype)
    return layer.forward(x), layer.backward(np.asarray(dy, dtype=x.dtype))


def test_relu_passes_what_is_positive():
    y, dx = run(ReLU(), [[-2.0, 3, -0.5, 0.5]], [[10, 20, 30, 40]])
    assert y.tolist() == [[0, 3, 0, 0.5]]
    assert dx.tolist() == [[0, 20, 0, 40]]


def test_the_derivative_of_relu_at_zero_is_zero():
    _, dx = run(ReLU(), [[0.0, -0.0]], [[1, 1]])
    assert dx.tolist() == [[0, 0]]


def test_relu_blocks_even_an_infinite_gradient():
    _, dx = run(ReLU(), [[-1.0]], [[np.inf]])
    assert dx.tolist() == [[0]]


def test_sigmoid_by_hand():
    # e^-ln 3 = 1/3: y = 1 / (1 + 1/3) = 3/4, and y' = 3/4 · 1/4
    y, dx = run(Sigmoid(), [[0.0, np.log(3)]], [[4, 16]])
    assert y == pytest.approx(np.array([[0.5, 0.75]]), rel=1e-15)
    assert dx == pytest.approx(np.array([[1.0, 3.0]]), rel=1e-15)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_sigmoid_saturates_in_silence(dtype):
    y, dx = run(Sigmoid(), np.array([[-1e4, 1e4]], dtype), [[1, 1]])
    assert y.tolist() == [[0, 1]]
    assert dx.tolist() == [[0, 0]]


def test_sigmoid_keeps_its_digits_far_below_zero():
    y, _ = run(Sigmoid(), np.array([[-40.0]]), [[1]])
    assert y.item() == pytest.approx(np.exp(-40), rel=1e-14)


def test_tanh_by_hand():
    # at ln 2: (2 - 1/2) / (2 + 1/2) = 3/5, and 1 - 9/25 = 16/25
    y, dx = run(Tanh(), [[0.0, np.log(2)]], [[7, 25]])
    assert y == pytest.approx(np.array([[0.0, 0.6]]), rel=1e-15)
    assert dx == pytest.approx(np.array([[7.0, 16.0]]), rel=1e-15)


def test_softmax_by_hand():
    # e^0 : e^ln 3 = 1 : 3; under dy = (1, 0): dx = p · (dy - p[0]) = (1/4 · 3/4, 3/4 · -1/4)
    y, dx = run(Softmax(), [[0.0, np.log(3)]], [[1, 0]])
    assert y == pytest.approx(np.array([[0.25, 0.75]]), rel=1e-15)
    assert dx == pytest.approx(np.array([[3 / 16, -3 / 16]]), rel=1e-15)


def test_softmax_multiplies_by_the_whole_jacobian():
    x, dy = np.array([[1.0, -2, 0.5]]), np.array([[3.0, 1, -4]])
    p, dx = run(Softmax(), x, dy)
    jacobian = np.diag(p[0]) - np.outer(p[0], p[0])
    assert dx[0] == pytest.approx(jacobian.T @ dy[0], rel=1e-14)


def test_a_shift_of_all_scores_has_no_effect_and_no_gradient():
    p, dx = run(Softmax(), [[1.0, 2, 3]], [[5, 5, 5]])
    shifted, _ = run(Softmax(), [[1001.0, 1002, 1003]], [[0, 0, 0]])
    assert shifted == pytest.approx(p, rel=1e-12)
    assert abs(dx).max() < 1e-15


def test_softmax_of_an_image_is_over_its_channels():
    p, _ = run(Softmax(), np.zeros((1, 4, 2, 3)), np.ones((1, 4, 2, 3)))
    assert p.tolist() == np.full((1, 4, 2, 3), 0.25).tolist()


@given(arrays(np.float64, (2, 4), elements=st.floats(-700, 700)))
def test_softmax_gives_probabilities(x):
    p, _ = run(Softmax(), x, np.ones_like(x))
    assert (p >= 0).all()
    assert p.sum(axis=1) == pytest.approx(1, rel=1e-14)
    assert (np.sort(p) == np.take_along_axis(p, np.argsort(x), axis=1)).all()  # in x's order


@given(arrays(np.float64, (1, 5), elements=st.floats(-50, 50)))
def test_tanh_is_a_stretched_sigmoid(x):
    tanh, _ = run(Tanh(), x, np.ones_like(x))
    sigmoid, _ = run(Sigmoid(), 2 * x, np.ones_like(x))
    assert tanh == pytest.approx(2 * sigmoid - 1, abs=1e-15)
