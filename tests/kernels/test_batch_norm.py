"""Batch normalisation by hand, on an empty batch, and where E[x²] − μ² would cancel."""

import numpy as np
import pytest

from scratchnet.kernels.batch_norm import batch_norm_backward, batch_norm_forward
from scratchnet.reference import batch_norm as reference


def test_a_channel_by_hand():
    # channel 0: 1, 3, 5, 7, of mean 4 and variance 5; with eps = 4, inv_std = 1/3
    x = np.array([[[1.0, 3], [0, 0]], [[5, 7], [0, 0]]])
    gamma, beta = np.array([3.0, 1]), np.array([10.0, 20])
    y, x_hat, mean, var, inv_std = batch_norm_forward(x, gamma, beta, 4.0)
    assert mean.tolist() == [4, 0]
    assert var.tolist() == [5, 0]
    assert inv_std.tolist() == [1 / 3, 1 / 2]
    assert y[:, 0] == pytest.approx(np.array([[7.0, 9], [11, 13]]), rel=1e-15)
    dy = np.zeros_like(x)
    dy[0, 0, 0] = 4
    dx, dgamma, dbeta = batch_norm_backward(dy, x_hat, gamma, inv_std)
    assert dgamma == pytest.approx(np.array([-4.0, 0]), rel=1e-15)
    assert dbeta.tolist() == [4, 0]
    assert dx[:, 0] == pytest.approx(np.array([[2, -4 / 3], [-2 / 3, 0]]), abs=1e-15)


def test_the_variance_survives_a_large_mean():
    rng = np.random.default_rng(0)
    x = (1000 + rng.standard_normal((50, 1, 40))).astype(np.float32)
    one = np.ones(1, np.float32)
    _, _, mean, var, _ = batch_norm_forward(x, one, one, 1e-5)
    assert mean[0] == pytest.approx(x.mean(dtype=np.float64), rel=1e-6)
    assert var[0] == pytest.approx(x.var(dtype=np.float64), rel=1e-3)


def test_an_empty_batch_is_the_references():
    x, one = np.zeros((0, 2, 3), np.float32), np.ones(2, np.float32)
    ours = batch_norm_forward(x, one, one, 1e-5)
    theirs = reference.batch_norm_forward(x, one, one, 1e-5)
    for a, b in zip(ours, theirs, strict=True):
        assert np.array_equal(a, b)
    ours = batch_norm_backward(x, x, one, one)
    theirs = reference.batch_norm_backward(x, x, one, one)
    for a, b in zip(ours, theirs, strict=True):
        assert np.array_equal(a, b)
