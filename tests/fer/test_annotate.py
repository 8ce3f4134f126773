"""Drawings: everything inside of the picture, no panel on another, text of a readable size."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from scratchnet.fer.annotate import best_place, draw_answers, enlargement, overlap, places
from scratchnet.fer.answers import Box, Face
from scratchnet.fer.labels import SEVEN
from scratchnet.fer.panels import Pane, Strip, color_of

GREY = "#808080"


def face(x, y, side, status="ok", label="Happy"):
    shares = dict.fromkeys(SEVEN, 0.05) | {label: 0.7}
    return Face(Box(x, y, side, side), shares, status, np.zeros((48, 48), np.uint8))


def changed(picture, drawn):
    """The pixels of a drawing, (H, W), that the photo does not have."""
    same = picture.convert("RGB").resize(drawn.size, Image.Resampling.BICUBIC)
    return (np.asarray(same) != np.asarray(drawn)).any(axis=2)


def test_a_photo_without_faces_is_a_copy_in_colours():
    photo = Image.new("L", (640, 480), 90)
    drawn = draw_answers(photo, [])
    assert drawn.mode == "RGB" and drawn.size == photo.size
    assert not changed(photo, drawn).any()


def test_the_box_has_the_colour_of_the_label():
    photo = Image.new("RGB", (640, 480), GREY)
    found = face(100, 100, 120)
    drawn = draw_answers(photo, [found])
    assert "#{:02X}{:02X}{:02X}".format(*drawn.getpixel((100, 150))) == color_of(found)
    assert photo.getpixel((100, 150)) == (128, 128, 128)  # the photo is as it was


def test_bars_are_as_long_as_the_probabilities():
    photo = Image.new("RGB", (640, 480), GREY)
    found = face(100, 100, 120)
    orange = np.all(np.asarray(draw_answers(photo, [found])) == (0xE6, 0x9F, 0x00), axis=2)
    longest = orange[:, 230:].sum(axis=1).max()  # right of the box
    pane = Pane(found, 13)
    assert abs(longest - 0.7 * pane.bars) <= pane.pad


@pytest.mark.parametrize("size", [(40, 30), (48, 48), (300, 1200), (1200, 300), (4000, 3000)])
def test_everything_lies_inside_of_a_photo_of_any_size(size):
    side = min(size) // 2
    corners = [(0, 0), (size[0] - side, size[1] - side)]
    drawn = draw_answers(Image.new("L", size, 90), [face(*corner, side) for corner in corners])
    assert min(drawn.size) >= 480
    assert drawn.width / drawn.height == pytest.approx(size[0] / size[1], rel=0.02)


def test_a_small_photo_grows_and_a_large_one_does_not():
    assert enlargement((640, 480), [face(0, 0, 100)]) == 1
    assert enlargement((160, 240), [face(0, 0, 100)]) == 3  # 480 / 160
    assert enlargement((1000, 800), [face(0, 0, 35)]) == 2  # a face of 70 pixels
    assert enlargement((2000, 1600), [face(0, 0, 35)]) == 1.2  # but 2,400 pixels at most
    assert enlargement((4000, 3000), [face(0, 0, 24)]) == 1


@settings(max_examples=60, deadline=None)
@given(
    st.integers(480, 900),
    st.integers(480, 900),
    st.tuples(st.floats(0, 1), st.floats(0, 1), st.floats(0.1, 1)),
    st.sampled_from(["ok", "too_small"]),
)
def test_panels_are_moved_into_the_picture(width, height, where, status):
    side = where[2] * 480
    left, top = where[0] * (width - side), where[1] * (height - side)
    box = (left, top, left + side, top + side)
    found = face(0, 0, 100, status)
    for panel in (Pane(found, 11), Pane(found, 20), Strip(found, round(side), 11)):
        for x0, y0, x1, y1 in places(panel, box, (width, height)):
            assert x0 >= 0 and y0 >= 0 and x1 <= width and y1 <= height
            assert (x1 - x0, y1 - y0) == pytest.approx((panel.width, panel.height))


def test_the_panel_stands_to_the_right_where_there_is_room():
    panel, place = best_place((640, 480), face(0, 0, 100), (100, 100, 200, 200), [], [])
    assert isinstance(panel, Pane)
    assert place[0] == 200 + panel.pad and place[1] == 100


def test_another_face_and_another_panel_are_in_the_way():
    box, right = (200, 100, 300, 200), (300, 60, 500, 260)
    _, place = best_place((640, 480), face(0, 0, 100), box, [right], [])
    assert overlap(place, right) == 0 and overlap(place, box) == 0
    _, place = best_place((640, 480), face(0, 0, 100), box, [], [right])
    assert overlap(place, right) == 0 and overlap(place, box) == 0


def test_in_a_crowd_panels_shrink_to_strips():
    crowd = [(x, y, x + 70, y + 70) for x in range(0, 600, 80) for y in range(0, 400, 130)]
    own = crowd.pop(12)
    panel, place = best_place((640, 480), face(0, 0, 70), own, crowd, [])
    assert isinstance(panel, Strip)
    assert sum(overlap(place, box) for box in crowd) < 0.05 * overlap(place, place)


def test_what_is_wrong_with_a_face_takes_a_line():
    fine, blurred = Pane(face(0, 0, 50), 12), Pane(face(0, 0, 50, "blurred"), 12)
    assert blurred.height == fine.height + fine.line
    fine, blurred = Strip(face(0, 0, 50), 50, 12), Strip(face(0, 0, 50, "blurred"), 50, 12)
    assert blurred.height == fine.height + fine.line


def test_overlap_by_hand():
    assert overlap((0, 0, 4, 4), (2, 3, 9, 9)) == 2
    assert overlap((0, 0, 4, 4), (4, 0, 9, 9)) == 0
