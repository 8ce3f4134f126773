"""Features as pictures."""

import numpy as np
import pytest
from PIL import Image

from haar import HaarFeature, LBPFeature, Rectangle
from haar.drawing import draw_feature, pixel_weights, tilted_rectangle
from haar.integral import rectangle_sum, tilted_integral_image, tilted_sum
from haar.opencv_xml import read_cascade
from tests.haar.cascades import MIDDLE, OLD_XML


def test_the_weights_of_an_upright_feature() -> None:
    assert pixel_weights(MIDDLE, 6, 6).tolist() == [[-1, -1, 2, 2, -1, -1]] * 6


def test_a_tilted_rectangle_of_one_by_one_has_two_pixels() -> None:
    covered = tilted_rectangle(Rectangle(2, 0, 1, 1), 4, 3)
    assert covered.tolist() == [[0, 1, 0, 0], [0, 1, 0, 0], [0, 0, 0, 0]]


def test_a_tilted_rectangle_of_two_by_one() -> None:
    """From the top corner two steps down to the right, one down to the left: 2·2·1 pixels."""
    covered = tilted_rectangle(Rectangle(2, 0, 2, 1), 5, 4)
    assert covered.tolist() == [[0, 1, 0, 0, 0], [0, 1, 1, 0, 0], [0, 0, 1, 0, 0], [0] * 5]


def test_the_diamond_of_the_old_file() -> None:
    weights = pixel_weights(read_cascade(OLD_XML.encode()).features[1], 6, 6)
    assert (weights < 0).sum(axis=1).tolist() == [1, 2, 4, 5, 3, 1]  # without the two bright ones
    assert np.argwhere(weights == 8).tolist() == [[1, 2], [2, 2]]


@pytest.mark.parametrize("box", [(3, 0, 3, 3), (1, 2, 2, 1), (5, 1, 1, 4), (4, 0, 0, 3)])
def test_a_tilted_sum_is_the_sum_of_the_drawn_pixels(box) -> None:
    grey = np.random.default_rng(4).integers(0, 256, (7, 7), np.uint8)
    covered = tilted_rectangle(Rectangle(*box), 7, 7)
    assert tilted_sum(tilted_integral_image(grey), *box) == (covered * grey).sum()
    assert covered.sum() == 2 * box[2] * box[3]


def test_lbp_is_drawn_as_the_centre_and_its_neighbours() -> None:
    weights = pixel_weights(LBPFeature(1, 0, 1, 1), 5, 3)
    assert weights.tolist() == [[0, -1, -1, -1, 0], [0, -1, 1, -1, 0], [0, -1, -1, -1, 0]]


def test_a_feature_on_a_picture_is_white_where_it_adds() -> None:
    picture = Image.new("L", (20, 10), 128)
    drawn = draw_feature(picture, MIDDLE, (6, 6), (4, 2, 6, 6), opacity=1.0)
    assert (drawn.mode, drawn.size) == ("RGB", (20, 10))
    row = np.asarray(drawn)[3, :, 0]
    assert row.tolist() == [128] * 4 + [0, 0, 255, 255, 0, 0] + [128] * 10
    assert np.asarray(picture).max() == 128  # the picture itself stays as it is


def test_an_upright_sum_is_the_sum_of_the_drawn_pixels() -> None:
    grey = np.arange(36).reshape(6, 6)
    S = np.pad(grey, ((1, 0), (1, 0))).cumsum(0).cumsum(1).astype(np.int32)
    feature = HaarFeature((Rectangle(1, 2, 3, 2, -1.0), Rectangle(2, 2, 1, 2, 3.0)))
    value = sum(r.weight * rectangle_sum(S, *r[:4]) for r in feature.rectangles)
    assert value == (pixel_weights(feature, 6, 6) * grey).sum()
