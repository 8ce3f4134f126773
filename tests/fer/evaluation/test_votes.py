"""A second opinion, by hand on a few faces."""

from __future__ import annotations

import numpy as np
import pytest

from scratchnet.fer.evaluation.votes import second_opinion

# Three classes. Majorities 0, 0, 1, 2; then a tie, then no face.
VOTES = np.array(
    [[0.8, 0.2, 0], [0.6, 0.2, 0.2], [0.3, 0.7, 0], [0, 0.1, 0.9], [0.5, 0.5, 0], [0.9, 0.1, 0]]
)
FACE = np.array([True, True, True, True, True, False])
P = np.array(
    [[0.7, 0.2, 0.1], [0.2, 0.5, 0.3], [0.4, 0.6, 0], [0.1, 0.1, 0.8], [1, 0, 0], [1, 0, 0]]
)
LABELS = np.array([0, 0, 0, 2, 1, 1])


def test_ties_and_non_faces_are_left_out():
    opinion = second_opinion(P, LABELS, VOTES, FACE)
    assert (opinion["images"], opinion["left_out"]) == (4, 2)
    assert opinion["majority_faces"] == [2, 1, 1]


def test_a_face_without_votes_is_left_out():
    opinion = second_opinion(P, LABELS, VOTES * [[1], [1], [1], [0], [1], [1]], FACE)
    assert opinion["images"] == 3


def test_agreement_is_the_share_of_people_who_say_the_same():
    opinion = second_opinion(P, LABELS, VOTES, FACE)
    # The model answers 0, 1, 1, 2; FER2013 says 0, 0, 0, 2.
    assert opinion["agreement"]["model"] == pytest.approx((0.8 + 0.2 + 0.7 + 0.9) / 4)
    assert opinion["agreement"]["label"] == pytest.approx((0.8 + 0.6 + 0.3 + 0.9) / 4)
    assert opinion["agreement"]["majority"] == pytest.approx((0.8 + 0.6 + 0.7 + 0.9) / 4)
    assert opinion["accuracy_on_majority"] == opinion["labels_on_majority"] == 3 / 4


def test_rows_are_means_over_the_faces_of_a_majority():
    opinion = second_opinion(P, LABELS, VOTES, FACE)
    assert opinion["mean_votes"][0] == pytest.approx([0.7, 0.2, 0.1])
    assert opinion["mean_probabilities"][0] == pytest.approx([0.45, 0.35, 0.2])
    assert opinion["mean_probabilities"][2] == pytest.approx([0.1, 0.1, 0.8])


def test_a_model_that_says_what_people_say_agrees_in_all():
    opinion = second_opinion(VOTES, LABELS, VOTES, FACE)
    assert opinion["confusion_correlation"] == pytest.approx(1)
    assert opinion["entropy_correlation"] == pytest.approx(1)
    assert opinion["agreement"]["model"] == opinion["agreement"]["majority"]


def test_a_class_that_no_majority_names_is_not_compared():
    votes = np.array([[0.6, 0.3, 0.1], [0.7, 0.2, 0.1], [0.3, 0.6, 0.1]])
    opinion = second_opinion(votes, [0, 0, 1], votes, np.ones(3, bool))
    assert opinion["mean_votes"][2] == [0, 0, 0]
    assert opinion["confusion_correlation"] == pytest.approx(1)


def test_without_a_majority_there_is_no_second_opinion():
    with pytest.raises(ValueError, match="faces with a majority, got 0"):
        second_opinion(P, LABELS, np.zeros((6, 3)), FACE)
