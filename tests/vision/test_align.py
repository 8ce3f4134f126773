"""Registration: by hand, on generated faces whose eyes are known, and what is left as it is."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scratchnet.fer import generate_faces
from scratchnet.fer.drawing.shape import LEFT_EYE, RIGHT_EYE
from scratchnet.vision import geometry
from scratchnet.vision.align import TEMPLATE, align, alignment, eye_pair, in_box, plausible

BOX = (0, 0, 100, 100)
UPRIGHT = np.array([(31.5, 37.5), (67.5, 37.5)])
"""The template in BOX: shares of 100 pixels, the first of which begins at −½."""


@pytest.fixture(scope="module")
def faces():
    return generate_faces(60, np.random.default_rng(11), size=96)


def eyes_of(faces):
    parts = [faces.landmarks[:, eye].mean(axis=1) for eye in (LEFT_EYE, RIGHT_EYE)]
    return np.stack(parts, axis=1).astype(np.float64)


# -- by hand --------------------------------------------------------------------------------------


def test_shares_of_a_box_begin_at_the_corner_of_its_first_pixel():
    assert in_box([(9.5, 19.5), (49.5, 99.5)], (10, 20, 40, 80)).tolist() == [[0, 0], [1, 1]]


def test_eyes_at_the_template_stay_where_they_are():
    np.testing.assert_allclose(alignment(BOX, UPRIGHT, (100, 100)), np.eye(3), atol=1e-14)


def test_a_tilted_pair_is_turned_level():
    # From (0, 0) and (3, 4) to (0, 0) and (10, 0): a = 10 / (3 + 4i) = (30 − 40i) / 25
    matrix = geometry.similarity([(0, 0), (3, 4)], [(0, 0), (10, 0)])
    np.testing.assert_allclose(matrix[:2], [[1.2, 1.6, 0], [-1.6, 1.2, 0]], atol=1e-15)


def test_a_box_of_the_wanted_size_is_copied_bit_by_bit():
    photo = np.random.default_rng(0).integers(0, 256, (70, 90)).astype(np.uint8)
    face = align(photo, (20, 10, 48, 48))
    assert face.dtype == np.uint8
    assert np.array_equal(face, photo[10:58, 20:68])


def test_beyond_the_picture_its_last_pixels_go_on():
    photo = np.random.default_rng(1).integers(0, 256, (30, 30)).astype(np.uint8)
    face = align(photo, (-9, 5, 48, 48))
    assert np.array_equal(face, np.pad(photo, ((0, 23), (9, 9)), "edge")[5:53])


@pytest.mark.parametrize("side", [10, 400])
def test_a_box_outside_of_the_picture_sees_its_last_pixels(side):
    photo = np.full((30, 30), 7, np.uint8)
    photo[-1, -1] = 200
    assert np.all(align(photo, (1000, 1000, side, side)) == 200)


# -- plausible ------------------------------------------------------------------------------------


def test_the_template_is_plausible_and_its_mirror_is_not():
    assert plausible(UPRIGHT, BOX)
    assert not plausible(UPRIGHT[::-1], BOX)


@pytest.mark.parametrize(
    ("eyes", "why"),
    [
        ([(40, 38), (60, 38)], "too near"),
        ([(20, 38), (80, 38)], "too far apart"),
        ([(33, 30), (63, 45)], "tilted by 27°"),
        ([(15, 38), (51, 38)], "too far to the left"),
        ([(32, 60), (68, 60)], "at the height of the mouth"),
        ([(32, 15), (68, 15)], "on the forehead"),
        ([(np.nan, 38), (68, 38)], "not a number"),
    ],
)
def test_what_cannot_be_eyes_leaves_the_face_as_it_is(eyes, why):
    photo = np.random.default_rng(2).integers(0, 256, (100, 100)).astype(np.uint8)
    assert not plausible(eyes, BOX)
    assert np.array_equal(align(photo, BOX, eyes), align(photo, BOX))


@settings(max_examples=50, deadline=None)
@given(st.floats(-1000, 1000), st.floats(-1000, 1000), st.floats(0.2, 20))
def test_plausible_means_the_same_at_every_place_and_size(x, y, scale):
    box = (x, y, 100 * scale, 100 * scale)
    for eyes in (UPRIGHT, [(40, 38), (60, 38)], [(33, 30), (63, 43)]):
        moved = (np.array(eyes) + 0.5) * scale + [x - 0.5, y - 0.5]
        assert plausible(moved, box) == plausible(eyes, BOX)


def test_generated_faces_have_plausible_eyes(faces):
    pairs = zip(eyes_of(faces), faces.boxes, strict=True)
    assert np.mean([plausible(eyes, box) for eyes, box in pairs]) > 0.95


# -- a pair among candidates ----------------------------------------------------------------------


def around(point, side):
    return [point[0] - (side - 1) / 2, point[1] - (side - 1) / 2, side, side]


def test_the_pair_nearest_to_the_template_is_taken():
    nostril, mouth = (45, 60), (50, 75)
    points = [UPRIGHT[1], mouth, UPRIGHT[0] + [2, 1], nostril, UPRIGHT[0] + [0, 8]]
    pair = eye_pair([around(p, 21) for p in points], BOX)
    assert pair.tolist() == [[33.5, 38.5], [67.5, 37.5]]


@pytest.mark.parametrize("points", [[], [(31, 37)], [(31, 37), (40, 37)], [(45, 60), (55, 60)]])
def test_no_plausible_pair_is_none(points):
    assert eye_pair([around(p, 21) for p in points], BOX) is None


# -- faces ----------------------------------------------------------------------------------------


def test_eyes_come_to_lie_at_the_template(faces):
    for eyes, box in zip(eyes_of(faces), faces.boxes, strict=True):
        if plausible(eyes, box):
            there = geometry.move(alignment(box, eyes, (48, 48)), eyes)
            np.testing.assert_allclose(in_box(there, (0, 0, 48, 48)), TEMPLATE, atol=1e-12)


def test_a_turned_face_gives_nearly_the_pixels_of_the_upright_one(faces):
    turn = geometry.around(geometry.centre((96, 96)), geometry.rotation(12))
    apart = []
    for face, eyes, box in zip(faces.images[:20], eyes_of(faces), faces.boxes, strict=False):
        turned = geometry.warp_affine(face[None], turn, border="edge")[0]
        x, y, w, h = box
        middle = geometry.move(turn, [(x + w / 2, y + h / 2)])[0]
        moved_box = (*(middle - [w / 2, h / 2]), w, h)
        moved_eyes = geometry.move(turn, eyes)
        if plausible(eyes, box) and plausible(moved_eyes, moved_box):
            one, other = align(face, box, eyes), align(turned, moved_box, moved_eyes)
            apart.append(np.abs(one.astype(int) - other)[4:-4, 4:-4].mean())
    assert len(apart) >= 10
    assert np.mean(apart) < 4  # grey levels, of two interpolations


@pytest.mark.parametrize("scale", [3, 8])
def test_a_large_photo_is_averaged_not_skipped_through(faces, scale):
    """Every pixel becomes scale × scale noisy ones: where they are averaged, the noise goes."""
    rng = np.random.default_rng(3)
    face, box, eyes = faces.images[0].astype(np.float32), (8, 8, 80, 80), eyes_of(faces)[0]
    large = face.repeat(scale, axis=0).repeat(scale, axis=1)
    large += 40 * rng.standard_normal(large.shape, dtype=np.float32)
    box_there = np.array(box) * scale
    eyes_there = (eyes + 0.5) * scale - 0.5
    for given_eyes, wanted in ((None, align(face, box)), (eyes_there, align(face, box, eyes))):
        apart = align(large, box_there, given_eyes) - wanted
        assert np.abs(apart).mean() < 40 / scale


def test_only_the_neighbourhood_of_the_face_is_read():
    photo = np.random.default_rng(4).random((400, 500))
    box = (150, 120, 160, 160)
    elsewhere = photo.copy()
    elsewhere[:100], elsewhere[:, 340:] = -1e6, np.nan
    assert np.array_equal(align(elsewhere, box), align(photo, box))


# -- errors ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("image", "box", "message"),
    [
        (np.zeros((2, 9, 9)), BOX, r"one picture \(H, W\), got \(2, 9, 9\)"),
        (np.zeros((9, 9), np.int64), BOX, "got int64; convert"),
        (np.zeros((9, 9)), (0, 0, 0, 5), r"w and h above 0, got \[0, 0, 0, 5\]"),
    ],
)
def test_wrong_inputs_are_named(image, box, message):
    with pytest.raises(ValueError, match=message):
        align(image, box)


def test_one_point_twice_is_no_direction():
    with pytest.raises(ValueError, match="two different points"):
        geometry.similarity([(1, 2), (1, 2)], [(0, 0), (1, 0)])
