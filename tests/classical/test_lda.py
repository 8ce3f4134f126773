"""Linear discriminant analysis: worked numbers, properties, and scikit-learn's answers."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scratchnet.classical import LinearDiscriminantAnalysis as LDA

SQUARES = np.array(
    [[0, 0], [2, 0], [0, 2], [2, 2], [4, 0], [6, 0], [4, 2], [6, 2]], dtype=np.float64
)
"""Two squares of side 2, the second 4 to the right."""
SIDES = np.repeat(["left", "right"], 4)


def classes(rng, n, d, K):
    """n samples in K stretched clouds of one shape, turned at random."""
    labels = np.concatenate([np.arange(K), rng.integers(0, K, n - K)])
    centres = 2 * rng.standard_normal((K, d))
    turn = np.linalg.qr(rng.standard_normal((d, d)))[0] / (1 + np.arange(d)[:, None])
    return rng.standard_normal((n, d)) @ turn + centres[labels], labels


# -- worked by hand -------------------------------------------------------------------------


def test_two_squares_side_by_side():
    # within: variance 1 in both directions; means (1, 1) and (5, 1); priors ½
    lda = LDA().fit(SQUARES, SIDES)
    np.testing.assert_allclose(lda.means_, [[1, 1], [5, 1]])
    np.testing.assert_allclose(lda.xbar_, [3, 1])
    np.testing.assert_allclose(lda.coef_, [[4, 0]], atol=1e-12)  # S_w⁻¹ (μ_1 - μ_0)
    np.testing.assert_allclose(lda.intercept_, [-12])  # halfway, at x = 3
    np.testing.assert_allclose(lda.decision_function([[3, 9], [4, 0]]), [0, 4], atol=1e-12)
    assert lda.predict([[2.9, 0], [3.1, 0]]).tolist() == ["left", "right"]
    p = 1 / (1 + np.exp(-4))
    np.testing.assert_allclose(lda.predict_proba([[4, 0]]), [[1 - p, p]])
    np.testing.assert_allclose(np.abs(lda.transform([[3, 1], [5, 7]])), [[0], [2]], atol=1e-12)


def test_priors_move_the_border():
    lda = LDA(priors=[0.9, 0.1]).fit(SQUARES, SIDES)
    np.testing.assert_allclose(lda.coef_, [[4, 0]], atol=1e-12)
    np.testing.assert_allclose(lda.intercept_, [-12 - np.log(9)])


def test_shrinkage_of_two_stretched_clouds():
    # within: variances 4 and 1; a half of it shrunk towards their mean 2½ is 3¼ and 1¾
    X = SQUARES * [2, 1]
    lda = LDA(shrinkage=0.5).fit(X, SIDES)
    np.testing.assert_allclose(lda.coef_, [[8 / 3.25, 0]], atol=1e-12)


def test_three_classes_in_a_row_need_one_direction():
    X = np.concatenate([SQUARES, SQUARES[:4] + [8, 0]])
    y = np.repeat([0, 1, 2], 4)
    lda = LDA().fit(X, y)
    np.testing.assert_allclose(lda.explained_variance_ratio_, [1, 0], atol=1e-12)
    assert lda.transform(X).shape == (12, 1)
    np.testing.assert_allclose(
        np.abs(lda.transform([[1, 1], [5, 1], [9, 1]]))[:, 0], [4, 0, 4], atol=1e-12
    )


def test_a_feature_that_is_constant_does_not_count():
    X = np.column_stack([SQUARES, np.full(8, 7.0)])
    lda = LDA().fit(X, SIDES)
    np.testing.assert_allclose(lda.coef_, [[4, 0, 0]], atol=1e-12)


def test_equal_means_leave_the_priors_and_no_direction():
    X = np.array([[1.0], [-1.0], [1.0], [-1.0], [2.0], [-2.0]])
    lda = LDA().fit(X, [0, 0, 0, 0, 1, 1])
    assert lda.transform(X).shape == (6, 0)
    np.testing.assert_allclose(lda.predict_proba([[9.0]]), [[2 / 3, 1 / 3]])


# -- properties -----------------------------------------------------------------------------


@given(st.integers(20, 60), st.integers(2, 6), st.integers(2, 5), st.integers(0, 2**32 - 1))
@settings(max_examples=30, deadline=None)
def test_discriminants_make_the_classes_round(n, d, K, seed):
    X, y = classes(np.random.default_rng(seed), n, d, K)
    lda = LDA().fit(X, y)
    Z = lda.transform(X)
    inside = Z - np.array([Z[y == k].mean(axis=0) for k in range(K)])[y]
    np.testing.assert_allclose(inside.T @ inside / n, np.eye(Z.shape[1]), atol=1e-8)
    assert (np.diff(lda.explained_variance_ratio_) <= 1e-12).all()


@given(st.integers(2, 5), st.integers(0, 2**32 - 1))
@settings(max_examples=30, deadline=None)
def test_a_change_of_units_changes_no_answer(K, seed):
    rng = np.random.default_rng(seed)
    X, y = classes(rng, 50, 4, K)
    mixed = X @ (rng.standard_normal((4, 4)) + 3 * np.eye(4)) + rng.standard_normal(4)
    p, q = (LDA(tol=1e-8).fit(data, y).predict_proba(data) for data in (X, mixed))
    np.testing.assert_allclose(p, q, atol=1e-6)


def test_fewer_samples_than_features_use_the_directions_there_are():
    X, y = classes(np.random.default_rng(0), 12, 40, 3)
    lda = LDA().fit(X, y)
    assert np.isfinite(lda.coef_).all()
    assert lda.score(X, y) == 1.0


def test_n_components_cuts_transform_only():
    X, y = classes(np.random.default_rng(0), 60, 5, 4)
    full, cut = LDA().fit(X, y), LDA(n_components=1).fit(X, y)
    assert cut.transform(X).shape == (60, 1)
    assert len(cut.explained_variance_ratio_) == 1
    np.testing.assert_allclose(cut.transform(X), full.transform(X)[:, :1])
    np.testing.assert_allclose(cut.predict_proba(X), full.predict_proba(X))


# -- wrong inputs ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"n_components": 2}, r"1 to min\(n_classes - 1, n_features\) = 1, got 2"),
        ({"shrinkage": 1.5}, 'None, "auto" or 0 to 1, got 1.5'),
        ({"shrinkage": "much"}, "got 'much'"),
        ({"priors": [0.5, 0.6]}, "priors expects 2 positive shares that sum to 1"),
        ({"priors": [1.0]}, "priors expects 2 positive shares"),
        ({"priors": [0.0, 1.0]}, "priors expects 2 positive shares"),
    ],
)
def test_impossible_options_are_refused(options, message):
    with pytest.raises(ValueError, match=message):
        LDA(**options).fit(SQUARES, SIDES)


def test_one_sample_a_class_is_refused():
    with pytest.raises(ValueError, match="more samples than classes, got 2 of each"):
        LDA().fit([[0.0], [1.0]], [0, 1])


@pytest.mark.parametrize("shrinkage", [None, 0.5, "auto"])
def test_classes_that_do_not_vary_are_refused(shrinkage):
    with pytest.raises(ValueError, match="expected classes that vary"):
        LDA(shrinkage=shrinkage).fit([[0.0], [0.0], [1.0], [1.0]], [0, 0, 1, 1])


# -- oracle ---------------------------------------------------------------------------------


@pytest.fixture
def peer():
    pytest.importorskip("sklearn", minversion="1.9")  # earlier ones divide S_w by n - K
    from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

    return LinearDiscriminantAnalysis


@pytest.mark.oracle
@pytest.mark.parametrize("K", [2, 3, 7])
@pytest.mark.parametrize("shape", [(200, 10), (40, 60)])
def test_agrees_with_scikit_learn(peer, K, shape):
    X, y = classes(np.random.default_rng(2), *shape, K)
    ours, theirs = LDA().fit(X, y), peer().fit(X, y)
    for name in ("coef_", "intercept_", "means_", "priors_", "xbar_", "explained_variance_ratio_"):
        np.testing.assert_allclose(getattr(ours, name), getattr(theirs, name), atol=1e-6)
    np.testing.assert_allclose(ours.decision_function(X), theirs.decision_function(X), atol=1e-6)
    np.testing.assert_allclose(ours.predict_proba(X), theirs.predict_proba(X), atol=1e-6)
    np.testing.assert_allclose(np.abs(ours.transform(X)), np.abs(theirs.transform(X)), atol=1e-6)
    assert (ours.predict(X) == theirs.predict(X)).all()


@pytest.mark.oracle
@pytest.mark.parametrize("K", [2, 5])
@pytest.mark.parametrize("shrinkage", [0.1, 0.9, "auto"])
def test_shrinkage_agrees_with_scikit_learn(peer, K, shrinkage):
    """In probabilities: its scores have another offset, the same for all classes."""
    X, y = classes(np.random.default_rng(3), 60, 30, K)
    ours = LDA(shrinkage=shrinkage).fit(X, y)
    theirs = peer(solver="lsqr", shrinkage=shrinkage).fit(X, y)
    np.testing.assert_allclose(ours.predict_proba(X), theirs.predict_proba(X), atol=1e-6)
