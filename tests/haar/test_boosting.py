"""Boosting: the paper's rule by hand on five samples, what holds for any, and scikit-learn."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from haar.boosting import (
    ALGORITHMS,
    DiscreteAdaBoost,
    GentleAdaBoost,
    LogitBoost,
    RealAdaBoost,
    balanced,
    boost,
    heaviest,
)
from haar.splits import threshold_split
from haar.strip import Strip


class Numbers(Strip):
    """Samples that are rows of numbers: feature f of sample i is table[f, i]."""

    def __init__(self, table):
        self.table = np.asarray(table, np.float32)

    def __len__(self):
        return self.table.shape[1]

    def __getitem__(self, chosen):
        return Numbers(self.table[:, chosen])

    def values(self, feature):
        return self.table[feature]

    def search(self, chosen, P, N, criterion):
        splits = (
            threshold_split(f, values[chosen], P, N, criterion)
            for f, values in enumerate(self.table)
        )
        return max(filter(None, splits), key=lambda split: split.score, default=None)


def rounds(table, face, name, number, depth=1, trim=1.0):
    """The first weak classifiers, their outputs, and the weights before and after each."""
    samples = Numbers(table)
    algorithm = ALGORITHMS[name](np.array(face))
    weights = [algorithm.weights]
    weak, outputs = [], []
    for tree, output in boost(samples, range(len(table)), samples.search, algorithm, depth, trim):
        weak.append(tree)
        outputs.append(output)
        weights.append(algorithm.weights)
        if len(weak) == number:
            break
    return weak, np.array(outputs), weights


# -- the paper's rule, by hand ---------------------------------------------------------------------


FIVE = [[1.0, 2.0, 3.0, 4.0, 5.0]]
FIVE_ARE_FACES = [True, True, False, True, False]


def test_the_papers_rule_by_hand_on_five_samples() -> None:
    """One feature with the values 1 … 5; the samples 1, 2 and 4 are faces.

    Round 1   weights 1/6 for the three faces, 1/4 for the two others
              below 2.5 is a face: only sample 4 is wrong, ε = 1/6, β = 1/5, α = ln 5
              the right ones shrink to a fifth; over their sum 1/3, the weights are
              1/10, 1/10, 3/20, 1/2, 3/20
    Round 2   below 4.5 is a face: only sample 3 is wrong, ε = 3/20, β = 3/17, α = ln 17/3
              then 2/34, 2/34, 17/34, 10/34, 3/34
    Round 3   above 3.5 is a face: 1, 2 and 5 are wrong, ε = 7/34, β = 7/27, α = ln 27/7

    After three rounds the vote is right for all five.
    """
    weak, outputs, weights = rounds(FIVE, FIVE_ARE_FACES, "discrete", 3)
    assert np.allclose(weights[0], [1 / 6, 1 / 6, 1 / 4, 1 / 6, 1 / 4])
    assert np.allclose(weights[1], [1 / 10, 1 / 10, 3 / 20, 1 / 2, 3 / 20], atol=1e-7)
    assert np.allclose(weights[2], np.array([2, 2, 17, 10, 3]) / 34, atol=1e-7)
    assert [tree.nodes[0].threshold for tree in weak] == [2.5, 4.5, 3.5]
    alphas = [math.log(5), math.log(17 / 3), math.log(27 / 7)]
    assert np.allclose(weak[0].leaves, [alphas[0], 0])
    assert np.allclose(weak[1].leaves, [alphas[1], 0])
    assert np.allclose(weak[2].leaves, [0, alphas[2]])
    votes = outputs.sum(axis=0)
    assert np.allclose(votes, [3.344, 3.344, 1.735, 3.085, 1.350], atol=1e-3)
    assert (votes >= sum(alphas) / 2).tolist() == FIVE_ARE_FACES


def test_after_an_update_the_last_weak_classifier_is_as_good_as_a_coin() -> None:
    _, outputs, weights = rounds(FIVE, FIVE_ARE_FACES, "discrete", 3)
    for output, after in zip(outputs, weights[1:], strict=True):
        wrong = (output > 0) != FIVE_ARE_FACES
        assert np.isclose(after[wrong].sum(), 0.5)


def test_gentle_by_hand_on_five_samples() -> None:
    """Cut at 2.5: left 2 faces of 1/3; right a face of 1/6 and others of 1/2: (1/6 − 1/2) / (4/6).

    Squares: 1/3 + (1/3)² / (2/3) = 1/2, more than 4.5: (1/2 − 1/4)² / (3/4) + 1/4 = 1/3.
    """
    weak, outputs, weights = rounds(FIVE, FIVE_ARE_FACES, "gentle", 1)
    assert weak[0].nodes[0].threshold == 2.5
    assert weak[0].leaves == (1.0, -0.5)
    assert outputs.tolist() == [[1, 1, -0.5, -0.5, -0.5]]
    after = np.array([1 / 6, 1 / 6, 1 / 4, 1 / 6, 1 / 4]) * np.exp([-1, -1, -0.5, 0.5, -0.5])
    assert np.allclose(weights[1], after / after.sum())


def test_real_is_half_the_logarithm_of_the_odds_smoothed() -> None:
    leaves = RealAdaBoost(np.array(FIVE_ARE_FACES)).leaves(np.array([0.6, 0.2]), np.array([0, 0.2]))
    assert np.allclose(leaves, [0.5 * math.log(0.8 / 0.2), 0])


def test_the_first_step_of_logit_by_hand() -> None:
    """p = ½, so w = ¼ and z = ±2 for each: a leaf of faces alone is ½ · 2."""
    logit = LogitBoost(np.array([True, True, False]))
    assert np.allclose(logit.weights, np.array([1 / 4, 1 / 4, 1 / 2]) / 4)
    P, N = logit.shares()
    assert np.allclose(P - N, logit.weights * [2, 2, -2])
    assert np.allclose(logit.leaves(P[:2], N[:2]), [1, 1])
    logit.update(np.array([1.0, 1.0, -1.0]))
    assert np.allclose(logit.p, [1 / (1 + math.exp(-2))] * 2 + [1 / (1 + math.exp(2))])


def test_both_classes_begin_with_half_of_the_weight() -> None:
    assert balanced(np.array([True, False, False, False])).tolist() == [1 / 2, 1 / 6, 1 / 6, 1 / 6]


# -- trees and trimming ----------------------------------------------------------------------------


def test_a_tree_of_depth_two_answers_what_no_stump_can() -> None:
    """Exclusive or: a face if just one of the two features is high."""
    table = [[0, 0, 1, 1, 0], [0, 1, 0, 1, 0]]
    face = [False, True, True, False, False]
    weak, outputs, _ = rounds(table, face, "gentle", 1, depth=2)
    assert outputs[0].tolist() == [-1, 1, 1, -1, -1]
    nodes = weak[0].nodes
    assert len(nodes) == 3
    assert len(weak[0].leaves) == 4
    assert (nodes[0].left, nodes[0].right) == (1, 2)
    assert [(node.left, node.right) for node in nodes[1:]] == [(0, -1), (-2, -3)]


def test_a_branch_ends_where_all_samples_are_of_one_kind() -> None:
    weak, _, _ = rounds(FIVE, FIVE_ARE_FACES, "gentle", 1, depth=2)
    nodes = weak[0].nodes
    assert [(node.threshold, node.left, node.right) for node in nodes] == [
        (2.5, 0, 1),  # left: two faces
        (3.5, -1, -2),  # 3 | 4, 5 is as good as 3, 4 | 5
    ]


def test_trimming_leaves_out_the_lightest_samples_only() -> None:
    weights = np.array([0.4, 0.02, 0.3, 0.02, 0.26])
    assert heaviest(weights, 1.0).tolist() == [0, 1, 2, 3, 4]
    assert heaviest(weights, 0.97).tolist() == [0, 2, 3, 4]
    assert heaviest(weights, 0.95).tolist() == [0, 2, 4]


def test_boosting_ends_when_no_feature_tells_samples_apart() -> None:
    assert rounds([[1, 1, 1]], [True, False, True], "gentle", 5)[0] == []


# -- what holds for any samples --------------------------------------------------------------------


def problem(seed, samples=40, features=6):
    rng = np.random.default_rng(seed)
    table = rng.normal(size=(features, samples)).astype(np.float32)
    face = table[:2].sum(axis=0) + rng.normal(size=samples) > 0.3
    face[:2] = True, False
    return table, face


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10**6), st.sampled_from(sorted(ALGORITHMS)))
def test_the_loss_of_each_algorithm_falls_in_every_round(seed: int, name: str) -> None:
    table, face = problem(seed)
    _, outputs, weights = rounds(table, face, name, 6)
    y = np.where(face, 1.0, -1.0)
    sums = np.vstack((np.zeros(len(face)), np.cumsum(outputs, axis=0)))
    if name == "discrete":  # with votes of ±α/2
        largest = np.concatenate(([0], np.cumsum(outputs.max(axis=1))))
        sums = sums - largest[:, None] / 2
    loss = np.log1p(np.exp(-2 * y * sums)) if name == "logit" else np.exp(-y * sums)
    means = (balanced(face) * loss).sum(axis=1)
    assert (np.diff(means) < 1e-6).all()
    if name != "logit":
        assert np.allclose([w.sum() for w in weights], 1)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10**6), st.sampled_from(["gentle", "real", "logit"]))
def test_deeper_trees_fit_no_worse_in_their_first_round(seed: int, name: str) -> None:
    table, face = problem(seed)
    y = np.where(face, 1.0, -1.0)
    losses = []
    for depth in (1, 2, 3):
        _, outputs, _ = rounds(table, face, name, 1, depth)
        losses.append((balanced(face) * np.square(y - outputs[0])).sum())
    if name == "gentle":
        assert losses[0] >= losses[1] >= losses[2]
    assert all(np.isfinite(losses))


def test_weights_that_nearly_vanish_do_no_harm() -> None:
    """A stump that is never wrong, two hundred times."""
    for name in ALGORITHMS:
        _, outputs, _ = rounds([[0, 1, 2, 3]], [True, True, False, False], name, 200)
        assert np.isfinite(outputs).all()
        assert (outputs[:, :2] > outputs[:, 2:]).all()


# -- scikit-learn ----------------------------------------------------------------------------------


@pytest.mark.oracle
def test_scikit_learns_adaboost_gives_the_same_votes_to_the_same_stumps() -> None:
    """Its errors and votes; and by its weights, no stump is better than ours in any round."""
    ensemble = pytest.importorskip("sklearn.ensemble")
    base = pytest.importorskip("sklearn.base")
    table, face = problem(3)
    weak, outputs, weights = rounds(table, face, "discrete", 8)
    replayed = iter(outputs)

    class OurStump(base.ClassifierMixin, base.BaseEstimator):
        def fit(self, X, y, sample_weight):
            self.classes_ = np.unique(y)
            self.votes_ = next(replayed) > 0
            error = sample_weight[self.votes_ != y].sum()
            for column in X.T:
                for value in column:
                    wrong = sample_weight[(column < value) != y].sum()
                    least = min(wrong, sample_weight.sum() - wrong)
                    assert error <= least + 1e-12
            return self

        def predict(self, X):
            return self.votes_

    model = ensemble.AdaBoostClassifier(OurStump(), n_estimators=8)
    model.fit(table.T.astype(np.float64), face, sample_weight=balanced(face))
    assert np.allclose(model.estimator_weights_, [max(tree.leaves) for tree in weak])
    errors = [w[(output > 0) != face].sum() for w, output in zip(weights, outputs, strict=False)]
    assert np.allclose(model.estimator_errors_, errors)


@pytest.mark.oracle
@pytest.mark.parametrize("depth", [1, 2])
def test_scikit_learns_regression_tree_is_gentles_weak_classifier(depth: int) -> None:
    tree = pytest.importorskip("sklearn.tree")
    table, face = problem(8, samples=60)
    _, outputs, weights = rounds(table, face, "gentle", 4, depth)
    for output, weight in zip(outputs, weights, strict=False):
        oracle = tree.DecisionTreeRegressor(max_depth=depth)
        oracle.fit(table.T, np.where(face, 1.0, -1.0), sample_weight=weight)
        assert np.allclose(oracle.predict(table.T), output, atol=1e-6)


def test_the_names_are_those_of_the_classes() -> None:
    assert ALGORITHMS["discrete"] is DiscreteAdaBoost
    assert ALGORITHMS["gentle"] is GentleAdaBoost
