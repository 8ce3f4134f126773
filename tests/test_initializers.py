"""Initialisers: the variance that each promises, and why it is that one."""

import numpy as np
import pytest

from scratchnet.initializers import INITIALIZERS, find_initializer, glorot, he, lecun, zeros

D, M = 400, 300
EXPECTED = {"he": 2 / D, "glorot": 2 / (D + M), "lecun": 1 / D, "zeros": 0}


def draw(name, dtype=np.float64, seed=0):
    return INITIALIZERS[name]((D, M), D, M, np.random.default_rng(seed), dtype)


@pytest.mark.parametrize("name", INITIALIZERS)
def test_mean_0_and_the_promised_variance(name):
    w = draw(name)
    assert w.shape == (D, M)
    assert w.var() == pytest.approx(EXPECTED[name], rel=0.02)
    assert abs(w.mean()) <= 4 * np.sqrt(EXPECTED[name] / w.size)


def test_glorot_is_uniform_within_its_limit():
    w = draw("glorot")
    limit = np.sqrt(6 / (D + M))
    assert abs(w).max() <= limit
    quarters, _ = np.histogram(w, bins=4, range=(-limit, limit))
    assert quarters / w.size == pytest.approx(0.25, abs=0.005)


def test_normal_weights_have_normal_tails():
    w = draw("he") / np.sqrt(2 / D)
    assert np.mean(abs(w) > 2) == pytest.approx(0.0455, abs=0.003)


@pytest.mark.parametrize("name", INITIALIZERS)
def test_both_dtypes_start_from_the_same_draw(name):
    single = draw(name, np.float32)
    assert single.dtype == np.float32
    assert np.array_equal(single, draw(name).astype(np.float32))


@pytest.mark.parametrize("name", ["he", "glorot", "lecun"])
def test_a_seed_repeats_and_another_differs(name):
    assert np.array_equal(draw(name), draw(name))
    assert not np.array_equal(draw(name), draw(name, seed=1))


def test_a_signal_keeps_its_size_through_twenty_relu_layers_of_he_weights():
    rng = np.random.default_rng(0)
    x = rng.standard_normal((64, 200))
    for _ in range(20):
        w = he((200, 200), 200, 200, rng, np.float64)
        x = np.maximum(x @ w, 0)
    assert 0.2 < np.mean(x**2) < 5  # and 1 / 2²⁰ with LeCun's variance


def test_a_signal_and_a_gradient_keep_their_size_through_linear_layers():
    rng = np.random.default_rng(0)
    x, g = rng.standard_normal((64, 300)), rng.standard_normal((64, 300))
    assert np.var(x @ lecun((300, 300), 300, 300, rng, np.float64)) == pytest.approx(1, rel=0.1)
    assert np.var(g @ glorot((300, 300), 300, 300, rng, np.float64).T) == pytest.approx(1, rel=0.1)


def test_zeros_are_zeros():
    assert not zeros((3, 4), 3, 4, np.random.default_rng(0), np.float64).any()


def test_an_unknown_name_is_refused():
    assert find_initializer("he") is he
    with pytest.raises(ValueError, match="one of he, glorot, lecun, zeros, got 'normal'"):
        find_initializer("normal")
