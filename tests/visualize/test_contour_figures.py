"""Contours are drawn where they were found, closed, a colour a kind."""

import numpy as np
import pytest

from scratchnet.visualize.contour import contour_faces, contour_steps

matplotlib = pytest.importorskip("matplotlib")

SQUARE = np.array([[1, 1], [3, 1], [3, 3], [1, 3]])


def test_contours_are_closed_lines_on_their_faces():
    none = np.zeros((0, 2))
    figure = contour_faces(
        np.zeros((2, 8, 8), np.uint8), {"eye": [SQUARE, none], "mouth": [none, SQUARE + 2]}
    )
    first, second = figure.axes
    assert first.lines[0].get_xydata().tolist() == [*SQUARE.tolist(), [1, 1]]
    assert second.lines[0].get_xydata()[0].tolist() == [3, 3]
    assert first.lines[0].get_color() != second.lines[0].get_color()
    names = [text.get_text() for text in figure.legends[0].get_texts()]
    assert names == ["eye", "mouth"]


def test_steps_show_each_patch_and_its_region():
    patches = {"eye": np.ones((4, 6)), "mouth": np.ones((5, 9))}
    masks = {"eye": np.eye(4, 6, dtype=bool), "mouth": np.eye(5, 9, dtype=bool)}
    figure = contour_steps(patches, masks)
    assert [axes.get_title() for axes in figure.axes[:2]] == ["eye", "mouth"]
    assert figure.axes[2].images[0].get_array().tolist() == masks["eye"].tolist()


def test_wrong_inputs_are_named():
    with pytest.raises(ValueError, match=r"got 1 faces and \{'eye': 2\}"):
        contour_faces(np.zeros((1, 8, 8)), {"eye": [SQUARE, SQUARE]})
    with pytest.raises(ValueError, match="a mask for each patch"):
        contour_steps({"eye": np.ones((4, 6))}, {"eye": np.ones((4, 5), bool)})
