"""What every layer keeps to, each of them asked the same questions."""

import json

import numpy as np
import pytest

from scratchnet.layers import (
    LAYERS,
    AvgPool2D,
    BatchNorm,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    GlobalAvgPool2D,
    MaxPool2D,
    ReLU,
    Residual,
    Sigmoid,
    Softmax,
    Tanh,
    ZeroPadding2D,
    layer_from_spec,
    layer_spec,
)

IMAGE, VECTOR = (2, 6, 5), (4,)
CASES = [
    (lambda: Conv2D(4, (3, 2), (2, 1), "same", (1, 2), groups=2), IMAGE),
    (lambda: Conv2D(3, 3, padding=((1, 0), (2, 1)), bias=False, initializer="glorot"), IMAGE),
    (lambda: ZeroPadding2D((1, 2)), IMAGE),
    (lambda: MaxPool2D(3, 2, 1), IMAGE),
    (lambda: MaxPool2D(2), IMAGE),
    (lambda: AvgPool2D(3, 2), IMAGE),
    (lambda: GlobalAvgPool2D(), IMAGE),
    (lambda: Dense(3), VECTOR),
    (lambda: Flatten(), IMAGE),
    (lambda: ReLU(), IMAGE),
    (lambda: Sigmoid(), VECTOR),
    (lambda: Tanh(), VECTOR),
    (lambda: Softmax(), VECTOR),
    (lambda: Dropout(0.5), IMAGE),
    (lambda: BatchNorm(), VECTOR),
    (lambda: BatchNorm(0.8, 1e-3), IMAGE),
    (lambda: Residual([Conv2D(2, 3, padding="same"), ReLU()]), IMAGE),
    (lambda: Residual([Dense(3), BatchNorm(), Tanh()], [Dense(3, bias=False)]), VECTOR),
]
IDS = [f"{i}-{type(make()).__name__}" for i, (make, _) in enumerate(CASES)]
every_layer = pytest.mark.parametrize(("make", "shape"), CASES, ids=IDS)
both_modes = pytest.mark.parametrize("training", [False, True])


def built(make, shape, dtype=np.float64):
    layer = make()
    layer.build(shape, np.random.default_rng(7), dtype)
    return layer


def batch(shape, n=3, dtype=np.float64, seed=1):
    return np.random.default_rng(seed).standard_normal((n, *shape)).astype(dtype)


def step(layer, x, training, seed=2):
    """y, dx and copies of the gradients; a random layer replays the same draw each time."""
    if layer.rng is not None:
        layer.rng = np.random.default_rng(3)
    y = layer.forward(x, training=training)
    dx = layer.backward(batch(y.shape[1:], len(y), y.dtype, seed))
    return [y, dx, *(grad.copy() for grad in layer.grads.values())]


def equal(first, second):
    return all(np.array_equal(a, b) for a, b in zip(first, second, strict=True))


def test_every_layer_is_asked():
    asked = {type(make()).__name__ for make, _ in CASES}
    assert asked == {
        name for name, cls in LAYERS.items() if cls.__module__.startswith("scratchnet")
    }


@every_layer
def test_the_config_is_json_and_rebuilds_the_layer(make, shape):
    layer = make()
    config = json.loads(json.dumps(layer.config()))
    twin = type(layer)(**config)
    assert twin.config() == layer.config() == config
    assert repr(layer_from_spec(layer_spec(layer))) == repr(layer)
    assert equal(step(built(make, shape), batch(shape), True), step_of(twin, shape))


def step_of(layer, shape):
    layer.build(shape, np.random.default_rng(7), np.float64)
    return step(layer, batch(shape), True)


@every_layer
@both_modes
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("n", [0, 1, 3])
def test_shapes_and_dtypes_hold_for_any_batch_even_an_empty_one(make, shape, training, dtype, n):
    layer = built(make, shape, dtype)
    y, dx, *grads = step(layer, batch(shape, n, dtype), training)
    assert y.shape == (n, *layer.output_shape)
    assert dx.shape == (n, *shape)
    assert {a.dtype for a in (y, dx, *grads)} == {np.dtype(dtype)}
    if n == 0:
        assert not any(grad.any() for grad in grads)


@every_layer
@both_modes
def test_inputs_upstream_and_parameters_stay_as_they_are(make, shape, training):
    layer = built(make, shape)
    x = batch(shape)
    x_before = x.copy()
    before = {name: value.copy() for name, value in layer.params.items()}
    y = layer.forward(x, training=training)
    dy = batch(y.shape[1:])
    dy_before, y_before = dy.copy(), y.copy()
    layer.backward(dy)
    assert equal([x, dy, y], [x_before, dy_before, y_before])
    assert equal(layer.params.values(), before.values())


@every_layer
@both_modes
def test_read_only_and_non_contiguous_arrays_give_the_same(make, shape, training):
    x = batch(shape)
    strided = np.repeat(x, 2, axis=-1)[..., ::2]
    strided.flags.writeable = False
    layer = built(make, shape)
    y = layer.forward(x, training=training)
    dy = batch(y.shape[1:])
    dy_strided = np.repeat(dy, 2, axis=-1)[..., ::2]
    dy_strided.flags.writeable = False

    twin = built(make, shape)
    y_twin = twin.forward(strided, training=training)
    dx, dx_twin = layer.backward(dy), twin.backward(dy_strided)
    for ours, theirs in [
        (y, y_twin),
        (dx, dx_twin),
        *zip(layer.grads.values(), twin.grads.values(), strict=True),
    ]:
        assert ours == pytest.approx(theirs, rel=1e-13, abs=1e-13)


@every_layer
@both_modes
def test_a_repeated_step_is_identical(make, shape, training):
    layer, x = built(make, shape), batch(shape)
    assert equal(step(layer, x, training), step(layer, x, training))


@every_layer
@both_modes
def test_backward_sets_the_gradients_in_their_own_arrays(make, shape, training):
    layer = built(make, shape)
    arrays = dict(layer.grads)
    flat = {name: grad.base for name, grad in arrays.items()}
    first = step(layer, batch(shape), training)
    assert equal(first, step(layer, batch(shape), training))  # set, not added to
    for name, grad in layer.grads.items():
        assert grad is arrays[name]
        assert grad.base is flat[name]


@every_layer
@both_modes
def test_backward_is_linear_in_the_upstream_gradient(make, shape, training):
    layer = built(make, shape)
    y = layer.forward(batch(shape), training=training)
    dy = batch(y.shape[1:])

    def backward(g):
        return [layer.backward(g), *(grad.copy() for grad in layer.grads.values())]

    assert not any(a.any() for a in backward(0 * dy))
    assert equal(backward(2 * dy), [2 * a for a in backward(dy)])  # doubling is exact


@every_layer
def test_backward_needs_a_forward(make, shape):
    layer = built(make, shape)
    with pytest.raises(RuntimeError, match=f"{type(layer).__name__}.backward needs a forward"):
        layer.backward(np.zeros((1, *layer.output_shape)))


@every_layer
def test_forward_needs_a_build(make, shape):
    layer = make()
    with pytest.raises(RuntimeError, match=r"has no shape yet; call build\(\) first"):
        layer.forward(batch(shape))


@every_layer
def test_a_batch_of_another_shape_is_refused(make, shape):
    layer = built(make, shape)
    name, letters = type(layer).__name__, ", ".join(map(str, shape))
    wrong = batch((shape[0] + 2, *shape[1:]))
    with pytest.raises(ValueError, match=rf"{name} expects \(N, {letters}\), got \(3, .*convert"):
        layer.forward(wrong)
    with pytest.raises(ValueError, match="add the batch axis"):
        layer.forward(batch(shape)[0])


def test_a_colour_photo_in_a_grey_net_is_named():
    layer = built(lambda: Conv2D(4, 3), (1, 48, 48))
    with pytest.raises(ValueError, match=r"expects \(N, 1, 48, 48\), got \(8, 3, 48, 48\)"):
        layer.forward(np.zeros((8, 3, 48, 48)))


def test_channels_last_is_recognised():
    layer = built(lambda: Conv2D(4, 3), (1, 48, 48))
    with pytest.raises(ValueError, match=r"channels come first: x.transpose\(0, 3, 1, 2\)"):
        layer.forward(np.zeros((8, 48, 48, 1)))


def test_a_float64_twin_starts_from_the_same_weights():
    single, double = (built(lambda: Dense(5), (7,), dtype) for dtype in (np.float32, np.float64))
    assert np.array_equal(single.params["W"], double.params["W"].astype(np.float32))


def test_params_cannot_be_rebound():
    with pytest.raises(AttributeError):
        Dense(3).params = {}


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ({"type": "Lambda", "config": {}}, "unknown layer type 'Lambda'; known: AvgPool2D, "),
        ({"type": "Dense"}, "described by 'type' and 'config'"),
        ({"type": "Dense", "config": {"width": 3}}, "Dense cannot be made from {'width': 3}"),
        ({"type": "Dense", "config": {"units": "3"}}, "Dense units expects an int"),
    ],
)
def test_a_spec_that_describes_no_layer_is_refused(spec, message):
    with pytest.raises(ValueError, match=message):
        layer_from_spec(spec)
