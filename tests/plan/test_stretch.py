"""A stretch: a large batch goes in parts, and nothing but the order of sums is different."""

import numpy as np
import pytest

from scratchnet import Sequential
from scratchnet.layers import BatchNorm, Conv2D, Dense, Flatten, MaxPool2D, ReLU
from scratchnet.plan import stretch

SHAPE = (1, 12, 12)


def network():
    layers = [
        *(Conv2D(16, 3, padding=1), ReLU(), Conv2D(16, 3, padding=1), ReLU(), MaxPool2D(2)),
        *(Conv2D(32, 3, padding=1, stride=2), Flatten(), Dense(3)),
    ]
    return Sequential(layers).build(SHAPE, np.random.default_rng(0))


def passed(model, x, dy):
    y = model.plan.forward(x, training=True)
    model.plan.backward(dy)
    return y, [p.grad.copy() for p in model.plan.parameters]


@pytest.fixture
def small(monkeypatch):
    """Parts of eight images: 14 · 14 · 16 numbers of four bytes are 12.5 kB an image."""
    monkeypatch.setattr(stretch, "ROOM", 110_000)


@pytest.mark.parametrize("N", [1, 8, 9, 21])
def test_parts_give_the_results_of_the_whole(N, monkeypatch, small):
    rng = np.random.default_rng(N)
    x, dy = rng.standard_normal((N, *SHAPE), np.float32), rng.standard_normal((N, 3), np.float32)
    in_parts = network()
    assert in_parts.plan._chain.steps[0].images == 8
    monkeypatch.setattr(stretch, "ROOM", 1 << 26)
    whole = network()
    assert whole.plan._chain.steps[0].images > N
    for _ in range(2):  # the second pass begins its sums anew
        y, gradients = passed(in_parts, x, dy)
        its_y, its_gradients = passed(whole, x, dy)
        assert np.array_equal(y, its_y)
        for one, other in zip(gradients, its_gradients, strict=True):
            assert np.abs(one - other).max() <= 2e-6 * np.abs(other).max()
    assert np.array_equal(in_parts.plan.predict(x), whole.plan.predict(x))


def test_a_prediction_takes_memory_for_one_part(small):
    model = network()
    model.plan.predict(np.zeros((50, *SHAPE), np.float32))
    for (frame, dtype), arrays in model.plan._chain.store._free.items():
        assert len(arrays) == 1, (frame, dtype)
        assert len(arrays[0]) < 10 * frame.HP * frame.WP * frame.C
    with pytest.raises(RuntimeError, match="needs a forward pass before it"):
        model.plan.backward(np.zeros((50, 3), np.float32))


def test_equal_bits_on_any_number_of_threads(small, monkeypatch):
    rng = np.random.default_rng(0)
    x, dy = rng.standard_normal((21, *SHAPE), np.float32), rng.standard_normal((21, 3), np.float32)
    results = []
    for threads in "128":
        monkeypatch.setenv("SCRATCHNET_THREADS", threads)
        y, gradients = passed(network(), x, dy)
        results.append([y.tobytes(), *(g.tobytes() for g in gradients)])
    assert results[0] == results[1] == results[2]


def test_batch_norm_sees_the_whole_batch():
    layers = [Conv2D(16, 3, padding=1), BatchNorm(), Conv2D(16, 3, padding=1), Flatten(), Dense(3)]
    model = Sequential(layers).build(SHAPE, np.random.default_rng(0))
    assert not any(isinstance(step, stretch.Stretch) for step in model.plan._chain.steps)
