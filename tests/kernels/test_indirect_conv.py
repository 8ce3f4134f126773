"""Convolution as three products: an image by hand, and the reference's bits on whole numbers."""

import numpy as np
import pytest

from scratchnet.kernels import indirect_conv
from scratchnet.kernels.maps import frame
from scratchnet.reference import conv2d as reference
from tests.kernels.layout import images_of, maps_of, nothing_outside, poisoned

NINE = np.arange(1, 10, dtype=np.float32).reshape(1, 1, 3, 3)
SUMS = [[12, 21, 16], [27, 45, 33], [24, 39, 28]]
"""Each pixel of NINE with all its neighbours: 12 = 1 + 2 + 4 + 5."""


def gradients(N, dy, y, fy, x, fx, W, window, dx):
    """(dW, db), and dx."""
    F, C, KH, KW = W.shape
    sums = indirect_conv.empty_sums(C, F, KH, KW)
    for array in sums:
        array[...] = np.nan
    Wt = indirect_conv.ordered(W, "FC")
    indirect_conv.backward_maps(N, dy, y, fy, x, fx, Wt, window, dx, sums, fresh=True)
    return indirect_conv.gradients(sums)


def one_channel(C):
    """Filter 0 adds up the window, filter 1 takes its middle, less 5; ReLU behind both."""
    W, b = np.zeros((16, C, 3, 3), np.float32), np.zeros(16, np.float32)
    W[0, 0], W[1, 0, 1, 1], b[1] = 1, 1, -5
    return W, b, indirect_conv.Window(3, 3, 1, 1, 1, 1, top=1, left=1, relu=True)


@pytest.mark.parametrize("C", [1, 16])
def test_a_convolution_of_nine_pixels_by_hand(C):
    x, fx = maps_of(NINE, C)
    W, b, window = one_channel(C)
    fy = frame(3, 3, 16)
    y = poisoned(1, fy)
    indirect_conv.forward_maps(1, x, fx, indirect_conv.ordered(W, "CF"), b, window, y, fy)
    images = images_of(y, 1, fy)[0]
    assert images[0].tolist() == SUMS
    assert images[1].tolist() == [[0, 0, 0], [0, 0, 1], [2, 3, 4]]
    assert not images[2:].any()
    assert nothing_outside(y, fy)


def test_its_gradients_by_hand():
    """dy = 1. A tap of filter 0 meets the pixels that a window of ones meets: SUMS again.

    Filter 1 lets four pixels through: 6 + 7 + 8 + 9 = 30. A pixel lies in 4, 6 or 9 windows.
    """
    x, fx = maps_of(NINE)
    W, b, window = one_channel(16)
    fy = frame(3, 3, 16)
    y, dx = poisoned(1, fy), poisoned(1, fx)
    indirect_conv.forward_maps(1, x, fx, indirect_conv.ordered(W, "CF"), b, window, y, fy)
    dy, _ = maps_of(np.ones((1, 16, 3, 3), np.float32))
    dW, db = gradients(1, dy, y, fy, x, fx, W, window, dx)
    assert db[:3].tolist() == [9, 4, 0]
    assert dW.shape == W.shape
    assert dW[0, 0].tolist() == SUMS
    assert dW[1, 0, 1, 1] == 30
    assert not dW[2:].any()
    assert not dW[:, 1:].any()
    images = images_of(dx, 1, fx)[0]
    assert images[0].tolist() == [[4, 6, 4], [6, 9, 6 + 1], [4 + 1, 6 + 1, 4 + 1]]
    assert not images[1:].any()
    assert nothing_outside(dx, fx)


# (H, W), C, F, kernel, stride, dilation, padding ((top, bottom), (left, right))
CASES = {
    "1 × 1": ((5, 7), 16, 32, (1, 1), (1, 1), (1, 1), ((0, 0), (0, 0))),
    "1 × 1 over the edge": ((5, 7), 16, 16, (1, 1), (1, 1), (1, 1), ((1, 1), (1, 1))),
    "1 × 1, stride 2": ((6, 7), 32, 16, (1, 1), (2, 2), (1, 1), ((0, 0), (0, 0))),
    "3 × 3, stride 2": ((9, 6), 16, 48, (3, 3), (2, 2), (1, 1), ((1, 1), (1, 1))),
    "a stride above the window": ((9, 11), 16, 16, (2, 2), (3, 4), (1, 1), ((0, 1), (1, 0))),
    "dilated": ((9, 8), 16, 16, (3, 3), (1, 2), (2, 2), ((1, 1), (1, 1))),
    "dilated along rows only": ((5, 8), 16, 16, (2, 3), (1, 1), (1, 3), ((0, 0), (1, 1))),
    "a window as large as the image": ((4, 5), 16, 16, (4, 5), (1, 1), (1, 1), ((0, 0), (0, 0))),
    "5 × 5": ((8, 8), 16, 16, (5, 5), (1, 1), (1, 1), ((1, 0), (0, 1))),
}


@pytest.mark.parametrize("relu", [False, True])
@pytest.mark.parametrize("name", CASES)
def test_the_bits_are_the_references(name, relu):
    (H, W_), C, F, kernel, stride, dilation, padding = CASES[name]
    rng = np.random.default_rng(0)
    draw = lambda *shape: rng.integers(-5, 6, shape).astype(np.float32)  # noqa: E731
    images, W, b = draw(3, C, H, W_), draw(F, C, *kernel), draw(F)
    z = reference.conv2d_forward(images, W, b, stride, padding, dilation, 1)
    dy_images = draw(*z.shape)
    dz = np.where(z > 0, dy_images, np.float32(0)) if relu else dy_images
    theirs = reference.conv2d_backward(dz, images, W, stride, padding, dilation, 1)

    x, fx = maps_of(images)
    dy, fy = maps_of(dy_images)
    window = indirect_conv.Window(*kernel, *stride, *dilation, padding[0][0], padding[1][0], relu)
    y, dx = poisoned(3, fy), poisoned(3, fx)
    indirect_conv.forward_maps(3, x, fx, indirect_conv.ordered(W, "CF"), b, window, y, fy)
    assert np.array_equal(images_of(y, 3, fy), np.maximum(z, 0) if relu else z)
    dW, db = gradients(3, dy, y, fy, x, fx, W, window, dx)
    for one, other in zip((images_of(dx, 3, fx), dW, db), theirs, strict=True):
        assert np.array_equal(one, other)
    assert nothing_outside(y, fy)
    assert nothing_outside(dx, fx)
    without, _ = gradients(3, dy, y, fy, x, fx, W, window, None)
    assert np.array_equal(without, dW)


@pytest.mark.parametrize("C", [1, 2, 3, 17])
def test_channels_that_sixteen_does_not_divide_are_taken_as_they_are_if_nobody_asks_for_dx(C):
    rng = np.random.default_rng(C)
    draw = lambda *shape: rng.integers(-5, 6, shape).astype(np.float32)  # noqa: E731
    images, W, b, dy_images = draw(2, C, 6, 5), draw(16, C, 3, 3), draw(16), draw(2, 16, 6, 5)
    how = (1, 1), ((1, 1), (1, 1)), (1, 1), 1
    x, fx = maps_of(images, C)
    dy, fy = maps_of(dy_images)
    y = poisoned(2, fy)
    window = indirect_conv.Window(3, 3, 1, 1, 1, 1, 1, 1, relu=False)
    indirect_conv.forward_maps(2, x, fx, indirect_conv.ordered(W, "CF"), b, window, y, fy)
    assert np.array_equal(images_of(y, 2, fy), reference.conv2d_forward(images, W, b, *how))
    dW, db = gradients(2, dy, y, fy, x, fx, W, window, None)
    _, its_dW, its_db = reference.conv2d_backward(dy_images, images, W, *how)
    assert np.array_equal(dW, its_dW)
    assert np.array_equal(db, its_db)
