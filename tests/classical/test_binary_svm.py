"""One machine: the street on paper, and decisions out of fold."""

import numpy as np
import pytest

from scratchnet.classical.binary_svm import decisions_out_of_fold, train
from scratchnet.classical.kernel_functions import Kernel

OPTIONS = {"tolerance": 1e-3, "max_steps": -1, "shrinking": True, "megabytes": 1.0}


def test_two_points_on_paper():
    machine = train(
        Kernel("linear"), np.array([[0.0], [4.0]]), np.array([1.0, -1]), np.full(2, 10.0), **OPTIONS
    )
    # the boundary is x = 2, the street from 0 to 4: w = -1/2, b = 1, α = 1/8 each
    assert machine.beta.tolist() == [0.125, -0.125]
    assert machine.offset == 1
    assert machine.objective == 0.125
    assert machine.steps == 1


def test_too_few_steps_are_told():
    X = np.random.default_rng(0).normal(size=(40, 2))
    signs = np.where(np.arange(40) % 2, 1.0, -1.0)
    with pytest.warns(RuntimeWarning, match="stopped after 3 steps .* raise max_iter"):
        train(Kernel("rbf"), X, signs, np.ones(40), **(OPTIONS | {"max_steps": 3}))


def test_no_sample_is_judged_by_a_machine_that_saw_it():
    X = np.arange(14.0)[:, np.newaxis]
    signs = np.where(np.arange(14) < 6, 1.0, -1.0)
    seen = []

    def watched(X, signs, C):
        seen.append(set(X[:, 0].tolist()))
        assert {1.0, -1.0} == set(signs.tolist())
        return train(Kernel("linear"), X, signs, C, **OPTIONS)

    f = decisions_out_of_fold(watched, Kernel("linear"), X, signs, np.ones(14))
    assert len(seen) == 5
    for k in range(14):
        assert sum(k in samples for samples in seen) == 4
    assert np.all((f > 0) == (signs > 0))


def test_a_sign_of_two_samples_makes_two_folds():
    calls = []

    def counted(X, signs, C):
        calls.append(len(X))
        return train(Kernel("linear"), X, signs, C, **OPTIONS)

    X, signs = np.arange(8.0)[:, np.newaxis], np.where(np.arange(8) < 2, 1.0, -1.0)
    decisions_out_of_fold(counted, Kernel("linear"), X, signs, np.ones(8))
    assert calls == [4, 4]
