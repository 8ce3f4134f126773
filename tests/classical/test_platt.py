"""Platt's sigmoid and pairwise coupling: by hand, as minima, and against oracles."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scratchnet.classical.platt import couple, fit_sigmoid, sigmoid


def test_two_decisions_by_hand():
    # targets 2/3 and 1/3; by symmetry B = 0, and 1 / (1 + exp(A)) = 2/3, so A = -ln 2
    A, B = fit_sigmoid(np.array([1.0, -1.0]), np.array([True, False]))
    assert pytest.approx(-np.log(2), abs=1e-5) == A
    assert pytest.approx(0, abs=1e-5) == B
    assert sigmoid(np.array([1.0, -1.0]), A, B) == pytest.approx([2 / 3, 1 / 3], abs=1e-5)


def test_equal_decisions_leave_the_share_of_each_class():
    # three of four are positive: targets 4/5 and 1/3, mean (3 · 4/5 + 1/3) / 4 = 41/60
    A, B = fit_sigmoid(np.zeros(4), np.array([True, True, True, False]))
    assert sigmoid(np.zeros(1), A, B) == pytest.approx([41 / 60], abs=1e-5)


def test_huge_decisions_neither_overflow_nor_leave_0_and_1():
    assert sigmoid(np.array([1e4, -1e4]), -1.0, 0.0).tolist() == [1, 0]
    A, B = fit_sigmoid(np.array([1e4, -1e4, 2e4]), np.array([True, False, True]))
    assert np.isfinite([A, B]).all()


def reference_algorithm(f, positive):
    """Lin, Lin and Weng's algorithm 1, number by number, as their note has it."""
    prior1 = sum(positive)
    prior0 = len(f) - prior1
    high, low = (prior1 + 1) / (prior1 + 2), 1 / (prior0 + 2)
    t = [high if is_positive else low for is_positive in positive]
    A, B = 0.0, np.log((prior0 + 1) / (prior1 + 1))

    def value(A, B):
        total = 0.0
        for f_k, t_k in zip(f, t, strict=True):
            z = f_k * A + B
            if z >= 0:
                total += t_k * z + np.log1p(np.exp(-z))
            else:
                total += (t_k - 1) * z + np.log1p(np.exp(z))
        return total

    now = value(A, B)
    for _ in range(100):
        h11 = h22 = 1e-12
        h21 = g1 = g2 = 0.0
        for f_k, t_k in zip(f, t, strict=True):
            z = f_k * A + B
            p = np.exp(-z) / (1 + np.exp(-z)) if z >= 0 else 1 / (1 + np.exp(z))
            d2, d1 = p * (1 - p), t_k - p
            h11, h22, h21 = h11 + f_k * f_k * d2, h22 + d2, h21 + f_k * d2
            g1, g2 = g1 + f_k * d1, g2 + d1
        if abs(g1) < 1e-5 and abs(g2) < 1e-5:
            break
        det = h11 * h22 - h21 * h21
        dA, dB = -(h22 * g1 - h21 * g2) / det, -(-h21 * g1 + h11 * g2) / det
        slope, step = g1 * dA + g2 * dB, 1.0
        while step >= 1e-10:
            after = value(A + step * dA, B + step * dB)
            if after < now + 1e-4 * step * slope:
                A, B, now = A + step * dA, B + step * dB, after
                break
            step /= 2
        else:
            break
    return A, B


@settings(max_examples=40, deadline=None)
@given(n=st.integers(5, 80), spread=st.sampled_from([0.1, 1.0, 10.0]), seed=st.integers(0, 2**32))
def test_a_and_b_are_those_of_the_reference_algorithm(n, spread, seed):
    rng = np.random.default_rng(seed)
    positive = rng.permutation(np.arange(n) < 1 + rng.integers(n - 1))
    f = spread * (rng.normal(size=n) + positive - 0.3)
    expected = reference_algorithm(f.tolist(), positive.tolist())
    assert fit_sigmoid(f, positive) == pytest.approx(expected, abs=1e-3, rel=1e-3)


@pytest.mark.oracle
@pytest.mark.parametrize("seed", range(4))
def test_a_and_b_are_where_another_optimiser_finds_the_minimum(seed):
    optimize = pytest.importorskip("scipy.optimize")
    rng = np.random.default_rng(seed)
    positive = rng.random(300) < 0.4
    f = rng.normal(size=300) + 1.5 * positive
    t = np.where(positive, (positive.sum() + 1) / (positive.sum() + 2), 1 / ((~positive).sum() + 2))

    def loss(ab):
        z = ab[0] * f + ab[1]
        return np.sum(t * z + np.logaddexp(0, -z))

    best = optimize.minimize(loss, [0, 0], tol=1e-10, method="Nelder-Mead")
    assert fit_sigmoid(f, positive) == pytest.approx(tuple(best.x), abs=1e-3)


# -- coupling -------------------------------------------------------------------------------


def pairwise(p):
    p = np.asarray(p)
    return (p[:, np.newaxis] / (p[:, np.newaxis] + p))[np.newaxis]


def test_pairs_that_agree_give_back_the_distribution():
    assert couple(pairwise([0.5, 0.3, 0.2]))[0] == pytest.approx([0.5, 0.3, 0.2], abs=1e-12)


def test_pairs_in_a_circle_give_equal_shares():
    r = np.array([[[0, 0.9, 0.1], [0.1, 0, 0.9], [0.9, 0.1, 0]]])
    assert couple(r)[0] == pytest.approx([1 / 3] * 3)


@settings(max_examples=50, deadline=None)
@given(K=st.integers(2, 7), seed=st.integers(0, 2**32 - 1))
def test_coupling_is_the_minimum_among_distributions(K, seed):
    rng = np.random.default_rng(seed)
    upper = np.triu(rng.uniform(0.01, 0.99, (K, K)), 1)
    r = upper + np.tril(1 - upper.T, -1)

    def objective(p):
        return sum(
            (r[j, i] * p[i] - r[i, j] * p[j]) ** 2 for i in range(K) for j in range(K) if i != j
        )

    p = couple(r[np.newaxis])[0]
    assert p.sum() == pytest.approx(1)
    assert np.all(p >= 0)
    for other in rng.dirichlet(np.ones(K), 20):
        nearby = 0.9 * p + 0.1 * other
        assert objective(p) <= min(objective(other), objective(nearby)) + 1e-12


def test_certain_pairs_are_coupled_too():
    r = np.array([[[0, 1, 1], [0, 0, 1], [0, 0, 0.0]]])
    assert couple(r)[0] == pytest.approx([1, 0, 0], abs=1e-5)
