"""haar.samples: frames and eyes, as cascades and landmarks tell; conventions worked by hand.

The cascades are stand-ins that find what they are told.
"""

import numpy as np
import pytest

from haar.grouping import Groups
from haar.samples import Sample, align, eye_boxes, face_box, find_eyes
from haar.samples.align import shares

GREY = np.zeros((64, 64), np.uint8)


class Finds:
    """A cascade of 8×8 pixels that finds these boxes, in pixels of the picture that it gets."""

    width = 8

    def __init__(self, *boxes):
        self.boxes, self.seen = np.array(boxes, np.int32).reshape(-1, 4), []

    def detect(self, image, **options):
        self.seen.append((image.shape, options["min_size"]))
        return self.boxes


# -- conventions ----------------------------------------------------------------------------------


def test_the_box_of_a_face_by_hand():
    # d = 40, m = 50: side 60 + 60 = 120, its centre 13.8 below the eyes, at (50, 53.8)
    assert face_box((30, 40), (70, 40), (50, 90)) == pytest.approx((-10, -6.2, 120, 120))


def test_the_box_of_a_face_turns_with_the_face():
    upright = np.array(face_box((30, 40), (70, 40), (50, 90)))
    turned = np.array(face_box((40, 70), (40, 30), (90, 50)))  # (x, y) → (y, 100 − x)
    middle, again = upright[:2] + upright[2:] / 2, turned[:2] + turned[2:] / 2
    assert again == pytest.approx((middle[1], 100 - middle[0]))


def test_the_boxes_of_eyes_by_hand():
    left, right = eye_boxes((30, 40), (80, 40))  # side 0.64 · 50
    assert left == pytest.approx((14, 24, 32, 32)) and right == pytest.approx((64, 24, 32, 32))


def test_landmarks_at_one_place_are_refused():
    with pytest.raises(ValueError, match="apart"):
        face_box((3, 4), (3, 4), (3, 9))
    with pytest.raises(ValueError, match="apart"):
        eye_boxes((3, 4), (3, 4))


# -- align ----------------------------------------------------------------------------------------


def test_a_found_box_is_the_frame_in_the_pixels_of_the_sample():
    # a box of 32 gets a rim of 8, and is 4 windows large as it is
    cascade = Finds((26, 22, 32, 32))
    (framed,), positions = align([Sample(GREY, (14, 18, 32, 32))], [cascade])
    assert framed.box == (18, 14, 32, 32) and positions.tolist() == [0]
    assert cascade.seen == [((80, 80), (16, 16))]


def test_a_small_box_is_enlarged_to_three_windows_first():
    # a box of 12 gets a rim of 3, and all is doubled
    cascade = Finds((10, 8, 22, 24))
    (framed,), _ = align([Sample(GREY[:20, :20], (2, 2, 12, 12))], [cascade])
    assert framed.box == (2, 1, 11, 12)
    assert cascade.seen == [((52, 52), (12, 12))]


def test_of_a_large_picture_only_what_is_near_is_looked_at():
    # a side around the box, 28 … 64, with a rim of 3, doubled; the box begins 12 + 3 into it
    cascade = Finds((32, 30, 24, 24))
    (framed,), _ = align([Sample(GREY, (40, 40, 12, 12))], [cascade])
    assert framed.box == (41, 40, 12, 12)
    assert cascade.seen == [((84, 84), (12, 12))]


def test_cascades_are_averaged():
    both = [Finds((24, 24, 32, 32)), Finds((26, 24, 30, 32))]
    (framed,), _ = align([Sample(GREY, (16, 16, 32, 32))], both)
    assert framed.box == (17, 16, 31, 32)


def test_of_several_objects_the_one_at_the_stated_place_counts():
    cascade = Finds((8, 8, 30, 30), (25, 25, 30, 30), (40, 40, 30, 30))
    (framed,), _ = align([Sample(GREY, (16, 16, 32, 32))], [cascade])
    assert framed.box == (17, 17, 30, 30)


@pytest.mark.parametrize("found", [(), ((40, 40, 16, 16),)], ids=["nothing", "another place"])
def test_what_is_not_found_is_left_out_and_positions_tell_which_is_kept(found):
    kept, positions = align([Sample(GREY, (2, 2, 32, 32))], [Finds(*found)])
    assert kept == [] and positions.tolist() == []


def test_as_many_cascades_as_asked_have_to_find_it():
    sample = Sample(GREY, (16, 16, 32, 32))
    both = [Finds((24, 24, 32, 32)), Finds()]
    assert len(align([sample], both, least=1)[0]) == 1
    assert len(align([sample], both, least=2)[0]) == 0
    with pytest.raises(ValueError, match="least expects 1 to 2"):
        align([sample], both, least=3)


def test_a_box_that_reaches_too_far_beyond_its_picture_is_left_out():
    sample, cascade = Sample(GREY, (0, 0, 40, 40)), Finds((6, 10, 40, 40))  # 4 of 40 are missing
    assert len(align([sample], [cascade], beyond=0.09)[0]) == 0
    assert len(align([sample], [cascade], beyond=0.11)[0]) == 1


def test_progress_counts_every_sample():
    seen = []
    align([Sample(GREY, (16, 16, 32, 32))] * 3, [Finds()], progress=seen.append)
    assert seen == [1, 2, 3]


def test_shares_by_hand():
    boxes = np.array([(0, 0, 2, 2), (1, 0, 2, 2), (9, 9, 1, 1)], np.float64)
    assert shares(boxes, (0, 0, 2, 2)) == pytest.approx((1, 1 / 3, 0))


# -- eyes -----------------------------------------------------------------------------------------


class Eyes:
    """A cascade that finds what it is told, in shares of the face: middles and neighbours."""

    def __init__(self, *found):
        middles = np.array([(x, y) for x, y, _ in found]).reshape(-1, 2)
        corners = (middles * 120 - 15).round().astype(np.int32)
        rectangles = np.column_stack([corners, np.full((len(found), 2), 30, np.int32)])
        counts = np.array([count for *_, count in found], np.int32)
        self.groups = Groups(rectangles, counts, np.zeros(len(found)))

    def search(self, *arguments, **options):
        return self.groups


FACE = Sample(np.zeros((100, 100), np.uint8), (10, 20, 60, 60))
LEFT, RIGHT = (0.3, 0.375, 9), (0.7, 0.375, 9)


def test_two_level_eyes_are_framed_in_the_pixels_of_the_picture():
    left, right = find_eyes(FACE, [Eyes(LEFT, RIGHT)])
    # middles at (28, 42.5) and (52, 42.5): 24 apart, sides 15.36
    assert left.box == pytest.approx((20.32, 34.82, 15.36, 15.36))
    assert right.box == pytest.approx((44.32, 34.82, 15.36, 15.36))


def test_the_detection_with_the_most_neighbours_counts_and_others_are_ignored():
    mouth, brow = (0.5, 0.8, 50), (0.3, 0.28, 5)
    assert find_eyes(FACE, [Eyes(mouth, brow, LEFT, RIGHT)]) is not None
    low_brow = find_eyes(FACE, [Eyes(brow, LEFT, RIGHT)])
    assert low_brow[0].box == pytest.approx(find_eyes(FACE, [Eyes(LEFT, RIGHT)])[0].box)


def test_what_cascades_say_is_averaged_and_one_may_miss_an_eye():
    found = find_eyes(FACE, [Eyes(LEFT, RIGHT), Eyes((0.35, 0.375, 9))])
    middle = found[0].box[0] + found[0].box[2] / 2
    assert middle == pytest.approx(10 + 60 * 0.325)


@pytest.mark.parametrize(
    "eyes",
    [
        [],
        [LEFT],
        [LEFT, (0.7, 0.45, 9)],  # 0.075 lower: more than 0.15 of the distance
        [(0.43, 0.375, 9), (0.57, 0.375, 9)],  # too near to each other
        [(0.18, 0.375, 9), (0.82, 0.375, 9)],  # too far from each other
    ],
)
def test_implausible_eyes_are_none(eyes):
    assert find_eyes(FACE, [Eyes(*eyes)]) is None
