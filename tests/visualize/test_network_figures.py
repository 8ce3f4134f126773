"""Filters and feature maps show each array once, on one scale."""

from __future__ import annotations

import numpy as np
import pytest

from scratchnet.visualize import feature_map_grid, filter_grid

matplotlib = pytest.importorskip("matplotlib")


def pixels(axes):
    return np.asarray(axes.images[0].get_array().filled(np.nan))


def test_every_weight_is_shown_on_a_scale_around_zero():
    W = np.arange(2 * 1 * 3 * 3).reshape(2, 1, 3, 3) - 4.0
    figure = filter_grid(W)
    sheet = pixels(figure.axes[0])
    assert set(np.unique(sheet[~np.isnan(sheet)])) == set(W.ravel())
    assert figure.axes[0].images[0].get_clim() == (-13, 13)
    assert figure.get_suptitle() == "2 filters of 3×3 in the first convolution"


def test_filters_of_several_channels_have_a_tile_a_channel():
    figure = filter_grid(np.ones((4, 3, 5, 5)))
    sheet = pixels(figure.axes[0])
    assert np.isfinite(sheet).sum() == 4 * 3 * 25 * 8 * 8  # each weight is 8 × 8 pixels
    assert figure.get_suptitle() == "4 filters of 3×5×5 in the first convolution"


def test_too_many_filters_are_cut_and_the_title_says_so():
    title = filter_grid(np.ones((200, 1, 3, 3)), limit=50).get_suptitle()
    assert title.endswith("(the first 50 of 200 tiles)")


def test_zero_filters_are_drawn():
    assert filter_grid(np.zeros((2, 1, 3, 3))).axes[0].images[0].get_clim() == (-1, 1)


def test_dense_weights_are_refused():
    with pytest.raises(ValueError, match=r"\(F, C, KH, KW\), got \(10, 5\)"):
        filter_grid(np.ones((10, 5)))


def test_every_map_is_shown_beside_its_picture():
    maps = np.random.default_rng(0).random((6, 4, 4))
    figure = feature_map_grid(maps, np.zeros((1, 8, 8), np.uint8), "the second pooling layer")
    picture, grid = figure.axes[:2]
    assert picture.images[0].get_array().shape == (8, 8)
    sheet = pixels(grid)
    assert set(np.unique(sheet[~np.isnan(sheet)])) == set(maps.ravel())
    expected = "6 maps of 4×4 after the second pooling layer: none is silent here"
    assert figure.get_suptitle() == expected


def test_silent_maps_are_hatched_and_counted():
    maps = np.ones((9, 4, 4))
    maps[[1, 8]] = 0
    figure = feature_map_grid(maps)
    patches = figure.axes[0].patches
    assert [patch.get_hatch() for patch in patches] == ["///"] * 2
    # 4 pixels at zoom 8 and a gap of 3: tile 1 begins at 35, tile 8 opens the second row.
    assert [patch.get_xy() for patch in patches] == [(34.5, -0.5), (-0.5, 34.5)]
    assert figure.get_suptitle().endswith("2 silent here")


def test_the_scale_is_shared_and_starts_at_zero():
    maps = np.full((2, 2, 2), 5.0)
    assert feature_map_grid(maps).axes[0].images[0].get_clim() == (0, 5)
    assert feature_map_grid(0 * maps).axes[0].images[0].get_clim() == (0, 1)


def test_maps_of_both_signs_have_zero_in_the_middle():
    maps = np.stack([np.full((2, 2), -7.0), np.full((2, 2), 3.0)])
    shown = feature_map_grid(maps).axes[0].images[0]
    assert shown.get_clim() == (-7, 7)
    assert shown.get_cmap().name == "PuOr"


def test_a_batch_of_maps_is_refused():
    with pytest.raises(ValueError, match=r"one image's maps \(C, h, w\), got \(1, 6, 4, 4\)"):
        feature_map_grid(np.zeros((1, 6, 4, 4)))
