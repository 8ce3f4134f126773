"""Shrunk covariances: worked numbers, and scikit-learn's estimate."""

from __future__ import annotations

import numpy as np
import pytest

from scratchnet.classical.shrinkage import ledoit_wolf, pooled_covariance, shrunk

A = np.array([[2.0, 0.0], [-2.0, 0.0], [0.0, 1.0], [0.0, -1.0]])
"""Centred; C = diag(2, ½), μ = 5/4."""


def test_shrinkage_pulls_the_variances_to_their_mean():
    np.testing.assert_allclose(shrunk(A, 0.0), np.diag([2, 0.5]))
    np.testing.assert_allclose(shrunk(A, 1.0), np.diag([1.25, 1.25]))
    np.testing.assert_allclose(shrunk(A, 0.5), np.diag([1.625, 0.875]))


def test_ledoit_and_wolf_by_hand():
    # ‖C‖² = 4¼;  δ = 4¼/2 - (5/4)² = 9/16;  β = ((16 + 16 + 1 + 1)/4 - 4¼) / 8 = 17/32
    assert ledoit_wolf(A) == pytest.approx((17 / 32) / (9 / 16))


def test_one_feature_and_round_data_need_no_shrinkage():
    assert ledoit_wolf(A[:, :1]) == 0.0
    assert ledoit_wolf(np.array([[1.0, 0], [-1, 0], [0, 1], [0, -1]])) == 0.0


def test_classes_count_by_their_priors():
    X, labels = np.concatenate([A, 3 * A + 5]), np.repeat([0, 1], 4)
    pooled = pooled_covariance(X, labels, np.array([0.75, 0.25]), 0.0)
    np.testing.assert_allclose(pooled, 0.75 * np.diag([2, 0.5]) + 0.25 * 9 * np.diag([2, 0.5]))


def test_auto_does_not_depend_on_the_units():
    rng = np.random.default_rng(0)
    X, labels, units = rng.standard_normal((20, 3)), np.zeros(20, int), np.array([1.0, 1e3, 1e-3])
    plain = pooled_covariance(X, labels, np.ones(1), "auto")
    scaled = pooled_covariance(X * units, labels, np.ones(1), "auto")
    np.testing.assert_allclose(scaled, plain * np.outer(units, units))


@pytest.mark.oracle
@pytest.mark.parametrize("shape", [(50, 8), (8, 50), (5, 1)])
def test_ledoit_wolf_agrees_with_scikit_learn(shape):
    covariance = pytest.importorskip("sklearn.covariance")
    X = np.random.default_rng(0).standard_normal(shape) * (1 + np.arange(shape[1]))
    X -= X.mean(axis=0)
    expected = covariance.ledoit_wolf_shrinkage(X, assume_centered=True)
    assert ledoit_wolf(X) == pytest.approx(expected, abs=1e-12)
