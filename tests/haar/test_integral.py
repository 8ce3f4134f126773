"""Integral images: four look-ups are the sum of a rectangle, upright or tilted."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import haar
from haar.drawing import tilted_rectangle, triangle
from haar.features import Rectangle


@pytest.fixture
def rows() -> np.ndarray:
    return np.array([[0, 7, 14, 21], [49, 56, 63, 70], [98, 105, 112, 119]], np.uint8)


def test_an_integral_image_begins_with_a_row_and_a_column_of_zeros() -> None:
    S = haar.integral_image(np.array([[1, 2], [3, 4]], np.uint8))
    assert S.tolist() == [[0, 0, 0], [0, 1, 3], [0, 4, 10]]
    assert S.dtype == np.int32


def test_squares_by_hand() -> None:
    Q = haar.squared_integral_image(np.array([[1, 2], [3, 200]], np.uint8))
    assert Q.tolist() == [[0, 0, 0], [0, 1, 5], [0, 10, 40014]]


def test_a_tilted_integral_image_by_hand(rows: np.ndarray) -> None:
    T = haar.tilted_integral_image(rows)
    assert T.tolist() == [
        [0, 0, 0, 0, 0],
        [0, 0, 7, 14, 21],
        [0, 56, 77, 105, 105],
        [56, 224, 315, 343, 294],
    ]


def test_one_pixel_is_the_sum_of_a_rectangle_of_one_pixel(rows: np.ndarray) -> None:
    S = haar.integral_image(rows)
    assert haar.rectangle_sum(S, 2, 1, 1, 1) == 63
    assert haar.rectangle_sum(S, 1, 1, 3, 2) == 56 + 63 + 70 + 105 + 112 + 119


def test_many_positions_are_looked_up_at_once(rows: np.ndarray) -> None:
    sums = haar.rectangle_sum(haar.integral_image(rows), [0, 1, 2], [1, 0, 1], 2, 2)
    assert sums.tolist() == [308, 140, 364]


@given(st.integers(0, 2**32), st.integers(1, 12), st.integers(1, 12))
def test_a_rectangle_sum_is_the_sum_of_the_slice(seed: int, width: int, height: int) -> None:
    rng = np.random.default_rng(seed)
    image = rng.integers(0, 256, (height, width), np.uint8)
    x, y = int(rng.integers(0, width + 1)), int(rng.integers(0, height + 1))
    w, h = int(rng.integers(0, width + 1 - x)), int(rng.integers(0, height + 1 - y))
    expected = image[y : y + h, x : x + w].sum()
    assert haar.rectangle_sum(haar.integral_image(image), x, y, w, h) == expected


@given(st.integers(0, 2**32), st.integers(1, 9), st.integers(1, 9))
def test_a_tilted_integral_is_the_sum_of_a_triangle(seed: int, width: int, height: int) -> None:
    image = np.random.default_rng(seed).integers(0, 256, (height, width), np.uint8)
    T = haar.tilted_integral_image(image)
    for Y, X in np.ndindex(height + 1, width + 1):
        assert T[Y, X] == (triangle(X, Y, width, height) * image).sum()


@given(st.integers(0, 2**32))
def test_a_tilted_sum_is_the_sum_of_the_pixels_of_the_rectangle(seed: int) -> None:
    rng = np.random.default_rng(seed)
    image = rng.integers(0, 256, (16, 16), np.uint8)
    w, h = (int(v) for v in rng.integers(1, 8, 2))
    x, y = int(rng.integers(h, 17 - w)), int(rng.integers(0, 17 - w - h))
    pixels = tilted_rectangle(Rectangle(x, y, w, h), 16, 16)
    assert set(np.unique(pixels)) == {0, 1}
    assert pixels.sum() == 2 * w * h
    assert haar.tilted_sum(haar.tilted_integral_image(image), x, y, w, h) == (pixels * image).sum()


def test_differences_are_right_after_the_sums_have_wrapped_around() -> None:
    image = np.full((3000, 3000), 255, np.uint8)  # the sum is above 2³¹
    S, Q = haar.integral_image(image), haar.squared_integral_image(image)
    assert S[-1, -1] < 0
    assert haar.rectangle_sum(S, 2900, 2950, 40, 30) == 255 * 1200
    assert haar.rectangle_sum(S, [2900], [2950], 40, 30).tolist() == [255 * 1200]
    assert haar.rectangle_sum(Q, 2900, 2950, 40, 30).view(np.uint32) == 255**2 * 1200


@pytest.mark.parametrize(
    "integral",
    [haar.integral_image, haar.squared_integral_image, haar.tilted_integral_image],
)
@pytest.mark.parametrize("image", [np.zeros((3, 4, 3), np.uint8), np.full((3, 4), 0.5)])
def test_what_is_no_grey_image_of_whole_numbers_is_refused(integral, image: np.ndarray) -> None:
    with pytest.raises(ValueError, match="expects a grey image"):
        integral(image)
