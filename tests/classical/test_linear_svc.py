"""LinearSVC: a machine on paper, the duality gap, wrong inputs; and liblinear as the oracle."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scratchnet.classical import SVC, LinearSVC

LOSSES = pytest.mark.parametrize("loss", ["hinge", "squared_hinge"])


def blobs(n=150, K=3, D=4, seed=0):
    rng = np.random.default_rng(seed)
    y = np.arange(n) % K
    return rng.normal(size=(K, D))[y] * 1.5 + rng.normal(size=(n, D)), y


def primal(w, X, signs, C, loss):
    slack = np.maximum(0, 1 - signs * (X @ w))
    return w @ w / 2 + C * np.sum(slack if loss == "hinge" else slack**2)


def test_two_points_on_paper():
    # hinge without a bias: x = ±2, w = 1/2; squared, C = 1: w = 2α·2, α (4 + 4 + 1/2) = 1
    X, y = [[-2], [2]], [0, 1]
    model = LinearSVC(loss="hinge", fit_intercept=False, C=10, tol=1e-9).fit(X, y)
    assert model.coef_ == pytest.approx(np.array([[0.5]]))
    assert model.intercept_.tolist() == [0]
    model = LinearSVC(fit_intercept=False, tol=1e-9).fit(X, y)
    assert model.coef_ == pytest.approx(np.array([[4 / 8.5]]))
    assert model.predict([[-1], [3]]).tolist() == [0, 1]


@LOSSES
@settings(max_examples=25, deadline=None)
@given(n=st.integers(2, 60), D=st.integers(1, 5), seed=st.integers(0, 2**32 - 1))
def test_no_other_weights_are_better(loss, n, D, seed):
    rng = np.random.default_rng(seed)
    X, y = rng.normal(size=(n, D)), np.arange(n) % 2
    model = LinearSVC(loss=loss, fit_intercept=False, tol=1e-6, max_iter=20000).fit(X, y)
    signs, w = np.where(y == 1, 1.0, -1.0), model.coef_[0]
    best = primal(w, X, signs, 1.0, loss)
    for size in (1e-3, 1e-1, 1):
        other = w + size * rng.normal(size=D)
        assert best <= primal(other, X, signs, 1.0, loss) + 1e-5 * n


def test_it_is_the_linear_svc_where_the_bias_is_hardly_regularised():
    X, y = blobs(120, 2)
    linear = LinearSVC(loss="hinge", intercept_scaling=8, tol=1e-4, max_iter=100000).fit(X, y)
    kernel = SVC(kernel="linear", tol=1e-6).fit(X, y)
    assert np.allclose(linear.coef_, kernel.coef_, atol=0.02)
    assert np.allclose(linear.intercept_, kernel.intercept_, atol=0.02)


def test_more_than_two_classes_have_a_column_each():
    X, y = blobs()
    model = LinearSVC().fit(X, np.array(["b", "a", "c"])[y])
    assert model.coef_.shape == (3, 4)
    f = model.decision_function(X)
    assert f.shape == (150, 3)
    assert np.array_equal(model.predict(X), np.array(["a", "b", "c"])[np.argmax(f, axis=1)])


def test_a_constant_feature_is_another_bias():
    X, y = blobs(K=2)
    padded = np.column_stack([X, np.ones(len(X))])
    assert LinearSVC().fit(padded, y).score(padded, y) == pytest.approx(
        LinearSVC().fit(X, y).score(X, y), abs=0.02
    )


def test_a_sample_of_zeros_without_a_bias_does_no_harm():
    model = LinearSVC(loss="hinge", fit_intercept=False).fit([[0.0], [1], [-1]], [1, 1, 0])
    assert np.isfinite(model.coef_).all()


def test_a_dearer_class_is_predicted_more_often():
    X, y = blobs(90, 2, 1)
    counts = [LinearSVC(class_weight={1: w}).fit(X, y).predict(X).sum() for w in (0.1, 1, 10)]
    assert counts[0] < counts[1] < counts[2]


def test_the_seed_decides_the_bits_and_only_the_bits():
    X, y = blobs()
    first, same, other = (LinearSVC(random_state=s).fit(X, y).coef_ for s in (0, 0, 1))
    assert np.array_equal(first, same)
    assert np.allclose(first, other, atol=1e-3)


def test_too_few_passes_are_told():
    with pytest.warns(RuntimeWarning, match="stopped after 1 passes .* raise max_iter"):
        LinearSVC(max_iter=1).fit(*blobs(K=2))


@pytest.mark.parametrize(
    "options, message",
    [
        ({"C": -1.0}, "C above 0 and finite, got -1.0"),
        ({"tol": 0.0}, "tol above 0"),
        ({"max_iter": 0}, "max_iter above 0"),
        ({"loss": "log"}, "'hinge' or 'squared_hinge', got 'log'"),
        ({"class_weight": {8: 2.0}}, "class_weight expects"),
    ],
)
def test_wrong_options_are_refused(options, message):
    with pytest.raises(ValueError, match=message):
        LinearSVC(**options).fit(*blobs())


def test_wrong_data_is_refused():
    X, y = blobs()
    with pytest.raises(ValueError, match="one class"):
        LinearSVC().fit(X, np.zeros(len(X)))
    with pytest.raises(ValueError, match="features"):
        LinearSVC().fit(X, y).predict(X[:, 1:])
    with pytest.raises(ValueError, match="infinity"):
        LinearSVC().fit(np.where(X.max() == X, np.inf, X), y)


@pytest.mark.oracle
@LOSSES
@pytest.mark.parametrize("K", [2, 4])
@pytest.mark.parametrize("weights", [None, "balanced", {0: 3.0}])
def test_weights_are_those_of_liblinear(loss, K, weights):
    svm = pytest.importorskip("sklearn.svm")
    X, y = blobs(200, K)
    y[: 30 * K] = 0
    options = {"loss": loss, "tol": 1e-7, "max_iter": 200_000, "C": 0.3, "class_weight": weights}
    ours = LinearSVC(**options).fit(X, y)
    theirs = svm.LinearSVC(dual=True, random_state=0, **options).fit(X, y)
    assert np.allclose(ours.coef_, theirs.coef_, atol=1e-4)
    assert np.allclose(ours.intercept_, theirs.intercept_, atol=1e-4)
