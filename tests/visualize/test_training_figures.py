"""Curves and class distribution state the numbers of their tables."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from scratchnet.visualize import class_distribution, training_curves
from scratchnet.visualize.curves import best_row
from scratchnet.visualize.palette import class_colors

matplotlib = pytest.importorskip("matplotlib")

HISTORY = pd.DataFrame(
    {
        "epoch": [1, 2, 3, 4],
        "loss": [1.5, 1.0, 0.7, 0.5],
        "accuracy": [0.3, 0.5, 0.7, 0.8],
        "val_loss": [1.4, 1.1, 0.9, 1.2],
        "val_accuracy": [0.4, 0.5, 0.6, 0.61],
        "learning_rate": [0.1, 0.1, 0.05, 0.01],
    }
)
COUNTS = pd.DataFrame(
    {"Training": [60, 30, 10], "PublicTest": [5, 4, 1]}, index=["Happy", "Sad", "Fear"]
)


def by_label(axes, label):
    (line,) = (line for line in axes.lines if line.get_label() == label)
    return line


def test_curves_draw_every_epoch_of_both_sets():
    loss, accuracy, rate = training_curves(HISTORY).axes
    assert by_label(loss, "training").get_ydata().tolist() == [1.5, 1.0, 0.7, 0.5]
    assert by_label(loss, "validation").get_ydata().tolist() == [1.4, 1.1, 0.9, 1.2]
    assert by_label(accuracy, "validation").get_ydata() == pytest.approx([40, 50, 60, 61])
    assert rate.lines[0].get_ydata().tolist() == [0.1, 0.1, 0.05, 0.01]


def test_curves_name_their_axes():
    loss, accuracy, rate = training_curves(HISTORY).axes
    assert [axes.get_ylabel() for axes in (loss, accuracy, rate)] == [
        "loss",
        "accuracy (%)",
        "learning rate",
    ]
    assert {axes.get_xlabel() for axes in (loss, accuracy, rate)} == {"epoch"}


def test_best_epoch_has_the_lowest_validation_loss_and_is_marked():
    figure = training_curves(HISTORY)
    for axes in figure.axes[:2]:
        assert set(by_label(axes, "best epoch").get_xdata()) == {3}
    assert figure.get_suptitle() == "Best epoch 3 of 4: 60.0 % validation accuracy"


def test_an_accuracy_is_monitored_upwards():
    assert best_row(HISTORY, "val_accuracy") == 3
    title = training_curves(HISTORY, "val_accuracy").get_suptitle()
    assert title == "Best epoch 4 of 4: 61.0 % validation accuracy"


def test_curves_do_without_validation_and_learning_rate():
    figure = training_curves(HISTORY[["epoch", "loss", "accuracy"]])
    assert len(figure.axes) == 2
    assert figure.get_suptitle() == "Best epoch 4 of 4: 80.0 % training accuracy"


def test_missing_epochs_do_not_hide_the_best_one():
    gaps = HISTORY.assign(val_loss=[np.nan, 1.1, np.nan, 1.2])
    assert best_row(gaps, "val_loss") == 1


def test_a_diverged_run_is_drawn_and_says_so():
    history = pd.DataFrame({"epoch": [1, 2], "loss": [np.nan] * 2, "accuracy": [np.nan] * 2})
    figure = training_curves(history)
    assert figure.get_suptitle() == "2 epochs, and no finite loss: training diverged"
    figure.canvas.draw()


def test_an_empty_history_is_refused():
    with pytest.raises(ValueError, match="at least one epoch"):
        training_curves(HISTORY[:0])


# -- class distribution ---------------------------------------------------------------------


def test_distribution_has_a_panel_a_split_and_a_bar_a_class():
    training, public = class_distribution(COUNTS, noun="faces").axes
    assert [bar.get_width() for bar in training.patches] == [60, 30, 10]
    assert [bar.get_width() for bar in public.patches] == [50, 40, 10]
    assert training.get_title(loc="left") == "Training: 100 faces"
    assert public.get_title(loc="left") == "PublicTest: 10 faces"


def test_distribution_prints_share_and_count():
    training = class_distribution(COUNTS).axes[0]
    texts = [text.get_text().strip() for text in training.texts]
    assert texts == ["60.0 %  (60)", "30.0 %  (30)", "10.0 %  (10)"]


def test_distribution_gives_each_class_its_colour():
    bars = class_distribution(COUNTS).axes[0].patches
    colors = [matplotlib.colors.to_hex(bar.get_facecolor()).upper() for bar in bars]
    assert colors == class_colors(["Happy", "Sad", "Fear"])


@pytest.mark.parametrize(
    ("counts", "title"),
    [
        ([65, 34, 11], "a is 5.9 times as frequent as c"),
        ([3, 3, 3], "All 3 classes are equally frequent"),
        ([3, 0, 3], "b has no images"),
    ],
)
def test_distribution_says_how_uneven_the_classes_are(counts, title):
    table = pd.DataFrame({"all": counts}, index=list("abc"))
    assert class_distribution(table).get_suptitle() == title


def test_an_empty_split_is_refused():
    with pytest.raises(ValueError, match="samples in every split"):
        class_distribution(COUNTS.assign(PrivateTest=0))
