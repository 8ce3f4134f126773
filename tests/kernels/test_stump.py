"""The best cuts: the kernel finds the reference's, to the bit where weights are whole."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scratchnet.kernels.stump import best_cuts
from scratchnet.reference import stump as reference


def columns(seed, n, d, K):
    rng = np.random.default_rng(seed)
    X = rng.integers(0, 8, (n, d))
    order = np.argsort(X.T, axis=1, kind="stable").astype(np.int32)
    values = np.take_along_axis(X.T, order, axis=1)
    y, w = rng.integers(0, K, n), rng.integers(1, 16, n).astype(np.float64)
    return order, values[:, 1:] > values[:, :-1], y, w, np.bincount(y, w, K)


def test_four_samples_by_hand():
    order = np.array([[0, 1, 2, 3]], np.int32)
    divides, y, w = np.ones((1, 3), bool), np.array([0, 0, 1, 1]), np.ones(4)
    for module in (best_cuts, reference.best_cuts):
        score, position = module(order, divides, y, w, np.array([2.0, 2.0]), True)
        assert (score.tolist(), position.tolist()) == ([4.0], [1])  # 2²/2 + 2²/2, after the second


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 12), st.integers(1, 5), st.integers(2, 4))
def test_error_agrees_to_the_bit(seed, n, d, K):
    arguments = columns(seed, n, d, K)
    ours, theirs = best_cuts(*arguments, False), reference.best_cuts(*arguments, False)
    assert np.array_equal(ours[0], theirs[0])
    assert np.array_equal(ours[1], theirs[1])


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 12), st.integers(1, 5), st.integers(2, 4))
def test_gini_agrees(seed, n, d, K):
    arguments = columns(seed, n, d, K)
    ours, theirs = best_cuts(*arguments, True), reference.best_cuts(*arguments, True)
    np.testing.assert_allclose(ours[0], theirs[0], rtol=1e-14)


@pytest.mark.parametrize("threads", ["1", "3"])
def test_threads_do_not_change_a_bit(threads, monkeypatch):
    arguments = columns(3, 40, 37, 3)
    expected = best_cuts(*arguments, True)
    monkeypatch.setenv("SCRATCHNET_THREADS", threads)
    found = best_cuts(*arguments, True)
    assert np.array_equal(found[0], expected[0])
    assert np.array_equal(found[1], expected[1])
