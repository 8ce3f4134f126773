"""Black and white: Otsu's threshold by hand, by its definition, and beside OpenCV."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scratchnet.vision.threshold import otsu, otsu_threshold, threshold


def test_white_is_what_is_above_the_threshold():
    picture = np.array([[0, 127, 128, 255]], np.uint8)
    assert threshold(picture).tolist() == [[0, 0, 255, 255]]
    assert threshold(picture, 0).tolist() == [[0, 255, 255, 255]]
    assert threshold(picture, 255).tolist() == [[0, 0, 0, 0]]


def test_every_picture_can_have_its_own_threshold():
    stack = np.array([[[10, 20]], [[10, 20]]], np.float32)
    assert threshold(stack, [5, 15]).tolist() == [[[255, 255]], [[0, 255]]]
    assert threshold(stack, 15).dtype == np.float32


def test_otsu_by_hand():
    # Pixels 0 0 0 1 | 4 5 5 5; n = 8, s = 20.
    # t = 0: n(t) = 3, s(t) = 0:   (8·0 − 3·20)² / (3·5) = 240
    # t = 1: n(t) = 4, s(t) = 1:   (8·1 − 4·20)² / (4·4) = 324      the largest; t = 2, 3 the same
    # t = 4: n(t) = 5, s(t) = 5:   (8·5 − 5·20)² / (5·3) = 240
    picture = np.array([[0, 0, 0, 1], [4, 5, 5, 5]], np.uint8)
    assert otsu_threshold(picture) == 1
    assert otsu(picture).tolist() == [[0] * 4, [255] * 4]


def test_a_picture_of_one_grey_value_has_threshold_zero():
    assert otsu_threshold(np.full((2, 3, 3), 90, np.uint8)).tolist() == [0, 0]


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(2, 256))
def test_otsu_leaves_the_least_variance_within_the_classes(seed, levels):
    picture = np.random.default_rng(seed).integers(0, levels, (6, 7)).astype(np.uint8)

    def within(t):
        classes = picture[picture <= t], picture[picture > t]
        return sum(part.size * part.var() for part in classes if part.size)

    t = otsu_threshold(picture)
    assert within(t) == pytest.approx(min(map(within, range(256))), rel=1e-9, abs=1e-9)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_shifting_all_grey_values_shifts_the_threshold(seed):
    picture = np.random.default_rng(seed).integers(0, 200, (6, 7)).astype(np.uint8)
    assert otsu_threshold(picture + np.uint8(55)) == otsu_threshold(picture) + 55


def test_a_stack_is_its_pictures():
    stack = np.random.default_rng(0).integers(0, 256, (2, 3, 5, 6)).astype(np.uint8)
    assert otsu_threshold(stack).shape == (2, 3)
    assert np.array_equal(otsu(stack)[1, 2], otsu(stack[1, 2]))


@pytest.mark.oracle
@pytest.mark.parametrize("seed", range(40))
def test_opencv_finds_the_same_threshold(seed):
    """On histograms of every kind: with gaps, OpenCV rounds, so there the picture is compared."""
    cv2 = pytest.importorskip("cv2")
    rng = np.random.default_rng(seed)
    shares = rng.dirichlet(np.full(256, 0.05 if seed % 2 else 1.0))
    picture = rng.choice(256, (60, 80), p=shares).astype(np.uint8)
    t, white = cv2.threshold(picture, 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
    assert np.array_equal(otsu(picture), white)
    if seed % 2 == 0:
        assert otsu_threshold(picture) == t


def test_otsu_counts_bytes_only():
    with pytest.raises(ValueError, match=r"expects uint8, got float32; convert with .*to_bytes"):
        otsu(np.zeros((3, 3), np.float32))
