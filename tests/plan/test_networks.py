"""Whole networks: the plan computes what the layers do, one by one, in float64.

Every plan here has a `CheckedStore`: its memory is poisoned whenever it is used again, whoever
writes outside of images is caught, and in the end everything has been given back.
"""

import numpy as np
import pytest

from scratchnet.plan import fusion
from tests.plan.checked_store import CheckedStore
from tests.plan.networks import NETWORKS, batch, built
from tests.plan.walk import Walk, choices_of

OF_ALL, OF_ITS_OWN = 5e-6, 1e-5
"""The largest error of a gradient, over the largest of all gradients, and of its own array."""


@pytest.fixture(autouse=True)
def _checked(monkeypatch):
    monkeypatch.setattr(fusion, "Store", CheckedStore)


def taken(model):
    """Arrays of the store that are in use."""
    store = model.plan._chain.store
    return len(store.taken)


def is_free(model):
    """Whether nothing is kept for backward, in steps or in layers."""
    layers = [*model.layers, *(layer for _, layer in model.leaves())]
    steps_keep = [step for step in model.plan.steps if step.kept is not None]
    return not steps_keep and not taken(model) and all(layer.cache is None for layer in layers)


# -- against the layers ---------------------------------------------------------------------------


def difference(one, other):
    """(largest error, largest value)"""
    assert one.shape == other.shape
    assert one.dtype == np.float32
    assert other.dtype == np.float64
    return np.abs(one - other).max(), np.abs(other).max()


def check(name, N, training):
    """{array: (error, largest value)} of y, all gradients and running statistics."""
    model, exact = built(name), built(name, np.float64)
    exact.set_state(model.state())
    x, dy = batch(model, N)
    y = model.plan.forward(x, training=training)
    walk = Walk(model.layers, exact.layers, choices_of(model.plan.steps))
    found = {"y": difference(y, walk.forward(x.astype(np.float64), training=training))}
    assert model.plan.backward(dy) is None
    assert not taken(model)
    walk.backward(dy.astype(np.float64))
    for (path, mine), (_, its) in zip(model.leaves(), exact.leaves(), strict=True):
        for key, grad in mine.grads.items():
            assert grad.any(), f"{path}.{key}"
            found[f"d {path}.{key}"] = difference(grad, its.grads[key])
        for key, statistic in mine.buffers.items():
            found[f"{path}.{key}"] = difference(statistic, its.buffers[key])
    assert model.generator_states() == exact.generator_states()
    return found


@pytest.mark.parametrize("training", [True, False], ids=["training", "evaluation"])
@pytest.mark.parametrize("name", NETWORKS)
def test_a_plan_is_the_walk_over_the_layers(name, training):
    found = check(name, 12, training)
    largest = max(value for quantity, (_, value) in found.items() if quantity[0] == "d")
    for quantity, (error, own) in found.items():
        assert error <= OF_ITS_OWN * own, quantity
        if quantity[0] == "d":
            assert error <= OF_ALL * largest, quantity


@pytest.mark.parametrize("name", ["seven", "residual", "norm vgg"])
@pytest.mark.parametrize("N", [1, 2, 17])
def test_so_it_is_with_batches_of_any_size(name, N):
    for quantity, (error, own) in check(name, N, training=False).items():
        assert error <= 2 * OF_ITS_OWN * own, quantity


@pytest.mark.parametrize("name", NETWORKS)
def test_the_prediction_is_the_forward_pass_in_evaluation_and_keeps_nothing(name):
    model = built(name)
    x, _ = batch(model, 4)
    before = model.state()
    y = model.plan.predict(x)
    assert is_free(model)
    assert np.array_equal(y, model.plan.forward(x))
    walked = model.forward(x)
    assert np.abs(y - walked).max() <= OF_ITS_OWN * np.abs(walked).max()
    assert all(np.array_equal(a, before[key]) for key, a in model.state().items())


# -- one after another ----------------------------------------------------------------------------


def step_of_training(model, N, seed=2):
    """y and copies of all gradients."""
    x, dy = batch(model, N, seed)
    for flat in model.plan.parameters:
        flat.grad[...] = np.nan
    y = model.plan.forward(x, training=True)
    model.plan.backward(dy)
    return [y, *(flat.grad.copy() for flat in model.plan.parameters)]


def same(one, other):
    return all(np.array_equal(*pair) for pair in zip(one, other, strict=True))


SEQUENCED = [
    "norm vgg",
    "residual",
    "post-activation",
    "nested sums",
    "groups between",
    "depthwise",
]


@pytest.mark.parametrize("name", SEQUENCED)
def test_a_step_does_not_remember_the_steps_before_it(name):
    """Batches of 7, 3, 7 and 1, larger predictions between them, a pass that nobody takes back."""
    model = built(name)
    generators = model.generator_states()
    for N in (7, 3, 7, 1, 7):
        alone, in_use = built(name), taken(model)
        model.set_generator_states(generators)
        assert same(step_of_training(model, N, seed=N), step_of_training(alone, N, seed=N))
        assert taken(model) == in_use
        model.plan.predict(batch(model, 12)[0])
        model.plan.forward(batch(model, 5, seed=9)[0], training=True)
        model.plan.forward(batch(model, 9, seed=8)[0])


@pytest.mark.parametrize("name", ["norm vgg", "post-activation"])
def test_predictions_between_steps_of_training_change_nothing(name):
    alone, disturbed = built(name), built(name)
    for seed in (3, 4, 5):
        found = step_of_training(alone, 4, seed), step_of_training(disturbed, 4, seed)
        assert same(*found)
        disturbed.plan.predict(batch(disturbed, 11, seed)[0])
        disturbed.plan.predict(batch(disturbed, 2, seed)[0])
    assert all(np.array_equal(a, disturbed.state()[key]) for key, a in alone.state().items())


def test_the_running_statistics_are_those_of_all_batches_so_far():
    """Three batches by the plan and by the layers; only rounding differs."""
    planned, walked = built("norm vgg"), built("norm vgg")
    for seed in (3, 4, 5):
        x, _ = batch(planned, 6, seed)
        planned.plan.forward(x, training=True)
        walked.forward(x, training=True)
    for (_, mine), (_, its) in zip(planned.leaves(), walked.leaves(), strict=True):
        for key, statistic in mine.buffers.items():
            assert np.abs(statistic - its.buffers[key]).max() <= 1e-5 * np.abs(statistic).max()


@pytest.mark.parametrize("name", NETWORKS)
def test_memory_is_used_again_and_not_taken_anew(name):
    model = built(name)
    addresses = []
    for _ in range(3):
        step_of_training(model, 6)
        free = model.plan._chain.store._free.values()
        addresses.append(sorted(array.ctypes.data for arrays in free for array in arrays))
        model.plan.predict(batch(model, 6)[0])
    assert addresses[0] == addresses[1] == addresses[2]


@pytest.mark.parametrize("name", ["norm vgg", "residual", "a sum first", "ends in maps"])
def test_backward_without_forward_is_refused(name):
    model = built(name)
    x, dy = batch(model, 3)
    for forward in (
        lambda: None,
        lambda: model.plan.predict(x),
        lambda: step_of_training(model, 3),
    ):
        forward()
        with pytest.raises(RuntimeError, match="needs a forward pass before it"):
            model.plan.backward(dy)


def test_what_overflows_stays_visible():
    """A NaN must reach the scores, or training would go on with it unnoticed."""
    model = built("norm vgg")
    x, _ = batch(model, 3)
    sound = model.plan.predict(x)
    x[1, 0, 5, 5] = np.nan
    assert np.isnan(model.plan.predict(x)).any()
    x[1, 0, 5, 5] = 0
    fine = model.plan.predict(x)
    assert np.isfinite(fine).all(), "and not be met again in used memory"
    assert np.array_equal(fine[[0, 2]], sound[[0, 2]])


def test_images_of_another_shape_are_refused():
    for name in ("norm vgg", "a sum first", "dense only"):
        model = built(name)
        wrong = np.zeros((2, *(n + 1 for n in model.input_shape)), np.float32)
        with pytest.raises(ValueError, match="expects"):
            model.plan.forward(wrong)


def test_an_empty_batch_is_evaluated_to_nothing():
    for name in ("norm vgg", "post-activation", "ends in maps", "dense only"):
        model = built(name)
        x, dy = batch(model, 0)
        assert model.plan.forward(x).shape == dy.shape
        model.plan.backward(dy)
        assert not any(flat.grad.any() for flat in model.plan.parameters)


def test_input_and_upstream_are_left_alone():
    for name in ("norm vgg", "one sum", "dense only", "ends in maps"):
        model = built(name)
        x, dy = batch(model, 3)
        x_before, dy_before = x.copy(), dy.copy()
        y = model.plan.forward(x, training=True)
        y_before = y.copy()
        model.plan.backward(dy)
        model.plan.predict(x)
        assert same([x, dy, y], [x_before, dy_before, y_before])


# -- threads --------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [
    *("norm vgg", "post-activation", "residual", "seven", "depthwise", "groups"),
    "wide padding everywhere",
])  # fmt: skip
def test_the_bits_do_not_depend_on_the_number_of_threads(name, monkeypatch):
    found = []
    for threads in (1, 2, 8):
        monkeypatch.setenv("SCRATCHNET_THREADS", str(threads))
        model = built(name)
        results = [*step_of_training(model, 9), *step_of_training(model, 5)]
        results += [*model.state().values(), model.plan.predict(batch(model, 9)[0])]
        found.append([array.tobytes() for array in results])
    assert found[0] == found[1] == found[2]


@pytest.mark.parametrize("name", NETWORKS)
def test_a_gradient_may_lie_where_the_maps_lay_that_it_belongs_to(name):
    """With the same bits, in less memory where a batch norm stands before a convolution."""

    def gradients(owns_x):
        model = built(name)
        for step in _all_steps(model.plan._chain):
            step.owns_x = step.owns_x and owns_x
        x, dy = batch(model, 5)
        model.plan.forward(x, training=True)
        model.plan.backward(dy)
        assert is_free(model)
        grads = [grad for _, layer in model.leaves() for grad in layer.grads.values()]
        return grads, len(model.plan._chain.store.places)

    (apart, most), (over, fewer) = gradients(owns_x=False), gradients(owns_x=True)
    assert all(map(np.array_equal, apart, over))
    assert fewer <= most
    if name in ("norm vgg", "residual"):
        assert fewer < most


def _all_steps(chain):
    for step in chain.steps:
        yield step
        for inner in (getattr(step, "body", None), getattr(step, "shortcut", None)):
            if inner is not None:
                yield from _all_steps(inner)
