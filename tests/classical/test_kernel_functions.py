"""Kernels: values worked by hand, and the same from every road."""

import numpy as np
import pytest

from scratchnet.classical.kernel_functions import KERNELS, Kernel, make_kernel

X = np.array([[0.0, 0.0], [3.0, 4.0], [1.0, 2.0]])


def test_values_by_hand():
    x, z = X[1:2], X[2:3]  # xᵀz = 11, |x - z|² = 4 + 4
    assert Kernel("linear")(x, z).item() == 11
    assert Kernel("poly", 0.5, 3, 1.0)(x, z).item() == 6.5**3
    assert Kernel("poly", 0.5, 0, 1.0)(x, z).item() == 1
    assert Kernel("rbf", 0.25)(x, z).item() == pytest.approx(np.exp(-2), rel=1e-15)
    assert Kernel("sigmoid", 0.1, coef0=-1.0)(x, z).item() == pytest.approx(np.tanh(0.1))


@pytest.mark.parametrize("name", KERNELS)
def test_the_diagonal_and_sums_are_those_of_the_matrix(name):
    kernel = Kernel(name, 0.3, 2, 0.5)
    K = kernel(X, X)
    assert np.allclose(K, K.T)
    assert np.allclose(kernel.diagonal(X), np.diag(K))
    weights = np.array([[1.0, 0, 2], [0, 0, 0], [-1, 3, 0]])
    assert np.allclose(kernel.weighted_sum(X, X, weights), K @ weights)
    assert np.allclose(kernel.weighted_sum(X, X, weights[:, 0]), K @ weights[:, 0])
    assert np.array_equal(kernel.weighted_sum(X, X, np.zeros(3)), np.zeros(3))


def test_gamma_by_its_words():
    Z = np.array([[0.0, 0], [2, 2]])  # variance of all entries 1
    assert make_kernel("rbf", "scale", 3, 0.0, 2 * Z).gamma == 1 / (2 * 4)
    assert make_kernel("rbf", "auto", 3, 0.0, 2 * Z).gamma == 1 / 2
    assert make_kernel("rbf", "scale", 3, 0.0, np.ones((3, 2))).gamma == 1  # no variance: 1
    assert make_kernel("rbf", 7, 3, 0.0, Z).gamma == 7


def test_far_from_the_origin_a_point_is_still_at_no_distance_from_itself():
    Z = 1e6 + np.array([[0.1, 0.2], [0.1, 0.2]])
    assert np.all(Kernel("rbf", 100.0)(Z, Z) <= 1)


@pytest.mark.parametrize(
    "arguments, message",
    [
        (("rfb", "scale", 3, 0.0), "expects one of linear, poly, rbf, sigmoid, got 'rfb'"),
        (("rbf", "large", 3, 0.0), "'scale', 'auto' or a number, got 'large'"),
        (("rbf", -1.0, 3, 0.0), "at least 0, got -1.0"),
        (("rbf", np.nan, 3, 0.0), "at least 0, got nan"),
        (("poly", 1.0, 2.5, 0.0), "whole number of at least 0, got 2.5"),
        (("poly", 1e10, 9, 0.0), "more than float32 holds; scale the features"),
    ],
)
def test_wrong_arguments_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        make_kernel(*arguments, X)
