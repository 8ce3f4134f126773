"""haar.samples.cut: a window out of a picture; by hand, then against haar.image.resize."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from haar.image import resize
from haar.samples import Sample, cut, cut_all

RAMP = np.tile(np.arange(0, 80, 10, dtype=np.uint8), (8, 1))  # 0, 10, … 70 to the right


def noise(H, W, seed=0):
    return np.random.default_rng(seed).integers(0, 256, (H, W)).astype(np.uint8)


def test_the_whole_picture_at_its_own_size_is_the_picture():
    grey = noise(5, 7)
    assert (cut(grey, (0, 0, 7, 5), (7, 5)) == grey).all()


def test_a_box_at_whole_pixels_is_a_slice():
    grey = noise(9, 12)
    assert (cut(grey, (3, 2, 6, 4), (6, 4)) == grey[2:6, 3:9]).all()


def test_half_a_pixel_further_is_the_mean_of_two_neighbours():
    assert cut(RAMP, (1.5, 0, 3, 3), (3, 3))[0].tolist() == [15, 25, 35]


def test_a_mirror_exchanges_left_and_right():
    assert cut(RAMP, (1, 0, 3, 3), (3, 3), mirror=True)[0].tolist() == [30, 20, 10]


def test_a_box_turned_by_a_quarter_looks_along_the_rows():
    # clockwise: what was to the right of the middle is at the bottom of the box
    window = cut(RAMP, (2, 2, 3, 3), (3, 3), angle=90)
    assert window.tolist() == [[40, 30, 20]] * 3 or window.tolist() == [
        [40] * 3,
        [30] * 3,
        [20] * 3,
    ]
    turned_back = cut(np.ascontiguousarray(window), (0, 0, 3, 3), (3, 3), angle=-90)
    assert turned_back.tolist() == [[20, 30, 40]] * 3


def test_beyond_the_edge_the_last_pixel_goes_on():
    assert cut(RAMP, (-2, 0, 4, 4), (4, 4))[0].tolist() == [0, 0, 0, 10]


def test_area_takes_the_mean_of_all_pixels_and_one_reading_does_not():
    grey = np.zeros((4, 4), np.uint8)
    grey[0, 0] = 160
    assert cut(grey, (0, 0, 4, 4), (1, 1), area=True).tolist() == [[10]]
    assert cut(grey, (0, 0, 4, 4), (1, 1)).tolist() == [[0]]  # the four pixels in the middle


@given(st.integers(8, 40), st.integers(8, 40), st.integers(1, 20), st.integers(1, 20))
def test_one_reading_is_what_detection_sees_when_it_shrinks_a_picture(H, W, h, w):
    grey = noise(H, W, seed=H * W)
    window = cut(grey, (0, 0, W, H), (w, h)).astype(int)
    # its weights are rounded to 1/256, at most half of that on both axes
    assert abs(window - resize(grey, w, h)).max() <= 2


@given(st.floats(-180, 180), st.booleans(), st.booleans())
def test_an_even_picture_stays_even(angle, mirror, area):
    grey = np.full((20, 20), 77, np.uint8)
    assert (cut(grey, (3, -4, 11, 30), (5, 6), angle=angle, mirror=mirror, area=area) == 77).all()


def test_cut_all_stacks_and_nothing_gives_nothing():
    samples = [Sample(RAMP, (0, 0, 4, 4)), Sample(RAMP, (4, 0, 4, 4))]
    assert cut_all(samples, (2, 2)).tolist() == [[[5, 25], [5, 25]], [[45, 65], [45, 65]]]
    assert cut_all([], (3, 2)).shape == (0, 2, 3)


@pytest.mark.parametrize("box", [(0, 0, 0, 4), (0, 0, 4), (0, 0, np.nan, 4), (0, 0, 4, -1)])
def test_no_box_is_refused(box):
    with pytest.raises(ValueError, match="a width and height above 0"):
        cut(RAMP, box, (4, 4))


def test_a_box_elsewhere_is_refused():
    with pytest.raises(ValueError, match=r"outside of its picture of 8×8"):
        cut(RAMP, (20, 0, 4, 4), (4, 4))


def test_no_grey_picture_is_refused():
    with pytest.raises(ValueError, match=r"expects a grey picture \(H, W\) of uint8"):
        cut(RAMP.astype(float), (0, 0, 4, 4), (4, 4))
