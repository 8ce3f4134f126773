"""What each action unit does to a face: facts on landmarks, all else held fixed."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scratchnet.fer.drawing import action_units as au
from scratchnet.fer.drawing.shape import MEAN_SHAPE, MIRROR, RIGHT_CORNER
from scratchnet.fer.labels import SEVEN

INNER_BROWS, OUTER_BROWS, CORNERS = [21, 22], [18, 25], [48, 54]
UPPER_LIDS, LOWER_LIDS = [37, 38, 43, 44], [40, 41, 46, 47]


def face(mix: dict[int, float]) -> np.ndarray:
    return au.expressed(MEAN_SHAPE[None], au.intensities(mix)[None])[0]


def moved(*units: int) -> np.ndarray:
    """Where full action units move the landmarks: x to the right, y down."""
    return face(dict.fromkeys(units, 1.0)) - MEAN_SHAPE


def opening(shape: np.ndarray) -> float:
    return float(shape[66, 1] - shape[62, 1])


def width(shape: np.ndarray) -> float:
    return float(shape[54, 0] - shape[48, 0])


def test_one_unit_moves_a_landmark_by_its_intensity():
    # AU12 at 1 pulls a corner 0.34 outwards and 0.36 up; the right one rests at (0.88, 2.20).
    np.testing.assert_allclose(face({12: 0.5})[RIGHT_CORNER], (0.88 + 0.17, 2.20 - 0.18), atol=1e-6)


def test_units_add_up():
    np.testing.assert_allclose(moved(1, 4), moved(1) + moved(4), atol=1e-6)


def test_au1_and_au2_raise_the_brows_inside_and_outside():
    assert (moved(1)[INNER_BROWS, 1] < -0.3).all() and (moved(1)[OUTER_BROWS, 1] == 0).all()
    assert (moved(2)[OUTER_BROWS, 1] < -0.3).all() and (moved(2)[INNER_BROWS, 1] == 0).all()


def test_au4_lowers_the_brows_and_pulls_them_together():
    left, right = moved(4)[INNER_BROWS]
    assert left[1] > 0.2 and right[1] > 0.2
    assert left[0] > 0 > right[0]


def test_au5_widens_the_eyes_and_au7_narrows_them():
    assert (moved(5)[UPPER_LIDS, 1] < 0).all()
    assert (moved(7)[UPPER_LIDS, 1] > 0).all() and (moved(7)[LOWER_LIDS, 1] < 0).all()


def test_au6_raises_the_lower_lids():
    assert (moved(6)[LOWER_LIDS, 1] < 0).all()


def test_au9_lifts_nose_and_upper_lip():
    assert (moved(9)[[31, 33, 35, 50, 52], 1] < -0.1).all()


def test_au12_raises_the_corners_of_the_mouth_and_au15_lowers_them():
    assert (moved(12)[CORNERS, 1] < -0.3).all()
    assert (moved(15)[CORNERS, 1] > 0.3).all()


def test_au16_bares_the_lower_teeth():
    assert moved(16)[57, 1] > 0.2
    assert moved(16)[66, 1] > 0.2


def test_au20_widens_the_mouth_and_au23_narrows_it_and_thins_the_lips():
    assert width(moved(20)) > 0.5
    assert width(moved(23)) < -0.2
    assert moved(23)[57, 1] < 0 < moved(23)[51, 1]


def test_au26_drops_the_jaw_and_opens_the_mouth():
    assert moved(26)[8, 1] > 0.4
    assert opening(moved(26)) > 0.5


def test_every_unit_moves_both_sides_alike():
    np.testing.assert_array_equal(au.DISPLACEMENT[:, MIRROR] * (-1, 1), au.DISPLACEMENT)


def test_emotions_are_ekmans_mixes():
    assert set(au.EMOTIONS) == set(SEVEN)
    assert {name: tuple(mix) for name, mix in au.EMOTIONS.items()} == {
        "Angry": (4, 5, 7, 23),
        "Disgust": (9, 15, 16),
        "Fear": (1, 2, 4, 5, 7, 20, 26),
        "Happy": (6, 12),
        "Sad": (1, 4, 15),
        "Surprise": (1, 2, 5, 26),
        "Neutral": (),
    }


@given(name=st.sampled_from(SEVEN), effort=st.floats(0, 1))
def test_lids_and_lips_never_cross(name, effort):
    shape = face({unit: effort * share for unit, share in au.EMOTIONS[name].items()})
    assert (shape[[37, 38], 1] < shape[[41, 40], 1]).all()
    assert (shape[[61, 62, 63], 1] <= shape[[67, 66, 65], 1]).all()
    assert (shape[[50, 51, 52], 1] < shape[[61, 62, 63], 1]).all()
    assert (shape[[67, 66, 65], 1] < shape[[58, 57, 56], 1]).all()


def test_an_undrawn_unit_is_refused():
    with pytest.raises(ValueError, match=r"expects action units 1, 2, 4.*got \[17\]"):
        au.intensities({17: 1.0})
