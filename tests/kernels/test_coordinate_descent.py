"""Dual coordinate descent: coordinates worked by hand, and the kernel against the reference."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scratchnet.kernels import coordinate_descent as fast
from scratchnet.reference import coordinate_descent as plain

BOTH = pytest.mark.parametrize(
    "descend", [plain.coordinate_descent_pass, fast.coordinate_descent_pass]
)


def problem(X, signs, U, ridge):
    """X, signs, alpha, w, U, ridge, curvature, order."""
    X, signs = np.array(X, np.float64), np.array(signs, np.float64)
    n, D = X.shape
    U, ridge = np.full(n, U, np.float64), np.full(n, ridge, np.float64)
    curvature = (X**2).sum(axis=1) + ridge
    return [X, signs, np.zeros(n), np.zeros(D), U, ridge, curvature, np.arange(n)]


@BOTH
def test_one_sample_by_hand(descend):
    # hinge: dα = -1, curvature 4, so α = 1/4 and w = 2 α = 1/2: the sample is on the street's edge
    arguments = problem([[2]], [1], 1, 0)
    assert descend(*arguments, np.inf, -np.inf) == (1, -1, -1)
    assert arguments[2].tolist() == [0.25]
    assert arguments[3].tolist() == [0.5]
    assert descend(*arguments, np.inf, -np.inf) == (1, 0, 0)

    # squared hinge, C = 1: curvature 4 + 1/2, α = 1 / 4.5
    arguments = problem([[2]], [1], np.inf, 0.5)
    descend(*arguments, np.inf, -np.inf)
    assert arguments[2] == pytest.approx([2 / 9], rel=1e-15)


@BOTH
def test_samples_settled_on_a_bound_are_left_out_behind_the_others(descend):
    # w = 1: sample 0 at α = 0 has dα = 3 - 1 = 2; sample 1 at α = U has dα = 0.5 - 1 = -0.5
    arguments = problem([[3], [0.5], [1]], [1, 1, 1], 1, 0)
    arguments[2][:], arguments[3][:] = [0, 1, 0.5], [1]
    kept, most, least = descend(*arguments, 1.0, -0.25)
    assert (kept, most, least) == (1, 0, 0)
    assert arguments[-1].tolist() == [2, 0, 1]


@settings(max_examples=40, deadline=None)
@given(
    n=st.integers(1, 30), D=st.integers(1, 20), hinge=st.booleans(), seed=st.integers(0, 2**32 - 1)
)
def test_the_kernel_agrees_with_the_reference(n, D, hinge, seed):
    rng = np.random.default_rng(seed)
    X, signs = rng.normal(size=(n, D)), rng.choice([-1.0, 1.0], n)
    U, ridge = (0.3, 0.0) if hinge else (np.inf, 0.5)
    ours, theirs = problem(X, signs, U, ridge), problem(X, signs, U, ridge)
    for _ in range(3):
        order = rng.permutation(n)
        ours[-1], theirs[-1] = order.copy(), order.copy()
        answer = plain.coordinate_descent_pass(*ours, np.inf, -np.inf)
        assert fast.coordinate_descent_pass(*theirs, np.inf, -np.inf) == pytest.approx(answer)
    for mine, other in zip(ours, theirs, strict=True):
        assert np.allclose(mine, other, rtol=1e-9, atol=1e-12)
    alpha, w = ours[2:4]
    assert np.allclose(w, (signs * alpha) @ X)
