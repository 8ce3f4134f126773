"""Confusion matrix, ranks, reliability and faces state the numbers they are given."""

from __future__ import annotations

import numpy as np
import pytest

from scratchnet.visualize import (
    confusion_heatmap,
    face_predictions,
    rank_bars,
    reliability_diagram,
    sample_grid,
)

matplotlib = pytest.importorskip("matplotlib")

NAMES = ["Happy", "Sad", "Fear"]
CONFUSION = np.array([[1200, 300, 0], [40, 60, 100], [0, 0, 0]])


def texts(axes) -> list[str]:
    return [text.get_text() for text in axes.texts]


# -- confusion ------------------------------------------------------------------------------


def test_each_cell_prints_the_share_of_its_row_and_its_count():
    (axes,) = confusion_heatmap(CONFUSION, NAMES).axes
    cells = list(zip(texts(axes)[::2], texts(axes)[1::2], strict=True))
    assert cells[:3] == [("80 %", "1,200"), ("20 %", "300"), ("0 %", "0")]
    assert cells[3:6] == [("20 %", "40"), ("30 %", "60"), ("50 %", "100")]


def test_a_class_without_samples_has_counts_but_no_shares():
    (axes,) = confusion_heatmap(CONFUSION, NAMES).axes
    assert texts(axes)[12:] == ["–", "0"] * 3


def test_colour_is_the_share_of_the_row():
    (axes,) = confusion_heatmap(CONFUSION, NAMES).axes
    expected = [[0.8, 0.2, 0], [0.2, 0.3, 0.5], [0, 0, 0]]
    np.testing.assert_allclose(axes.images[0].get_array(), expected)
    assert axes.images[0].get_clim() == (0, 1)


def test_rows_are_true_and_columns_are_predicted():
    (axes,) = confusion_heatmap(CONFUSION, NAMES, noun="faces").axes
    assert axes.get_xlabel() == "predicted"
    assert axes.get_ylabel() == "true, with its faces"
    assert [label.get_text() for label in axes.get_xticklabels()] == NAMES
    assert [label.get_text() for label in axes.get_yticklabels()] == [
        "Happy\n1,500",
        "Sad\n200",
        "Fear\n0",
    ]


def test_confusion_title_names_the_most_confused_pair():
    title = confusion_heatmap(CONFUSION, NAMES).get_suptitle()
    assert title == "74.1 % right; most often mistaken is Happy for Sad (300)"
    perfect = confusion_heatmap(np.diag([2, 2, 2]), NAMES).get_suptitle()
    assert perfect == "100.0 % right: no confusion at all"


@pytest.mark.parametrize("bad", [np.zeros((3, 3), int), np.ones((2, 2), int)])
def test_a_matrix_that_does_not_fit_is_refused(bad):
    with pytest.raises(ValueError, match=r"3 class names need counts \(3, 3\)"):
        confusion_heatmap(bad, NAMES)


# -- ranks ----------------------------------------------------------------------------------


def test_a_bar_for_each_rank_with_its_share_and_the_running_total():
    (axes,) = rank_bars([581, 184, 111, 124], noun="faces").axes
    assert [bar.get_height() for bar in axes.patches] == pytest.approx([58.1, 18.4, 11.1, 12.4])
    assert texts(axes) == [
        "58.1 %",
        *("18.4 %", "Σ 76.5 %"),
        *("11.1 %", "Σ 87.6 %"),
        *("12.4 %", "Σ 100.0 %"),
    ]
    assert [label.get_text() for label in axes.get_xticklabels()] == ["1st", "2nd", "3rd", "4th"]


def test_ranks_title_and_axes_say_the_fact():
    figure = rank_bars([581, 184, 111, 124], noun="faces")
    expected = "58.1 % of faces have the right label first, 87.6 % among the first three"
    assert figure.get_suptitle() == expected
    assert figure.axes[0].get_xlabel() == "rank of the true label"
    assert figure.axes[0].get_ylabel() == "share of 1,000 faces (%)"


def test_ranks_from_eleven_to_thirteen_end_in_th():
    (axes,) = rank_bars(np.ones(22, int)).axes
    labels = [label.get_text() for label in axes.get_xticklabels()]
    assert labels[10:13] == ["11th", "12th", "13th"]
    assert labels[20:] == ["21st", "22nd"]


def test_ranks_of_nothing_are_refused():
    with pytest.raises(ValueError, match="some > 0"):
        rank_bars([0, 0])


# -- reliability ----------------------------------------------------------------------------


def test_reliability_bars_are_accuracy_and_counts():
    p = np.array([[0.9, 0.1], [0.9, 0.1], [0.6, 0.4], [0.4, 0.6]])
    figure = reliability_diagram(p, np.array([0, 1, 0, 1]), bins=2)
    upper, lower = figure.axes
    accuracy, gap = upper.containers[:2]
    assert [bar.get_height() for bar in accuracy] == pytest.approx([75])
    assert [bar.get_height() for bar in gap] == pytest.approx([0])
    assert [bar.get_height() for bar in lower.patches] == [0, 4]
    assert figure.get_suptitle() == "Confidence is 0.0 points from accuracy (ECE, 2 bins)"


def test_reliability_says_which_way_the_confidence_errs():
    sure = np.array([[1.0, 0.0], [1.0, 0.0]])
    upper = reliability_diagram(sure, np.array([0, 1])).axes[0]
    assert upper.get_title(loc="left") == "over-confident by 50.0 points on average"


# -- faces ----------------------------------------------------------------------------------

FACES = np.random.default_rng(0).random((3, 1, 8, 8))
P = np.array([[0.7, 0.2, 0.1], [0.1, 0.3, 0.6], [0.2, 0.5, 0.3]])
TRUE = np.array([0, 1, 1])


def test_each_face_has_a_bar_a_class():
    figure = face_predictions(FACES, P, TRUE, NAMES)
    assert len(figure.axes) == 6
    for axes, p in zip(figure.axes[1::2], P, strict=True):
        background, bars = axes.containers
        assert [bar.get_width() for bar in background] == [1, 1, 1]
        assert [bar.get_width() for bar in bars] == p.tolist()
        assert texts(axes) == [f"{100 * share:.0f} %" for share in p]
        assert [label.get_text() for label in axes.get_yticklabels()] == NAMES


def test_wrong_answers_are_crossed_and_framed():
    pictures = face_predictions(FACES, P, TRUE, NAMES).axes[::2]
    assert [axes.get_title() for axes in pictures] == ["✓ Happy", "✗ Fear (is Sad)", "✓ Sad"]
    frames = [axes.spines["left"].get_linewidth() for axes in pictures]
    assert frames[1] > frames[0] == frames[2]


def test_the_true_class_is_bold():
    bars = face_predictions(FACES, P, TRUE, NAMES).axes[3]
    assert [label.get_weight() for label in bars.get_yticklabels()] == ["normal", "bold", "normal"]


def test_faces_title_counts_the_right_ones():
    title = face_predictions(FACES, P, TRUE, NAMES, noun="faces").get_suptitle()
    assert title == "2 of these 3 faces are recognised"


def test_faces_without_labels_are_refused():
    with pytest.raises(ValueError, match=r"labels \(3,\).*got \(3, 3\) and \(2,\)"):
        face_predictions(FACES, P, TRUE[:2], NAMES)


# -- samples --------------------------------------------------------------------------------


def test_sample_grid_has_a_row_a_class_and_only_members_in_it():
    labels = np.array([0] * 9 + [1] * 2)
    images = np.where(labels == 0, 40, 200).astype(np.uint8)[:, None, None] * np.ones(
        (1, 4, 4), np.uint8
    )
    figure = sample_grid(images, labels, ["dark", "light"], np.random.default_rng(0), per_class=3)
    (axes,) = figure.axes
    sheet = np.asarray(axes.images[0].get_array().filled(np.nan))
    top, bottom = sheet[:8], sheet[14:]  # 4 pixels at zoom 2, a gap of 6
    assert np.unique(top[~np.isnan(top)]).tolist() == [40 / 255]
    assert np.unique(bottom[~np.isnan(bottom)]).tolist() == [200 / 255]
    assert np.isfinite(top).sum() == 3 * 64
    assert np.isfinite(bottom).sum() == 2 * 64  # two members only: the row is shorter
    assert [label.get_text() for label in axes.get_yticklabels()] == ["dark", "light"]


def test_sample_grid_is_chosen_by_the_generator():
    images = np.random.default_rng(0).integers(0, 256, (40, 4, 4), dtype=np.uint8)
    labels = np.arange(40) % 2
    sheets = [
        sample_grid(images, labels, ["a", "b"], np.random.default_rng(seed), 4).axes[0].images[0]
        for seed in (1, 1, 2)
    ]
    first, again, other = (np.asarray(sheet.get_array().filled(-1)) for sheet in sheets)
    assert (first == again).all()
    assert (first != other).any()
