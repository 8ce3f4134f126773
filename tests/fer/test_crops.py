"""From box to crop: the frame of FER2013, the edge of the photo, the eyes, the status."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scratchnet.fer import generate_faces
from scratchnet.fer.crops import beyond, cut_face, find_eyes, framed, sharpness, status
from scratchnet.vision.gaussian import gaussian_blur
from scratchnet.vision.geometry import around, move, rotation, warp_affine


def photo(height=200, width=300, seed=0):
    return np.random.default_rng(seed).integers(0, 256, (height, width), np.uint8)


def test_a_box_of_45_pixels_is_framed_by_48():
    assert framed((100, 60, 45, 45)) == (98, 58, 48, 48)  # 1.5 pixels, rounded to even
    assert framed((0, 0, 90, 90)) == (-3, -3, 96, 96)


def test_a_face_of_that_size_is_copied_bit_by_bit():
    grey = photo()
    assert (cut_face(grey, (100, 60, 45, 45)) == grey[58:106, 98:146]).all()


def test_beyond_the_edge_the_last_pixels_go_on():
    grey = photo()
    crop = cut_face(grey, (0, 0, 45, 45))
    padded = np.pad(grey, 2, mode="edge")
    assert (crop == padded[:48, :48]).all()


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 250), st.integers(0, 150), st.integers(1, 120), st.sampled_from([24, 48, 64]))
def test_the_rest_of_the_photo_does_not_matter(x, y, side, size):
    grey = photo()
    box = (x, y, min(side, 300 - x), min(side, 200 - y))
    crop = cut_face(grey, box, size=size)
    left, top, frame, _ = framed(box)
    other = 255 - grey
    near = np.s_[max(top - 4, 0) : top + frame + 4, max(left - 4, 0) : left + frame + 4]
    other[near] = grey[near]
    assert crop.shape == (size, size)
    assert (cut_face(other, box, size=size) == crop).all()


def test_eyes_come_to_the_same_place_however_the_head_is_held():
    """A face that is turned and has its eyes known is cut out as the upright one."""
    face = generate_faces(1, np.random.default_rng(1), size=96).images[0]
    grey = np.full((220, 220), 128, np.uint8)
    grey[60:156, 60:156] = face
    box = (63, 63, 90, 90)
    eyes = np.array([[63 + 0.32 * 90, 63 + 0.38 * 90], [63 + 0.68 * 90, 63 + 0.38 * 90]]) - 0.5
    upright = cut_face(grey, box, eyes)
    plain = cut_face(grey, box)
    inner = np.s_[4:-4, 4:-4]
    assert np.abs(upright[inner].astype(int) - plain[inner]).mean() < 2  # they were in place

    middle = (107.5, 107.5)
    turn = around(middle, rotation(12))
    turned = warp_affine(grey[None], turn, (220, 220), "edge")[0]
    righted = cut_face(turned, box, move(turn, eyes))
    error = np.abs(righted[inner].astype(int) - upright[inner]).mean()
    crooked = np.abs(cut_face(turned, box)[inner].astype(int) - upright[inner]).mean()
    assert error < 0.3 * crooked


def test_eyes_are_told_in_the_photos_pixels():
    class Eyes:
        def detect(self, face, max_size):
            assert face.shape == (120, 120)
            return np.array([(24, 32, 30, 30), (66, 32, 30, 30)])

    found = find_eyes(photo(), (50, 40, 60, 60), Eyes())
    # The first eye reaches from 24 to 54 in the enlarged face, from 12 to 27 in the box.
    assert found.tolist() == [[50 + 19.5 - 0.5, 40 + 23.5 - 0.5], [50 + 40.5 - 0.5, 63.0]]


def test_no_eyes_are_none():
    class Blind:
        def detect(self, face, max_size):
            return np.zeros((0, 4), np.int32)

    assert find_eyes(photo(), (50, 40, 60, 60), Blind()) is None


def test_sharpness_of_pictures_worked_by_hand():
    assert sharpness(np.full((8, 8), 7, np.uint8)) == 0
    ramp = np.tile(np.arange(8, dtype=np.uint8), (8, 1))  # each pixel is its neighbours' mean
    assert sharpness(ramp) == 0
    board = (np.indices((8, 8)).sum(axis=0) % 2 * 255).astype(np.uint8)
    assert sharpness(board) == pytest.approx(2)  # p − mean = ±255, std(p) = 127.5


def test_sharpness_does_not_depend_on_brightness_and_contrast():
    grey = photo(48, 48) // 2
    assert sharpness(grey + 40) == pytest.approx(sharpness(grey))
    assert sharpness(2 * grey) == pytest.approx(sharpness(grey))


def test_the_share_of_a_crop_that_lies_beyond_the_photo():
    assert beyond((100, 60, 45, 45), (200, 300)) == 0
    assert beyond((0, 60, 45, 45), (200, 300)) == pytest.approx(2 / 48)
    assert beyond((0, 0, 45, 45), (200, 300)) == pytest.approx(1 - (46 / 48) ** 2)


def test_the_status_names_the_first_fault():
    shape = (200, 300)
    sharp, soft = photo(48, 48), gaussian_blur(photo(48, 48), 3.0)
    assert status(sharp, (100, 60, 45, 45), shape) == "ok"
    assert status(sharp, (100, 60, 24, 24), shape) == "ok"
    assert status(sharp, (100, 60, 23, 23), shape) == "too_small"
    assert status(soft, (0, 60, 23, 23), shape) == "too_small"
    assert status(soft, (0, 60, 45, 45), shape) == "edge_clipped"
    assert status(soft, (100, 60, 45, 45), shape) == "blurred"
