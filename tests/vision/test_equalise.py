"""Histogram equalisation: eight pixels by hand, its laws, and OpenCV's bits."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scratchnet.vision.equalise import equalise
from scratchnet.vision.histogram import histograms

pictures = st.builds(
    lambda seed, levels, H, W: (
        np.random.default_rng(seed).integers(0, levels, (H, W)).astype(np.uint8)
    ),
    st.integers(0, 2**32 - 1), st.integers(1, 256), st.integers(1, 20), st.integers(1, 20),
)  # fmt: skip


def test_the_histogram_counts():
    counts = histograms(np.array([[[0, 0, 3]], [[3, 255, 3]]], np.uint8))
    assert counts.shape == (2, 256)
    assert counts[0, [0, 3, 255]].tolist() == [2, 1, 0]
    assert counts[1, [0, 3, 255]].tolist() == [0, 2, 1]
    assert counts.sum() == 6


def test_eight_pixels_by_hand():
    # 50 50 52 52 52 53 60 60: n = 2 at 50, 5 at 52, 6 at 53, 8 at 60; m = 2, 8 − 2 = 6.
    # 255·0/6 = 0, 255·3/6 = 127.5, which rounds to the even 128, 255·4/6 = 170, 255·6/6 = 255
    picture = np.array([[50, 50, 52, 52], [52, 53, 60, 60]], np.uint8)
    assert equalise(picture).tolist() == [[0, 0, 128, 128], [128, 170, 255, 255]]


def test_a_picture_of_one_grey_value_stays():
    assert equalise(np.full((2, 3, 3), 90, np.uint8)).tolist() == [[[90] * 3] * 3] * 2


@settings(max_examples=60, deadline=None)
@given(pictures)
def test_the_order_of_grey_values_stays_and_they_fill_the_scale(picture):
    even = equalise(picture)
    if picture.min() < picture.max():
        assert even.min() == 0
        assert even.max() == 255
    order = np.argsort(picture, axis=None, kind="stable")
    assert np.all(np.diff(even.ravel()[order].astype(int)) >= 0)


@settings(max_examples=40, deadline=None)
@given(pictures)
def test_brightness_does_not_matter(picture):
    dim = picture // 2  # room for the shift
    if dim.min() < dim.max():
        assert np.array_equal(equalise(dim + np.uint8(100)), equalise(dim))


def test_a_stack_is_its_pictures():
    stack = np.random.default_rng(0).integers(0, 99, (2, 3, 5, 6)).astype(np.uint8)
    assert np.array_equal(equalise(stack)[1, 2], equalise(stack[1, 2]))
    assert equalise(stack[:0]).shape == (0, 3, 5, 6)


@pytest.mark.oracle
@settings(max_examples=200, deadline=None)
@given(pictures)
def test_opencv_agrees_to_the_bit(picture):
    cv2 = pytest.importorskip("cv2")
    assert np.array_equal(equalise(picture), cv2.equalizeHist(picture))


def test_it_counts_bytes_only():
    with pytest.raises(ValueError, match="equalise counts grey values and expects uint8, got fl"):
        equalise(np.zeros((3, 3)))
