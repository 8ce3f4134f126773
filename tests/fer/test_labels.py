import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scratchnet.fer.labels import SEVEN, SIX, class_names, merge_disgust, to_six


def test_orders_are_those_of_fer2013_and_of_the_report():
    assert class_names(7) == ("Angry", "Disgust", "Fear", "Happy", "Sad", "Surprise", "Neutral")
    assert class_names(6) == ("Angry", "Fear", "Happy", "Sad", "Surprise", "Neutral")


def test_to_six_counts_disgust_as_angry():
    assert to_six(np.arange(7)).tolist() == [0, 0, 1, 2, 3, 4, 5]


def test_to_six_keeps_every_other_name():
    for label, name in enumerate(SEVEN):
        expected = "Angry" if name == "Disgust" else name
        assert SIX[to_six(np.array(label))] == expected


def test_merge_disgust_adds_the_second_column_to_the_first():
    scores = np.array([[0.125, 0.25, 0.5, 0.0, 0.0, 0.0625, 0.0625]])
    assert merge_disgust(scores).tolist() == [[0.375, 0.5, 0.0, 0.0, 0.0625, 0.0625]]
    assert scores[0, 0] == 0.125  # the argument is left alone


@given(st.lists(st.integers(0, 6), min_size=1))
def test_merged_one_hot_rows_are_the_one_hot_rows_of_six(labels):
    assert np.array_equal(merge_disgust(np.eye(7)[labels]), np.eye(6)[to_six(np.array(labels))])


def test_wrong_numbers_of_classes_are_named():
    with pytest.raises(ValueError, match=r"classes must be 7 .* or 6 .*, got 5; .*select_classes"):
        class_names(5)
    with pytest.raises(ValueError, match=r"expects \(\.\.\., 7\), got \(2, 6\)"):
        merge_disgust(np.zeros((2, 6)))
