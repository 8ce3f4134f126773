"""The plan: flat buffers under the layers' parameters, and the same bits as the layers alone."""

import numpy as np
import pytest

from scratchnet import Sequential
from scratchnet.layers import (
    AvgPool2D,
    BatchNorm,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    MaxPool2D,
    ReLU,
    Residual,
)


def network(dtype=np.float32):
    layers = [
        Conv2D(4, 3, padding=1),
        BatchNorm(),
        ReLU(),
        Residual([Conv2D(6, 3, padding=1), ReLU()], projection=[Conv2D(6, 1, bias=False)]),
        MaxPool2D(2),
        Dropout(0.3),
        AvgPool2D(2, stride=1),
        Flatten(),
        Dense(3),
    ]
    return Sequential(layers).build((2, 6, 8), np.random.default_rng(0), dtype)


def batch(dtype=np.float32):
    rng = np.random.default_rng(1)
    return rng.standard_normal((5, 2, 6, 8)).astype(dtype), rng.standard_normal((5, 3), dtype)


def test_parameters_and_gradients_are_views_of_two_flat_buffers_each():
    model = network()
    weights, others = model.plan.parameters
    assert (weights.name, weights.decays) == ("weights", True)
    assert (others.name, others.decays) == ("biases_and_norms", False)
    seen = {"weights": 0, "biases_and_norms": 0}
    for _, layer in model.leaves():
        for name, value in layer.params.items():
            flat = weights if name == "W" else others
            assert np.shares_memory(value, flat.value)
            assert np.shares_memory(layer.grads[name], flat.grad)
            start = seen[flat.name]
            value[...] = np.arange(start, start + value.size).reshape(value.shape)
            seen[flat.name] += value.size
    for flat in model.plan.parameters:
        assert np.array_equal(flat.value, np.arange(flat.value.size))
        assert seen[flat.name] == flat.value.size == flat.grad.size


def test_inside_of_a_residual_block_too():
    model = network()
    block = model.layers[3]
    weights, _ = model.plan.parameters
    for name in ("body.0.W", "projection.0.W"):
        assert np.shares_memory(block.params[name], weights.value)
        assert np.shares_memory(block.grads[name], weights.grad)


def test_building_does_not_change_a_parameters_values():
    alone = Dense(4)
    alone.build((3,), np.random.default_rng(7))
    model = Sequential([Dense(4)]).build((3,), np.random.default_rng(7))
    assert np.array_equal(model.layers[0].params["W"], alone.params["W"])


def test_state_is_a_copy():
    model = network()
    state = model.plan.state()
    before = state["weights"].copy()
    model.plan.parameters[0].value[...] = 0
    assert np.array_equal(state["weights"], before)


def test_a_network_without_parameters_has_no_buffers():
    model = Sequential([ReLU(), Flatten()]).build((1, 2, 2), np.random.default_rng(0))
    assert model.plan.parameters == []
    assert model.parameter_count() == 0


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_plan_and_layers_give_the_same_bits(dtype):
    """Outputs, all gradients, running statistics and the next random mask."""
    planned, walked = network(dtype), network(dtype)
    x, dy = batch(dtype)
    for training in (True, True, False):
        y = planned.plan.forward(x, training=training)
        dx = planned.plan.backward(dy)
        assert np.array_equal(y, walked.forward(x, training=training))
        assert np.array_equal(dx, walked.backward(dy))
        for mine, its in zip(planned.plan.parameters, walked.plan.parameters, strict=True):
            assert mine.grad.any()
            assert np.array_equal(mine.grad, its.grad)
    assert planned.generator_states() == walked.generator_states()
    assert all(np.array_equal(a, walked.state()[name]) for name, a in planned.state().items())


def test_prediction_is_the_forward_pass_in_evaluation_and_keeps_nothing():
    model = network()
    x, _ = batch()
    before = model.state()
    y = model.plan.predict(x)
    for _, layer in model.leaves():
        assert layer.cache is None
    assert model.layers[3].cache is None
    assert np.array_equal(y, model.forward(x))
    assert all(np.array_equal(a, before[name]) for name, a in model.state().items())


def test_each_layer_is_a_step_for_now():
    model = network()
    assert [step.layers for step in model.plan.steps] == [(layer,) for layer in model.layers]
    assert model.plan.steps[3].algorithm == "Residual"
