"""Decision stumps: cuts by hand, all cuts tried the slow way, and scikit-learn's trees."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scratchnet.classical.stump import DecisionStump, best_split, sort_columns


def slow_best(X, y, w, K, criterion):
    """Every threshold of every feature, in order; the first best."""
    best = -np.inf, None
    for j in range(X.shape[1]):
        values = np.unique(X[:, j])
        for low, high in pairwise(values):
            at_most = X[:, j] <= low
            L, R = (np.bincount(y[side], w[side], K) for side in (at_most, ~at_most))
            if criterion == "gini":
                score = (L**2).sum() / L.sum() + (R**2).sum() / R.sum()
            else:
                score = L.max() + R.max()
            if score > best[0]:
                best = score, (j, (low + high) / 2, L.argmax(), R.argmax())
    return best


# -- by hand --------------------------------------------------------------------------------------


def test_the_middle_between_two_classes():
    stump = DecisionStump().fit([[3.0], [1.0], [4.0], [2.0]], ["b", "a", "b", "a"])
    assert (stump.feature_, stump.threshold_) == (0, 2.5)
    assert stump.predict([[2.5], [2.6]]).tolist() == ["a", "b"]


def test_error_counts_answers_and_gini_sees_purity():
    X, y = np.arange(6.0)[:, None], [0, 0, 0, 0, 1, 0]
    assert DecisionStump("gini").fit(X, y).threshold_ == 3.5  # 4²/4 + (1 + 1)/2 = 5, the purest
    # No cut makes fewer mistakes than "always 0" does; the lowest cut stands for them all.
    stump = DecisionStump("error").fit(X, y)
    assert (stump.threshold_, stump.left_, stump.right_) == (0.5, 0, 0)


def test_equal_values_are_never_cut_apart():
    # The best place, between the second and third sample, would be inside of the ones.
    stump = DecisionStump().fit([[1.0], [1.0], [1.0], [2.0]], [0, 0, 1, 1])
    assert stump.threshold_ == 1.5
    assert stump.predict([[1.0], [2.0]]).tolist() == [0, 1]


def test_weights_decide():
    X, y = [[1.0], [2.0], [3.0]], [0, 1, 0]
    assert DecisionStump("error").fit(X, y, [5, 2, 1]).threshold_ == 1.5
    assert DecisionStump("error").fit(X, y, [1, 2, 5]).threshold_ == 2.5


def test_constant_features_give_the_heaviest_class():
    stump = DecisionStump().fit(np.ones((3, 2)), [0, 1, 1])
    assert stump.threshold_ == np.inf
    assert stump.predict([[7.0, 7.0]]).tolist() == [1]


def test_samples_without_weight_are_as_good_as_absent():
    X, y = [[1.0], [2.0], [4.0]], [0, 0, 1]
    assert DecisionStump().fit(X, y, [1, 0, 1]).threshold_ == 2.5


def test_neighbours_of_the_last_digit_are_told_apart():
    low = 1.0
    high = np.nextafter(low, 2.0)
    stump = DecisionStump().fit([[low], [high]], [0, 1])
    assert stump.predict([[low], [high]]).tolist() == [0, 1]


# -- laws -----------------------------------------------------------------------------------------


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**6), st.sampled_from(["gini", "error"]), st.integers(2, 4))
def test_no_cut_is_better(seed, criterion, K):
    rng = np.random.default_rng(seed)
    X = rng.integers(0, 6, (12, 3)).astype(np.float64)
    y, w = rng.integers(0, K, 12), rng.integers(1, 9, 12).astype(np.float64)
    score, expected = slow_best(X, y, w, K, criterion)
    if expected is None:
        return
    split = best_split(sort_columns(X), y, w, K, criterion)
    # > whole weights: "error" is exact, and the first best is the same one
    if criterion == "error":
        assert tuple(split) == expected
    at_most = X[:, split.feature] <= split.threshold
    L, R = (np.bincount(y[side], w[side], K) for side in (at_most, ~at_most))
    mine = L.max() + R.max() if criterion == "error" else (L @ L) / L.sum() + (R @ R) / R.sum()
    assert mine == pytest.approx(score, rel=1e-12)


@pytest.mark.oracle
@pytest.mark.parametrize("K", [2, 5])
def test_scikit_learns_tree_asks_the_same_question(K):
    tree = pytest.importorskip("sklearn.tree")
    rng = np.random.default_rng(K)
    X = rng.standard_normal((80, 6)).astype(np.float32).astype(np.float64)
    y, w = rng.integers(0, K, 80), rng.random(80)
    ours = DecisionStump().fit(X, y, w)
    theirs = tree.DecisionTreeClassifier(max_depth=1).fit(X, y, w)
    assert ours.feature_ == theirs.tree_.feature[0]
    assert ours.threshold_ == theirs.tree_.threshold[0]
    assert np.array_equal(ours.predict(X), theirs.predict(X))


# -- errors ---------------------------------------------------------------------------------------


def test_wrong_inputs_are_named():
    X, y = [[1.0], [2.0]], [0, 1]
    with pytest.raises(ValueError, match="gini, error, got 'entropy'"):
        DecisionStump("entropy").fit(X, y)
    for weights in ([1.0], [0.0, 0.0], [-1.0, 2.0], [np.nan, 1.0]):
        with pytest.raises(ValueError, match=r"sample_weight \(2,\): weights that are finite"):
            DecisionStump().fit(X, y, weights)
    with pytest.raises(ValueError, match="at least two classes"):
        DecisionStump().fit(X, [1, 1])
