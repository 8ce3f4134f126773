"""The solver: problems solved on paper, then the conditions of optimality for any problem."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scratchnet.classical import smo
from scratchnet.classical.kernel_functions import Kernel
from scratchnet.classical.smo import Solution, objective, offset, solve

LINEAR = Kernel("linear")


def classifier(X, signs, C, kernel=LINEAR, **options):
    X, signs = np.array(X, np.float64), np.array(signs, np.float64)
    A, B = np.minimum(0, signs * C), np.maximum(0, signs * C)
    solution = solve(kernel, X, signs, A, B, np.zeros(len(X)), **options)
    return solution, offset(solution, A, B), objective(solution, signs)


def test_two_points_on_paper():
    # x = ±1: w = 1, b = 0, α = 1/2 each, W = 1/2 + 1/2 - 1/2 w² = 1/2
    solution, b, W = classifier([[-1], [1]], [-1, 1], 10)
    assert solution.beta.tolist() == [-0.5, 0.5]
    assert (b, W) == (0, 0.5)


def test_three_points_on_paper():
    # x = 0 | 2, 4: the boundary is x = 1, w = 1, b = -1; x = 4 is no support vector
    solution, b, W = classifier([[0], [2], [4]], [-1, 1, 1], 10)
    assert solution.beta == pytest.approx([-0.5, 0.5, 0])
    assert (b, W) == pytest.approx((-1, 0.5))


def test_three_points_with_a_cheap_street_on_paper():
    # C = 1/4: α = (1/4, 1/4, 0), w = 1/2, W = 1/2 - 1/8. All on bounds: x = 2 asks for b ≤ 0,
    # x = 0 and x = 4 for b ≥ -1, and b is the middle
    solution, b, W = classifier([[0], [2], [4]], [-1, 1, 1], 0.25)
    assert solution.beta.tolist() == [-0.25, 0.25, 0]
    assert (b, W) == (-0.5, 0.375)


def test_contradicting_copies_of_one_point_end_at_their_price():
    solution, b, W = classifier([[1], [1]], [-1, 1], 2)
    assert solution.beta.tolist() == [-2, 2]
    assert (b, W) == (0, 4)


problems = st.fixed_dictionaries(
    {
        "n": st.integers(2, 60),
        "D": st.integers(1, 6),
        "C": st.sampled_from([0.01, 1.0, 100.0]),
        "name": st.sampled_from(["linear", "poly", "rbf", "sigmoid"]),
        "shrinking": st.booleans(),
        "rows": st.sampled_from([2, 3, 10, 1000]),
        "seed": st.integers(0, 2**32 - 1),
    }
)


@settings(max_examples=80, deadline=None)
@given(problems)
def test_the_conditions_of_karush_kuhn_and_tucker_hold(case):
    rng = np.random.default_rng(case["seed"])
    n, tolerance = case["n"], 1e-3
    X = rng.normal(size=(n, case["D"])) + 0.5
    signs = rng.permutation(np.where(np.arange(n) < 1 + rng.integers(n - 1), 1.0, -1.0))
    C = case["C"] * rng.uniform(0.5, 1.5, n)
    kernel = Kernel(case["name"], 0.2, 2, 0.1)
    solution, b, W = classifier(
        X, signs, C, kernel, tolerance=tolerance, shrinking=case["shrinking"],
        megabytes=case["rows"] * 4 * n / 2**20,
    )  # fmt: skip

    K = kernel(X, X)
    beta, alpha = solution.beta, signs * solution.beta
    assert np.all((alpha >= 0) & (alpha <= C))
    assert abs(beta.sum()) <= 1e-9 * C.sum()
    rounding = 1e-5 * (1 + np.abs(beta).sum() * np.abs(K).max())
    assert np.allclose(solution.g, signs - K @ beta, atol=rounding)
    assert solution.gap <= tolerance

    margin = signs * (K @ beta + b)  # y f(x)
    slack = tolerance + rounding
    assert np.all(margin[alpha == 0] >= 1 - slack)
    assert np.all(margin[alpha == C] <= 1 + slack)
    assert np.all(np.abs(margin[(alpha > 0) & (alpha < C)] - 1) <= slack)
    assert pytest.approx(alpha.sum() - beta @ K @ beta / 2, abs=rounding * (1 + C.sum())) == W


def test_shrinking_and_a_small_cache_change_nothing_but_the_work(monkeypatch):
    rng = np.random.default_rng(3)
    X = rng.normal(size=(600, 4))
    signs = np.where(X[:, 0] + X[:, 1] * X[:, 2] + 0.5 * rng.normal(size=600) > 0, 1.0, -1.0)
    kernel = Kernel("rbf", 0.5)
    aside = []
    monkeypatch.setattr(smo, "SHRINK_EVERY", 100)
    set_aside = smo.Programme.set_aside

    def watched(programme, cache):
        set_aside(programme, cache)
        aside.append(programme.n)

    monkeypatch.setattr(smo.Programme, "set_aside", watched)
    _, _, W = classifier(X, signs, 10, kernel, tolerance=1e-5, shrinking=False)
    assert aside == []
    for megabytes in (200, 30 * 4 * 600 / 2**20):
        aside.clear()
        solution, _, again = classifier(X, signs, 10, kernel, tolerance=1e-5, megabytes=megabytes)
        assert min(aside) < 500
        assert solution.gap <= 1e-5
        assert again == pytest.approx(W, rel=1e-7)


def test_the_same_problem_gives_the_same_bits():
    rng = np.random.default_rng(0)
    X, signs = rng.normal(size=(200, 3)), rng.choice([-1.0, 1.0], 200)
    first, second = (classifier(X, signs, 1, Kernel("rbf", 0.5))[0] for _ in range(2))
    assert np.array_equal(first.beta, second.beta)


def test_a_limit_of_steps_is_kept_and_the_gap_tells():
    X = np.random.default_rng(0).normal(size=(50, 2))
    signs = np.where(np.arange(50) % 2, 1.0, -1.0)
    solution, _, _ = classifier(X, signs, 1, Kernel("rbf", 1.0), max_steps=5)
    assert solution.steps == 5
    assert solution.gap > 1e-3


def test_the_offset_is_the_mean_over_coefficients_off_their_bounds():
    beta, g = np.array([-1.0, 0.5, 0.5]), np.array([9.0, 1.0, 2.0])
    A, B = np.array([-1.0, 0, 0]), np.array([0.0, 1, 1])
    assert offset(Solution(beta, g, 0, 0.0), A, B) == 1.5
