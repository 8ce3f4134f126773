"""Eigenface pictures show the mean and each component once, each on a scale around zero."""

from __future__ import annotations

import numpy as np
import pytest

from scratchnet.visualize.eigenfaces import eigenface_grid, reconstruction_strip

matplotlib = pytest.importorskip("matplotlib")

MEAN = np.arange(6.0)
COMPONENTS = np.array([[1.0, 0, 0, 0, 0, -2], [0, 3, 0, 0, 0, 0]])


def pixels(axes):
    return np.asarray(axes.images[0].get_array()).tolist()


def captions(figure):
    return [axes.get_xlabel() for axes in figure.axes if axes.images]


def test_the_mean_comes_first_and_each_eigenface_has_its_own_scale():
    figure = eigenface_grid(MEAN, COMPONENTS, (2, 3), columns=2)
    shown = [axes for axes in figure.axes if axes.images]
    assert pixels(shown[0]) == [[0.0, 0.2, 0.4], [0.6, 0.8, 1.0]]
    assert pixels(shown[1]) == [[1, 0, 0], [0, 0, -2]]
    assert shown[1].images[0].get_clim() == (-2, 2)
    assert shown[2].images[0].get_clim() == (-3, 3)
    assert captions(figure) == ["mean", "1", "2"]
    assert figure.get_suptitle() == "The mean face and 2 eigenfaces"


def test_shares_are_written_below_and_a_limit_is_told():
    figure = eigenface_grid(MEAN, COMPONENTS, (2, 3), ratios=[0.75, 0.125], limit=1)
    assert captions(figure) == ["mean", "1: 75.0 %"]
    assert figure.get_suptitle() == "The mean face and 2 eigenfaces (the first 1)"


def test_a_face_and_its_reconstruction_share_their_greys():
    figure = reconstruction_strip([MEAN], [MEAN + 1], (2, 3))
    face, rebuilt = figure.axes
    assert face.images[0].get_clim() == rebuilt.images[0].get_clim() == (0, 5)
    assert pixels(rebuilt) == [[1, 2, 3], [4, 5, 6]]
    assert figure.get_suptitle() == "1 face, rebuilt with 59 % error"  # √6 / √17½


def test_other_shapes_are_refused():
    with pytest.raises(ValueError, match=r"mean \(6,\) and components \(k, 6\), got \(5,\)"):
        eigenface_grid(MEAN[:5], COMPONENTS, (2, 3))
    with pytest.raises(ValueError, match=r"2 components need 2 ratios, got \(1,\)"):
        eigenface_grid(MEAN, COMPONENTS, (2, 3), ratios=[1.0])
    with pytest.raises(ValueError, match=r"rows of 2 × 3 = 6 pixels"):
        reconstruction_strip([MEAN], [MEAN, MEAN], (2, 3))
