"""Which algorithm a convolution gets, and what both share: adjoints, empty batches, dtypes."""

import numpy as np
import pytest

from scratchnet.kernels import conv2d, implicit_gemm, winograd
from scratchnet.reference import conv2d as reference

ONES, NONE = (1, 1), ((0, 0), (0, 0))


def weights(F, C, K=3, dtype=np.float32):
    return np.random.default_rng(0).standard_normal((F, C, K, K)).astype(dtype)


@pytest.mark.parametrize(
    "W, stride, dilation, groups",
    [
        (weights(16, 16, K=5), ONES, ONES, 1),
        (weights(16, 16, K=1), ONES, ONES, 1),
        (weights(16, 16), (2, 1), ONES, 1),
        (weights(16, 16), ONES, (1, 2), 1),
        (weights(32, 16), ONES, ONES, 2),
        (weights(16, 8), ONES, ONES, 1),
        (weights(24, 16), ONES, ONES, 1),
        (weights(16, 16, dtype=np.float64), ONES, ONES, 1),
    ],
    ids=["5×5", "1×1", "stride", "dilation", "groups", "channels", "filters", "float64"],
)
def test_what_winograd_cannot_do_is_implicit_gemm(W, stride, dilation, groups):
    assert conv2d.algorithm(weights(32, 48), ONES, ONES, 1) is winograd
    assert conv2d.algorithm(W, stride, dilation, groups) is implicit_gemm


SHAPES = [(0, 3, 6, 7), (1, 3, 6, 7), (3, 16, 6, 7), (0, 16, 6, 7)]


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("stride", [1, 2])
def test_backward_is_the_transpose_of_forward(shape, stride):
    """⟨conv(x), g⟩ = ⟨x, convᵀ(g)⟩ = ⟨W, dW⟩ to 1e-5, in float32, on either road."""
    rng = np.random.default_rng(1)
    x = rng.standard_normal(shape).astype(np.float32)
    W = weights(16, shape[1])
    how = (stride, stride), ((1, 2), (0, 1)), ONES, 1
    y = conv2d.conv2d_forward(x, W, None, *how)
    g = rng.standard_normal(y.shape).astype(np.float32)
    dx, dW, db = conv2d.conv2d_backward(g, x, W, *how)
    assert (dx.shape, dW.shape, db.shape) == (x.shape, W.shape, (16,))
    products = [(y, g), (x, dx), (W, dW)]
    left, middle, right = (np.vdot(a.astype(float), b.astype(float)) for a, b in products)
    size = max(np.abs(a.astype(float) * b).sum() for a, b in products)
    assert abs(left - middle) <= 1e-5 * size
    assert abs(left - right) <= 1e-5 * size


def test_an_empty_batch_has_an_empty_result_and_zero_gradients():
    for C in (3, 16):
        x, W = np.zeros((0, C, 6, 6), np.float32), weights(16, C)
        y = conv2d.conv2d_forward(x, W, np.ones(16, np.float32), ONES, NONE, ONES, 1)
        assert y.shape == (0, 16, 4, 4)
        dx, dW, db = conv2d.conv2d_backward(y, x, W, ONES, NONE, ONES, 1)
        assert dx.shape == x.shape
        assert not dW.any()
        assert not db.any()


@pytest.mark.parametrize("C", [3, 16])
@pytest.mark.parametrize("dtypes", [(np.float64, np.float32), (np.float32, np.float64)])
def test_operands_may_differ_in_dtype(C, dtypes):
    """A layer built in float32 and fed what NumPy makes by default must not misread it."""
    rng = np.random.default_rng(2)
    x = rng.standard_normal((2, C, 5, 6)).astype(dtypes[0])
    W, b = weights(16, C).astype(dtypes[1]), rng.standard_normal(16).astype(np.float32)
    how = ONES, NONE, ONES, 1
    y = conv2d.conv2d_forward(x, W, b, *how)
    assert y.dtype == np.float64
    exact = x.astype(np.float64), W.astype(np.float64)
    assert np.allclose(y, reference.conv2d_forward(*exact, b, *how), rtol=1e-12, atol=1e-12)
    dy = np.rint(y).astype(np.float32)
    ours = conv2d.conv2d_backward(dy, x, W, *how)
    exact = dy.astype(np.float64), *exact
    for one, other in zip(ours, reference.conv2d_backward(*exact, *how), strict=True):
        assert np.allclose(one, other, rtol=1e-12, atol=1e-12)


def test_views_and_read_only_arrays_are_taken_as_they_are():
    rng = np.random.default_rng(3)
    how = ONES, NONE, ONES, 1
    for C in (3, 16):
        x = rng.integers(-4, 5, (2, 6, 7, C)).astype(np.float32).transpose(0, 3, 1, 2)
        W = np.asfortranarray(rng.integers(-4, 5, (16, C, 3, 3)).astype(np.float32))
        x.flags.writeable = False
        before = x.copy()
        y = conv2d.conv2d_forward(x, W, None, *how)
        plain = conv2d.conv2d_forward(x.copy(), np.ascontiguousarray(W), None, *how)
        assert np.array_equal(y, plain)
        assert np.array_equal(x, before)
