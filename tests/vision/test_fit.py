"""Cover and crop, and by height: which pixels are kept, and in which proportions."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageOps

from scratchnet.vision.fit import cover_crop, to_height

sizes = st.integers(1, 30)


def test_a_wide_picture_loses_its_sides():
    picture = np.arange(12, dtype=np.uint8).reshape(2, 6)
    assert cover_crop(picture, (2, 2)).tolist() == [[2, 3], [8, 9]]


def test_a_tall_picture_loses_top_and_bottom():
    picture = np.arange(12, dtype=np.uint8).reshape(6, 2)
    assert cover_crop(picture, (2, 2)).tolist() == [[4, 5], [6, 7]]


def test_cover_then_crop_by_hand():
    # 4 × 8 covers 2 × 2 at a half: blocks of 2 × 2 become their means, 2 × 4; the middle stays.
    picture = np.array([[0, 0, 1, 3, 8, 8, 0, 0]] * 2 + [[0, 0, 5, 5, 2, 6, 0, 0]] * 2, np.float64)
    assert cover_crop(picture, (2, 2)).tolist() == [[2, 8], [5, 4]]


def test_a_height_takes_its_width_along():
    assert to_height(np.zeros((3, 40, 60), np.uint8), 20).shape == (3, 20, 30)
    assert to_height(np.zeros((3, 2), np.uint8), 4).shape == (4, 3)  # 2·4/3 = 2.67
    assert to_height(np.zeros((100, 1), np.uint8), 10).shape == (10, 1)


@settings(max_examples=80, deadline=None)
@given(sizes, sizes, sizes, sizes)
def test_the_wanted_shape_comes_out_of_every_picture(H, W, OH, OW):
    picture = np.random.default_rng(0).integers(0, 256, (H, W)).astype(np.uint8)
    assert cover_crop(picture, (OH, OW)).shape == (OH, OW)
    assert to_height(picture, OH).shape[0] == OH


@settings(max_examples=40, deadline=None)
@given(sizes, sizes)
def test_a_picture_of_the_wanted_shape_is_copied(H, W):
    picture = np.random.default_rng(1).integers(0, 256, (H, W)).astype(np.uint8)
    for copy in (cover_crop(picture, (H, W)), to_height(picture, H)):
        assert np.array_equal(copy, picture)
        assert not np.shares_memory(copy, picture)


@pytest.mark.parametrize("shape", [(30, 60), (60, 30), (30, 30), (20, 5)])
def test_pillow_keeps_the_same_part(shape):
    """`ImageOps.fit` crops first and resizes then; on a ramp one sees where each pixel is from."""
    y, x = np.mgrid[0:60, 0:120]
    ramp = (x + 3.0 * y).astype(np.float32)
    ours = cover_crop(ramp, shape)
    theirs = ImageOps.fit(Image.fromarray(ramp), shape[::-1], Image.Resampling.BOX)
    assert np.abs(ours - np.asarray(theirs)).max() <= 2  # half a pixel, of x and of y


@pytest.mark.parametrize("shape", [(0, 4), (4, 0)])
def test_an_empty_shape_is_refused(shape):
    with pytest.raises(ValueError, match="at least 1 × 1 pixels"):
        cover_crop(np.zeros((3, 3), np.uint8), shape)


def test_no_height_is_refused():
    with pytest.raises(ValueError, match="at least 1 × 1 pixels, got 0"):
        to_height(np.zeros((3, 3), np.uint8), 0)
