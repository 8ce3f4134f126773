"""Residual: the sum, its gradient, and the names of what is inside."""

import json

import numpy as np
import pytest

from scratchnet.layers import BatchNorm, Conv2D, Dense, Dropout, ReLU, Residual, leaves


def scale(factor, units=1):
    """A body that multiplies by `factor`."""
    layer = Dense(units, bias=False)
    layer.factor = factor
    return layer


def built(layer, shape, dtype=np.float64, seed=0):
    layer.build(shape, np.random.default_rng(seed), dtype)
    for _, leaf in leaves(layer, "0"):
        if hasattr(leaf, "factor"):
            leaf.params["W"][...] = leaf.factor
    return layer


def test_the_body_is_added_to_the_input():
    body = scale(2)
    layer = built(Residual([body]), (1,))
    assert layer.forward(np.array([[5.0]])).tolist() == [[2 * 5 + 5]]
    assert layer.backward(np.array([[10.0]])).tolist() == [[2 * 10 + 10]]
    assert body.grads["W"].tolist() == [[50]]


def test_a_projection_replaces_the_input():
    layer = built(Residual([scale(2), scale(3)], [scale(100)]), (1,))
    assert layer.forward(np.array([[5.0]])).tolist() == [[2 * 3 * 5 + 100 * 5]]
    assert layer.backward(np.array([[1.0]])).tolist() == [[6 + 100]]


def test_a_dead_body_still_passes_the_gradient():
    layer = built(Residual([scale(-1), ReLU()]), (1,))
    assert layer.forward(np.array([[5.0]])).tolist() == [[5]]
    assert layer.backward(np.array([[3.0]])).tolist() == [[3]]


def block():
    return Residual(
        [Conv2D(4, 3, 2, padding=1, bias=False), BatchNorm(), ReLU(), Dropout(0.5)],
        [Conv2D(4, 1, 2), BatchNorm()],
    )


def test_children_are_named_by_branch_and_place():
    assert list(block().children()) == [
        *("body.0", "body.1", "body.2", "body.3"),
        *("projection.0", "projection.1"),
    ]
    paths = [path for path, _ in leaves(Residual([block(), ReLU()]), "5")]
    assert paths[0] == "5.body.0.body.0"
    assert paths[-1] == "5.body.1"


def test_params_grads_and_buffers_are_the_childrens_own_arrays():
    layer = built(block(), (2, 6, 6))
    assert list(layer.params) == [
        *("body.0.W", "body.1.gamma", "body.1.beta"),
        *("projection.0.W", "projection.0.b", "projection.1.gamma", "projection.1.beta"),
    ]
    assert layer.params.keys() == layer.grads.keys()
    assert set(layer.buffers) == {
        f"{path}.running_{name}" for path in ("body.1", "projection.1") for name in ("mean", "var")
    }
    assert layer.params["body.0.W"] is layer.body[0].params["W"]
    assert layer.grads["projection.0.b"] is layer.projection[0].grads["b"]


def test_a_childs_array_that_was_replaced_by_a_view_is_seen():
    layer = built(block(), (2, 6, 6))
    view = np.zeros(4 * 2 * 3 * 3)[:].reshape(4, 2, 3, 3)
    layer.body[0].params["W"] = view  # as a plan over flat buffers does
    assert layer.params["body.0.W"] is view


def test_training_reaches_both_branches():
    layer = built(block(), (2, 6, 6))
    layer.forward(np.random.default_rng(0).normal(size=(3, 2, 6, 6)), training=True)
    assert layer.buffers["body.1.running_mean"].any()
    assert layer.buffers["projection.1.running_mean"].any()


def test_macs_are_the_sum_of_both_branches():
    layer = built(block(), (2, 6, 6))
    assert layer.macs() == 3 * 3 * 4 * 2 * 3 * 3 + 3 * 3 * 4 * 2


def test_the_config_is_json_and_rebuilds_the_nest():
    layer = Residual([block(), ReLU()], None)
    twin = Residual(**json.loads(json.dumps(layer.config())))
    assert repr(twin) == repr(layer)
    assert isinstance(twin.body[0].body[0], Conv2D)
    x = np.random.default_rng(0).normal(size=(2, 2, 6, 6))
    shrinks = built(layer.body[0], (2, 6, 6)).forward(x)
    assert np.array_equal(built(twin.body[0], (2, 6, 6)).forward(x), shrinks)


def test_branches_of_different_shapes_are_refused():
    with pytest.raises(
        ValueError, match=r"one shape, got \(4, 3, 3\) and \(2, 6, 6\); .*projectio"
    ):
        built(Residual([Conv2D(4, 3, 2, padding=1)]), (2, 6, 6))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"body": []}, "body expects at least one layer, got none"),
        ({"body": ReLU()}, r"Residual body expects a list of layers, got ReLU\(\)"),
        ({"body": ["ReLU"]}, "described by 'type' and 'config', got 'ReLU'"),
        ({"body": [ReLU()], "projection": "same"}, "projection expects a list of layers"),
        ({"body": [{"type": "eval", "config": {}}]}, "unknown layer type 'eval'"),
    ],
)
def test_wrong_arguments_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        Residual(**arguments)
