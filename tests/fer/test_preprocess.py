"""Pre-processing by hand, and that it travels with the model."""

import numpy as np
import pytest

from scratchnet.fer.preprocess import STD_FLOOR, Preprocessing


def test_a_picture_is_centred_and_scaled_by_itself():
    """Half 100, half 140: mean 120, deviation 20."""
    dark = np.full((4, 4), 100, np.uint8)
    dark[:, 2:] = 140
    bright = dark + 60  # brightness does not matter
    x = Preprocessing(size=4)(np.stack([dark, bright]))
    assert x.shape == (2, 1, 4, 4)
    assert x.dtype == np.float32
    assert x[0, 0].tolist() == x[1, 0].tolist() == [[-1, -1, 1, 1]] * 4


def test_contrast_does_not_matter_above_the_floor():
    noise = np.random.default_rng(0).integers(0, 100, (1, 8, 8)).astype(np.uint8)
    x = Preprocessing(size=8)(np.concatenate([noise, 2 * noise]))
    assert x[0] == pytest.approx(x[1], abs=1e-6)
    assert x[0].mean() == pytest.approx(0, abs=1e-6)
    assert x[0].std() == pytest.approx(1, abs=1e-6)


def test_the_noise_of_a_blank_picture_stays_small():
    blank = np.full((2, 4, 4), 77, np.uint8)
    blank[1, 0, 0] = 78
    x = Preprocessing(size=4)(blank)
    assert not x[0].any()
    assert x[1].max() == pytest.approx((15 / 16) / STD_FLOOR)


def test_unit_scaling_by_hand():
    picture = np.array([[[0, 51], [102, 255]]], np.uint8)
    x = Preprocessing(size=2, normalize="unit")(picture)
    assert x[0, 0] == pytest.approx(np.array([[0, 0.2], [0.4, 1]]))


def test_a_picture_does_not_depend_on_its_company():
    pictures = np.random.default_rng(1).integers(0, 256, (1030, 4, 4)).astype(np.uint8)
    whole = Preprocessing(size=4)(pictures)
    for i in (0, 1023, 1024, 1029):
        assert np.array_equal(whole[i], Preprocessing(size=4)(pictures[i : i + 1])[0])
    assert Preprocessing(size=4)(pictures[:0]).shape == (0, 1, 4, 4)


def test_pictures_are_left_alone():
    pictures = np.random.default_rng(2).integers(0, 256, (3, 4, 4)).astype(np.uint8)
    before = pictures.copy()
    Preprocessing(size=4)(pictures)
    assert np.array_equal(pictures, before)


def test_the_settings_come_back_from_plain_values():
    for settings in (Preprocessing(), Preprocessing(size=96, normalize="unit")):
        assert Preprocessing(**settings.config()) == settings
    assert Preprocessing().config() == {"size": 48, "normalize": "picture"}


@pytest.mark.parametrize(
    "pictures",
    [
        np.zeros((2, 4, 4), np.float32),
        np.zeros((2, 5, 4), np.uint8),
        np.zeros((4, 4), np.uint8),
        np.zeros((2, 4, 4, 3), np.uint8),
    ],
)
def test_other_pictures_are_refused(pictures):
    with pytest.raises(ValueError, match=r"expects \(N, 4, 4\) uint8, got .*; convert and resize"):
        Preprocessing(size=4)(pictures)


def test_an_unknown_normalisation_is_refused():
    with pytest.raises(ValueError, match="expects 'picture' or 'unit', got 'none'"):
        Preprocessing(normalize="none")
