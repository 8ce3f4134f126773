"""Depthwise convolution: images by hand, and the reference's bits on whole numbers."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from scratchnet.kernels import depthwise
from tests.kernels.on_maps import OnMaps, same_bits
from tests.kernels.test_indirect_conv import NINE, SUMS

NO_EDGES = (0, 0), (0, 0)


def of_nine():
    """Channel 0 adds up the window, channel 1 takes its middle, less 5; ReLU behind both."""
    x = np.zeros((1, 16, 3, 3), np.float32)
    x[:, :2] = NINE
    W, b = np.zeros((16, 1, 3, 3), np.float32), np.zeros(16, np.float32)
    W[0], W[1, 0, 1, 1], b[1] = 1, 1, -5
    return OnMaps(depthwise, x, W, b, relu=True, groups=16)


def test_a_convolution_of_nine_pixels_by_hand():
    y = of_nine().forward(3, 3)[0]
    assert y[0].tolist() == SUMS
    assert y[1].tolist() == [[0, 0, 0], [0, 0, 1], [2, 3, 4]]
    assert not y[2:].any()


def test_its_gradients_by_hand():
    """dy = 1: as for the indirect convolution, but each channel has its own dx."""
    mine = of_nine()
    mine.forward(3, 3)
    dx, dW, db = mine.backward(np.ones((1, 16, 3, 3), np.float32))
    assert db[:3].tolist() == [9, 4, 0]
    assert dW.shape == (16, 1, 3, 3)
    assert dW[0, 0].tolist() == SUMS
    assert dW[1, 0, 1, 1] == 6 + 7 + 8 + 9
    assert not dW[2:].any()
    assert dx[0, 0].tolist() == [[4, 6, 4], [6, 9, 6], [4, 6, 4]]
    assert dx[0, 1].tolist() == [[0, 0, 0], [0, 0, 1], [1, 1, 1]]
    assert not dx[0, 2:].any()


def test_a_stride_by_hand():
    """x = 1 … 5, W = (1, 10, 100), stride 2: windows (1, 2, 3) and (3, 4, 5), dy = (1, 2)."""
    x = np.tile(np.arange(1, 6, dtype=np.float32), (1, 16, 1, 1))
    W = np.tile(np.float32([1, 10, 100]), (16, 1, 1, 1))
    b = np.full(16, 7, np.float32)
    mine = OnMaps(depthwise, x, W, b, (1, 2), NO_EDGES, groups=16)
    assert mine.forward(1, 2)[0, 15].tolist() == [[328, 550]]
    dx, dW, db = mine.backward(np.tile(np.float32([1, 2]), (1, 16, 1, 1)))
    assert dx[0, 15].tolist() == [[1, 10, 100 + 2, 20, 200]]
    assert dW[15, 0].tolist() == [[1 + 6, 2 + 8, 3 + 10]]
    assert db[15] == 3


PAIRS = st.tuples(st.integers(1, 4), st.integers(1, 4))


@settings(max_examples=300, deadline=None, derandomize=True)
@given(
    N=st.integers(1, 3),
    size=st.tuples(st.integers(1, 14), st.integers(1, 14)),
    channels=st.sampled_from([16, 48]),
    kernel=st.tuples(st.integers(1, 6), st.integers(1, 6)),
    stride=PAIRS,
    padding=st.tuples(*[st.integers(0, 5)] * 4),
    dilation=PAIRS,
    relu=st.booleans(),
)
def test_the_bits_are_the_references(N, size, channels, kernel, stride, padding, dilation, relu):
    edges = padding[:2], padding[2:]
    for n, before_and_behind, K, d in zip(size, edges, kernel, dilation, strict=True):
        assume(n + sum(before_and_behind) >= (K - 1) * d + 1)
    same_bits(
        depthwise, N, (channels, *size), channels, kernel, stride, edges, dilation, channels, relu
    )


@pytest.mark.parametrize("N", [4, 9, 37])
def test_the_bits_are_the_references_for_more_images_than_are_summed_together(N):
    same_bits(depthwise, N, (16, 3, 5), 16, (2, 2), (1, 1), ((0, 1), (1, 0)), (1, 1), 16, True)
