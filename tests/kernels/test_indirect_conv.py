"""Convolution as three products: an image by hand, and the reference's bits on whole numbers."""

import numpy as np
import pytest

from scratchnet.kernels import indirect_conv
from scratchnet.reference import conv2d as reference
from tests.kernels.on_maps import OnMaps, same_bits

NINE = np.arange(1, 10, dtype=np.float32).reshape(1, 1, 3, 3)
SUMS = [[12, 21, 16], [27, 45, 33], [24, 39, 28]]
"""Each pixel of NINE with all its neighbours: 12 = 1 + 2 + 4 + 5."""


def of_nine(C):
    """Filter 0 adds up the window, filter 1 takes its middle, less 5; ReLU behind both."""
    W, b = np.zeros((16, C, 3, 3), np.float32), np.zeros(16, np.float32)
    W[0, 0], W[1, 0, 1, 1], b[1] = 1, 1, -5
    return OnMaps(indirect_conv, NINE, W, b, relu=True, channels=C)


@pytest.mark.parametrize("C", [1, 16])
def test_a_convolution_of_nine_pixels_by_hand(C):
    y = of_nine(C).forward(3, 3)[0]
    assert y[0].tolist() == SUMS
    assert y[1].tolist() == [[0, 0, 0], [0, 0, 1], [2, 3, 4]]
    assert not y[2:].any()


def test_its_gradients_by_hand():
    """dy = 1. A tap of filter 0 meets the pixels that a window of ones meets: SUMS again.

    Filter 1 lets four pixels through: 6 + 7 + 8 + 9 = 30. A pixel lies in 4, 6 or 9 windows.
    """
    mine = of_nine(16)
    mine.forward(3, 3)
    dx, dW, db = mine.backward(np.ones((1, 16, 3, 3), np.float32))
    assert db[:3].tolist() == [9, 4, 0]
    assert dW.shape == (16, 16, 3, 3)
    assert dW[0, 0].tolist() == SUMS
    assert dW[1, 0, 1, 1] == 30
    assert not dW[2:].any()
    assert not dW[:, 1:].any()
    assert dx[0, 0].tolist() == [[4, 6, 4], [6, 9, 6 + 1], [4 + 1, 6 + 1, 4 + 1]]


def test_a_group_by_hand():
    """x = 1 in group 0, 2 in group 1; all weights are 1, and 16 channels add up."""
    x = np.repeat(np.float32([1, 2]), 16).reshape(1, 32, 1, 1)
    W, b = np.ones((32, 16, 1, 1), np.float32), np.zeros(32, np.float32)
    mine = OnMaps(indirect_conv, x, W, b, padding=((0, 0), (0, 0)), groups=2)
    y = mine.forward(1, 1)
    assert y[0, :, 0, 0].tolist() == [16] * 16 + [32] * 16
    dy = np.repeat(np.float32([10, 100]), 16).reshape(1, 32, 1, 1)
    dx, dW, db = mine.backward(dy)
    assert dx[0, :, 0, 0].tolist() == [160] * 16 + [1600] * 16
    assert dW.reshape(2, -1).tolist() == [[10] * 256, [200] * 256]
    assert db.tolist() == [10] * 16 + [100] * 16


# (H, W), C, F, kernel, stride, dilation, padding ((top, bottom), (left, right)), groups
CASES = {
    "1 × 1": ((5, 7), 16, 32, (1, 1), (1, 1), (1, 1), ((0, 0), (0, 0)), 1),
    "1 × 1 over the edge": ((5, 7), 16, 16, (1, 1), (1, 1), (1, 1), ((1, 1), (1, 1)), 1),
    "1 × 1, stride 2": ((6, 7), 32, 16, (1, 1), (2, 2), (1, 1), ((0, 0), (0, 0)), 1),
    "3 × 3, stride 2": ((9, 6), 16, 48, (3, 3), (2, 2), (1, 1), ((1, 1), (1, 1)), 1),
    "a stride above the window": ((9, 11), 16, 16, (2, 2), (3, 4), (1, 1), ((0, 1), (1, 0)), 1),
    "dilated": ((9, 8), 16, 16, (3, 3), (1, 2), (2, 2), ((1, 1), (1, 1)), 1),
    "dilated along rows only": ((5, 8), 16, 16, (2, 3), (1, 1), (1, 3), ((0, 0), (1, 1)), 1),
    "a window as large as the image": ((4, 5), 16, 16, (4, 5), (1, 1), (1, 1), ((0, 0), (0, 0)), 1),
    "5 × 5": ((8, 8), 16, 16, (5, 5), (1, 1), (1, 1), ((1, 0), (0, 1)), 1),
    "5 × 5, the same size": ((7, 6), 16, 16, (5, 5), (1, 1), (1, 1), ((2, 2), (2, 2)), 1),
    "wide on one side": ((3, 2), 16, 16, (2, 3), (1, 2), (1, 1), ((4, 0), (0, 3)), 1),
    "dilated, the same size": ((4, 5), 16, 32, (3, 3), (1, 1), (3, 2), ((3, 3), (2, 2)), 1),
    "two groups": ((5, 4), 32, 64, (3, 3), (1, 1), (1, 1), ((1, 1), (1, 1)), 2),
    "three groups, stride 2": ((6, 7), 96, 48, (3, 2), (2, 1), (1, 1), ((1, 1), (0, 0)), 3),
}


@pytest.mark.parametrize("relu", [False, True])
@pytest.mark.parametrize("name", CASES)
def test_the_bits_are_the_references(name, relu):
    size, C, F, kernel, stride, dilation, padding, groups = CASES[name]
    same_bits(
        indirect_conv, 3, (C, *size), F, kernel, stride, padding, dilation, groups, relu
    )  # fmt: skip


def test_the_bits_are_the_references_for_more_images_than_are_summed_together():
    same_bits(indirect_conv, 37, (16, 3, 3), 16, (2, 2), (1, 1), ((0, 1), (1, 0)), (1, 1), 1, True)


@pytest.mark.parametrize("C", [1, 2, 3, 17])
def test_channels_that_sixteen_does_not_divide_are_taken_as_they_are_if_nobody_asks_for_dx(C):
    rng = np.random.default_rng(C)
    draw = lambda *shape: rng.integers(-5, 6, shape).astype(np.float32)  # noqa: E731
    x, W, b, dy = draw(2, C, 6, 5), draw(16, C, 3, 3), draw(16), draw(2, 16, 6, 5)
    how = (1, 1), ((1, 1), (1, 1)), (1, 1), 1
    mine = OnMaps(indirect_conv, x, W, b, *how, channels=C)
    assert np.array_equal(mine.forward(6, 5), reference.conv2d_forward(x, W, b, *how))
    _, *found = mine.backward(dy, wants_dx=False)
    _, *theirs = reference.conv2d_backward(dy, x, W, *how)
    for one, other in zip(found, theirs, strict=True):
        assert np.array_equal(one, other)
