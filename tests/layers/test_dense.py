"""Dense and Flatten by hand."""

import numpy as np
import pytest

from scratchnet.layers import Dense, Flatten


def dense(**options):
    layer = Dense(3, **options)
    layer.build((2,), np.random.default_rng(0), np.float64)
    layer.params["W"][...] = [[1, 2, 3], [4, 5, 6]]
    return layer


def test_forward_by_hand():
    layer = dense()
    layer.params["b"][...] = [100, 200, 300]
    y = layer.forward(np.array([[1.0, 0], [0, 1], [1, 10]]))
    assert y.tolist() == [[101, 202, 303], [104, 205, 306], [141, 252, 363]]


def test_backward_by_hand():
    layer = dense()
    layer.forward(np.array([[1.0, 10], [2, 20]]))
    dx = layer.backward(np.array([[1.0, 0, 0], [0, 1, -1]]))
    assert dx.tolist() == [[1, 4], [2 - 3, 5 - 6]]
    assert layer.grads["W"].tolist() == [[1, 2, -2], [10, 20, -20]]
    assert layer.grads["b"].tolist() == [1, 1, -1]


def test_without_bias_there_is_no_b():
    layer = dense(bias=False)
    assert set(layer.params) == set(layer.grads) == {"W"}
    assert layer.forward(np.array([[1.0, 1]])).tolist() == [[5, 7, 9]]
    assert layer.backward(np.array([[1.0, 1, 1]])).tolist() == [[6, 15]]


@pytest.mark.parametrize(
    ("initializer", "variance"), [("he", 2 / 300), ("glorot", 2 / 500), ("lecun", 1 / 300)]
)
def test_weights_have_the_initialisers_variance(initializer, variance):
    layer = Dense(200, initializer=initializer)
    layer.build((300,), np.random.default_rng(0))
    assert layer.params["W"].var() == pytest.approx(variance, rel=0.03)
    assert not layer.params["b"].any()


def test_macs_count_the_weights():
    assert dense().macs() == 6


def test_an_image_is_sent_to_flatten():
    with pytest.raises(ValueError, match=r"Dense expects \(D,\), got \(128, 6, 6\); put Flatten"):
        Dense(3).build((128, 6, 6), np.random.default_rng(0))


def test_wrong_arguments_are_refused():
    with pytest.raises(ValueError, match="Dense units expects an int of at least 1, got 0"):
        Dense(0)
    with pytest.raises(ValueError, match="Dense units expects an int of at least 1, got True"):
        Dense(True)
    with pytest.raises(ValueError, match="expects one of he, glorot, lecun, zeros, got 'Xavier'"):
        Dense(3, initializer="Xavier")


def test_flatten_goes_channel_by_channel_and_row_by_row():
    x = np.arange(24.0).reshape(2, 3, 2, 2)
    layer = Flatten()
    assert layer.build((3, 2, 2), np.random.default_rng(0)) == (12,)
    y = layer.forward(x)
    assert y.tolist() == [list(range(12)), list(range(12, 24))]
    assert layer.backward(y).tolist() == x.tolist()
