"""Brightness, contrast, gamma: curves by hand, bytes and floats, and beside OpenCV."""

import numpy as np
import pytest

from scratchnet.vision.tone import gamma, linear

EVERY = np.arange(256, dtype=np.uint8)[None]


def test_contrast_turns_about_the_middle_grey():
    picture = np.array([[0, 64, 128, 160, 255]], np.uint8)
    assert linear(picture, contrast=2).tolist() == [[0, 0, 128, 192, 255]]
    assert linear(picture, contrast=0.5).tolist() == [[64, 96, 128, 144, 192]]  # 191.5 is rounded
    assert linear(picture, brightness=-10).tolist() == [[0, 54, 118, 150, 245]]


def test_gamma_by_hand():
    # 255 (64/255)^½ = √(255·64) = 127.7; 255 (64/255)² = 64²/255 = 16.06
    picture = np.array([[0, 64, 255]], np.uint8)
    assert gamma(picture, 0.5).tolist() == [[0, 128, 255]]
    assert gamma(picture, 2).tolist() == [[0, 16, 255]]


def test_one_changes_nothing():
    assert np.array_equal(linear(EVERY), EVERY)
    assert np.array_equal(gamma(EVERY, 1), EVERY)


@pytest.mark.parametrize("curve", [lambda x: linear(x, 1.3, -7), lambda x: gamma(x, 0.4)])
def test_bytes_are_rounded_floats(curve):
    exact = curve(EVERY.astype(np.float64))
    assert exact.dtype == np.float64
    assert np.array_equal(curve(EVERY), np.clip(np.rint(exact), 0, 255))
    assert curve(EVERY.astype(np.float32)).dtype == np.float32


def test_floats_are_not_cut_off():
    picture = np.array([[-10.0, 300.0]])
    assert linear(picture, 2).tolist() == [[-148, 472]]
    assert gamma(picture, 2)[0, 0] == 0  # no power of a negative number


def test_gamma_keeps_the_order_of_grey_values():
    for exponent in (0.2, 0.5, 2.0, 4.0):
        assert np.all(np.diff(gamma(EVERY, exponent).astype(int)) >= 0)


@pytest.mark.oracle
def test_opencv_draws_the_same_line():
    cv2 = pytest.importorskip("cv2")
    # 1.5 (x − 128) + 128 + 40 = 1.5 x − 24; OpenCV takes |1.5 x − 24|, so from 16 on
    theirs = cv2.convertScaleAbs(EVERY[:, 16:], alpha=1.5, beta=-24)
    assert np.array_equal(linear(EVERY[:, 16:], 1.5, 40), theirs)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: linear(EVERY, -1), "a contrast of at least 0"),
        (lambda: linear(EVERY, 1, np.inf), "a finite brightness"),
        (lambda: gamma(EVERY, 0), "an exponent above 0, got 0"),
        (lambda: gamma(np.zeros(3), 2), r"gamma expects grey images \(..., H, W\), got \(3,\)"),
    ],
)
def test_numbers_without_sense_are_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
