"""AdaBoost: five samples by hand, the theory's bounds, and scikit-learn's stumps."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scratchnet.classical import PCA, AdaBoostClassifier
from scratchnet.classical.gabor import GaborBank

FIVE = np.array([[1, 1], [2, 3], [3, 2], [4, 5], [5, 4]], np.float64)
LABELS = np.array([0, 0, 1, 0, 1])

# -- by hand --------------------------------------------------------------------------------------


def test_five_samples_in_three_rounds():
    """No stump is right on all five; three together are.

    1  x₀ ≤ 2.5 → 0, else 1    wrong: sample 3             e = 1/5    α = ln 4
    2  x₀ ≤ 4.5 → 0, else 1    wrong: sample 2, of 1/8     e = 1/8    α = ln 7
    3  x₁ ≤ 4.5 → 1, else 0    wrong: 0 and 1, of 1/14     e = 1/7    α = ln 6
    """
    model = AdaBoostClassifier(3).fit(FIVE, LABELS)
    asked = [(s.feature_, s.threshold_, s.left_, s.right_) for s in model.estimators_]
    assert asked == [(0, 2.5, 0, 1), (0, 4.5, 0, 1), (1, 4.5, 1, 0)]
    np.testing.assert_allclose(model.estimator_errors_, [1 / 5, 1 / 8, 1 / 7], rtol=1e-14)
    np.testing.assert_allclose(model.estimator_weights_, np.log([4, 7, 6]), rtol=1e-14)
    weights = [[1 / 5] * 5, np.array([1, 1, 1, 4, 1]) / 8, np.array([1, 1, 7, 4, 1]) / 14]
    np.testing.assert_allclose(model.sample_weights_, weights, rtol=1e-14)
    assert list(model.staged_score(FIVE, LABELS)) == [0.8, 0.8, 1.0]


def test_sample_two_is_voted_for_by_ln_4_and_ln_6_against_ln_7():
    model = AdaBoostClassifier(3).fit(FIVE, LABELS)
    expected = (np.log(24) - np.log(7)) / np.log(4 * 7 * 6)
    assert model.decision_function(FIVE[2:3]) == pytest.approx([expected])
    assert model.predict(FIVE).tolist() == LABELS.tolist()


def test_three_classes_add_ln_2_to_a_stumps_say():
    # a | b b c: the stump answers a, b; one of four is wrong: ln 3 + ln 2 = ln 6.
    model = AdaBoostClassifier(1).fit([[1.0], [2.0], [3.0], [4.0]], ["a", "b", "b", "c"])
    np.testing.assert_allclose(model.estimator_errors_, [1 / 4])
    assert model.estimator_weights_ == pytest.approx([np.log(6)])


def test_a_stump_without_mistakes_decides_alone():
    model = AdaBoostClassifier(50).fit([[1.0], [2.0], [3.0]], [0, 0, 1])
    assert len(model.estimators_) == 1
    assert (model.estimator_weights_.tolist(), model.estimator_errors_.tolist()) == ([1], [0])
    assert model.score([[1.0], [3.0]], [0, 1]) == 1


# -- laws -----------------------------------------------------------------------------------------


def blobs(seed, n=60, K=2):
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((n, 4)).astype(np.float32).astype(np.float64)
    return X, np.digitize(X[:, 0] * X[:, 1] + X[:, 2], [-0.3, 0.4][: K - 1])


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10**6), st.sampled_from(["gini", "error"]))
def test_the_training_error_keeps_below_freund_and_schapires_bound(seed, criterion):
    X, y = blobs(seed)
    model = AdaBoostClassifier(25, criterion=criterion).fit(X, y)
    e = model.estimator_errors_
    bounds = np.cumprod(2 * np.sqrt(e * (1 - e)))
    errors = 1 - np.array(list(model.staged_score(X, y)))
    assert (errors <= bounds + 1e-9).all()


@pytest.mark.parametrize("K", [2, 3])
def test_on_the_new_weights_the_last_stump_is_as_good_as_chance(K):
    X, y = blobs(1, K=K)
    model = AdaBoostClassifier(20).fit(X, y)
    rounds = zip(model.estimators_, model.sample_weights_[1:], strict=False)
    for stump, weights in rounds:
        assert weights[stump.predict(X) != y].sum() == pytest.approx(1 - 1 / K)


def test_stages_end_in_the_prediction_and_weights_sum_to_one():
    X, y = blobs(2, K=3)
    model = AdaBoostClassifier(12).fit(X, y)
    assert np.array_equal(list(model.staged_predict(X))[-1], model.predict(X))
    assert model.predict_proba(X).shape == (60, 3)
    np.testing.assert_allclose(model.predict_proba(X).sum(axis=1), 1)
    np.testing.assert_allclose(model.sample_weights_.sum(axis=1), 1)
    assert np.array_equal(model.predict_proba(X).argmax(axis=1), model.predict(X))


def test_a_lower_learning_rate_gives_each_stump_less_say():
    X, y = blobs(3)
    full, half = (AdaBoostClassifier(1, learning_rate=r).fit(X, y) for r in (1.0, 0.5))
    assert half.estimator_weights_ == pytest.approx(full.estimator_weights_ / 2)


def test_it_beats_the_nearest_neighbour_on_generated_faces(faces):
    bank, pca = GaborBank(filters="local"), PCA(60)
    Z = pca.fit_transform(bank.fit_transform(faces.X))
    model = AdaBoostClassifier(40).fit(Z, faces.y)
    accuracy = model.score(pca.transform(bank.transform(faces.X_test)), faces.y_test)
    assert accuracy > 1.5 * faces.nearest_neighbour


# -- peers ----------------------------------------------------------------------------------------


@pytest.mark.oracle
@pytest.mark.parametrize("K", [2, 3])
def test_scikit_learn_makes_the_same_stumps(K):
    ensemble = pytest.importorskip("sklearn.ensemble")
    X, y = blobs(7, n=200, K=K)
    ours = AdaBoostClassifier(40).fit(X, y)
    theirs = ensemble.AdaBoostClassifier(n_estimators=40).fit(X, y)
    asked = [(s.feature_, s.threshold_) for s in ours.estimators_]
    assert asked == [(t.tree_.feature[0], t.tree_.threshold[0]) for t in theirs.estimators_]
    np.testing.assert_allclose(ours.estimator_errors_, theirs.estimator_errors_, rtol=1e-9)
    np.testing.assert_allclose(ours.estimator_weights_, theirs.estimator_weights_, rtol=1e-9)
    np.testing.assert_allclose(ours.predict_proba(X), theirs.predict_proba(X), rtol=1e-9)
    twice = 2 if K == 2 else 1  # of two classes, scikit-learn adds up both columns
    np.testing.assert_allclose(
        twice * ours.decision_function(X), theirs.decision_function(X), atol=1e-9
    )


# -- errors ---------------------------------------------------------------------------------------


def test_wrong_inputs_are_named():
    with pytest.raises(ValueError, match="none of 2 does: are they constant"):
        AdaBoostClassifier().fit(np.ones((4, 2)), [0, 0, 1, 1])
    for options, message in (
        ({"n_estimators": 0}, "at least 1, got 0"),
        ({"learning_rate": 0}, "learning_rate > 0, got 0"),
        ({"criterion": "gain"}, "gini, error, got 'gain'"),
    ):
        with pytest.raises(ValueError, match=message):
            AdaBoostClassifier(**options).fit(FIVE, LABELS)
    model = AdaBoostClassifier(2).fit(FIVE, LABELS)
    with pytest.raises(ValueError, match="3 features, but AdaBoostClassifier is expecting 2"):
        model.predict(np.zeros((1, 3)))
