"""What no gradient check can see: choices where no derivative exists, or where all agree.

At a kink every slope in between is as good; and a forward that is wrong together with its backward
has right gradients. Here such choices are pinned by numbers worked out by hand.
"""

import numpy as np
import pytest

from scratchnet.gradcheck import differences, judge
from scratchnet.layers import BatchNorm, Conv2D, Dropout, MaxPool2D, ReLU


def built(layer, *shape):
    """The layer, built in float64 for samples of this shape."""
    layer.build(shape, np.random.default_rng(0), np.float64)
    return layer


def image(*rows):
    """Rows of numbers as an image (1, 1, H, W)."""
    return np.array([[rows]], np.float64)


def test_relu_slope_at_zero_is_zero():
    layer = built(ReLU(), 4)
    layer.forward(np.array([[-2.0, 0.0, -0.0, 3.0]]))
    assert layer.backward(np.full((1, 4), 5.0)).tolist() == [[0, 0, 0, 5]]


def test_the_first_of_equal_maxima_wins():
    layer = built(MaxPool2D(2), 1, 2, 4)
    y = layer.forward(image([7, 7, 1, 2], [7, 7, 2, 2]))
    assert y.tolist() == [[[[7, 2]]]]
    assert layer.backward(image([10, 20])).tolist() == [[[[10, 0, 0, 20], [0, 0, 0, 0]]]]


def test_outside_of_the_image_never_wins_a_pool():
    layer = built(MaxPool2D(2, padding=1), 1, 2, 2)
    assert layer.forward(image([-1, -2], [-3, -4])).tolist() == [[[[-1, -2], [-3, -4]]]]
    dx = layer.backward(image([1, 2], [3, 4]))
    assert dx.tolist() == [[[[1, 2], [3, 4]]]]


def test_dropout_keeps_the_expectation():
    layer = built(Dropout(0.75), 1000)
    y = layer.forward(np.ones((1, 1000)), training=True)
    assert set(np.unique(y)) == {0.0, 4.0}
    assert np.count_nonzero(y) == pytest.approx(250, abs=60)  # 4 standard deviations
    assert layer.forward(np.ones((1, 1000))).tolist() == [[1.0] * 1000]


def test_running_statistics_keep_the_share_momentum():
    layer = built(BatchNorm(momentum=0.75), 1)
    layer.forward(np.array([[2.0], [6.0]]), training=True)
    assert layer.buffers["running_mean"].tolist() == [0.75 * 0 + 0.25 * 4]


def test_running_variance_is_the_unbiased_one():
    layer = built(BatchNorm(momentum=0.5), 1)
    layer.forward(np.array([[2.0], [6.0]]), training=True)
    assert layer.buffers["running_var"].tolist() == [0.5 * 1 + 0.5 * (4 + 4) / (2 - 1)]


def test_same_padding_puts_the_odd_pixel_last():
    layer = built(Conv2D(1, 2, padding="same", bias=False), 1, 2, 2)
    layer.params["W"][...] = [[[[1, 10], [100, 1000]]]]
    y = layer.forward(image([1, 2], [3, 4]))
    assert y.tolist() == [[[[4321, 402], [43, 4]]]]


@pytest.mark.parametrize("h", [1.0, 0.25])
def test_differences_are_exact_for_polynomials(h):
    def quadratic(t):
        return 3 * t + 5 * t**2

    def quartic(t):
        return quadratic(t) + 7 * t**3 + 9 * t**4

    assert differences.central(quadratic, h).slope == 3
    assert judge.five_point(quartic, h).slope == pytest.approx(3, rel=1e-14)
    assert differences.complex_step(quartic).slope == 3
