"""Coverage, agreement, activity and explanations state the numbers they are given."""

from __future__ import annotations

import numpy as np
import pytest

from scratchnet.visualize import (
    activity_bars,
    coverage_plot,
    explanation_grid,
    overlay,
    save_figure,
    vote_comparison,
)

pytest.importorskip("matplotlib")


def texts(axes):
    return [text.get_text() for text in axes.texts]


def title(figure):
    return figure.get_suptitle()


def test_coverage_marks_the_accuracy_of_four_shares():
    p = np.tile([0.6, 0.4], (40, 1))
    p[:20] = [0.9, 0.1]
    true = np.zeros(40, int)
    true[30:] = 1  # of the surer half all are right, of the others half
    figure = coverage_plot(p, true)
    assert texts(figure.axes[0])[::2] == ["100.0 %", "100.0 %", "100.0 %", "75.0 %"]
    assert texts(figure.axes[0])[1] == "sure ≥ 90 %"
    assert title(figure) == "The surer half is right in 100.0 %, all in 75.0 %"


def test_votes_and_probabilities_stand_side_by_side_on_one_scale():
    votes, p = np.array([[0.8, 0.2], [0.4, 0.6]]), np.array([[0.7, 0.3], [0.1, 0.9]])
    figure = vote_comparison(votes, p, ["Sad", "Neutral"], 0.42)
    left, right = figure.axes
    assert texts(left) == ["80 %", "20 %", "40 %", "60 %"]
    assert texts(right) == ["70 %", "30 %", "10 %", "90 %"]
    assert left.images[0].get_clim() == right.images[0].get_clim() == (0, 0.4)
    assert title(figure).endswith("Rank correlation 0.42")


def test_matrices_of_another_size_are_refused():
    with pytest.raises(ValueError, match=r"two matrices \(3, 3\), got \(2, 2\) and \(3, 3\)"):
        vote_comparison(np.eye(2), np.eye(3), ["a", "b", "c"], 0)


def test_dead_units_are_counted_by_layer_and_in_the_title():
    figure = activity_bars({"one": [1, 0.5, 0, 0], "two": [1, 1]}, 512, noun="faces")
    assert [text.strip() for text in texts(figure.axes[0])] == ["4 units, 2 dead", "2 units"]
    assert title(figure) == "2 of 6 units are dead on 512 faces"
    assert title(activity_bars({"two": [1, 1]}, 9)) == "None of 2 units is dead on 9 images"


def test_no_heat_leaves_the_picture_as_it_is():
    picture = np.array([[0, 255], [51, 102]], np.uint8)
    shown = overlay(picture, np.zeros((2, 2)))
    np.testing.assert_allclose(shown, np.repeat(picture[..., None] / 255, 3, axis=2))


def test_the_hottest_pixel_is_coloured_and_its_neighbours_are_not():
    heat = np.zeros((2, 2))
    heat[1, 0] = 5
    shown = overlay(np.full((2, 2, 3), 51, np.uint8), heat, strength=1.0)
    assert shown[0, 0].tolist() == pytest.approx([0.2] * 3)
    assert shown[1, 0].tolist() != pytest.approx([0.2] * 3, abs=0.1)


def test_for_and_against_have_different_colours():
    shown = overlay(np.full((1, 2), 128, np.uint8), [[1.0, -1.0]], strength=1.0)
    assert shown[0, 0, 0] > shown[0, 0, 2]  # orange: more red than blue
    assert shown[0, 1, 0] < shown[0, 1, 2]  # purple


def test_a_map_of_another_size_is_refused():
    with pytest.raises(ValueError, match=r"\(2, 2\), got \(3, 3\)"):
        overlay(np.zeros((2, 2), np.uint8), np.zeros((3, 3)))


def test_a_row_a_picture_and_a_column_a_kind(tmp_path):
    grey, photo = np.zeros((6, 6), np.uint8), np.zeros((9, 8, 3), np.uint8)
    maps = {
        "Grad-CAM": [np.ones((6, 6)), np.ones((9, 8))],
        "saliency": [np.eye(6), np.ones((9, 8))],
    }
    figure = explanation_grid([grey, photo], maps, ["Happy 87 %", "photo"], "Why")
    assert len(figure.axes) == 6
    assert [axes.get_title(loc="left") for axes in figure.axes[:3]] == [
        "Happy 87 %", "Grad-CAM", "saliency",
    ]  # fmt: skip
    assert title(figure) == "Why"
    save_figure(figure, tmp_path / "why.png")


def test_a_map_for_each_picture_is_needed():
    with pytest.raises(ValueError, match=r"1 pictures, 1 titles, maps \{'a': 2\}"):
        explanation_grid([np.zeros((2, 2))], {"a": [np.eye(2)] * 2}, ["x"])
