"""Flat buffers under the layers' parameters and gradients."""

import numpy as np

from scratchnet import Sequential
from scratchnet.layers import Dense, Flatten, ReLU
from scratchnet.plan import Plan
from tests.plan.networks import batch, built


def test_parameters_and_gradients_are_views_of_two_flat_buffers_each():
    model = built("post-activation")
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
    model = built("post-activation")
    block = model.layers[5]
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
    model = built("dense only")
    state = model.plan.state()
    before = state["weights"].copy()
    model.plan.parameters[0].value[...] = 0
    assert np.array_equal(state["weights"], before)


def test_a_network_without_parameters_has_no_buffers():
    model = Sequential([ReLU(), Flatten()]).build((1, 2, 2), np.random.default_rng(0))
    assert model.plan.parameters == []
    assert model.parameter_count() == 0


def test_backward_fills_the_flat_gradients():
    for name in ("norm vgg", "residual", "groups between"):
        model = built(name)
        x, dy = batch(model, 3)
        for flat in model.plan.parameters:
            flat.grad[...] = np.nan
        model.plan.forward(x, training=True)
        model.plan.backward(dy)
        for flat in model.plan.parameters:
            assert np.isfinite(flat.grad).all(), f"{name}: a gradient was not written"


def test_a_step_of_the_optimiser_on_the_buffers_moves_what_the_plan_computes_with():
    """No step keeps weights of its own from one pass to the next."""
    model = built("norm vgg")
    x, _ = batch(model, 3)
    before = model.plan.predict(x)
    for flat in model.plan.parameters:
        np.multiply(flat.value, np.float32(0.9), out=flat.value)
    other = built("norm vgg")
    other.set_state(model.state())
    assert not np.array_equal(model.plan.predict(x), before)
    assert np.array_equal(model.plan.predict(x), other.plan.predict(x))


def test_two_plans_of_one_network_compute_with_its_parameters():
    model = built("norm vgg")
    x, dy = batch(model, 3)
    first = model.plan.predict(x)
    second = Plan(model.layers)  # the parameters have moved into its buffers
    assert np.array_equal(second.predict(x), first)
    assert np.array_equal(model.plan.predict(x), first)
    grads = []
    for plan in (model.plan, second):
        plan.forward(x)
        plan.backward(dy)
        grads.append([flat.grad.copy() for flat in second.parameters])
        for flat in second.parameters:
            flat.grad[...] = 0
    assert all(np.array_equal(*pair) and pair[0].any() for pair in zip(*grads, strict=True))
