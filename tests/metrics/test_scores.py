"""Metrics: worked by hand, then the properties they must have, then scikit-learn."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scratchnet import metrics

# Ten samples of three classes. Class 2 is never predicted right, and once predicted wrongly.
TRUE = np.array([0, 0, 0, 0, 1, 1, 1, 1, 1, 2])
PREDICTED = np.array([0, 0, 0, 1, 1, 1, 0, 0, 2, 1])
CONFUSION = np.array([[3, 1, 0], [2, 2, 1], [0, 1, 0]])

# Three samples of three classes: the true label is ranked first, second, third.
P = np.array([[0.7, 0.2, 0.1], [0.5, 0.4, 0.1], [0.6, 0.3, 0.1]])
LABELS = np.array([0, 1, 2])


# -- by hand --------------------------------------------------------------------------------


def test_accuracy_is_the_share_of_equal_labels():
    assert metrics.accuracy(TRUE, PREDICTED) == 0.5


def test_confusion_matrix_has_true_rows_and_predicted_columns():
    assert metrics.confusion_matrix(TRUE, PREDICTED, 3).tolist() == CONFUSION.tolist()


def test_precision_recall_and_f1_by_hand():
    scores = metrics.precision_recall_f1(CONFUSION)
    assert scores.precision.tolist() == pytest.approx([3 / 5, 2 / 4, 0])
    assert scores.recall.tolist() == pytest.approx([3 / 4, 2 / 5, 0])
    assert scores.f1.tolist() == pytest.approx([6 / 9, 4 / 9, 0])
    assert scores.support.tolist() == [4, 5, 1]


def test_balanced_accuracy_is_the_mean_recall():
    assert metrics.balanced_accuracy(CONFUSION) == pytest.approx((3 / 4 + 2 / 5 + 0) / 3)


def test_macro_f1_is_the_mean_f1():
    assert metrics.macro_f1(CONFUSION) == pytest.approx((6 / 9 + 4 / 9 + 0) / 3)


def test_kappa_by_hand():
    chance = (4 * 5 + 5 * 4 + 1 * 1) / 100
    assert metrics.cohen_kappa(CONFUSION) == pytest.approx((0.5 - chance) / (1 - chance))


def test_most_confused_pairs_come_by_count_then_by_row():
    assert metrics.most_confused(CONFUSION, 3) == [
        (1, 0, 2, pytest.approx(2 / 5)),
        (0, 1, 1, pytest.approx(1 / 4)),
        (1, 2, 1, pytest.approx(1 / 5)),
    ]


def test_most_confused_leaves_out_pairs_that_never_occur():
    assert metrics.most_confused(np.diag([3, 4])) == []
    assert len(metrics.most_confused(CONFUSION, 99)) == 4


def test_majority_baseline_is_the_best_constant_answer():
    assert metrics.majority_baseline(TRUE, 3) == (1, 0.5)


def test_rank_counts_the_labels_before_the_true_one():
    assert metrics.label_rank(P, LABELS).tolist() == [1, 2, 3]
    assert metrics.rank_histogram(P, LABELS).tolist() == [1, 1, 1]


def test_top_k_is_the_share_of_ranks_up_to_k():
    assert [metrics.top_k(P, LABELS, k) for k in (1, 2, 3)] == pytest.approx([1 / 3, 2 / 3, 1])


def test_equal_probabilities_rank_in_class_order():
    even = np.full((3, 3), 1 / 3)
    assert metrics.label_rank(even, LABELS).tolist() == [1, 2, 3]


def test_negative_log_likelihood_by_hand():
    expected = -(math.log(0.7) + math.log(0.4) + math.log(0.1)) / 3
    assert metrics.negative_log_likelihood(P, LABELS) == pytest.approx(expected)


def test_a_probability_of_zero_costs_87_nats_and_not_infinity():
    certain = np.array([[1.0, 0.0]])
    assert metrics.negative_log_likelihood(certain, np.array([1])) == pytest.approx(87.3, abs=0.05)


def test_brier_score_by_hand():
    first = 0.3**2 + 0.2**2 + 0.1**2
    second = 0.5**2 + 0.6**2 + 0.1**2
    third = 0.6**2 + 0.3**2 + 0.9**2
    assert metrics.brier_score(P, LABELS) == pytest.approx((first + second + third) / 3)


def test_brier_score_runs_from_0_to_2():
    certain = np.array([[1.0, 0.0]])
    assert metrics.brier_score(certain, np.array([0])) == 0.0
    assert metrics.brier_score(certain, np.array([1])) == 2.0


def test_calibration_error_by_hand():
    # Two bins: {0.5: wrong} up to 0.5, and {0.7: right, 0.6: wrong} above it.
    samples, confidence, right = metrics.reliability_bins(P, LABELS, 2)
    assert samples.tolist() == [1, 2]
    assert confidence.tolist() == pytest.approx([0.5, 0.65])
    assert right.tolist() == pytest.approx([0, 0.5])
    expected = 1 / 3 * 0.5 + 2 / 3 * 0.15
    assert metrics.expected_calibration_error(P, LABELS, 2) == pytest.approx(expected)


def test_full_confidence_falls_into_the_last_bin():
    samples = metrics.reliability_bins(np.array([[1.0, 0.0]]), np.array([0])).samples
    assert samples.tolist() == [0] * 14 + [1]


# -- empty classes: 0 / 0 is 0, and the means leave such classes out ---------------------------

ABSENT = np.array([[3, 1, 0, 0], [0, 2, 1, 0], [0, 0, 0, 0], [0, 0, 0, 0]])  # 2: predicted only


def test_scores_of_an_absent_class_are_zero():
    scores = metrics.precision_recall_f1(ABSENT)
    assert scores.precision[3] == scores.recall[3] == scores.f1[3] == 0.0


def test_balanced_accuracy_leaves_out_classes_without_samples():
    assert metrics.balanced_accuracy(ABSENT) == pytest.approx((3 / 4 + 2 / 3) / 2)


def test_macro_f1_leaves_out_classes_that_do_not_occur_at_all():
    assert metrics.macro_f1(ABSENT) == pytest.approx((6 / 7 + 4 / 6 + 0) / 3)


def test_kappa_is_0_where_chance_alone_is_perfect():
    assert metrics.cohen_kappa(np.array([[7, 0], [0, 0]])) == 0.0


# -- the bootstrap --------------------------------------------------------------------------


def test_interval_is_that_of_resampling_one_by_one():
    correct = np.arange(200) < 120
    draws = np.random.default_rng(1).choice(correct, size=(4000, 200)).mean(axis=1)
    expected = np.quantile(draws, [0.025, 0.975])
    interval = metrics.bootstrap_interval(correct, np.random.default_rng(2))
    assert interval == pytest.approx(tuple(expected), abs=0.0101)  # two steps of 1/200


def test_interval_is_seeded():
    correct = np.arange(50) < 30
    first, second = (metrics.bootstrap_interval(correct, np.random.default_rng(3)) for _ in "ab")
    assert first == second


def test_interval_of_a_perfect_classifier_is_a_point():
    assert metrics.bootstrap_interval(np.ones(9, bool), np.random.default_rng(0)) == (1.0, 1.0)


def test_a_wider_level_gives_a_wider_interval():
    correct = np.arange(300) < 200
    narrow = metrics.bootstrap_interval(correct, np.random.default_rng(0), level=0.5)
    wide = metrics.bootstrap_interval(correct, np.random.default_rng(0), level=0.99)
    assert wide[0] < narrow[0] < 2 / 3 < narrow[1] < wide[1]


# -- properties -----------------------------------------------------------------------------


@st.composite
def predictions(draw):
    """(probabilities, labels) with ties, absent classes and saturated rows among them."""
    K, N = draw(st.integers(2, 6)), draw(st.integers(1, 30))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    scores = rng.integers(0, draw(st.integers(2, 200)), size=(N, K)) / 10
    p = np.exp(scores)
    return p / p.sum(axis=1, keepdims=True), rng.integers(0, K, size=N)


@settings(deadline=None, max_examples=50)
@given(predictions())
def test_rank_one_is_exactly_a_right_prediction(sample):
    p, true = sample
    predicted = p.argmax(axis=1)
    assert ((metrics.label_rank(p, true) == 1) == (predicted == true)).all()
    assert metrics.top_k(p, true, 1) == metrics.accuracy(true, predicted)


@settings(deadline=None, max_examples=50)
@given(predictions())
def test_every_sample_is_counted_once(sample):
    p, true = sample
    N, K = p.shape
    assert metrics.confusion_matrix(true, p.argmax(axis=1), K).sum() == N
    assert metrics.rank_histogram(p, true).sum() == N
    assert metrics.reliability_bins(p, true).samples.sum() == N
    assert metrics.top_k(p, true, K) == 1.0


@settings(deadline=None, max_examples=50)
@given(predictions())
def test_every_number_is_finite_and_in_its_range(sample):
    p, true = sample
    confusion = metrics.confusion_matrix(true, p.argmax(axis=1), p.shape[1])
    for share in (
        *np.concatenate(metrics.precision_recall_f1(confusion)[:3]),
        metrics.balanced_accuracy(confusion),
        metrics.macro_f1(confusion),
        metrics.expected_calibration_error(p, true),
        metrics.brier_score(p, true) / 2,
    ):
        assert 0 <= share <= 1 + 1e-12
    assert -1 <= metrics.cohen_kappa(confusion) <= 1 + 1e-12
    assert metrics.negative_log_likelihood(p, true) >= 0


# -- errors: expected, got, remedy -------------------------------------------------------------


def test_one_hot_labels_are_refused_with_the_remedy():
    with pytest.raises(ValueError, match=r"integer labels \(N,\).*float64 \(3, 3\).*argmax"):
        metrics.accuracy(np.eye(3), LABELS)


def test_a_label_out_of_range_is_refused():
    with pytest.raises(ValueError, match=r"true expects labels 0\.\.2, got 0\.\.7"):
        metrics.confusion_matrix([0, 7], [0, 1], 3)


def test_different_lengths_are_refused():
    with pytest.raises(ValueError, match="one prediction a label, got 2 for 3"):
        metrics.accuracy([0, 1, 2], [0, 1])


def test_no_samples_are_refused():
    with pytest.raises(ValueError, match="N > 0"):
        metrics.accuracy(np.zeros(0, int), np.zeros(0, int))


def test_nan_is_refused_with_its_row():
    broken = P.copy()
    broken[1, 2] = np.nan
    with pytest.raises(ValueError, match=r"row 1.*lower the learning rate"):
        metrics.label_rank(broken, LABELS)


def test_scores_are_refused_where_probabilities_are_needed():
    with pytest.raises(ValueError, match="apply softmax"):
        metrics.brier_score(10 * P, LABELS)
    assert metrics.top_k(10 * P, LABELS, 1) == pytest.approx(1 / 3)  # their order is enough


def test_a_level_in_per_cent_is_refused():
    with pytest.raises(ValueError, match=r"got 95; 95 % is 0\.95"):
        metrics.bootstrap_interval([True], np.random.default_rng(0), level=95)


# -- oracle ---------------------------------------------------------------------------------


@pytest.fixture
def many():
    rng = np.random.default_rng(7)
    p = rng.dirichlet(np.full(6, 0.5), size=400)
    return p, np.where(rng.random(400) < 0.5, p.argmax(axis=1), rng.integers(0, 5, 400))


@pytest.mark.oracle
def test_scores_agree_with_scikit_learn(many):
    sk = pytest.importorskip("sklearn.metrics")
    p, true = many
    predicted = p.argmax(axis=1)
    confusion = metrics.confusion_matrix(true, predicted, 6)
    assert (confusion == sk.confusion_matrix(true, predicted)).all()
    expected = sk.precision_recall_fscore_support(true, predicted, zero_division=0)
    for ours, theirs in zip(metrics.precision_recall_f1(confusion), expected, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-12)
    pairs = [
        (metrics.accuracy(true, predicted), sk.accuracy_score(true, predicted)),
        (metrics.macro_f1(confusion), sk.f1_score(true, predicted, average="macro")),
        (metrics.cohen_kappa(confusion), sk.cohen_kappa_score(true, predicted)),
        (metrics.negative_log_likelihood(p, true), sk.log_loss(true, p, labels=range(6))),
        (metrics.top_k(p, true, 2), sk.top_k_accuracy_score(true, p, k=2, labels=range(6))),
    ]
    for ours, theirs in pairs:
        assert ours == pytest.approx(theirs, rel=1e-12)


@pytest.mark.oracle
def test_balanced_accuracy_agrees_with_scikit_learn():
    sk = pytest.importorskip("sklearn.metrics")
    rng = np.random.default_rng(8)
    true, predicted = rng.integers(0, 4, 300), rng.integers(0, 4, 300)
    ours = metrics.balanced_accuracy(metrics.confusion_matrix(true, predicted, 6))
    assert ours == pytest.approx(sk.balanced_accuracy_score(true, predicted), rel=1e-12)
