"""Every layer's gradient: in all its configurations, in training and in evaluation."""

from unittest import mock

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from scratchnet import ops
from scratchnet.gradcheck import check_gradients, spaced_input
from scratchnet.layers import LAYERS, AvgPool2D, BatchNorm, Conv2D, Dense, MaxPool2D
from scratchnet.reference import avg_pool, conv2d, dense
from tests.gradients.cases import CONFIGURATIONS, LAYER_CASES

ANALYTIC = [
    "Conv2D padded", "Conv2D strided", "Conv2D dilated", "Conv2D grouped", "Dense",
    "AvgPool2D overlapping", "GlobalAvgPool2D", "ZeroPadding2D", "Flatten", "Sigmoid", "Tanh",
    "Softmax", "Dropout", "Residual",
]  # fmt: skip


@pytest.mark.parametrize("name", LAYER_CASES)
def test_gradients_are_right_in_training(name):
    is_container = name.startswith("Residual")
    report = LAYER_CASES[name].check(rtol=1e-9 if is_container else None, entries=150)
    assert report.kinks == 0


@pytest.mark.parametrize("name", LAYER_CASES)
def test_gradients_are_right_in_evaluation(name):
    report = LAYER_CASES[name].check(training=False, entries=64)
    assert report.kinks == 0


def test_no_layer_goes_unchecked():
    ours = {n for n, layer in LAYERS.items() if layer.__module__.startswith("scratchnet.layers")}
    assert ours == {name.split()[0] for name in LAYER_CASES}


@pytest.mark.parametrize("name", ANALYTIC)
def test_the_complex_step_agrees(name):
    definitions = {
        operation: getattr(module, operation)
        for module in (avg_pool, conv2d, dense)
        for operation in vars(module)
        if operation in ops.OPERATIONS
    }  # the kernels compute with real numbers
    with mock.patch.multiple(ops, create=True, **definitions):
        report = LAYER_CASES[name].check(scheme="complex", rtol=1e-12, entries=40)
    assert {row.scheme for row in report.rows} == {"complex"}


# -- configurations -------------------------------------------------------------------------------

pairs = st.tuples(st.integers(1, 3), st.integers(1, 3))
frames = st.tuples(*[st.tuples(st.integers(0, 2), st.integers(0, 2))] * 2)
images = st.tuples(st.integers(1, 2), st.integers(1, 3), st.integers(1, 7), st.integers(1, 7))


def fits(layer, shape):
    """Whether an image of this shape has room for one window; skips the configuration if not."""
    try:
        layer.build(shape[1:], np.random.default_rng(0))
    except ValueError:
        assume(False)


def spaced(shape):
    return spaced_input(shape, np.random.default_rng(7))


@given(
    shape=images,
    kernel=pairs,
    stride=pairs,
    dilation=pairs,
    padding=st.one_of(frames, st.just("same")),
    groups=st.integers(1, 2),
    bias=st.booleans(),
)
@CONFIGURATIONS
def test_convolutions_of_every_kind(shape, kernel, stride, dilation, padding, groups, bias):
    N, C, H, W = shape
    layer = Conv2D(2 * groups, kernel, stride, padding, dilation, groups, bias)
    shape = (N, C * groups, H, W)
    fits(layer, shape)
    assert check_gradients(layer, spaced(shape), entries=24).kinks == 0


@given(shape=images, size=pairs, stride=pairs, padding=frames)
@CONFIGURATIONS
def test_max_pools_of_every_kind(shape, size, stride, padding):
    padding = tuple(
        (min(a, k // 2), min(b, k // 2)) for (a, b), k in zip(padding, size, strict=True)
    )
    layer = MaxPool2D(size, stride, padding)
    fits(layer, shape)
    assert check_gradients(layer, spaced(shape), entries=24).kinks == 0


@given(shape=images, size=pairs, stride=pairs)
@CONFIGURATIONS
def test_average_pools_of_every_kind(shape, size, stride):
    layer = AvgPool2D(size, stride)
    fits(layer, shape)
    check_gradients(layer, spaced(shape), entries=24)


@given(N=st.integers(1, 4), D=st.integers(1, 6), M=st.integers(1, 6), bias=st.booleans())
@CONFIGURATIONS
def test_dense_layers_of_every_kind(N, D, M, bias):
    check_gradients(Dense(M, bias), spaced((N, D)))


@given(shape=images, eps=st.sampled_from([1e-5, 1e-3]), training=st.booleans())
@CONFIGURATIONS
def test_batch_norms_of_every_kind(shape, eps, training):
    check_gradients(BatchNorm(eps=eps), spaced(shape), training=training, entries=24)


# -- arrays of every kind -------------------------------------------------------------------------


def as_read_only(x):
    x = x.copy()
    x.flags.writeable = False
    return x


STRANGE = {
    "read-only": as_read_only,
    "Fortran order": np.asfortranarray,
    "every second": lambda x: np.repeat(x, 2, axis=-1)[..., ::2],
    "turned around": lambda x: np.flip(np.flip(x).copy()),
}


@pytest.mark.parametrize("strange", STRANGE.values(), ids=STRANGE)
@pytest.mark.parametrize("name", LAYER_CASES)
def test_the_arrays_layout_does_not_matter(name, strange):
    """Any layout in, for x and for dy: the same numbers out, and nothing is written to."""
    case, results = LAYER_CASES[name], []
    for arrange in (np.copy, strange):
        layer = case.make()
        layer.build(case.x.shape[1:], np.random.default_rng(0), np.float64)
        y = layer.forward(arrange(case.x), training=True)
        dy = np.random.default_rng(1).standard_normal(y.shape)
        dx = layer.backward(arrange(dy))
        results.append([y, dx, *layer.grads.values()])
    for plain, other in zip(*results, strict=True):
        np.testing.assert_allclose(other, plain, rtol=1e-13, atol=1e-13)


@pytest.mark.parametrize("name", LAYER_CASES)
def test_an_empty_batch_has_empty_gradients(name):
    case = LAYER_CASES[name]
    layer = case.make()
    layer.build(case.x.shape[1:], np.random.default_rng(0), np.float64)
    for training in (True, False):
        y = layer.forward(case.x[:0], training=training)
        assert y.shape == (0, *layer.output_shape)
        assert layer.backward(y).shape == case.x[:0].shape
        assert all(not gradient.any() for gradient in layer.grads.values())
