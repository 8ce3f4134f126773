"""haar.samples.variation: what varies, within which limits, and that the generator decides it."""

import numpy as np
import pytest

from haar.samples import Sample, Variation, cut, vary
from haar.samples.variation import ramp

NOTHING = Variation(
    mirror=0, shift=0, scale=0, angle=0, light=0, contrast=0, brightness=0, area=0
)  # fmt: skip
GREY = np.random.default_rng(0).integers(0, 256, (40, 40)).astype(np.uint8)
SAMPLE = Sample(GREY, (8, 9, 20, 20))


def rng():
    return np.random.default_rng(7)


def with_only(**most):
    return Variation(**{**NOTHING.__dict__, **most})


def test_no_variation_is_the_sample():
    windows = vary([SAMPLE], (10, 10), 3, rng(), NOTHING)
    assert (windows == cut(GREY, SAMPLE.box, (10, 10))).all()


def test_always_mirrored():
    windows = vary([SAMPLE], (10, 10), 2, rng(), with_only(mirror=1.0))
    assert (windows == cut(GREY, SAMPLE.box, (10, 10), mirror=True)).all()


def test_copies_come_in_rounds_of_all_samples():
    dark, bright = (Sample(np.full((9, 9), v, np.uint8), (0, 0, 9, 9)) for v in (10, 200))
    windows = vary([dark, bright], (3, 3), 2, rng(), NOTHING)
    assert windows[:, 0, 0].tolist() == [10, 200, 10, 200]


def test_the_same_generator_gives_the_same_copies_and_another_one_others():
    a, b = vary([SAMPLE], (12, 12), 5, rng()), vary([SAMPLE], (12, 12), 5, rng())
    c = vary([SAMPLE], (12, 12), 5, np.random.default_rng(8))
    assert (a == b).all() and (a != c).any()


def test_a_variation_turned_off_leaves_the_others_alone():
    moved = vary([SAMPLE], (12, 12), 4, rng(), with_only(shift=0.1))
    moved_and_lit = vary([SAMPLE], (12, 12), 4, rng(), with_only(shift=0.1, brightness=0.0))
    assert (moved == moved_and_lit).all()


def test_a_shift_stays_within_its_share_of_the_box():
    across = Sample(np.tile(np.arange(100, dtype=np.uint8), (100, 1)), (40, 40, 20, 20))
    windows = vary([across], (1, 1), 200, rng(), with_only(shift=0.1)).ravel().astype(int)
    still = 50  # the middle, 49.5, rounded to even
    assert windows.min() >= still - 2 - 1 and windows.max() <= still + 2 + 1
    assert windows.min() < still - 1 and windows.max() > still


def test_brightness_moves_all_pixels_alike_and_stops_at_white():
    even = Sample(np.full((8, 8), 250, np.uint8), (0, 0, 8, 8))
    windows = vary([even], (4, 4), 100, rng(), with_only(brightness=30.0))
    assert all(len(np.unique(window)) == 1 for window in windows)
    assert windows.max() == 255 and windows.min() < 240


def test_light_from_the_right():
    assert ramp((4, 2), 0.0, 0.4).round(3).tolist() == [[0.7, 0.9, 1.1, 1.3]] * 2


@pytest.mark.parametrize(
    "wrong", [{"mirror": 1.5}, {"area": -0.1}, {"shift": 0.5}, {"angle": -1}, {"light": np.inf}]
)
def test_a_number_out_of_its_range_is_refused(wrong):
    with pytest.raises(ValueError, match="expects"):
        Variation(**wrong)
