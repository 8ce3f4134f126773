"""Temperature: worked by hand, then what it must keep, then a search over all temperatures."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scratchnet import metrics


def test_a_temperature_of_two_takes_square_roots():
    # √0.64 : √0.16 : √0.16 = 0.8 : 0.4 : 0.4
    p = metrics.with_temperature([0.64, 0.16, 0.16], 2.0)
    assert p == pytest.approx([0.5, 0.25, 0.25])


def test_a_temperature_of_a_half_squares():
    assert metrics.with_temperature([0.75, 0.25], 0.5) == pytest.approx([0.9, 0.1])


def test_a_temperature_of_one_changes_nothing_and_the_dtype_stays():
    p = np.array([[0.7, 0.2, 0.1]], np.float32)
    same = metrics.with_temperature(p, 1.0)
    assert same.dtype == np.float32
    np.testing.assert_allclose(same, p, rtol=1e-6)


def test_fitted_temperature_makes_confidence_the_share_that_is_right():
    # Always 99 % sure, right 3 times in 4. For two classes and one confidence the best q is the
    # share itself: log-odds log 99 must become log 3, so T = log 99 / log 3.
    p, true = np.tile([0.99, 0.01], (4, 1)), np.array([0, 0, 0, 1])
    temperature = metrics.fit_temperature(p, true)
    assert temperature == pytest.approx(np.log(99) / np.log(3), rel=1e-9)
    assert metrics.with_temperature(p, temperature)[0] == pytest.approx([0.75, 0.25])


def test_an_underconfident_classifier_gets_a_temperature_below_one():
    p, true = np.tile([0.6, 0.4], (10, 1)), np.array([0] * 9 + [1])
    assert metrics.fit_temperature(p, true) == pytest.approx(np.log(1.5) / np.log(9), rel=1e-9)


def test_where_all_is_right_the_coldest_temperature_is_the_best():
    assert metrics.fit_temperature([[0.6, 0.4], [0.3, 0.7]], [0, 1]) == pytest.approx(1 / 20)


def test_where_all_is_wrong_the_hottest_temperature_is_the_best():
    assert metrics.fit_temperature([[0.6, 0.4], [0.3, 0.7]], [1, 0]) == pytest.approx(20)


def test_a_classifier_that_knows_nothing_keeps_its_temperature():
    assert metrics.fit_temperature(np.full((5, 4), 0.25), [0, 1, 2, 3, 0]) == 1.0


def test_a_probability_that_underflowed_stays_finite():
    p, true = np.array([[1.0, 0.0], [0.9, 0.1], [0.2, 0.8]], np.float32), np.array([1, 0, 1])
    T = metrics.fit_temperature(p, true)
    assert np.isfinite(metrics.with_temperature(p, T)).all()


def test_a_temperature_of_zero_is_refused():
    with pytest.raises(ValueError, match="above 0, got 0"):
        metrics.with_temperature([0.5, 0.5], 0)


def test_two_views_are_scaled_before_their_mean_is_taken():
    # Two views, both sure, which contradict each other half of the time: the mean of 0.99 and 0.01
    # is 1/2 whatever T is, so only the 4 samples on which they agree decide, 3 of them right.
    sure, other = [0.99, 0.01], [0.01, 0.99]
    views = np.array([[sure] * 8, [sure] * 4 + [other] * 4])
    temperature = metrics.fit_temperature(views, [0, 0, 0, 1, 0, 1, 0, 1])
    assert temperature == pytest.approx(np.log(99) / np.log(3), rel=1e-9)


def test_a_view_seen_twice_is_a_view():
    rng = np.random.default_rng(1)
    p, true = rng.dirichlet(np.ones(4), 30), rng.integers(0, 4, 30)
    once, twice = metrics.fit_temperature(p, true), metrics.fit_temperature([p, p], true)
    assert once == pytest.approx(twice, rel=1e-9)


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 2**32 - 1), st.sampled_from([0.3, 1.0, 4.0]))
def test_no_near_temperature_is_better_for_the_mean_of_views(seed, scale):
    rng = np.random.default_rng(seed)
    z = scale * rng.standard_normal((3, 40, 5))
    p = np.exp(z) / np.exp(z).sum(axis=-1, keepdims=True)
    true = np.where(rng.random(40) < 0.5, p.mean(axis=0).argmax(axis=1), rng.integers(0, 5, 40))

    def loss(temperature):
        mean = metrics.with_temperature(p, np.clip(temperature, 1 / 20, 20)).mean(axis=0)
        return metrics.negative_log_likelihood(mean, true)

    best = metrics.fit_temperature(p, true)
    assert loss(best) <= min(loss(0.99 * best), loss(1.01 * best), loss(1.0)) + 1e-9


@st.composite
def predictions(draw):
    K, N = draw(st.integers(2, 6)), draw(st.integers(2, 60))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    z = rng.standard_normal((N, K)) * draw(st.sampled_from([0.1, 1.0, 5.0, 20.0]))
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True), rng.integers(0, K, N)


@settings(deadline=None, max_examples=60)
@given(predictions())
def test_no_temperature_on_a_grid_is_better(sample):
    p, true = sample

    def loss(T):
        q = metrics.with_temperature(p, T)[np.arange(len(p)), true]
        return -np.log(np.maximum(q, 1e-300)).mean()

    best = loss(metrics.fit_temperature(p, true))
    assert all(best <= loss(T) + 1e-9 for T in np.geomspace(1 / 20, 20, 61))


@settings(deadline=None, max_examples=30)
@given(predictions(), st.floats(0.1, 10))
def test_temperature_keeps_every_rank_and_can_be_taken_back(sample, T):
    p, _ = sample
    q = metrics.with_temperature(p, T)
    assert q.sum(axis=1) == pytest.approx(1)
    order = np.argsort(p, axis=1)
    assert (np.diff(np.take_along_axis(q, order, axis=1), axis=1) >= 0).all()
    if (q > 1e-30).all() and (p > 1e-30).all():
        np.testing.assert_allclose(metrics.with_temperature(q, 1 / T), p, rtol=1e-6, atol=1e-12)


@pytest.mark.oracle
def test_temperature_agrees_with_scipys_minimiser():
    optimize = pytest.importorskip("scipy.optimize")
    rng = np.random.default_rng(3)
    p = rng.dirichlet(np.full(7, 0.3), 500)
    true = np.where(rng.random(500) < 0.6, p.argmax(axis=1), rng.integers(0, 7, 500))

    def loss(T):
        q = metrics.with_temperature(p, T)
        return metrics.negative_log_likelihood(q, true)

    expected = optimize.minimize_scalar(loss, bounds=(0.05, 20), options={"xatol": 1e-10}).x
    assert metrics.fit_temperature(p, true) == pytest.approx(expected, rel=1e-5)
