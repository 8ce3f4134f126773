"""Figures of Gabor filters show every filter, in rows of scales and columns of orientations."""

import numpy as np
import pytest

from scratchnet.visualize.gabor import gabor_bank_grid, gabor_edge_pictures, gabor_space_grid

matplotlib = pytest.importorskip("matplotlib")


def labels(axis):
    return [text.get_text() for text in axis.get_ticklabels()]


def test_the_bank_has_a_row_a_scale_and_a_column_an_orientation():
    kernels = [np.full((3, 5), k + 1 + 1j) for k in range(6)]
    figure = gabor_bank_grid(kernels, orientations=3, size=5)
    (axes,) = figure.axes
    sheet = np.asarray(axes.images[0].get_array().filled(np.nan))
    assert sheet.shape == (2 * 10 + 3, 3 * 10 + 2 * 3)  # 5 pixels at zoom 2, gaps of 3
    assert labels(axes.xaxis) == ["0°", "60°", "120°"]
    assert labels(axes.yaxis) == ["scale 1", "scale 2"]
    assert figure.get_suptitle() == "6 Gabor filters, the real part"


def test_each_filter_has_a_scale_of_its_own_and_is_cut_to_the_window():
    kernels = [np.full((9, 3), 7.0 + 0j), np.full((1, 1), -2j)]
    sheet = gabor_bank_grid(kernels, 2, size=3).axes[0].images[0].get_array()
    assert sheet[:, :6].min() == sheet[:, :6].max() == 1
    imaginary = gabor_bank_grid(kernels, 2, "imaginary", size=3).axes[0].images[0].get_array()
    assert imaginary[2, 11] == -1  # the middle of the second tile
    assert imaginary[0, 9] == 0  # zeros around it
    assert not imaginary[:, :6].any()


def test_the_gabor_space_shows_magnitudes_beside_the_picture():
    responses = np.full((4, 8, 8), 3 + 4j)
    figure = gabor_space_grid(responses, np.zeros((8, 8), np.uint8), orientations=2)
    picture, grid = figure.axes
    assert picture.images[0].get_array().shape == (8, 8)
    assert np.unique(grid.images[0].get_array().compressed()).tolist() == [5]
    assert figure.get_suptitle().endswith("each of 4 waves is at every pixel")


def test_every_picture_has_its_points_above_and_its_edges_below():
    images = np.zeros((2, 6, 6), np.uint8)
    figure = gabor_edge_pictures(images, images, [np.array([[1, 2], [3, 4]]), np.zeros((0, 2))])
    assert len(figure.axes) == 4
    assert figure.axes[0].collections[0].get_offsets().tolist() == [[1, 2], [3, 4]]


def test_wrong_inputs_are_named():
    with pytest.raises(ValueError, match="rows of 3 filters and an odd size, got 4 filters and 41"):
        gabor_bank_grid([np.ones((3, 3))] * 4, 3)
    with pytest.raises(ValueError, match=r"rows of 3, got \(4, 8, 8\)"):
        gabor_space_grid(np.ones((4, 8, 8)), np.zeros((8, 8)), 3)
    with pytest.raises(ValueError, match="at least one picture"):
        gabor_edge_pictures(np.zeros((0, 4, 4)), np.zeros((0, 4, 4)), [])
