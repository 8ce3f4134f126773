"""A step worked by hand, on the reference; and the kernel, which has to give the same bits."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scratchnet.kernels import smo as fast
from scratchnet.reference import smo as plain

BOTH = pytest.mark.parametrize("smo_steps", [plain.smo_steps, fast.smo_steps])


def problem(K, p, A, B, slot=None):
    """beta, g, A, B, diagonal, rows, slot, used."""
    n = len(p)
    K, p, A, B = (np.array(a, np.float64) for a in (K, p, A, B))
    slot = np.arange(n) if slot is None else np.array(slot)
    return [
        *(np.zeros(n), p.copy(), A, B, np.diag(K).copy()),
        *(K.astype(np.float32), slot.astype(np.int32), np.zeros(n, np.int64)),
    ]


def two_points():
    """x = -1 and x = 1 of classes -1 and 1, K = x xᵀ, C = 10."""
    return problem([[1, -1], [-1, 1]], [-1, 1], [-10, 0], [0, 10])


@BOTH
def test_one_step_solves_two_points(smo_steps):
    # i = 1 (g = 1), j = 0 (g = -1); a = 1 + 1 + 2 = 4, step (1 - -1) / 4 = 1/2
    beta, g, *rest = two_points()
    assert smo_steps(beta, g, *rest, 0, 1e-3, 10) == (1, -1, 0)
    assert beta.tolist() == [-0.5, 0.5]
    assert g.tolist() == [0, 0]  # all of b: the boundary is x = 0
    assert rest[-1].tolist() == [1, 1]  # both rows were read by step 1


@BOTH
def test_a_step_ends_exactly_on_a_bound(smo_steps):
    arguments = problem([[1, -1], [-1, 1]], [-1, 1], [-0.1, 0], [0, 0.3])
    taken, wanted, gap = smo_steps(*arguments, 0, 1e-3, 10)
    assert (taken, wanted) == (1, -1)
    assert arguments[0].tolist() == [-0.1, 0.1]
    assert gap == 0  # only 1 may still fall, and nothing that may rise gains more


@BOTH
def test_of_equal_candidates_the_last_counts(smo_steps):
    K = np.eye(5)
    beta, *rest = problem(K, [0, 1, 0, 1, 0], [-1] * 5, [1] * 5)
    smo_steps(beta, *rest, 0, 1e-3, 1)
    assert beta.tolist() == [0, 0, 0, 0.5, -0.5]


@BOTH
def test_a_partner_may_be_nearer_than_the_worst_because_it_promises_more(smo_steps):
    # i = 0. k = 1: (2 - 0)² / (1 + 1) = 2; k = 2: (2 - 1)² / (1 + 1 - 2 · 0.9) = 5
    K = [[1, 0, 0.9], [0, 1, 0], [0.9, 0, 1]]
    beta, *rest = problem(K, [2, 0, 1], [-9] * 3, [9] * 3)
    smo_steps(beta, *rest, 0, 1e-3, 1)
    assert beta[1] == 0
    assert beta[0] == -beta[2] == pytest.approx(5, rel=1e-6)


@BOTH
def test_it_asks_for_the_row_it_lacks_and_changes_nothing(smo_steps):
    K, p, A, B = [[1, -1], [-1, 1]], [-1, 1], [-10, 0], [0, 10]
    for slot, wanted, used in [([-1, -1], 1, [0, 0]), ([-1, 1], 0, [0, 8])]:
        arguments = problem(K, p, A, B, slot)
        assert smo_steps(*arguments, 7, 1e-3, 10) == (0, wanted, 2)
        assert arguments[0].tolist() == [0, 0]
        assert arguments[1].tolist() == p
        assert arguments[-1].tolist() == used


@BOTH
def test_nothing_to_move_is_a_solution(smo_steps):
    assert smo_steps(*problem(np.eye(2), [1, 2], [0, 0], [0, 0]), 0, 1e-3, 9) == (0, -1, -np.inf)


@BOTH
def test_no_steps_allowed_is_none_taken(smo_steps):
    assert smo_steps(*two_points(), 0, 1e-3, 0) == (0, -1, 2)


@BOTH
def test_a_kernel_that_is_no_inner_product_steps_to_a_bound(smo_steps):
    beta, *rest = problem([[-1, 0], [0, -1]], [-1, 1], [-3, 0], [0, 2])
    smo_steps(beta, *rest, 0, 1e-3, 1)
    assert beta.tolist() == [-2, 2]


@settings(max_examples=60, deadline=None)
@given(
    n=st.sampled_from([2, 3, 17, 255, 256, 257, 600]),
    psd=st.booleans(),
    ties=st.booleans(),
    seed=st.integers(0, 2**32 - 1),
)
def test_the_kernel_takes_the_steps_of_the_reference_bit_for_bit(n, psd, ties, seed):
    rng = np.random.default_rng(seed)
    M = rng.integers(-2, 3, (n, 5)) if ties else rng.normal(size=(n, 5))
    K = M @ M.T if psd else M @ rng.normal(size=(5, 5)) @ M.T
    K = (K + K.T) / 8
    p = rng.choice([-1.0, 1.0], n)
    A, B = np.minimum(0, p), np.maximum(0, p)
    slot = np.where(rng.random(n) < 0.02, -1, rng.permutation(n))
    ours, theirs = problem(K, p, A, B, slot), problem(K, p, A, B, slot)
    arguments = (3, 1e-3, int(rng.integers(0, 200)))
    assert plain.smo_steps(*ours, *arguments) == fast.smo_steps(*theirs, *arguments)
    for mine, other in zip(ours, theirs, strict=True):
        assert np.array_equal(mine, other)


def test_only_the_first_n_numbers_of_a_row_are_read():
    for smo_steps in (plain.smo_steps, fast.smo_steps):
        arguments = two_points()
        rows = np.full((2, 5), np.nan, np.float32)
        rows[:, :2] = arguments[5]
        arguments[5] = rows
        assert smo_steps(*arguments, 0, 1e-3, 10) == (1, -1, 0)
