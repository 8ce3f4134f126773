"""The features of a window: how many there are, and that each is what its picture shows."""

import itertools

import numpy as np
import pytest
from PIL import Image

import haar
from haar.drawing import draw_feature, pixel_weights
from haar.shapes import ALL, BASIC, place


def test_a_window_of_24_pixels_has_the_papers_162336_features() -> None:
    assert sum(1 for _ in haar.enumerate_haar(24, 24)) == 162_336


@pytest.mark.parametrize(
    ("size", "mode", "number"),
    [(19, "basic", 63_960), (20, "basic", 78_460), (20, "core", 101_329), (20, "all", 125_199)],
)
def test_the_number_of_features(size: int, mode: str, number: int) -> None:
    assert sum(1 for _ in haar.enumerate_haar(size, size, mode)) == number


def test_the_number_of_lbp_features() -> None:
    assert sum(1 for _ in haar.enumerate_lbp(20, 20)) == 3_969
    assert sum(1 for _ in haar.enumerate_lbp(24, 24)) == 8_464


@pytest.mark.parametrize(("width", "height"), [(6, 9), (9, 6), (7, 7)])
def test_features_are_different_and_fit_into_the_window(width: int, height: int) -> None:
    features = list(haar.enumerate_haar(width, height, "all"))
    assert len(set(features)) == len(features)
    stage = haar.Stage(0.0, (haar.WeakClassifier((haar.Node(0),), (0.0, 1.0)),))
    haar.Cascade(width, height, "haar", (stage,), tuple(features))  # checks each of them


@pytest.mark.parametrize("shape", ALL, ids=lambda shape: shape.name)
def test_the_value_of_a_flat_area_is_zero(shape) -> None:
    feature = place(shape, 12, 1, 2, 2)
    assert pixel_weights(feature, 24, 24).sum() == 0


def test_the_five_shapes_of_viola_and_jones_drawn() -> None:
    pictures = []
    for shape in BASIC:
        weights = pixel_weights(place(shape, 0, 0, 1, 1), shape.columns, shape.rows)
        pictures.append(signs(weights))
    assert pictures == [["-+"], ["-", "+"], ["-+-"], ["-", "+", "-"], ["+-", "-+"]]


def test_a_tilted_feature_drawn() -> None:
    two_bars = next(shape for shape in ALL if shape.name == "tilted two bars side by side")
    weights = pixel_weights(place(two_bars, 2, 0, 2, 2), 6, 6)
    assert signs(weights) == [
        ".-....",
        "---...",
        "---+..",
        ".-+++.",
        "..+++.",
        "...+..",
    ]


def signs(weights: np.ndarray) -> list[str]:
    return ["".join(".+-"[int(w)] for w in row) for row in np.sign(weights)]


def test_a_feature_is_drawn_white_and_black_inside_of_its_box_only() -> None:
    picture = Image.new("RGB", (20, 10), (10, 200, 30))
    feature = place(BASIC[0], 0, 0, 1, 2)
    drawn = draw_feature(picture, feature, (2, 2), (4, 2, 8, 4), opacity=1.0)
    pixels = np.asarray(drawn)
    assert (pixels[2:6, 4:8] == 0).all()
    assert (pixels[2:6, 8:12] == 255).all()
    outside = np.ones((10, 20), bool)
    outside[2:6, 4:12] = False
    assert (pixels[outside] == (10, 200, 30)).all()


def test_an_unknown_mode_is_refused() -> None:
    with pytest.raises(ValueError, match="'basic', 'core' or 'all', got 'some'"):
        list(itertools.islice(haar.enumerate_haar(24, 24, "some"), 1))
