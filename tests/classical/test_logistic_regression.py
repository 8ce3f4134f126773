"""Logistic regression, its softmax and Newton's method: worked numbers, properties, an oracle."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scratchnet.classical import LogisticRegression
from scratchnet.classical.logistic_regression import _Objective
from scratchnet.classical.newton import conjugate_gradients, minimise
from scratchnet.classical.softmax import class_probabilities, log_sum_exp


def samples(rng, n, d, K):
    labels = np.concatenate([np.arange(K), rng.integers(0, K, n - K)])
    return rng.standard_normal((n, d)) + rng.standard_normal((K, d))[labels], labels


# -- softmax --------------------------------------------------------------------------------


def test_scores_become_probabilities():
    np.testing.assert_allclose(
        class_probabilities(np.log([[1.0, 2.0, 5.0]])), [[1 / 8, 2 / 8, 5 / 8]]
    )
    np.testing.assert_allclose(class_probabilities(np.log([3.0])), [[1 / 4, 3 / 4]])


def test_large_scores_do_not_overflow():
    assert class_probabilities(np.array([[1e4, 0.0], [-1e4, 0.0]])).tolist() == [[1, 0], [0, 1]]
    assert log_sum_exp(np.array([[1e4, 0.0], [-1e4, -1e4]])).tolist() == [1e4, -1e4 + np.log(2)]


def test_a_tiny_loss_keeps_its_digits():
    loss = log_sum_exp(np.array([[0.0, -40.0, -50.0]]))
    np.testing.assert_allclose(loss, [np.exp(-40) + np.exp(-50)], rtol=1e-14)


# -- Newton ---------------------------------------------------------------------------------


class Bowl:
    """½ Wᵀ H W - b·W, whose minimum solves H W = b."""

    def __init__(self, H, b):
        self.H, self.b, self.shape = np.array(H), np.array([b]), (1, len(b))

    def at(self, W):
        self.W = W
        return float(0.5 * W[0] @ self.H @ W[0] - self.b[0] @ W[0])

    def gradient(self):
        return self.W @ self.H - self.b

    def curvature(self, V):
        return V @ self.H

    def diagonal(self):
        return np.diag(self.H)[None]


def test_the_bottom_of_a_bowl_solves_a_linear_system():
    bowl = Bowl([[4.0, 1.0], [1.0, 3.0]], [1.0, 2.0])
    W, steps, converged = minimise(bowl, 1e-12, 50)
    np.testing.assert_allclose(W, [[1 / 11, 7 / 11]])
    assert converged
    assert steps < 10


def test_conjugate_gradients_go_downhill_and_stop_where_it_is_flat():
    flat = Bowl([[0.0, 0.0], [0.0, 0.0]], [1.0, 0.0])
    flat.at(np.zeros((1, 2)))
    assert conjugate_gradients(flat, flat.gradient()).tolist() == [[1.0, 0.0]]


@given(st.sampled_from([2, 3]), st.integers(0, 2**32 - 1))
@settings(max_examples=20, deadline=None)
def test_gradient_and_curvature_are_the_derivatives(K, seed):
    rng = np.random.default_rng(seed)
    X, labels = samples(rng, 9, 3, K)
    F = _Objective(np.hstack([X, np.ones((9, 1))]), np.eye(K)[labels], C=0.7)
    W, V = rng.standard_normal((2, *F.shape))
    h = 1e-5

    def slope(f):
        return (f(W + h * V) - f(W - h * V)) / (2 * h)

    along = slope(F.at)
    bend = slope(lambda W: (F.at(W), F.gradient())[1])
    F.at(W)
    np.testing.assert_allclose(np.vdot(F.gradient(), V), along, rtol=1e-6, atol=1e-7)
    np.testing.assert_allclose(F.curvature(V), bend, rtol=1e-6, atol=1e-6)
    units = np.eye(V.size).reshape(-1, *F.shape)
    diagonal = [np.vdot(unit, F.curvature(unit)) for unit in units]
    np.testing.assert_allclose(F.diagonal().ravel(), diagonal, atol=1e-12)


# -- worked by hand -------------------------------------------------------------------------


def test_without_features_that_tell_anything_the_shares_remain():
    model = LogisticRegression(tol=1e-12).fit(np.zeros((4, 1)), ["a", "a", "a", "b"])
    np.testing.assert_allclose(model.predict_proba([[0.0]]), [[0.75, 0.25]], atol=1e-9)
    np.testing.assert_allclose(model.intercept_, [-np.log(3)])
    assert model.coef_.tolist() == [[0.0]]


def test_two_points_meet_the_condition_of_the_minimum():
    # x = ±1, C = 1: dF/dw = 2 (σ(w) - 1) + w = 0, of which w = 0.674… is the root; b = 0
    model = LogisticRegression(tol=1e-12).fit([[-1.0], [1.0]], [0, 1])
    w = model.coef_.item()
    assert w == pytest.approx(2 * (1 - 1 / (1 + np.exp(-w))), abs=1e-12)
    assert 0.674 < w < 0.675
    assert model.intercept_.item() == pytest.approx(0, abs=1e-12)


def test_two_classes_have_one_row_and_more_have_one_each():
    rng = np.random.default_rng(0)
    two = LogisticRegression().fit(*samples(rng, 20, 3, 2))
    assert (two.coef_.shape, two.intercept_.shape) == ((1, 3), (1,))
    four = LogisticRegression().fit(*samples(rng, 20, 3, 4))
    assert (four.coef_.shape, four.intercept_.shape) == ((4, 3), (4,))
    np.testing.assert_allclose(four.intercept_.sum(), 0, atol=1e-12)


def test_without_an_offset_the_origin_has_even_chances():
    X, y = samples(np.random.default_rng(0), 30, 2, 3)
    model = LogisticRegression(fit_intercept=False).fit(X, y)
    assert model.intercept_.tolist() == [0, 0, 0]
    np.testing.assert_allclose(model.predict_proba([[0.0, 0.0]]), [[1 / 3] * 3])


# -- properties -----------------------------------------------------------------------------


@given(st.integers(2, 4), st.sampled_from([0.01, 1.0, 1e4]), st.integers(0, 2**32 - 1))
@settings(max_examples=30, deadline=None)
def test_at_the_minimum_the_gradient_vanishes(K, C, seed):
    X, y = samples(np.random.default_rng(seed), 25, 3, K)
    model = LogisticRegression(C).fit(X, y)
    p = model.predict_proba(X)
    dS = C * (p - np.eye(K)[y])[:, -len(model.coef_) :]
    tolerance = 1e-6 + 1e-9 * C
    np.testing.assert_allclose(dS.T @ X + model.coef_, 0, atol=tolerance)
    np.testing.assert_allclose(dS.sum(axis=0), 0, atol=tolerance)


def test_separable_classes_are_held_by_the_penalty():
    model = LogisticRegression(1e6).fit([[-1.0], [-2.0], [1.0], [2.0]], [0, 0, 1, 1])
    assert np.isfinite(model.coef_).all()
    assert model.score([[-1.0], [2.0]], [0, 1]) == 1.0


def test_too_few_steps_are_told():
    X, y = samples(np.random.default_rng(0), 40, 3, 3)
    with pytest.warns(RuntimeWarning, match="not at its minimum after 1 steps"):
        LogisticRegression(max_iter=1).fit(X, y)


@pytest.mark.parametrize("C", [0.0, -1.0, np.inf, np.nan])
def test_an_impossible_C_is_refused(C):
    with pytest.raises(ValueError, match="C expects a positive number"):
        LogisticRegression(C).fit([[0.0], [1.0]], [0, 1])


# -- oracle ---------------------------------------------------------------------------------


@pytest.mark.oracle
@pytest.mark.parametrize("K", [2, 3, 7])
@pytest.mark.parametrize("C", [0.01, 1.0, 100.0])
@pytest.mark.parametrize("fit_intercept", [True, False])
@pytest.mark.parametrize("scale", [1.0, 100.0])
def test_agrees_with_scikit_learn(K, C, fit_intercept, scale):
    linear_model = pytest.importorskip("sklearn.linear_model")
    X, y = samples(np.random.default_rng(5), 150, 6, K)
    X[:, 0] *= scale
    ours = LogisticRegression(C, fit_intercept=fit_intercept, tol=1e-9).fit(X, y)
    theirs = linear_model.LogisticRegression(
        C=C, fit_intercept=fit_intercept, solver="newton-cg", tol=1e-12, max_iter=10_000
    ).fit(X, y)
    np.testing.assert_allclose(ours.coef_, theirs.coef_, atol=1e-6)
    np.testing.assert_allclose(ours.intercept_, theirs.intercept_, atol=1e-6)
    np.testing.assert_allclose(ours.predict_proba(X), theirs.predict_proba(X), atol=1e-6)
    np.testing.assert_allclose(ours.decision_function(X), theirs.decision_function(X), atol=1e-5)
