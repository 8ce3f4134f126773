"""Facts about the mean face, its people, and its poses."""

from __future__ import annotations

import numpy as np
import pytest

from scratchnet.fer.drawing import shape
from scratchnet.fer.drawing.variation import TRAITS, traits_from


def plain(**changes: float) -> dict[str, np.ndarray]:
    """One face of the mean shape, unturned, with 10 pixels a face unit and its middle at (0, 0)."""
    traits = dict(traits_from(np.full((1, len(TRAITS)), 0.5), size=100))
    ones = [
        name for name in TRAITS if name.startswith(("face_", "jaw_", "eye_", "nose_", "mouth_"))
    ]
    still = dict.fromkeys([*ones, "chin", "lip_height"], 1.0)
    zeros = ["eye_tilt", "brow_tilt", "brow_height", "mouth_height", "mouth_bend"]
    still |= dict.fromkeys([*zeros, "yaw", "pitch", "roll", "place_x", "place_y"], 0.0)
    for name, value in {**still, "scale": 10.0, **changes}.items():
        traits[name] = np.array([value], np.float32)
    return traits


def test_the_mean_face_is_its_own_mirror_image():
    np.testing.assert_array_equal(shape.MIRROR[shape.MIRROR], np.arange(68))
    np.testing.assert_array_equal(shape.MEAN_SHAPE[shape.MIRROR] * (-1, 1), shape.MEAN_SHAPE)


def test_a_face_unit_is_half_the_distance_of_the_eyes():
    face = shape.MEAN_SHAPE
    np.testing.assert_allclose(face[shape.LEFT_EYE, 0].mean(), -1.0, atol=0.02)
    np.testing.assert_allclose(face[shape.RIGHT_EYE, 0].mean(), 1.0, atol=0.02)


def test_features_stand_one_above_the_other():
    def height(part):
        return shape.MEAN_SHAPE[part, 1].mean()

    parts = [shape.LEFT_BROW, shape.LEFT_EYE, shape.NOSTRILS, shape.OUTER_LIPS, slice(7, 10)]
    heights = [height(part) for part in parts]
    assert heights == sorted(heights)


def test_without_traits_a_person_is_the_mean():
    np.testing.assert_allclose(shape.neutral_shape(plain())[0], shape.MEAN_SHAPE, atol=1e-6)


def test_a_wide_mouth_is_wide_and_nothing_else_moves():
    face = shape.neutral_shape(plain(mouth_width=1.5))[0]
    assert face[shape.RIGHT_CORNER, 0] == pytest.approx(1.5 * 0.88)
    np.testing.assert_allclose(face[:48], shape.MEAN_SHAPE[:48], atol=1e-6)


def test_a_frontal_pose_scales_and_places():
    points = np.array([[(0.0, shape.MIDDLE), (1.0, shape.MIDDLE + 2.0)]], np.float32)
    pixels = shape.project(points, plain(place_x=50.0, place_y=40.0))
    np.testing.assert_allclose(pixels, [[(50, 40), (60, 60)]])


def test_roll_turns_the_picture_clockwise():
    points = np.array([[(1.0, shape.MIDDLE)]], np.float32)
    np.testing.assert_allclose(shape.project(points, plain(roll=np.pi / 2)), [[(0, 10)]], atol=1e-5)


def test_yaw_moves_the_nose_further_than_the_eyes_and_the_eyes_further_than_the_ears():
    points = np.array([[(0.0, 1.2), (0.0, 0.0), (2.4, 0.7)]], np.float32)
    moved = shape.project(points, plain(yaw=0.1)) - shape.project(points, plain())
    nose, eyes, ear = moved[0, :, 0]
    assert nose > eyes > 0 > ear


def test_the_box_is_opencvs_convention():
    # Eyes 20 apart, mouth 24 below: side 30 + 28.8 = 58.8, centre 0.115 · 58.8 = 6.762 below.
    face = np.zeros((68, 2))
    face[shape.LEFT_EYE], face[shape.RIGHT_EYE] = (40, 30), (60, 30)
    face[shape.OUTER_LIPS] = (50, 54)
    x, y = 50 - 29.4, 30 + 6.762 - 29.4
    np.testing.assert_allclose(shape.face_box(face), [x, y, 58.8, 58.8])


def test_the_box_turns_with_the_face():
    face = np.zeros((68, 2))
    face[shape.LEFT_EYE], face[shape.RIGHT_EYE] = (30, 60), (30, 40)
    face[shape.OUTER_LIPS] = (54, 50)
    np.testing.assert_allclose(shape.face_box(face), [30 + 6.762 - 29.4, 50 - 29.4, 58.8, 58.8])
