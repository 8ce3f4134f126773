"""Each fused step is the reference in float64: y, dx and all gradients, whatever the shape.

How they are compared stands in `tests.plan.steps`: nothing stale is read, the outside of images
stays zero, and what is taken from the store is given back.
"""

import numpy as np
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from scratchnet.kernels.maps import frame, whole_vectors
from scratchnet.layers import Conv2D, Dense, ReLU, Residual
from scratchnet.plan.activation import Activation
from scratchnet.plan.chain import Chain, Step
from scratchnet.plan.fusion import maps_step
from scratchnet.plan.image_steps import Export, Import
from scratchnet.plan.pointwise_step import Pointwise
from scratchnet.plan.product_step import Product
from scratchnet.plan.store import Maps
from scratchnet.plan.sum_step import Sum
from scratchnet.reference import dense
from tests.plan.checked_store import CheckedStore
from tests.plan.steps import (
    TIE,
    built,
    check_convolution,
    check_pointwise,
    close,
    double,
    draw,
    images,
    maps_of,
)

# -- convolutions ---------------------------------------------------------------------------------

NUMBERS = {
    "N": st.integers(1, 5),
    "H": st.integers(1, 19),
    "W": st.integers(1, 19),
    "C": st.integers(1, 40),
    "F": st.integers(1, 40),
}


@settings(max_examples=200, deadline=None, derandomize=True)
@given(**NUMBERS | {name: st.integers(16, 40) for name in "CF"}, bias=st.booleans(),
       relu=st.booleans(), pool=st.booleans())  # fmt: skip
@example(N=2, H=17, W=17, C=16, F=16, bias=True, relu=True, pool=True)  # a tile beyond the frame
@example(N=5, H=1, W=1, C=40, F=17, bias=True, relu=True, pool=False)
@example(N=1, H=16, W=19, C=33, F=33, bias=True, relu=False, pool=True)
def test_a_winograd_step_is_convolution_bias_relu_and_pool(N, H, W, C, F, bias, relu, pool):
    conv = Conv2D(F, 3, padding=1, bias=bias)
    assume(not pool or min(H, W) > 1)
    assert check_convolution(N, (C, H, W), conv, relu, pool).by_winograd


def size_of(shape, layers):
    """The size after all these layers, or None if they cannot be built."""
    try:
        for layer in layers:
            shape = layer.build(shape, np.random.default_rng(0))
    except ValueError:
        return None
    return shape


WINDOWS = {
    "kernel": st.tuples(st.integers(1, 5), st.integers(1, 5)),
    "stride": st.tuples(st.integers(1, 3), st.integers(1, 3)),
    "padding": st.tuples(*[st.integers(0, 4)] * 4),
    "dilation": st.tuples(st.integers(1, 3), st.integers(1, 3)),
    "bias": st.booleans(),
    "relu": st.booleans(),
}
USUAL = {
    "kernel": (3, 3), "stride": (1, 1), "padding": (1, 1, 1, 1), "dilation": (1, 1),
    "bias": True, "relu": True,
}  # fmt: skip


def check_window(N, shape, F, groups, kernel, stride, padding, dilation, bias, relu):
    """The step of such a convolution."""
    conv = Conv2D(F, kernel, stride, (padding[:2], padding[2:]), dilation, groups, bias)
    assume(size_of(shape, [Conv2D(**conv.config())]) is not None)
    return check_convolution(N, shape, conv, relu, pool=False)


@settings(max_examples=300, deadline=None, derandomize=True)
@given(**NUMBERS, **WINDOWS)
@example(N=2, H=6, W=6, C=16, F=16, **USUAL)
@example(N=2, H=8, W=8, C=16, F=16, **USUAL)
def test_an_indirect_step_is_convolution_bias_and_relu(N, H, W, C, F, **window):
    assume(max(C, F) >= 8)
    step = check_window(N, (C, H, W), F, 1, **window)
    usual = (window[name] for name in ("kernel", "stride", "padding", "dilation"))
    winograd = min(C, F) >= 16 and tuple(usual) == ((3, 3), (1, 1), (1, 1, 1, 1), (1, 1))
    by_winograd = f"Winograd F({step.tile}×{step.tile}, 3×3)"
    assert step.algorithm == (by_winograd if winograd else "indirect convolution")


@settings(max_examples=100, deadline=None, derandomize=True)
@given(**{name: NUMBERS[name] for name in "NHW"}, groups=st.integers(2, 16),
       CG=st.sampled_from([1, 2, 5, 8, 16]), FG=st.sampled_from([2, 3, 8, 16]),
       **WINDOWS)  # fmt: skip
def test_with_groups_too(N, H, W, groups, CG, FG, **window):
    assume(groups * max(CG, FG) >= 8)
    step = check_window(N, (groups * CG, H, W), groups * FG, groups, **window)
    assert step.algorithm == "indirect convolution"


@settings(max_examples=200, deadline=None, derandomize=True)
@given(**{name: NUMBERS[name] for name in "NHW"}, C=st.integers(2, 40), **WINDOWS)
def test_a_depthwise_step_is_convolution_bias_and_relu(N, H, W, C, **window):
    step = check_window(N, (C, H, W), C, C, **window)
    assert step.algorithm == "depthwise convolution"


# -- pixel by pixel -------------------------------------------------------------------------------


@settings(max_examples=200, deadline=None, derandomize=True)
@given(
    **{name: NUMBERS[name] for name in "NHWC"},
    norm=st.booleans(),
    relu=st.booleans(),
    pool=st.booleans(),
    training=st.booleans(),
)
@example(N=1, H=1, W=1, C=16, norm=True, relu=False, pool=False, training=True)  # one value
@example(N=2, H=5, W=7, C=17, norm=True, relu=True, pool=True, training=True)
@example(N=70, H=3, W=2, C=3, norm=True, relu=True, pool=False, training=True)
def test_a_pointwise_step_is_batch_norm_relu_and_pool(N, H, W, C, norm, relu, pool, training):
    assume(norm or relu or pool)
    assume(not pool or min(H, W) > 1)
    check_pointwise(N, H, W, C, norm, relu, pool, training)


# -- images to maps and back ----------------------------------------------------------------------


@settings(max_examples=40, deadline=None, derandomize=True)
@given(**{name: NUMBERS[name] for name in "NHWC"})
def test_import_and_export_move_the_same_numbers_both_ways(N, H, W, C):
    x, dy = draw(np.random.default_rng(C), 2, N, C, H, W)
    layer, store = ReLU(), CheckedStore()
    layer.build((C, H, W), np.random.default_rng(0))
    into, out = Import(layer, whole_vectors(C), wants_dx=True), Export((C, H, W))
    maps = into.forward(x, training=True, store=store)
    assert np.array_equal(images(maps, C), x)
    y = out.forward(maps, training=True, store=store)
    assert np.array_equal(y, x)
    dmaps = out.backward(dy, store)
    assert np.array_equal(images(dmaps, C), dy)
    assert np.array_equal(into.backward(dmaps, store), dy)
    assert into.backward(None, store) is None
    into.release(store)
    out.release(store)
    store.give_back(dmaps)
    assert not store.taken


def test_images_of_another_shape_are_refused_before_they_are_written_anywhere():
    layer = Conv2D(16, 3)
    layer.build((3, 6, 5), np.random.default_rng(0))
    step = Import(layer, 3, wants_dx=False)
    for shape, remedy in (((2, 3, 9, 5), "build for its shape"), ((3, 6, 5), "x.np.newaxis")):
        with pytest.raises(ValueError, match=f"Conv2D expects .N, 3, 6, 5., got .*{remedy}"):
            step.forward(np.zeros(shape, np.float32), training=True, store=CheckedStore())


# -- sums -----------------------------------------------------------------------------------------


class Negated(Step):
    """A step on maps that is easy to do by hand: y = −x, dx = −dy."""

    def __init__(self, needs_output):
        self.needs_output = needs_output

    def forward(self, x, *, training, store):
        y = store.maps(x.N, x.frame)
        np.negative(x.pixels[: len(y.pixels)], out=y.pixels)
        self.kept = y, y.pixels.copy()
        return y

    def backward(self, dy, store):
        y, before = self.recall()
        if self.needs_output:
            assert np.array_equal(y.pixels, before, equal_nan=True), "somebody wrote to y"
        dx = store.maps(dy.N, dy.frame)
        np.negative(dy.pixels[: len(dx.pixels)], out=dx.pixels)
        return dx

    def release(self, store):
        if self.kept:
            store.give_back(self.kept[0])
        self.kept = None


@pytest.mark.parametrize("shortcut", [False, True])
@pytest.mark.parametrize("needs_output", [False, True])
def test_a_sum_adds_the_body_to_the_shortcut_and_their_gradients(needs_output, shortcut):
    """f(x) = −x: with x itself the sum is 0, with another −x it is −2x."""
    store = CheckedStore()
    body = Chain([Negated(needs_output)], store)
    step = Sum(Residual([ReLU()]), body, Chain([Negated(True)], store) if shortcut else None)
    x, dy = draw(np.random.default_rng(0), 2, 3, 16, 5, 6)
    source, upstream = maps_of(x, store), maps_of(dy, store)
    y = step.forward(source, training=True, store=store)
    assert np.array_equal(images(y, 16), -2 * x if shortcut else 0 * x)
    assert np.array_equal(images(source, 16), x), "x is left alone"
    dx = step.backward(upstream, store)
    assert np.array_equal(images(dx, 16), -2 * dy if shortcut else 0 * dy)
    assert np.array_equal(images(upstream, 16), dy), "dy is left alone"
    step.release(store)
    for maps in (source, upstream, dx):
        store.give_back(maps)
    assert not store.taken


# -- dense ----------------------------------------------------------------------------------------


@settings(max_examples=60, deadline=None, derandomize=True)
@given(N=st.integers(0, 7), D=st.integers(1, 70), M=st.integers(1, 70), bias=st.booleans(),
       relu=st.booleans(), wants_dx=st.booleans())  # fmt: skip
def test_a_product_is_a_dense_layer_and_relu(N, D, M, bias, relu, wants_dx):
    rng = np.random.default_rng(D)
    (layer,) = built([Dense(M, bias=bias)], (D,), rng)
    x, dy = draw(rng, N, D), draw(rng, N, M)
    W, b = layer.params["W"], layer.params.get("b")
    z = dense.dense_forward(*double(x, W, b))
    scale = np.abs(z).max() if N else 0
    dy[relu & (np.abs(z) < TIE * scale)] = 0
    dz = np.where(z > 0, dy, 0) if relu else dy.astype(np.float64)
    dx, dW, db = dense.dense_backward(dz, *double(x, W))

    step = Product(layer, ReLU() if relu else None, wants_dx=wants_dx)
    for value in layer.grads.values():
        value[...] = np.nan
    close("y", step.forward(x, training=True, store=None), np.maximum(z, 0) if relu else z)
    found = step.backward(dy, None)
    if wants_dx:
        close("dx", found, dx, np.abs(dy).max(initial=0))
    else:
        assert found is None
    close("dW", layer.grads["W"], dW, np.abs(dy).max(initial=0))
    if bias:
        close("db", layer.grads["b"], db, np.abs(dy).max(initial=0))


def test_a_dense_step_by_hand():
    """x = (1, 2), W = ((1, −1), (1, −1)), b = (1, 1): z = (4, −2), y = (4, 0)."""
    layer = Dense(2)
    layer.build((2,), np.random.default_rng(0))
    layer.params["W"][...] = [[1, -1], [1, -1]]
    layer.params["b"][...] = 1
    step = Product(layer, ReLU(), wants_dx=True)
    x, dy = np.array([[1, 2]], np.float32), np.array([[10, 100]], np.float32)
    assert step.forward(x, training=True, store=None).tolist() == [[4, 0]]
    assert step.backward(dy, None).tolist() == [[10, 10]]
    assert layer.grads["W"].tolist() == [[10, 0], [20, 0]]
    assert layer.grads["b"].tolist() == [10, 0]


# -- every step -----------------------------------------------------------------------------------


def test_backward_needs_a_forward_pass_before_it():
    layers = built([Conv2D(16, 3, padding=1), ReLU()], (16, 4, 4), np.random.default_rng(0))
    pointwise = Pointwise(Activation(None, layers[1], None, (16, 4, 4)))
    product = Product(Dense(3), None, wants_dx=True)
    convolution = maps_step(layers, None, wants_dx=True, on_maps=True)
    maps, array = Maps(1, frame(4, 4, 16), np.zeros(1, np.float32)), np.zeros((1, 16, 4, 4))
    for step, dy in (
        (convolution, maps), (pointwise, maps), (product, array), (Export((16, 4, 4)), array),
    ):  # fmt: skip
        with pytest.raises(RuntimeError, match="needs a forward pass"):
            step.backward(dy, CheckedStore())
