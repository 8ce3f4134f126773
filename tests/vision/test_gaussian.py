"""Gaussian blur: its weights by hand, its laws, and beside SciPy and OpenCV."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scratchnet.vision.gaussian import gaussian_blur, gaussian_weights

sigmas = st.floats(0.2, 5)


def test_the_weights_by_hand():
    # σ² = 1 / (2 ln 2): exp(−k²/2σ²) = 2^(−k²), so 1, ½, 1/16, 1/512; σ = 0.85, r = ⌊3.9⌋ = 3
    weights = gaussian_weights(1 / np.sqrt(2 * np.log(2)))
    bell = np.array([1, 1 / 2, 1 / 16, 1 / 512])
    assert weights == pytest.approx(bell / (1 + 2 * (1 / 2 + 1 / 16 + 1 / 512)), rel=1e-15)


def test_a_point_becomes_the_bell():
    point = np.zeros((9, 9))
    point[4, 4] = 1
    g = gaussian_weights(1.0)
    row = np.concatenate([g[:0:-1], g])
    np.testing.assert_allclose(gaussian_blur(point), np.outer(row, row), atol=1e-17)


def test_a_small_sigma_changes_nothing():
    picture = np.random.default_rng(0).integers(0, 256, (2, 5, 4)).astype(np.uint8)
    assert np.array_equal(gaussian_blur(picture, 0.1), picture)


@pytest.mark.parametrize("dtype", [np.uint8, np.float32, np.float64])
def test_a_plain_picture_stays(dtype):
    plain = np.full((2, 3, 4), 77, dtype)
    blurred = gaussian_blur(plain, 2.0)
    assert blurred.dtype == dtype
    np.testing.assert_allclose(blurred, 77, rtol=1e-6)


@settings(max_examples=30, deadline=None)
@given(sigmas, st.integers(1, 12), st.integers(1, 12))
def test_mirroring_and_blurring_commute_to_the_last_bit(sigma, H, W):
    picture = np.random.default_rng(1).random((H, W)).astype(np.float32)
    blurred = gaussian_blur(picture, sigma)
    assert np.array_equal(gaussian_blur(picture[:, ::-1], sigma), blurred[:, ::-1])
    assert np.array_equal(gaussian_blur(picture[::-1], sigma), blurred[::-1])


@settings(max_examples=30, deadline=None)
@given(sigmas)
def test_no_value_leaves_the_range_of_its_neighbours(sigma):
    picture = np.random.default_rng(2).random((7, 8))
    blurred = gaussian_blur(picture, sigma)
    assert picture.min() - 1e-12 <= blurred.min()
    assert blurred.max() <= picture.max() + 1e-12


def test_two_blurs_are_one_of_the_summed_variance():
    picture = np.zeros((41, 41))
    picture[20, 20] = 1
    twice = gaussian_blur(gaussian_blur(picture, 2.0), 1.5)
    np.testing.assert_allclose(twice, gaussian_blur(picture, 2.5), atol=3e-5)


@pytest.mark.oracle
@pytest.mark.parametrize("sigma", [0.4, 0.8, 1.0, 2.3, 6.0])
def test_scipy_agrees(sigma):
    ndimage = pytest.importorskip("scipy.ndimage")
    picture = 255 * np.random.default_rng(3).random((31, 44))
    theirs = ndimage.gaussian_filter(picture, sigma, mode="nearest")
    np.testing.assert_allclose(gaussian_blur(picture, sigma), theirs, rtol=0, atol=1e-11)


@pytest.mark.oracle
@pytest.mark.parametrize("sigma", [0.6, 1.0, 2.3])
def test_opencv_agrees_but_for_a_rounding(sigma):
    cv2 = pytest.importorskip("cv2")
    picture = np.random.default_rng(4).integers(0, 256, (48, 64)).astype(np.uint8)
    side = 2 * len(gaussian_weights(sigma)) - 1

    def theirs(image):
        return cv2.GaussianBlur(image, (side, side), sigma, borderType=cv2.BORDER_REPLICATE)

    assert np.abs(gaussian_blur(picture, sigma).astype(int) - theirs(picture)).max() <= 1
    floats = picture.astype(np.float32)
    assert np.abs(gaussian_blur(floats, sigma) - theirs(floats)).max() < 2e-4


@pytest.mark.parametrize("sigma", [0, -1.0, np.nan, np.inf])
def test_a_sigma_without_sense_is_refused(sigma):
    with pytest.raises(ValueError, match="expects a sigma above 0, got"):
        gaussian_blur(np.zeros((3, 3)), sigma)
