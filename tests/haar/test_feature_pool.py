"""The pool: the same features in the same order as `haar.shapes`, and their merged corners."""

import numpy as np
import pytest

import haar
from haar.feature_pool import BLOCKS, FeaturePool, find_corners, shape_corners
from haar.features import LBPFeature
from haar.integral import integral_image, tilted_integral_image
from haar.reference import Integrals
from haar.shapes import BASIC
from haar.window import haar_value


@pytest.mark.parametrize(
    ("name", "number"), [("basic", 162_336), ("core", 210_400), ("all", 261_600), ("lbp", 8_464)]
)
def test_the_number_of_features_of_24_pixels(name: str, number: int) -> None:
    assert len(FeaturePool(name, 24, 24)) == number


@pytest.mark.parametrize("name", ["basic", "core", "all"])
def test_the_pool_is_the_enumeration(name: str) -> None:
    pool = FeaturePool(name, 9, 7)
    assert [pool[i] for i in range(len(pool))] == list(haar.enumerate_haar(9, 7, name))


def test_the_pool_of_lbp_is_the_enumeration() -> None:
    pool = FeaturePool("lbp", 9, 7)
    assert [pool[i] for i in range(len(pool))] == list(haar.enumerate_lbp(9, 7))


def test_two_bars_have_six_corners() -> None:
    corners = {(c, r): factor for c, r, factor in shape_corners(BASIC[0])}
    assert corners == {(0, 0): -1, (1, 0): 2, (2, 0): -1, (0, 1): 1, (1, 1): -2, (2, 1): 1}
    assert [len(shape_corners(shape)) for shape in BASIC] == [6, 6, 8, 8, 9]


def test_blocks_have_sixteen_corners_row_by_row() -> None:
    assert shape_corners(BLOCKS)[:5] == [(0, 0, 0), (1, 0, 0), (2, 0, 0), (3, 0, 0), (0, 1, 0)]
    assert len(shape_corners(BLOCKS)) == 16


def test_the_corners_give_the_features_value() -> None:
    pool = FeaturePool("all", 9, 8)
    grey = np.random.default_rng(0).integers(0, 256, (8, 9), dtype=np.uint8)
    S, T = integral_image(grey), tilted_integral_image(grey)
    table = np.concatenate((S.ravel(), T.ravel()))
    row, coefficient, number = find_corners(pool)
    for i in range(0, len(pool), 7):
        feature = pool[i]
        assert not isinstance(feature, LBPFeature)
        value = haar_value(feature, Integrals(S, S, T), np.float32(1))
        assert (table[row[i]] * coefficient[i])[: number[i]].sum() == value
        assert not coefficient[i, number[i] :].any()


def test_an_unknown_name_and_windows_of_unheard_of_size_are_refused() -> None:
    with pytest.raises(ValueError, match="one of basic, core, all, lbp, got 'hog'"):
        FeaturePool("hog", 24, 24)
    with pytest.raises(ValueError, match="3×3 to 10965 pixels, got 200×200"):
        FeaturePool("basic", 200, 200)
    with pytest.raises(ValueError, match="got 2×24"):
        FeaturePool("basic", 2, 24)
