"""Dropout: what is dropped, what is kept, and what backward remembers."""

import numpy as np
import pytest

from scratchnet.layers import Dropout


def built(rate, shape=(1000,), seed=0, dtype=np.float64):
    layer = Dropout(rate)
    layer.build(shape, np.random.default_rng(seed), dtype)
    return layer


def test_kept_values_are_scaled_up_and_the_others_are_zero():
    y = built(0.75).forward(np.ones((4, 1000)), training=True)
    assert set(np.unique(y)) == {0, 4}  # 1 / (1 - 0.75)


def test_the_rate_is_the_share_that_is_dropped():
    y = built(0.3).forward(np.ones((100, 1000)), training=True)
    assert np.mean(y == 0) == pytest.approx(0.3, abs=0.006)  # 4 standard deviations
    assert y.mean() == pytest.approx(1, abs=0.01)  # so evaluation has nothing to correct


def test_backward_drops_what_forward_dropped():
    layer = built(0.5)
    y = layer.forward(np.ones((3, 1000)), training=True)
    assert np.array_equal(layer.backward(np.ones((3, 1000))), y)
    assert np.array_equal(layer.backward(np.full((3, 1000), 7.0)), 7 * y)


def test_evaluation_is_the_identity_both_ways():
    layer = built(0.5)
    x = np.arange(2000.0).reshape(2, 1000)
    assert np.array_equal(layer.forward(x), x)
    assert np.array_equal(layer.backward(x), x)


def test_evaluation_draws_nothing():
    layer, twin = built(0.5), built(0.5)
    x = np.ones((1, 1000))
    layer.forward(x)
    assert np.array_equal(layer.forward(x, training=True), twin.forward(x, training=True))


def test_rate_zero_drops_nothing():
    assert built(0).forward(np.ones((3, 1000)), training=True).min() == 1


def test_every_forward_draws_a_new_mask():
    layer = built(0.5)
    x = np.ones((1, 1000))
    assert not np.array_equal(layer.forward(x, training=True), layer.forward(x, training=True))


def test_masks_replay_from_the_generators_state():
    layer = built(0.5)
    x = np.ones((1, 1000))
    state = layer.rng.bit_generator.state
    y = layer.forward(x, training=True)
    layer.rng.bit_generator.state = state
    assert np.array_equal(layer.forward(x, training=True), y)


def test_two_layers_of_one_seed_draw_different_masks():
    rng = np.random.default_rng(0)
    first, second = Dropout(0.5), Dropout(0.5)
    first.build((1000,), rng)
    second.build((1000,), rng)
    x = np.ones((1, 1000), np.float32)
    assert not np.array_equal(first.forward(x, training=True), second.forward(x, training=True))


def test_a_float64_twin_drops_the_same_values():
    y32 = built(0.5, dtype=np.float32).forward(np.ones((1, 1000), np.float32), training=True)
    y64 = built(0.5).forward(np.ones((1, 1000)), training=True)
    assert np.array_equal(y32, y64)
    assert y32.dtype == np.float32


@pytest.mark.parametrize("rate", [1, -0.1, 50, "0.5", True, None, float("nan")])
def test_a_rate_that_is_no_share_is_refused(rate):
    with pytest.raises(ValueError, match=r"Dropout rate expects the share to drop, in \[0, 1\)"):
        Dropout(rate)
