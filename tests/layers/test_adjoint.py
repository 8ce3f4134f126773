"""Linear layers: backward is the transpose of forward, ⟨Lx, g⟩ = ⟨x, Lᵀg⟩.

For y = L x no difference quotient is needed: this one number, for random x and g, holds in
float64 to 13 digits, or backward is wrong.
"""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from scratchnet.layers import (
    AvgPool2D,
    BatchNorm,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    GlobalAvgPool2D,
    MaxPool2D,
    ZeroPadding2D,
)

pairs = st.tuples(st.integers(1, 3), st.integers(1, 3))
paddings = st.one_of(
    st.sampled_from(["valid", "same"]),
    st.integers(0, 2),
    st.tuples(*[st.tuples(st.integers(0, 2), st.integers(0, 2))] * 2),
)
images = st.tuples(st.integers(1, 3), st.integers(1, 7), st.integers(1, 7))
seeds = st.integers(0, 2**32 - 1)


def assert_adjoint(a, b):
    """⟨a⟩ = ⟨b⟩ for two lists of factors, against the size of what was added up."""
    left, right = (np.vdot(u, v) for u, v in (a, b))
    size = max(np.abs(u * v).sum() for u, v in (a, b))
    assert abs(left - right) <= 1e-13 * max(size, 1)


def built(layer, shape, rng):
    try:
        layer.build(shape, rng, np.float64)
    except ValueError:
        assume(False)  # the window does not fit
    return layer


def linear(layer, shape, n, seed, training=False):
    """Check ⟨forward(x), g⟩ = ⟨x, backward(g)⟩."""
    rng = np.random.default_rng(seed)
    layer = built(layer, shape, rng)
    x = rng.standard_normal((n, *shape))
    y = layer.forward(x, training=training)
    g = rng.standard_normal(y.shape)
    assert_adjoint((y, g), (x, layer.backward(g)))
    return layer, x, y, g


@settings(max_examples=80, deadline=None)
@given(
    kernel=pairs,
    stride=pairs,
    padding=paddings,
    dilation=st.integers(1, 2),
    groups=st.integers(1, 2),
    shape=images,
    n=st.integers(0, 3),
    seed=seeds,
)
def test_convolution_is_linear_in_its_input_and_in_its_weights(
    kernel, stride, padding, dilation, groups, shape, n, seed
):
    C, H, W = shape
    layer = Conv2D(2 * groups, kernel, stride, padding, dilation, groups, bias=False)
    layer, _, y, g = linear(layer, (C * groups, H, W), n, seed)
    assert_adjoint((y, g), (layer.params["W"], layer.grads["W"]))


@settings(max_examples=30, deadline=None)
@given(size=pairs, stride=pairs, shape=images, n=st.integers(0, 3), seed=seeds)
def test_average_pooling(size, stride, shape, n, seed):
    linear(AvgPool2D(size, stride), shape, n, seed)


@settings(max_examples=30, deadline=None)
@given(size=pairs, stride=pairs, padding=st.integers(0, 1), shape=images, seed=seeds)
def test_max_pooling_is_linear_while_its_winners_stay(size, stride, padding, shape, seed):
    assume(2 * padding <= min(size))
    linear(MaxPool2D(size, stride, padding), shape, 2, seed)


@settings(max_examples=30, deadline=None)
@given(
    edges=st.tuples(*[st.tuples(st.integers(0, 3), st.integers(0, 3))] * 2),
    shape=images,
    seed=seeds,
)
def test_zero_padding(edges, shape, seed):
    linear(ZeroPadding2D(edges), shape, 2, seed)


@settings(max_examples=20, deadline=None)
@given(shape=images, n=st.integers(0, 3), seed=seeds)
def test_global_average_flatten_and_dropout(shape, n, seed):
    linear(GlobalAvgPool2D(), shape, n, seed)
    linear(Flatten(), shape, n, seed)
    linear(Dropout(0.4), shape, n, seed, training=True)


@settings(max_examples=20, deadline=None)
@given(D=st.integers(1, 9), M=st.integers(1, 9), n=st.integers(0, 5), seed=seeds)
def test_dense_is_linear_in_its_input_and_in_its_weights(D, M, n, seed):
    layer, _, y, g = linear(Dense(M, bias=False), (D,), n, seed)
    assert_adjoint((y, g), (layer.params["W"], layer.grads["W"]))


def test_batch_norm_in_evaluation():
    linear(BatchNorm(), (3, 4, 5), 2, 0)


@pytest.mark.parametrize("layer", [Conv2D(3, 2, bias=True), Dense(3)])
def test_a_bias_adds_the_sum_of_the_upstream_gradient(layer):
    rng = np.random.default_rng(0)
    shape = (2, 4, 4) if isinstance(layer, Conv2D) else (5,)
    layer.build(shape, rng, np.float64)
    y = layer.forward(rng.standard_normal((2, *shape)))
    g = rng.standard_normal(y.shape)
    layer.backward(g)
    axes = tuple(axis for axis in range(g.ndim) if axis != 1)
    assert layer.grads["b"] == pytest.approx(g.sum(axis=axes), rel=1e-13)
